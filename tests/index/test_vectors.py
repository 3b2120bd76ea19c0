"""FAISS against brute force, and its files."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from index import vectors
from index.eight_bit import EightBit
from index.vectors import FaissVectors


def unit(rows: int, dimension: int, seed: int) -> np.ndarray:
    """Random unit vectors around a few centres, as passages are around subjects."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(16, dimension))
    made = centres[random.integers(0, 16, rows)] + random.normal(size=(rows, dimension))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def rounded(held: np.ndarray) -> EightBit:
    return EightBit.of(held)


def brute(held: np.ndarray, ids: np.ndarray, query: np.ndarray, k: int) -> list[int]:
    order = sorted(range(len(held)), key=lambda row: (-float(held[row] @ query), int(ids[row])))
    return [int(ids[row]) for row in order[:k]]


def test_flat_is_brute_force() -> None:
    held, ids = unit(500, 32, seed=1), np.arange(1_000, 2_000, 2)
    index = FaissVectors.build(rounded(held), ids)
    held = rounded(held).vectors()
    assert index.kind == "IndexFlatIP"
    for query in unit(20, 32, seed=2):
        found = index.search(query, 10)
        assert [chunk_id for chunk_id, _ in found] == brute(held, ids, query, 10)
        assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
        assert found[0][1] == pytest.approx(float((held @ query).max()), abs=1e-6)


def test_equal_vectors_come_by_id() -> None:
    held = np.repeat(unit(1, 8, seed=3), 4, axis=0)
    assert [
        chunk_id for chunk_id, _ in FaissVectors.build(rounded(held), np.array([9, 3, 7, 5])).search(held[0], 4)
    ] == [
        3,
        5,
        7,
        9,
    ]


def test_a_zero_vector_is_near_nothing_and_k_is_bounded() -> None:
    index = FaissVectors.build(rounded(unit(3, 8, seed=4)), np.arange(3))
    assert index.search(np.zeros(8, dtype=np.float32), 2) == []
    assert len(index.search(unit(1, 8, seed=5)[0], 100)) == len(index) == 3
    assert index.search(unit(1, 8, seed=5)[0], 0) == []


def test_codes_find_nearly_all_that_brute_force_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "FLAT_LIMIT", 1_000)
    held, ids = unit(3_000, 64, seed=6), np.arange(3_000)
    index = FaissVectors.build(rounded(held), ids)
    assert index.kind == "IndexPQFastScan"
    queries = unit(40, 64, seed=7)
    shared = sum(len({i for i, _ in index.search(q, 10)} & set(brute(held, ids, q, 10))) for q in queries)
    assert shared / (40 * 10) >= 0.95


def test_an_index_by_codes_is_read_back_and_is_the_same_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "FLAT_LIMIT", 1_000)
    held, ids = unit(3_000, 64, seed=6), np.arange(3_000)
    held[17] = 0  # a passage without a word
    (tmp_path / "again").mkdir()
    built, again = FaissVectors.build(rounded(held), ids), FaissVectors.build(rounded(held.copy()), ids)
    for one, other in zip(built.save(tmp_path), again.save(tmp_path / "again"), strict=True):
        assert one.read_bytes() == other.read_bytes()
    rows, taken = rounded(held), []

    def rows_of(wanted: np.ndarray) -> EightBit:
        taken.append(len(wanted))
        return EightBit(rows.numbers[wanted], rows.factors[wanted])

    monkeypatch.setattr(vectors, "PIECE", 2_000)
    read = FaissVectors.load(tmp_path, rows_of)
    for _ in range(vectors.LOOKED_UP):
        assert read.search(held[7], 5) == built.search(held[7], 5)
    until = time.monotonic() + 30
    while not read.at_hand:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert sorted(taken) == sorted(
        [vectors.REFINED] * vectors.LOOKED_UP + [1_000, 2_000]
    )  # a few at first, then all, piece by piece
    assert read.search(held[7], 5) == built.search(held[7], 5) and len(taken) == vectors.LOOKED_UP + 2
    assert built.search(held[7], 1)[0] == (7, pytest.approx(1.0, abs=0.01))
    np.save(tmp_path / "vectors.ids.npy", np.arange(2_999))
    with pytest.raises(ValueError, match="3000 rows for 2999 ids"):
        FaissVectors.load(tmp_path, lambda _: rounded(held))
    (tmp_path / "vectors.faiss").write_bytes(b"not an index")
    with pytest.raises(RuntimeError):
        FaissVectors.load(tmp_path, lambda _: rounded(held))


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    held, ids = unit(50, 16, seed=8), np.arange(50) * 3
    built = FaissVectors.build(rounded(held), ids)
    assert {path.name for path in built.save(tmp_path)} == {"vectors.ids.npy"}
    asked: list[list[int]] = []

    def rows_of(wanted: np.ndarray) -> EightBit:
        asked.append(wanted.tolist())
        return rounded(held)

    assert FaissVectors.load(tmp_path, rows_of).search(held[7], 5) == built.search(held[7], 5)
    assert asked == [ids.tolist()]
    np.save(tmp_path / "vectors.ids.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="pickle"):
        FaissVectors.load(tmp_path, rows_of)
