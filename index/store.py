"""What is true: documents, their chunks and vectors in SQLite. Everything else is derived from it.

One writer at a time (a lock file that dies with its process), readers never wait (write-ahead log).
Chunk ids are never used twice, so that a derived index is brought up to date by comparing ids. Every row
carries a checksum that is looked at when it is read.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.lock import write_lock
from index.records import Chunk, Document, Place, StoreDamaged, StoreError, StoreMismatch

SCHEMA_VERSION = 1
_CHECKED_WHOLE = 64_000_000  # bytes: a smaller file is checked whole on opening, in well under a second
_ROWS = 500  # ids asked for in one statement (SQLite's own limit is higher on every build we support)

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL UNIQUE, text TEXT NOT NULL, title TEXT NOT NULL,
    date TEXT, extra TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, sha256 TEXT NOT NULL,
    chunks INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents(id),
    start INTEGER NOT NULL, end INTEGER NOT NULL, paragraph INTEGER NOT NULL, heading TEXT NOT NULL,
    tokens BLOB NOT NULL, vector BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX chunks_by_document ON chunks(document);
CREATE TABLE dead (id INTEGER PRIMARY KEY, tokens BLOB NOT NULL);
CREATE TABLE problems (source TEXT PRIMARY KEY, message TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a store was made with; a store made with anything else does not fit."""

    encoder: str
    """Name the encoder was asked for by."""
    encoder_fingerprint: str
    segmenter_fingerprint: str
    dimension: int


@dataclass(frozen=True, slots=True)
class FileState:
    """What tells a changed file from an unchanged one."""

    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970."""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """One line of the list of documents."""

    source: str
    title: str
    date: str | None
    characters: int
    passages: int
    file: FileState
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk with what is kept for searching it."""

    id: int
    chunk: Chunk
    title: str
    page: int | None
    tokens: np.ndarray
    """(n,) int32 word ids of heading and text."""
    vector: np.ndarray
    """(d,) float32, unit or zero."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One document on its way in: chunks, and a token array and a vector for each."""

    document: Document
    file: FileState
    chunks: Sequence[Chunk]
    tokens: Sequence[np.ndarray]
    vectors: np.ndarray


class Store:
    """The SQLite file of one store folder."""

    def __init__(self, folder: Path, *, writable: bool) -> None:
        self.folder = folder
        self.path = folder / "store.sqlite"
        self._writable = writable
        self._local = threading.local()

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open an existing store. Raises StoreDamaged, StoreMismatch (another version) or StoreError."""
        path = folder / "store.sqlite"
        if not path.is_file():
            raise StoreError(f"{folder}: no store here; qa build makes one")
        store = cls(folder, writable=can_write(folder))
        with store._guard():
            store._connection().execute("PRAGMA schema_version").fetchone()
            if path.stat().st_size < _CHECKED_WHOLE:
                verdict = store._connection().execute("PRAGMA quick_check(1)").fetchone()[0]
                if verdict != "ok":
                    raise StoreDamaged(store._damage(verdict))
            version = store.get("schema_version")
        if version != str(SCHEMA_VERSION):
            store.close()
            raise StoreMismatch(f"{folder}: written by another version ({version}); run qa build --rebuild")
        return store

    @classmethod
    def create(cls, folder: Path, identity: Identity) -> Store:
        """Make an empty store in ``folder``, which is made too. Raises StoreError where it cannot be written."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for leftover in ("store.sqlite-wal", "store.sqlite-shm"):  # of a database that is no longer there
                (folder / leftover).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(
                f"{folder}: cannot be written ({error.strerror}); name another place with --store"
            ) from error
        store = cls(folder, writable=True)
        with store.writing() as connection:
            for statement in _SCHEMA.split(";"):  # executescript would commit behind our back
                connection.execute(statement)
            values = {"schema_version": SCHEMA_VERSION, "sequence": 0, **_identity_values(identity)}
            connection.executemany("INSERT INTO meta VALUES (?, ?)", [(k, str(v)) for k, v in values.items()])
        return store

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # A folder that cannot be written cannot hold a write-ahead log: read the file as it stands.
            mode = "rwc" if self._writable else "ro&immutable=1"
            uri = f"{self.path.absolute().as_uri()}?mode={mode}"
            connection = sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None, check_same_thread=False)
            self._local.connection = connection
            if self._writable:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
        return connection

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
            self._local.connection = None

    def _damage(self, what: object) -> str:
        return f"{self.path}: damaged ({what}); qa build --rebuild makes it anew from the documents"

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn SQLite's errors into one line that says what to do."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            text = str(error)
            if "malformed" in text or "not a database" in text or "no such" in text:
                raise StoreDamaged(self._damage(text)) from error
            raise StoreError(f"{self.path}: {text}; check free space and write access, or name --store") from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction under the write lock. Raises StoreLocked where another process writes."""
        with write_lock(self.folder), self._guard():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'sequence'")
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    # -- what a store says of itself

    def get(self, key: str) -> str | None:
        """A value of the ``meta`` table."""
        with self._guard():
            row = self._connection().execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    @property
    def sequence(self) -> int:
        """Grows by one with every committed change."""
        return int(self.get("sequence") or 0)

    def data_version(self) -> int:
        """Changes when another connection has committed; costs microseconds."""
        with self._guard():
            return int(self._connection().execute("PRAGMA data_version").fetchone()[0])

    def identity(self) -> Identity:
        """What the store was made with."""
        return Identity(
            encoder=self.get("encoder") or "",
            encoder_fingerprint=self.get("encoder_fingerprint") or "",
            segmenter_fingerprint=self.get("segmenter_fingerprint") or "",
            dimension=int(self.get("dimension") or 0),
        )

    # -- documents

    def documents(self) -> list[DocumentInfo]:
        """All documents, by source."""
        query = "SELECT source, title, date, length(text), chunks, size, modified, sha256, extra FROM documents ORDER BY source"
        with self._guard():
            rows = self._connection().execute(query).fetchall()
        return [
            DocumentInfo(
                row[0], row[1], row[2], row[3], row[4], FileState(*row[5:8]), tuple(json.loads(row[8])["warnings"])
            )
            for row in rows
        ]

    def files(self) -> dict[str, FileState]:
        """Source -> state of the file when it was read; documents and files that could not be read."""
        with self._guard():
            connection = self._connection()
            known = {
                r[0]: FileState(*r[1:])
                for r in connection.execute("SELECT source, size, modified, sha256 FROM documents")
            }
            for source, size, modified in connection.execute("SELECT source, size, modified FROM problems"):
                known.setdefault(source, FileState(size, modified))
        return known

    def problems(self) -> dict[str, str]:
        """Source -> why it could not be read."""
        with self._guard():
            return dict(self._connection().execute("SELECT source, message FROM problems ORDER BY source").fetchall())

    def counts(self) -> tuple[int, int]:
        """How many documents and passages there are."""
        with self._guard():
            row = self._connection().execute("SELECT count(*), coalesce(sum(chunks), 0) FROM documents").fetchone()
        return int(row[0]), int(row[1])

    def document(self, source: str) -> Document | None:
        """The whole document, its checksum verified; None where there is none of that name."""
        with self._guard():
            row = (
                self._connection()
                .execute("SELECT source, text, title, date, extra, crc FROM documents WHERE source = ?", (source,))
                .fetchone()
            )
        if row is None:
            return None
        if _document_crc(*row[:5]) != row[5]:
            raise StoreDamaged(self._damage(f"checksum of {source}"))
        extra = json.loads(row[4])
        return Document(
            source=row[0],
            text=row[1],
            title=row[2],
            date=row[3],
            pages=tuple(extra["pages"]),
            headings=tuple(Place(*place) for place in extra["headings"]),
            metadata=extra["metadata"],
            warnings=tuple(extra["warnings"]),
        )

    # -- chunks

    def chunk_ids(self) -> np.ndarray:
        """All chunk ids, ascending, (n,) int64."""
        with self._guard():
            rows = self._connection().execute("SELECT id FROM chunks ORDER BY id").fetchall()
        return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))

    def chunks(self, ids: Iterable[int]) -> dict[int, StoredChunk]:
        """The chunks of these ids that are (still) there, checksums verified."""
        wanted = list(ids)
        found: dict[int, StoredChunk] = {}
        for begin in range(0, len(wanted), _ROWS):
            part = wanted[begin : begin + _ROWS]
            marks = ",".join("?" * len(part))
            query = (
                "SELECT c.id, d.source, c.start, c.end, c.paragraph, c.heading, c.tokens, c.vector, c.crc, "
                "substr(d.text, c.start + 1, c.end - c.start), d.title, d.extra "
                f"FROM chunks c JOIN documents d ON d.id = c.document WHERE c.id IN ({marks})"
            )
            with self._guard():
                rows = self._connection().execute(query, part).fetchall()
            for row in rows:
                found[row[0]] = self._stored(row)
        return found

    def _stored(self, row: tuple[Any, ...]) -> StoredChunk:
        chunk_id, source, start, end, paragraph, heading, tokens, vector, crc, text, title, extra = row
        if _chunk_crc(start, end, paragraph, heading, tokens, vector, text) != crc:
            raise StoreDamaged(self._damage(f"checksum of a passage of {source}"))
        pages = json.loads(extra)["pages"]
        page = sum(1 for first in pages if first <= start) if pages else None
        return StoredChunk(
            chunk_id,
            Chunk(source, start, end, text, paragraph, heading),
            title,
            page,
            np.frombuffer(tokens, dtype=np.int32),
            np.frombuffer(vector, dtype=np.float16).astype(np.float32),
        )

    def tokens_and_vectors(self, ids: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """(id, tokens, vector as float16) of the given ascending ids, streamed; for building derived indexes."""
        for begin in range(0, len(ids), _ROWS):
            part = [int(chunk_id) for chunk_id in ids[begin : begin + _ROWS]]
            marks = ",".join("?" * len(part))
            query = f"SELECT id, tokens, vector FROM chunks WHERE id IN ({marks}) ORDER BY id"
            with self._guard():
                rows = self._connection().execute(query, part).fetchall()
            for chunk_id, tokens, vector in rows:
                yield chunk_id, np.frombuffer(tokens, dtype=np.int32), np.frombuffer(vector, dtype=np.float16)

    def dead(self) -> dict[int, np.ndarray]:
        """Removed chunks that a derived index may still hold: id -> tokens."""
        with self._guard():
            rows = self._connection().execute("SELECT id, tokens FROM dead").fetchall()
        return {row[0]: np.frombuffer(row[1], dtype=np.int32) for row in rows}

    # -- changes; each call is one transaction: all of it is there afterwards, or nothing

    def put(self, entries: Sequence[Entry], removed: Sequence[str] = ()) -> None:
        """Add or replace whole documents, and remove others."""
        with self.writing() as connection:
            for source in removed:
                _remove(connection, source)
            for entry in entries:
                _remove(connection, entry.document.source)
                _insert(connection, entry)

    def rename(self, old: str, new: str, file: FileState) -> None:
        """Give a document that moved its new name; its chunks and vectors stay."""
        with self.writing() as connection:
            _remove(connection, new)
            row = connection.execute(
                "SELECT text, title, date, extra FROM documents WHERE source = ?", (old,)
            ).fetchone()
            values = (new, file.size, file.modified, file.sha256, _document_crc(new, *row), old)
            connection.execute(
                "UPDATE documents SET source = ?, size = ?, modified = ?, sha256 = ?, crc = ? WHERE source = ?", values
            )

    def touch(self, source: str, file: FileState) -> None:
        """Note that a file was written again with the same content."""
        with self.writing() as connection:
            connection.execute(
                "UPDATE documents SET size = ?, modified = ? WHERE source = ?", (file.size, file.modified, source)
            )

    def report_problem(self, source: str, message: str, file: FileState) -> None:
        """Remember why a file could not be read; a document of that name is removed."""
        with self.writing() as connection:
            _remove(connection, source)
            connection.execute(
                "INSERT OR REPLACE INTO problems VALUES (?, ?, ?, ?)", (source, message, file.size, file.modified)
            )

    def set_generation(self, name: str, forget_dead: Iterable[int]) -> None:
        """Name the derived files that are current; dead chunks that they no longer hold are forgotten."""
        with self.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('generation', ?)", (name,))
            connection.executemany("DELETE FROM dead WHERE id = ?", [(int(chunk_id),) for chunk_id in forget_dead])


def _identity_values(identity: Identity) -> dict[str, object]:
    return {
        "encoder": identity.encoder,
        "encoder_fingerprint": identity.encoder_fingerprint,
        "segmenter_fingerprint": identity.segmenter_fingerprint,
        "dimension": identity.dimension,
    }


def can_write(folder: Path) -> bool:
    """True where a file can really be made in ``folder`` (permission bits do not tell of a read-only disk)."""
    probe = folder / ".can-write"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def _remove(connection: sqlite3.Connection, source: str) -> None:
    connection.execute("DELETE FROM problems WHERE source = ?", (source,))
    row = connection.execute("SELECT id FROM documents WHERE source = ?", (source,)).fetchone()
    if row is not None:
        connection.execute("INSERT INTO dead SELECT id, tokens FROM chunks WHERE document = ?", row)
        connection.execute("DELETE FROM chunks WHERE document = ?", row)
        connection.execute("DELETE FROM documents WHERE id = ?", row)


def _insert(connection: sqlite3.Connection, entry: Entry) -> None:
    document, file = entry.document, entry.file
    extra = json.dumps(
        {
            "pages": list(document.pages),
            "headings": [[place.start, place.end] for place in document.headings],
            "metadata": dict(document.metadata),
            "warnings": list(document.warnings),
        },
        ensure_ascii=False,
    )
    fields = (document.source, document.text, document.title, document.date, extra)
    cursor = connection.execute(
        "INSERT INTO documents (source, text, title, date, extra, size, modified, sha256, chunks, crc) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*fields, file.size, file.modified, file.sha256, len(entry.chunks), _document_crc(*fields)),
    )
    rows = []
    for chunk, tokens, vector in zip(entry.chunks, entry.tokens, entry.vectors, strict=True):
        blob, numbers = tokens.astype(np.int32).tobytes(), vector.astype(np.float16).tobytes()
        place = (chunk.start, chunk.end, chunk.paragraph, chunk.heading)
        rows.append((cursor.lastrowid, *place, blob, numbers, _chunk_crc(*place, blob, numbers, chunk.text)))
    connection.executemany(
        "INSERT INTO chunks (document, start, end, paragraph, heading, tokens, vector, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def _document_crc(source: str, text: str, title: str, date: str | None, extra: str) -> int:
    return zlib.crc32("\0".join((source, title, date or "", extra, text)).encode("utf-8", "surrogatepass"))


def _chunk_crc(start: int, end: int, paragraph: int, heading: str, tokens: bytes, vector: bytes, text: str) -> int:
    crc = zlib.crc32(f"{start} {end} {paragraph} {heading}\0{text}".encode("utf-8", "surrogatepass"))
    return zlib.crc32(vector, zlib.crc32(tokens, crc))
