"""What the rows of a store are: records in, rows out and back, each row under a checksum."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from index.records import Chunk, Document, DocumentError, Place

SCHEMA_VERSION = 3  # 2: a passage carries its text; 3: a file can hold several documents

# The text of a document stands last: what is read with its passages does not lie behind it.
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL UNIQUE, file TEXT NOT NULL, title TEXT NOT NULL,
    date TEXT, extra TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, sha256 TEXT NOT NULL,
    characters INTEGER NOT NULL, chunks INTEGER NOT NULL, crc INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents(id),
    start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, paragraph INTEGER NOT NULL,
    heading TEXT NOT NULL, tokens BLOB NOT NULL, vector BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX chunks_by_document ON chunks(document);
CREATE INDEX documents_by_file ON documents(file);
CREATE TABLE dead (id INTEGER PRIMARY KEY, tokens BLOB NOT NULL);
CREATE TABLE problems (source TEXT PRIMARY KEY, message TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL);
"""
DOCUMENT_COLUMNS = "source, text, title, date, extra, crc"
CHUNK_COLUMNS = "c.id, c.document, c.start, c.end, c.text, c.paragraph, c.heading, c.tokens, c.vector, c.crc"

_NO_PAGES = '{"pages": []'  # how ``extra`` begins then


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
    name: str = ""
    """Path of the file below the document folder; empty where the document is the whole of it, and named so."""


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
    metadata: Mapping[str, str]


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


class Encoded(NamedTuple):
    """What a text is searched by."""

    tokens: np.ndarray
    """(n,) int32 word ids."""
    vector: np.ndarray
    """(d,), unit or zero; float16 where it comes from a store."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One document on its way in: chunks, and a token array and a vector for each."""

    document: Document
    file: FileState
    chunks: Sequence[Chunk]
    tokens: Sequence[np.ndarray]
    vectors: Sequence[np.ndarray]

    @property
    def name(self) -> str:
        """The file that the document came from; a file can hold several."""
        return self.file.name or self.document.source


def identity_values(identity: Identity) -> dict[str, str]:
    """The rows of the ``meta`` table that say what a store was made with."""
    return {
        "encoder": identity.encoder,
        "encoder_fingerprint": identity.encoder_fingerprint,
        "segmenter_fingerprint": identity.segmenter_fingerprint,
        "dimension": str(identity.dimension),
    }


def insert(connection: sqlite3.Connection, entry: Entry) -> None:
    """Add a document and its chunks. Raises DocumentError for text that cannot be stored."""
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
    check_text(document.source, "\0".join(field or "" for field in fields))
    cursor = connection.execute(
        "INSERT INTO documents (source, text, title, date, extra, file, size, modified, sha256, characters, chunks, crc) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *fields,
            entry.name,
            file.size,
            file.modified,
            file.sha256,
            len(document.text),
            len(entry.chunks),
            document_crc(*fields),
        ),
    )
    rows = []
    for chunk, tokens, vector in zip(entry.chunks, entry.tokens, entry.vectors, strict=True):
        values = (
            cursor.lastrowid, chunk.start, chunk.end, chunk.text, chunk.paragraph, chunk.heading,
            tokens.astype(np.int32).tobytes(), vector.astype(np.float16).tobytes(),
        )  # fmt: skip
        rows.append((*values, chunk_crc(*values)))
    connection.executemany(
        "INSERT INTO chunks (document, start, end, text, paragraph, heading, tokens, vector, crc) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def check_text(source: str, text: str) -> None:
    """Raise DocumentError where ``text`` is none that UTF-8, and so SQLite, can hold."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(text[error.start]):04X}"
        raise DocumentError(source, f"holds half a surrogate pair ({half}); save it as UTF-8") from error


def remove(connection: sqlite3.Connection, name: str) -> None:
    """Take out a document, all documents of a file, or the note that it could not be read.

    Their chunks are remembered as dead.
    """
    connection.execute("DELETE FROM problems WHERE source = ?", (name,))
    for row in connection.execute("SELECT id FROM documents WHERE file = ? OR source = ?", (name, name)).fetchall():
        connection.execute("INSERT INTO dead SELECT id, tokens FROM chunks WHERE document = ?", row)
        connection.execute("DELETE FROM chunks WHERE document = ?", row)
        connection.execute("DELETE FROM documents WHERE id = ?", row)


def document_of(row: tuple[Any, ...]) -> Document:
    """A row of DOCUMENT_COLUMNS as the document. Raises ValueError where its checksum does not fit."""
    if document_crc(*row[:5]) != row[5]:
        raise ValueError(f"checksum of {row[0]}")
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


def stored_chunk(row: tuple[Any, ...]) -> StoredChunk:
    """A row of CHUNK_COLUMNS and source, title, extra of its document. Raises ValueError as :func:`document_of`."""
    chunk_id, _, start, end, text, paragraph, heading, tokens, vector, _, source, title, extra = row
    check_chunk(row)
    pages = json.loads(extra)["pages"] if not extra.startswith(_NO_PAGES) else []
    page = sum(1 for first in pages if first <= start) if pages else None
    return StoredChunk(
        chunk_id,
        Chunk(source, start, end, text, paragraph, heading),
        title,
        page,
        np.frombuffer(tokens, dtype=np.int32),
        np.frombuffer(vector, dtype=np.float16).astype(np.float32),
    )


def check_chunk(row: tuple[Any, ...]) -> None:
    """Raise ValueError where a row that begins with CHUNK_COLUMNS does not fit its checksum."""
    if chunk_crc(*row[1:9]) != row[9]:
        raise ValueError(f"checksum of passage {row[0]}")


def check_whole(connection: sqlite3.Connection) -> None:
    """Look at every row there is. Raises ValueError or sqlite3.DatabaseError where one is not as it was written."""
    for pragma in ("integrity_check(1)", "foreign_key_check"):
        found = connection.execute(f"PRAGMA {pragma}").fetchone()
        if found not in (None, ("ok",)):
            raise ValueError(str(found[0]))
    for row in connection.execute(f"SELECT {DOCUMENT_COLUMNS}, id, characters, chunks FROM documents"):
        text = document_of(row).text
        held = connection.execute(f"SELECT {CHUNK_COLUMNS} FROM chunks c WHERE c.document = ?", (row[6],)).fetchall()
        if (row[7], row[8]) != (len(text), len(held)):
            raise ValueError(f"{row[0]} has {len(held)} passages, not {row[8]}")
        for chunk in held:
            check_chunk(chunk)
            if text[chunk[2] : chunk[3]] != chunk[4]:
                raise ValueError(f"place of passage {chunk[0]}")


def document_crc(source: str, text: str, title: str, date: str | None, extra: str) -> int:
    """Checksum of a document as it is stored."""
    return zlib.crc32("\0".join((source, title, date or "", extra, text)).encode("utf-8"))


def chunk_crc(
    document: int | None, start: int, end: int, text: str, paragraph: int, heading: str, tokens: bytes, vector: bytes
) -> int:
    """Checksum of a chunk as it is stored."""
    crc = zlib.crc32(f"{document} {start} {end} {paragraph} {heading}\0{text}".encode())
    return zlib.crc32(vector, zlib.crc32(tokens, crc))
