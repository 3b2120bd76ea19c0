"""What is true: documents, their chunks and vectors in SQLite. Everything else is derived from it.

One writer at a time (a lock file that dies with its process), readers never wait (write-ahead log).
Chunk ids are never used twice, so that a derived index is brought up to date by comparing ids. Every row
carries a checksum that is looked at when it is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from index.chunking import search_text
from index.database import can_write
from index.eight_bit import EightBit
from index.lock import write_lock
from index.packing import unpack_tokens
from index.records import Document, StoreDamaged, StoreError, StoreMismatch
from index.store_changes import StoreChanges
from index.store_rows import (
    CHUNK_COLUMNS,
    DOCUMENT_COLUMNS,
    SCHEMA,
    SCHEMA_VERSION,
    STORED_CHUNKS,
    DocumentInfo,
    Encoded,
    Entry,
    FileState,
    Identity,
    StoredChunk,
    check_chunk,
    check_whole,
    document_of,
    identity_values,
    stored_chunks,
)
from index.store_vectors import fill, parts, rows_holding

__all__ = ["DocumentInfo", "Encoded", "Entry", "FileState", "Identity", "Store", "StoredChunk", "can_write"]

_CHECKED_WHOLE = 16_000_000  # bytes: a smaller file is checked whole on opening, in a fraction of a second


class Store(StoreChanges):
    """Documents, chunks and vectors of one store folder."""

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open an existing store. Raises StoreDamaged, StoreMismatch (another version) or StoreError."""
        path = folder / "store.sqlite"
        if not path.exists():
            raise StoreError(f"{folder}: no store here; qa build makes one")
        store = cls(folder, writable=can_write(folder))
        try:
            if not path.is_file():
                raise StoreDamaged(store._damage("is not a file"))
            version = store.get("schema_version")
            if version != str(SCHEMA_VERSION):
                raise StoreMismatch(f"{folder}: written by another version ({version}); run qa build --rebuild")
            if path.stat().st_size < _CHECKED_WHOLE:
                store.verify()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def create(cls, folder: Path, identity: Identity) -> Store:
        """Make an empty store in ``folder``, which is made too; one that another process made meanwhile is opened.

        Raises StoreError where it cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{folder}: cannot be written ({error.strerror}); name another place with --store"
            ) from error
        with write_lock(folder):
            if (folder / "store.sqlite").exists():
                return cls.open(folder)
            for leftover in ("store.sqlite-wal", "store.sqlite-shm"):  # of a database that is no longer there
                (folder / leftover).unlink(missing_ok=True)
            store = cls(folder, writable=True)
            with store.writing() as connection:
                for statement in SCHEMA.split(";"):  # executescript would commit behind our back
                    connection.execute(statement)
                values = {"schema_version": str(SCHEMA_VERSION), "sequence": "0", **identity_values(identity)}
                connection.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
        return store

    def verify(self) -> None:
        """Look at every row, a minute for each few GB. Raises StoreDamaged where one is not as it was written."""
        with self.snapshot(), self._reading() as connection:
            check_whole(connection, self.dimension)
            self.identity()

    # -- what a store says of itself

    def get(self, key: str) -> str | None:
        """A value of the ``meta`` table."""
        with self._reading() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def note_folder(self, folder: str) -> None:
        """Remember the folder that the documents lie in, where it is another than before and this can be written."""
        if self.writable and self.get("folder") != folder:
            with self.writing() as connection:
                connection.execute("INSERT OR REPLACE INTO meta VALUES ('folder', ?)", (folder,))

    def _number(self, key: str) -> int:
        with self._reading():
            return int(self.get(key) or 0)

    @property
    def sequence(self) -> int:
        """Grows by one with every committed change."""
        return self._number("sequence")

    def data_version(self) -> int:
        """Changes when another connection has committed; costs microseconds."""
        with self._reading() as connection:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def identity(self) -> Identity:
        """What the store was made with."""
        return Identity(
            encoder=self.get("encoder") or "",
            encoder_fingerprint=self.get("encoder_fingerprint") or "",
            segmenter_fingerprint=self.get("segmenter_fingerprint") or "",
            dimension=self.dimension,
        )

    @cached_property
    def dimension(self) -> int:
        """Numbers of a vector."""
        return self._number("dimension")

    # -- documents

    def documents(self) -> list[DocumentInfo]:
        """All documents, by source."""
        columns = "source, title, date, characters, chunks, size, modified, sha256, extra"
        with self._reading() as connection:
            rows = connection.execute(f"SELECT {columns} FROM documents ORDER BY source").fetchall()
            extras = [json.loads(row[8]) for row in rows]
            return [
                DocumentInfo(
                    source,
                    title,
                    date,
                    characters,
                    chunks,
                    FileState(*state),
                    tuple(extra["warnings"]),
                    extra["metadata"],
                )
                for (source, title, date, characters, chunks, *state, _), extra in zip(rows, extras, strict=True)
            ]

    def files(self) -> dict[str, FileState]:
        """Name -> state of the file when it was read; files of documents, and those that could not be read."""
        with self._reading() as connection:
            known = {
                row[0]: FileState(*row[1:])
                for row in connection.execute("SELECT DISTINCT file, size, modified, sha256 FROM documents")
            }
            for source, size, modified in connection.execute("SELECT source, size, modified FROM problems"):
                known.setdefault(source, FileState(size, modified))
        return known

    def problems(self) -> dict[str, str]:
        """Source -> why it could not be read."""
        with self._reading() as connection:
            return dict(connection.execute("SELECT source, message FROM problems ORDER BY source").fetchall())

    def told(self, notes: Sequence[str]) -> set[str]:
        """The files whose problem or warnings hold one of these texts."""
        found: set[str] = set()
        with self._reading() as connection:
            for note in notes:
                for query in (
                    "SELECT source FROM problems WHERE instr(message, ?)",
                    "SELECT file FROM documents WHERE instr(extra, ?)",
                ):
                    found.update(row[0] for row in connection.execute(query, (note,)))
        return found

    def counts(self) -> tuple[int, int]:
        """How many documents and passages there are."""
        with self._reading() as connection:
            row = connection.execute("SELECT count(*), coalesce(sum(chunks), 0) FROM documents").fetchone()
            return int(row[0]), int(row[1])

    def document(self, source: str) -> Document | None:
        """The whole document, its checksum verified; None where there is none of that name."""
        with self._reading() as connection:
            query = f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE source = ?"
            row = connection.execute(query, (source,)).fetchone()
            return None if row is None else document_of(connection, row)

    # -- chunks

    def chunk_ids(self, above: int = 0) -> np.ndarray:
        """All chunk ids greater than ``above``, ascending, (n,) int64."""
        with self._reading() as connection:
            if above:
                rows = connection.execute("SELECT id FROM chunks WHERE id > ?", (above,)).fetchall()
            else:  # without a condition SQLite reads an index, not the vectors' pages
                rows = connection.execute("SELECT id FROM chunks").fetchall()
        ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        ids.sort()
        return ids

    def chunk_count(self) -> int:
        """How many chunks there are, counted one by one."""
        with self._reading() as connection:
            return int(connection.execute("SELECT count(*) FROM chunks").fetchone()[0])

    def chunk_spans(self) -> np.ndarray:
        """First and last chunk id of each of :meth:`documents`, (n, 2) int64; a document's ids are consecutive.

        (0, -1) for a document of no passage.
        """
        query = (
            "SELECT coalesce(min(c.id), 0), coalesce(max(c.id), -1) FROM documents d "
            "LEFT JOIN chunks c ON c.document = d.id GROUP BY d.source ORDER BY d.source"
        )
        with self._reading() as connection:
            return np.asarray(connection.execute(query).fetchall(), dtype=np.int64).reshape(-1, 2)

    def chunks(self, ids: Iterable[int]) -> dict[int, StoredChunk]:
        """The chunks of these ids that are (still) there, checksums verified."""
        found: dict[int, StoredChunk] = {}
        for part, marks in parts(list(ids)):
            with self._reading() as connection:
                rows = connection.execute(f"{STORED_CHUNKS} WHERE c.id IN ({marks})", part).fetchall()
                found |= {stored.id: stored for stored in stored_chunks(rows, self.dimension)}
        return found

    def tokens(self, ids: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """(id, word ids) of the given ascending ids that are there, streamed, checksums verified."""
        for part, marks in parts([int(chunk_id) for chunk_id in ids]):
            with self._reading() as connection:
                query = f"SELECT {CHUNK_COLUMNS} FROM chunks c WHERE c.id IN ({marks}) ORDER BY c.id"
                rows = connection.execute(query, part).fetchall()
                for row in rows:
                    check_chunk(row)
            for row in rows:
                yield row[0], unpack_tokens(row[7])

    def rows(self, ids: np.ndarray) -> EightBit:
        """The 8-bit vectors of these ascending ids, checksums verified; zeros for one that is not there."""
        kept = EightBit.zeros(len(ids), self.dimension)
        with self._reading() as connection:
            for portion in rows_holding(connection, ids):
                fill(kept, ids, portion)
        return kept

    def encoded(self, files: Iterable[str]) -> Iterator[tuple[str, Encoded]]:
        """(searched text, tokens and vector) of all chunks of these files, streamed, checksums verified."""
        for file in files:
            with self._reading() as connection:
                rows = connection.execute(f"{STORED_CHUNKS} WHERE d.file = ?", (file,)).fetchall()
                held = stored_chunks(rows, self.dimension)
            for stored in held:
                yield search_text(stored.chunk), Encoded(stored.tokens, stored.vector)

    def dead(self) -> dict[int, np.ndarray]:
        """Removed chunks that a derived index may still hold: id -> tokens."""
        with self._reading() as connection:
            rows = connection.execute("SELECT id, tokens FROM dead").fetchall()
            return {row[0]: unpack_tokens(row[1]) for row in rows}
