"""Vectors in 8 bits: near what was rounded, the same again when rounded again."""

from __future__ import annotations

import numpy as np
import pytest

from index.eight_bit import EightBit


def unit(rows: int, dimension: int) -> np.ndarray:
    held = np.random.default_rng(0).normal(size=(rows, dimension)).astype(np.float32)
    return held / np.linalg.norm(held, axis=1, keepdims=True)


def test_rounding_loses_little_and_nothing_the_second_time() -> None:
    held = unit(400, 256)
    kept = EightBit.of(held)
    assert np.abs(kept.vectors() @ held.T - held @ held.T).max() < 4e-3
    assert kept.cosines(np.arange(400), held[7]) == pytest.approx(kept.vectors() @ held[7], abs=1e-5)
    again = EightBit.of(kept.vectors())
    assert (again.numbers == kept.numbers).all() and (again.factors == kept.factors).all()


def test_a_zero_row_stays_zero_and_bytes_come_back() -> None:
    held = unit(5, 16)
    held[2] = 0
    kept = EightBit.of(held)
    read = EightBit.of_blocks([kept.to_bytes()], 5, 16)
    assert (read.numbers == kept.numbers).all() and (read.factors == kept.factors).all()
    assert not read.vectors()[2].any()
    with pytest.raises(ValueError):
        EightBit.of_blocks([kept.to_bytes()[:-1]], 5, 16)
