"""What the rows of a store are: records in, rows out and back, each row under a checksum."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from index.packing import Packed, pack_text, pack_tokens, pieces, to_bytes, unpack_text, unpack_tokens
from index.records import Chunk, Document, DocumentError, Place
from index.store_vectors import VECTOR_COLUMNS, VECTORS, block_crc, blocks, vectors_of

# 2: a passage carries its text; 3: a file can hold several documents; 4: a text is kept once, vectors in 8 bits
SCHEMA_VERSION = 4

# A document's text is kept in pieces: what stands before its first passage (``lead``), then one a passage, from where
# it starts to where the next one does.
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL UNIQUE, file TEXT NOT NULL, title TEXT NOT NULL,
    date TEXT, extra TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, sha256 TEXT NOT NULL,
    characters INTEGER NOT NULL, chunks INTEGER NOT NULL, text_crc INTEGER NOT NULL, crc INTEGER NOT NULL,
    lead BLOB NOT NULL);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents(id),
    start INTEGER NOT NULL, end INTEGER NOT NULL, piece BLOB NOT NULL, paragraph INTEGER NOT NULL,
    heading TEXT, tokens BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE vectors (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, rows BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX chunks_by_document ON chunks(document);
CREATE INDEX documents_by_file ON documents(file);
CREATE TABLE dead (id INTEGER PRIMARY KEY, tokens BLOB NOT NULL);
CREATE TABLE problems (source TEXT PRIMARY KEY, message TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL);
"""
DOCUMENT_COLUMNS = "id, source, title, date, extra, text_crc, crc, lead"
CHUNK_COLUMNS = "c.id, c.document, c.start, c.end, c.piece, c.paragraph, c.heading, c.tokens, c.crc"
STORED_CHUNKS = (  # with what they have of their document, and their vectors
    f"SELECT {CHUNK_COLUMNS}, d.source, d.title, d.extra, {VECTOR_COLUMNS} "
    f"FROM chunks c JOIN documents d ON d.id = c.document {VECTORS}"
)

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
    """(d,), unit or zero; as it was rounded where it comes from a store."""


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
    """Add a document and its chunks, which do not overlap. Raises DocumentError for text that cannot be stored."""
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
    fields = (document.source, document.title, document.date, extra)
    check_text(document.source, "\0".join([*(field or "" for field in fields), document.text]))
    text_crc = zlib.crc32(document.text.encode())
    lead, *held = (pack_text(piece) for piece in pieces(document.text, [chunk.start for chunk in entry.chunks]))
    states = (entry.name, file.size, file.modified, file.sha256, len(document.text), len(entry.chunks))
    cursor = connection.execute(
        "INSERT INTO documents (source, title, date, extra, file, size, modified, sha256, characters, chunks, text_crc, "
        "crc, lead) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*fields, *states, text_crc, document_crc(*fields, text_crc), lead),
    )
    rows = []
    for chunk, piece, tokens in zip(entry.chunks, held, entry.tokens, strict=True):
        heading = None if chunk.heading == document.title else chunk.heading
        values = (cursor.lastrowid, chunk.start, chunk.end, piece, chunk.paragraph, heading, pack_tokens(tokens))
        rows.append((*values, chunk_crc(*values)))
    connection.executemany(
        "INSERT INTO chunks (document, start, end, piece, paragraph, heading, tokens, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    if rows:
        first = connection.execute("SELECT min(id) FROM chunks WHERE document = ?", (cursor.lastrowid,)).fetchone()[0]
        parts = blocks(first, entry.vectors)
        connection.executemany("INSERT INTO vectors VALUES (?, ?, ?, ?)", [(*part, block_crc(*part)) for part in parts])


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
        span = connection.execute("SELECT min(id), max(id) FROM chunks WHERE document = ?", row).fetchone()
        connection.execute("DELETE FROM vectors WHERE first BETWEEN ? AND ?", span)
        connection.execute("DELETE FROM chunks WHERE document = ?", row)
        connection.execute("DELETE FROM documents WHERE id = ?", row)


def document_of(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Document:
    """A row of DOCUMENT_COLUMNS as the document. Raises ValueError where a checksum does not fit."""
    number, source, title, date, fields, text_crc, crc, lead = row
    if document_crc(source, title, date, fields, text_crc) != crc:
        raise ValueError(f"checksum of {source}")
    rest = connection.execute("SELECT piece FROM chunks WHERE document = ? ORDER BY id", (number,))
    text = "".join(unpack_text(piece) for piece in (lead, *(piece for (piece,) in rest)))
    if zlib.crc32(text.encode()) != text_crc:
        raise ValueError(f"checksum of the text of {source}")
    extra = json.loads(fields)
    return Document(
        source=source,
        text=text,
        title=title,
        date=date,
        pages=tuple(extra["pages"]),
        headings=tuple(Place(*place) for place in extra["headings"]),
        metadata=extra["metadata"],
        warnings=tuple(extra["warnings"]),
    )


def stored_chunks(rows: Sequence[tuple[Any, ...]], dimension: int) -> list[StoredChunk]:
    """Rows of STORED_CHUNKS. Raises ValueError as :func:`document_of`."""
    vectors = vectors_of([row[0] for row in rows], [row[12:16] for row in rows], dimension)
    return [_stored(row, vector) for row, vector in zip(rows, vectors, strict=True)]


def _stored(row: tuple[Any, ...], vector: np.ndarray) -> StoredChunk:
    check_chunk(row)
    start, end, piece, paragraph, heading = row[2:7]
    source, title, extra = row[9:12]
    text = unpack_text(piece)[: end - start]
    chunk = Chunk(source, start, end, text, paragraph, title if heading is None else heading)
    pages = json.loads(extra)["pages"] if not extra.startswith(_NO_PAGES) else []
    page = sum(1 for first in pages if first <= chunk.start) if pages else None
    return StoredChunk(row[0], chunk, title, page, unpack_tokens(row[7]), vector)


def check_chunk(row: tuple[Any, ...]) -> None:
    """Raise ValueError where a row that begins with CHUNK_COLUMNS does not fit its checksum."""
    if chunk_crc(*row[1:8]) != row[8]:
        raise ValueError(f"checksum of passage {row[0]}")


def check_whole(connection: sqlite3.Connection, dimension: int) -> None:
    """Look at every row there is. Raises ValueError or sqlite3.DatabaseError where one is not as it was written."""
    for pragma in ("integrity_check(1)", "foreign_key_check"):
        found = connection.execute(f"PRAGMA {pragma}").fetchone()
        if found not in (None, ("ok",)):
            raise ValueError(str(found[0]))
    for row in connection.execute(f"SELECT {DOCUMENT_COLUMNS}, characters, chunks FROM documents"):
        text = document_of(connection, row[:8]).text
        rows = connection.execute(f"{STORED_CHUNKS} WHERE c.document = ?", row[:1]).fetchall()
        held = [stored.chunk for stored in stored_chunks(rows, dimension)]
        if row[8:] != (len(text), len(held)):
            raise ValueError(f"{row[1]} has {len(held)} passages, not {row[9]}")
        for chunk in held:
            if text[chunk.start : chunk.end] != chunk.text:
                raise ValueError(f"place of a passage of {row[1]}")


def document_crc(source: str, title: str, date: str | None, extra: str, text_crc: int) -> int:
    """Checksum of a document as it is stored, its text by its own."""
    return zlib.crc32("\0".join((source, title, date or "", extra, str(text_crc))).encode("utf-8"))


def chunk_crc(
    document: int | None, start: int, end: int, piece: Packed, paragraph: int, heading: str | None, tokens: bytes
) -> int:
    """Checksum of a chunk as it is stored."""
    crc = zlib.crc32(f"{document} {start} {end} {paragraph} {heading!r}\0".encode())
    return zlib.crc32(tokens, zlib.crc32(to_bytes(piece), crc))
