"""Vectors in the rows of a store: 8-bit numbers, a few neighbouring passages a row, each row under a checksum."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from index.eight_bit import EightBit

BLOCK = 4  # vectors of neighbouring passages in one row: fewer rows to read, few enough that pages are filled
VECTORS = "JOIN vectors v ON v.first = (SELECT max(first) FROM vectors WHERE first <= c.id)"  # the row that holds c's
VECTOR_COLUMNS = "v.first, v.count, v.rows, v.crc"


def blocks(first: int, vectors: Sequence[np.ndarray]) -> Iterator[tuple[int, int, bytes]]:
    """(id of the first, how many, their 8-bit rows) of the vectors of passages ``first``, ``first + 1``, ..."""
    for begin in range(0, len(vectors), BLOCK):
        part = np.stack(vectors[begin : begin + BLOCK])
        yield first + begin, len(part), EightBit.of(part).to_bytes()


def vector_of(chunk_id: int, row: tuple[Any, ...], dimension: int) -> np.ndarray:
    """(d,) float32 out of the row of VECTOR_COLUMNS that holds it. Raises ValueError where it does not."""
    place = chunk_id - row[0]
    if place >= row[1] or block_crc(*row[:3]) != row[3]:
        raise ValueError(f"vector of passage {chunk_id}")
    return np.asarray(EightBit.from_bytes(row[2], row[1], dimension).vectors(slice(place, place + 1))[0])


def fill(kept: EightBit, ids: np.ndarray, rows: Sequence[tuple[Any, ...]], dimension: int) -> None:
    """Put rows of VECTOR_COLUMNS, all of one length, in the places of ``kept`` that ascending ``ids`` say.

    Raises ValueError where a checksum does not fit.
    """
    for row in rows:
        if block_crc(*row[:3]) != row[3]:
            raise ValueError(f"checksum of the vectors from passage {row[0]} on")
    count = rows[0][1]
    data = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.int8).reshape(len(rows), count * (2 + dimension))
    held = np.asarray([row[0] for row in rows])[:, None] + np.arange(count)
    places = np.minimum(np.searchsorted(ids, held), len(ids) - 1)
    wanted = ids[places] == held
    kept.factors[places[wanted]] = data[:, : 2 * count].copy().view("<f2")[wanted]
    kept.numbers[places[wanted]] = data[:, 2 * count :].reshape(len(rows), count, dimension)[wanted]


def block_crc(first: int, count: int, rows: bytes) -> int:
    """Checksum of vectors as they are stored."""
    return zlib.crc32(rows, zlib.crc32(f"{first} {count}\0".encode()))
