"""Vectors in the rows of a store: 8-bit numbers, a few neighbouring passages a row, each row under a checksum."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from index.eight_bit import EightBit

BLOCK = 4  # vectors of neighbouring passages in one row: fewer rows to read, few enough that pages are filled
VECTORS = "JOIN vectors v ON v.first = (SELECT max(first) FROM vectors WHERE first <= c.id)"  # the row that holds c's
VECTOR_COLUMNS = "v.first, v.count, v.rows, v.crc"

_SCATTERED = 20  # ids so many times as far apart as there are of them are looked up one by one
_ROWS = 500  # ids asked for in one statement (SQLite's own limit is higher on every build we support)


def blocks(first: int, vectors: Sequence[np.ndarray]) -> Iterator[tuple[int, int, bytes]]:
    """(id of the first, how many, their 8-bit rows) of the vectors of passages ``first``, ``first + 1``, ..."""
    for begin in range(0, len(vectors), BLOCK):
        part = np.stack(vectors[begin : begin + BLOCK])
        yield first + begin, len(part), EightBit.of(part).to_bytes()


def vectors_of(ids: Sequence[int], rows: Sequence[tuple[Any, ...]], dimension: int) -> np.ndarray:
    """(n, d) float32, each out of the row of VECTOR_COLUMNS that holds it. Raises ValueError where one does not."""
    for chunk_id, row in zip(ids, rows, strict=True):
        if chunk_id - row[0] >= row[1]:
            raise ValueError(f"vector of passage {chunk_id}")
    asked = np.unique(np.asarray(ids, dtype=np.int64))
    kept = EightBit.zeros(len(asked), dimension)
    fill(kept, asked, list({row[0]: row for row in rows}.values()))  # neighbours share a row
    return kept.vectors(np.searchsorted(asked, ids))


def rows_holding(connection: sqlite3.Connection, ids: np.ndarray) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of VECTOR_COLUMNS that hold these ascending ids, in portions: read through, or looked up where few."""
    if not len(ids):
        return
    if ids[-1] - ids[0] <= _SCATTERED * len(ids):
        query = f"SELECT {VECTOR_COLUMNS} FROM vectors v WHERE v.first BETWEEN ? AND ? ORDER BY v.first"
        cursor = connection.execute(query, (int(ids[0]) - BLOCK, int(ids[-1])))
        while portion := cursor.fetchmany(_ROWS):
            yield portion
        return
    query = "SELECT DISTINCT (SELECT max(first) FROM vectors WHERE first <= value) FROM json_each(?) ORDER BY 1"
    firsts = [first for (first,) in connection.execute(query, (json.dumps(ids.tolist()),)) if first is not None]
    for part, marks in parts(firsts):
        query = f"SELECT {VECTOR_COLUMNS} FROM vectors v WHERE v.first IN ({marks}) ORDER BY v.first"
        yield connection.execute(query, part).fetchall()


def fill(kept: EightBit, ids: np.ndarray, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put rows of VECTOR_COLUMNS in the places of ``kept`` that ascending ``ids`` say; what is not asked for is left out.

    Raises ValueError where a checksum does not fit.
    """
    for first, count, data, crc in rows:
        if block_crc(first, count, data) != crc:
            raise ValueError(f"checksum of the vectors from passage {first} on")
    for size in {row[1] for row in rows}:
        alike = [row for row in rows if row[1] == size]
        held = EightBit.of_blocks([row[2] for row in alike], size, kept.numbers.shape[1])
        firsts = np.asarray([row[0] for row in alike])
        wanted = (firsts[:, None] + np.arange(size)).ravel()  # the id of each of ``held``
        places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        asked = ids[places] == wanted
        kept.numbers[places[asked]] = held.numbers[asked]
        kept.factors[places[asked]] = held.factors[asked]


def block_crc(first: int, count: int, rows: bytes) -> int:
    """Checksum of vectors as they are stored, and of where they belong."""
    return zlib.crc32(rows, (first * 64 + count) & 0xFFFFFFFF)


def parts(ids: list[int]) -> Iterator[tuple[list[int], str]]:
    """The ids in portions that one statement takes, each with its question marks."""
    for begin in range(0, len(ids), _ROWS):
        part = ids[begin : begin + _ROWS]
        yield part, ",".join("?" * len(part))
