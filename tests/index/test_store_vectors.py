"""Vectors lie in rows of a few neighbours, and are found there."""

from __future__ import annotations

import numpy as np
import pytest

from index.eight_bit import EightBit
from index.store_vectors import BLOCK, block_crc, blocks, fill, vectors_of


def test_vectors_lie_in_blocks_of_neighbours() -> None:
    vectors = list(np.eye(BLOCK + 3, dtype=np.float32))
    made = list(blocks(100, vectors))
    assert [(first, count) for first, count, _ in made] == [(100, BLOCK), (100 + BLOCK, 3)]


def test_each_is_found_in_its_row_and_a_changed_row_is_refused() -> None:
    vectors = list(np.eye(BLOCK + 3, dtype=np.float32))
    rows = [(*part, block_crc(*part)) for part in blocks(100, vectors)]
    held = [rows[place // BLOCK] for place in range(BLOCK + 3)]
    for order in (range(BLOCK + 3), [BLOCK + 1, 0, 2, 0]):
        found = vectors_of([100 + place for place in order], [held[place] for place in order], BLOCK + 3)
        assert found == pytest.approx(np.stack([vectors[place] for place in order]), abs=1e-3)
    assert vectors_of([], [], BLOCK + 3).shape == (0, BLOCK + 3)
    with pytest.raises(ValueError, match="passage 107"):
        vectors_of([100, 100 + BLOCK + 3], [rows[0], rows[1]], BLOCK + 3)
    first, count, data, crc = rows[0]
    with pytest.raises(ValueError, match="checksum"):
        fill(EightBit.of(np.eye(7)), np.arange(100, 107), [(first, count, data[:-1] + b"x", crc)])


def test_what_is_not_asked_for_is_left_out_and_what_is_not_there_stays_zero() -> None:
    vectors = list(np.eye(BLOCK, dtype=np.float32))
    rows = [(*part, block_crc(*part)) for part in blocks(10, vectors)]
    ids = np.asarray([3, 11, 13, 99])
    kept = EightBit(np.zeros((4, BLOCK), dtype=np.int8), np.zeros(4, dtype=np.float32))
    fill(kept, ids, rows)
    assert kept.vectors().round(2).tolist() == [[0] * BLOCK, vectors[1].tolist(), vectors[3].tolist(), [0] * BLOCK]
