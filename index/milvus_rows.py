"""What the rows of a collection are: records in, rows out and back.

A generation is four collections called after the first: passages (what is searched), ``_documents`` (one row a
document), ``_texts`` (their texts in pieces, Milvus' strings being short) and ``_state`` (what it was made with,
who builds, how many passages hold each word). A passage counts only where its document's row is there and live;
that row is written last, so a build that stops half way leaves nothing that is seen.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from index.milvus_words import word_weights
from index.records import Chunk, Document, DocumentError, Place, StoreDamaged
from index.store_rows import DocumentInfo, Entry, FileState, StoredChunk, check_text

SCHEMA_VERSION = 1
PART_BITS, SERIAL_BITS, NUMBER_BITS = 11, 32, 20  # a passage's id: part, document of that part, passage of the document
MOST_PARTS = (1 << PART_BITS) - 1
LONGEST_STRING = 65_535  # bytes of a Milvus string
PIECE = 20_000  # characters of a piece of text: at most 4 bytes each would be 80,000, so it is cut by bytes too
MOST_TOKENS = 4_096  # of a Milvus array; a longer heading is searched by its first words
DEAD, LIVE, UNREADABLE = 0, 1, 2  # states of a document's row

KEPT = "documents", "texts", "state"
Row = dict[str, Any]

_PLACEHOLDER = "unused"  # Milvus takes no collection without a vector
_WITHOUT = [0.0, 0.0]


def _text(name: str, **more: Any) -> Row:
    return {"field_name": name, "datatype": "VARCHAR", "max_length": LONGEST_STRING, **more}


def _numbers(*names: str) -> list[Row]:
    return [{"field_name": name, "datatype": "INT64"} for name in names]


_ID: Row = {"field_name": "id", "datatype": "INT64", "is_primary": True, "auto_id": False}
_NONE: Row = {"field_name": _PLACEHOLDER, "datatype": "FLOAT_VECTOR", "dim": len(_WITHOUT)}


def passages_schema(dimension: int) -> list[Row]:
    """Fields of the passages."""
    return [
        _ID,
        *_numbers("document", "start", "end", "paragraph", "page"),
        _text("text"),
        _text("heading"),
        {"field_name": "tokens", "datatype": "ARRAY", "element_type": "INT32", "max_capacity": MOST_TOKENS},
        {"field_name": "vector", "datatype": "FLOAT_VECTOR", "dim": dimension},
        {"field_name": "words", "datatype": "SPARSE_FLOAT_VECTOR"},
    ]


def kept_schema(kind: str) -> list[Row]:
    """Fields of one of KEPT."""
    if kind == "documents":
        texts = [_text(name) for name in ("source", "file", "title", "date", "sha256", "note", "metadata")]
        numbers = _numbers(
            "file_key", "source_key", "state", "characters", "passages", "pieces", "size", "modified", "crc"
        )
        return [_ID, *texts, *numbers, _NONE]
    if kind == "texts":
        return [_ID, _text("piece"), _NONE]
    counts = {"field_name": "counts", "datatype": "ARRAY", "element_type": "INT32", "max_capacity": MOST_TOKENS}
    key = {"field_name": "id", "datatype": "VARCHAR", "max_length": 100, "is_primary": True, "auto_id": False}
    return [key, _text("value"), counts, _NONE]


def kept_indexes(kind: str) -> list[Row]:
    """Indexes of one of KEPT."""
    keys = ("file_key", "source_key", "state") if kind == "documents" else ()
    scalar = [{"field_name": name, "index_type": "INVERTED"} for name in keys]
    return [{"field_name": _PLACEHOLDER, "index_type": "FLAT", "metric_type": "L2"}, *scalar]


def key_of(name: str) -> int:
    """A number to find a name by: conditions then hold no text of anybody's. Two names may share one."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1  # Milvus' integers have a sign


# -- numbers


def document_id(part: int, serial: int) -> int:
    return part << SERIAL_BITS | serial


def passage_ids(document: int, count: int) -> range:
    """Ids of a document's passages: side by side in the text, side by side in number."""
    return range(document << NUMBER_BITS, (document << NUMBER_BITS) + count)


def document_of_passage(passage: int) -> int:
    return passage >> NUMBER_BITS


def part_condition(part: int, shift: int = 0) -> str:
    """The condition that an id belongs to ``part``; ``shift`` NUMBER_BITS for passages and pieces."""
    low, high = document_id(part, 0) << shift, document_id(part + 1, 0) << shift
    return f"id >= {low} and id < {high}"


# -- records in


def document_rows(entry: Entry, number: int) -> tuple[Row, list[Row], list[Row]]:
    """A document's own row, those of its text and those of its passages.

    Raises DocumentError for what Milvus cannot hold.
    """
    document, file = entry.document, entry.file
    extra = {
        "pages": list(document.pages),
        "headings": [[place.start, place.end] for place in document.headings],
        "metadata": dict(document.metadata),
        "warnings": list(document.warnings),
    }
    payload = json.dumps(extra, ensure_ascii=False) + "\n" + document.text
    check_text(document.source, "\0".join((document.source, payload, document.title, document.date or "")))
    if len(entry.chunks) >= 1 << NUMBER_BITS:
        raise DocumentError(document.source, "has more than a million passages; split it")
    pieces = list(_pieces(payload))
    row = {
        "id": number,
        "source": document.source,
        "file": entry.name,
        "title": _fitting(document.title),
        "date": document.date or "",
        "sha256": file.sha256,
        "note": _fitted_list(document.warnings),
        "metadata": json.dumps(dict(_fitted_pairs(document.metadata)), ensure_ascii=False),
        "file_key": key_of(entry.name),
        "source_key": key_of(document.source),
        "state": LIVE,
        "characters": len(document.text),
        "passages": len(entry.chunks),
        "pieces": len(pieces),
        "size": file.size,
        "modified": file.modified,
        "crc": zlib.crc32(payload.encode()),
        _PLACEHOLDER: _WITHOUT,
    }
    texts = [
        {"id": piece_id, "piece": piece, _PLACEHOLDER: _WITHOUT}
        for piece_id, piece in zip(passage_ids(number, len(pieces)), pieces, strict=True)
    ]
    return row, texts, list(_passage_rows(entry, number))


def _passage_rows(entry: Entry, number: int) -> Iterator[Row]:
    pages = entry.document.pages
    ids = passage_ids(number, len(entry.chunks))
    for passage, chunk, tokens, vector in zip(ids, entry.chunks, entry.tokens, entry.vectors, strict=True):
        if len(chunk.text.encode()) > LONGEST_STRING:
            raise DocumentError(chunk.source, f"has a passage of {len(chunk.text):,} characters without a place to cut")
        yield {
            "id": passage,
            "document": number,
            "start": chunk.start,
            "end": chunk.end,
            "paragraph": chunk.paragraph,
            "page": sum(1 for first in pages if first <= chunk.start),
            "text": chunk.text,
            "heading": _fitting(chunk.heading),
            "tokens": tokens[:MOST_TOKENS].tolist(),
            # Rounded as the embedded store keeps them: both score alike.
            "vector": vector.astype(np.float16).astype(np.float32).tolist(),
            "words": word_weights(tokens),
        }


def unreadable_row(number: int, source: str, message: str, file: FileState) -> Row:
    """The row of a file that could not be read."""
    row: Row = dict.fromkeys(("title", "date", "sha256", "metadata"), "")
    row |= dict.fromkeys(("characters", "passages", "pieces", "crc"), 0)
    row |= {"id": number, "source": source, "file": source, "note": _fitting(message), "state": UNREADABLE}
    row |= {"file_key": key_of(source), "source_key": key_of(source), "size": file.size, "modified": file.modified}
    return {**row, _PLACEHOLDER: _WITHOUT}


def changed(row: Mapping[str, Any], **values: Any) -> Row:
    """A document's row as it was read (DOCUMENT_FIELDS), with other values, to be written again."""
    return {**row, **values, _PLACEHOLDER: _WITHOUT}


def state_row(key: str, value: Mapping[str, Any], counts: Sequence[int] = ()) -> Row:
    return {"id": key, "value": json.dumps(value, ensure_ascii=False), "counts": list(counts), _PLACEHOLDER: _WITHOUT}


DOCUMENT_FIELDS = tuple(str(field["field_name"]) for field in kept_schema("documents") if field is not _NONE)
OWNER_FIELDS = ("id", "source", "title", "date", "state", "pieces", "crc")  # what answers need of a document's row
PASSAGE_FIELDS = ("id", "start", "end", "paragraph", "page", "text", "heading", "tokens", "vector")


# -- rows back


def info_of(row: Mapping[str, Any]) -> DocumentInfo:
    return DocumentInfo(
        row["source"], row["title"], row["date"] or None, row["characters"], row["passages"],
        file_of(row), tuple(json.loads(row["note"] or "[]")), json.loads(row["metadata"] or "{}"),
    )  # fmt: skip


def file_of(row: Mapping[str, Any]) -> FileState:
    return FileState(row["size"], row["modified"], row["sha256"])


def document_of(row: Mapping[str, Any], pieces: Sequence[Mapping[str, Any]], where: str) -> Document:
    """The document of a row and the rows of its text. Raises StoreDamaged where they are not as they were written."""
    payload = "".join(piece["piece"] for piece in sorted(pieces, key=lambda piece: int(piece["id"])))
    if len(pieces) != row["pieces"] or zlib.crc32(payload.encode()) != row["crc"]:
        raise StoreDamaged(f"{where}: the text of {row['source']} is not as it was written; run qa build --rebuild")
    head, _, text = payload.partition("\n")
    extra = json.loads(head)
    return Document(
        source=row["source"],
        text=text,
        title=row["title"],
        date=row["date"] or None,
        pages=tuple(extra["pages"]),
        headings=tuple(Place(*place) for place in extra["headings"]),
        metadata=extra["metadata"],
        warnings=tuple(extra["warnings"]),
    )


def stored_chunk(row: Mapping[str, Any], document: Mapping[str, Any]) -> StoredChunk:
    """A passage's row (PASSAGE_FIELDS) and ``source`` and ``title`` of its document, as the record."""
    chunk = Chunk(document["source"], row["start"], row["end"], row["text"], row["paragraph"], row["heading"])
    tokens = np.asarray(row["tokens"], dtype=np.int32)
    vector = np.asarray(row["vector"], dtype=np.float32)
    return StoredChunk(int(row["id"]), chunk, document["title"], row["page"] or None, tokens, vector)


def _pieces(payload: str) -> Iterator[str]:
    """The payload cut so that each piece fits a Milvus string."""
    step = PIECE
    for begin in range(0, len(payload), step):
        piece = payload[begin : begin + step]
        if len(piece.encode()) <= LONGEST_STRING:
            yield piece
        else:  # emoji and the like
            yield piece[: step // 2]
            yield piece[step // 2 :]


def _fitting(text: str) -> str:
    """As much of ``text`` as a Milvus string holds."""
    return text if len(text) * 4 <= LONGEST_STRING else text.encode()[:LONGEST_STRING].decode("utf-8", "ignore")


def _fitted_list(texts: Sequence[str]) -> str:
    """As many of ``texts`` as fit, as JSON."""
    kept = list(texts)
    while len((told := json.dumps(kept, ensure_ascii=False)).encode()) > LONGEST_STRING:
        kept = kept[: len(kept) // 2]
    return told


def _fitted_pairs(metadata: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """As many fields as fit a Milvus string as JSON, at six bytes a character at worst."""
    room = LONGEST_STRING // 6
    for name, value in metadata.items():
        room -= len(name) + len(value) + 6
        if room < 0:
            return
        yield name, value
