"""What can be done to a store: each call is one transaction, all of it is there afterwards, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from index.database import Database
from index.store_rows import Entry, FileState, document_crc, insert, remove


class StoreChanges(Database):
    """The changing half of :class:`index.store.Store`. Every call raises StoreLocked or StoreError where it cannot write."""

    def put(self, entries: Sequence[Entry], removed: Sequence[str] = ()) -> None:
        """Add or replace whole documents, and remove others. Raises DocumentError for text that cannot be stored."""
        with self.writing() as connection:
            for source in removed:
                remove(connection, source)
            for name in dict.fromkeys(entry.name for entry in entries):
                remove(connection, name)
            for entry in entries:
                insert(connection, entry)

    def rename(self, moves: Iterable[tuple[str, str, FileState]]) -> set[str]:
        """Give documents that moved, (old, new, state), their new names; their chunks and vectors stay.

        The new names given: not where there is no such document now, or where the file holds several.
        """
        given: set[str] = set()
        with self.writing() as connection:
            for old, new, file in moves:
                query = "SELECT title, date, extra, text_crc FROM documents WHERE source = ? AND file = source"
                row = connection.execute(query, (old,)).fetchone()
                if row is None:
                    continue
                remove(connection, new)
                values = (new, new, file.size, file.modified, file.sha256, document_crc(new, *row), old)
                connection.execute(
                    "UPDATE documents SET source = ?, file = ?, size = ?, modified = ?, sha256 = ?, crc = ? "
                    "WHERE source = ?",
                    values,
                )
                given.add(new)
        return given

    def touch(self, files: Mapping[str, FileState]) -> None:
        """Note that files were written again with the same content."""
        with self.writing() as connection:
            connection.executemany(
                "UPDATE documents SET size = ?, modified = ? WHERE file = ?",
                [(file.size, file.modified, source) for source, file in files.items()],
            )

    def report_problem(self, source: str, message: str, file: FileState) -> None:
        """Remember why a file could not be read; a document of that name is removed."""
        with self.writing() as connection:
            remove(connection, source)
            connection.execute(
                "INSERT OR REPLACE INTO problems VALUES (?, ?, ?, ?)", (source, message, file.size, file.modified)
            )

    def set_generation(self, name: str, forget_dead: Iterable[int], checksum: int = 0) -> None:
        """Name the derived files that are current; dead chunks that they no longer hold are forgotten.

        ``checksum`` is that of their manifest, which holds those of the files.
        """
        with self.writing() as connection:
            values = [("generation", name), ("generation_checksum", str(checksum))]
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values)
            connection.executemany("DELETE FROM dead WHERE id = ?", [(int(chunk_id),) for chunk_id in forget_dead])
