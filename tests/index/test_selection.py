"""A selection narrows both channels before the best are picked: what is found is what a search of it alone finds."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import derived, vectors
from index.derived import Part, Searchable
from index.eight_bit import EightBit
from index.selection import MOST_RANGES, Selection
from index.vectors import FaissVectors
from index.words import TantivyWords

ids_drawn = st.lists(st.integers(1, 400), unique=True, max_size=60).map(
    lambda ids: np.asarray(sorted(ids), dtype=np.int64)
)


@given(ids_drawn)
def test_it_holds_its_ids_and_its_ranges_cover_them(ids: np.ndarray) -> None:
    selection = Selection(ids)
    everything = np.arange(0, 500)
    assert len(selection) == len(ids)
    assert selection.holds(everything).tolist() == np.isin(everything, ids).tolist()
    assert [number for number in range(500) if number in selection] == ids.tolist()
    assert len(selection.ranges) <= MOST_RANGES
    covered = {number for first, last in selection.ranges for number in range(first, last + 1)}
    assert covered >= set(ids.tolist())
    assert all(a[1] < b[0] - 1 for a, b in zip(selection.ranges, selection.ranges[1:], strict=False))
    assert all(first in selection and last in selection for first, last in selection.ranges)


def made(count: int, dimension: int = 16) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ids, unit vectors and word ids of ``count`` passages."""
    rng = np.random.default_rng(5)
    unit = rng.normal(size=(count, dimension)).astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return np.arange(1, count + 1) * 3, unit, rng.integers(0, 50, size=(count, 12))


@pytest.mark.parametrize("scanned", [0, 10_000])
@pytest.mark.parametrize("flat", [0, 10_000])
@pytest.mark.parametrize("share", [0.002, 0.05, 0.6])
def test_the_nearest_of_a_selection_are_those_of_a_full_scan_of_it(
    share: float, flat: int, scanned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "FLAT_LIMIT", flat)
    monkeypatch.setattr(vectors, "SCANNED", scanned)
    ids, unit, _ = made(3_000)
    index = FaissVectors.build(EightBit.of(unit), ids)
    assert index.kind.startswith("IndexPQ") == (flat == 0)
    chosen = np.random.default_rng(1).random(len(ids)) < share
    kept = EightBit.of(unit).vectors()
    exact = sorted(zip((kept[chosen] @ unit[7]).tolist(), ids[chosen].tolist(), strict=True), reverse=True)
    found = index.search(unit[7], 10, Selection(ids[chosen]))
    assert all(chunk_id in ids[chosen] for chunk_id, _ in found)
    expected = [chunk_id for _, chunk_id in exact[:10]]
    assert len(found) == len(expected)
    # Codes and 8-bit rows stand for the vectors: nearly the same.
    assert len({chunk_id for chunk_id, _ in found} & set(expected)) >= len(expected) - (2 if flat == 0 else 0)


@pytest.mark.parametrize("named", [0, 8_000])
@pytest.mark.parametrize("ranged", [0, 20_000])
def test_the_best_by_words_of_a_selection_are_those_of_the_whole_that_it_holds(
    named: int, ranged: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derived, "NAMED", named)
    monkeypatch.setattr(derived, "RANGED", ranged)
    ids, unit, tokens = made(800)
    halves = [slice(0, 500), slice(500, 800)]
    parts = [
        Part(
            FaissVectors.build(EightBit.of(unit[half]), ids[half]),
            TantivyWords.build(zip(ids[half].tolist(), tokens[half], strict=True)),
            int(tokens[half].size),
        )
        for half in halves
    ]
    dead = frozenset(ids[::9].tolist())
    whole = Searchable(1, parts, dead, Counter(), 0)
    asked = {3: 1.0, 17: 0.4, 40: 1.0}
    everything = whole.by_words(asked, 800)
    assert len(everything) > 200
    rng = np.random.default_rng(2)
    for chosen in (ids[:40], ids[490:510], ids[rng.random(800) < 0.01], ids[rng.random(800) < 0.3], ids[::9], ids[:0]):
        selection = Selection(np.sort(chosen))
        expected = [(number, pytest.approx(score)) for number, score in everything if number in set(chosen.tolist())]
        assert whole.by_words(asked, 20, selection) == expected[:20]
        near = whole.nearest(unit[3], 20, selection)
        assert {number for number, _ in near} <= set(chosen.tolist()) - dead
        assert len(near) == min(20, len(set(chosen.tolist()) - dead))
