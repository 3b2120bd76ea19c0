"""Fusion by visible arithmetic."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.fusion import minmax, ranked, reciprocal_rank, weighted

SCORES = st.dictionaries(st.integers(0, 20), st.floats(-1e6, 1e6), max_size=12)


def test_scores_move_to_between_nought_and_one() -> None:
    assert minmax({1: 2.0, 2: 4.0, 3: 3.0}) == {1: 0.0, 2: 1.0, 3: (3 - 2) / (4 - 2)}
    assert minmax({1: 5.0, 2: 5.0}) == {1: 1.0, 2: 1.0}
    assert minmax({}) == {}


def test_weighted_sums() -> None:
    words, dense = {1: 10.0, 2: 0.0, 3: 5.0}, {2: 0.9, 4: 0.1}
    assert weighted([words, dense], [1.0, 0.6]) == [
        (1, 1.0 * 1.0),
        (2, 1.0 * 0.0 + 0.6 * 1.0),
        (3, 1.0 * 0.5),
        (4, 0.6 * 0.0),
    ]
    with pytest.raises(ValueError, match="zip"):
        weighted([words, dense], [1.0])


def test_reciprocal_rank_fusion() -> None:
    found = dict(reciprocal_rank([[7, 8, 9], [8, 7]]))
    assert found == {7: 1 / (60 + 1) + 1 / (60 + 2), 8: 1 / (60 + 2) + 1 / (60 + 1), 9: 1 / (60 + 3)}
    assert [key for key, _ in reciprocal_rank([[7, 8, 9], [8, 7]])] == [7, 8, 9]  # a tie: by id


@given(st.lists(SCORES, min_size=1, max_size=3))
def test_every_id_once_best_first_ties_by_id(channels: list[dict[int, float]]) -> None:
    found = weighted(channels, [1.0] * len(channels))
    assert {key for key, _ in found} == set().union(*channels) and len({key for key, _ in found}) == len(found)
    assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))
    assert all(math.isfinite(score) and 0 <= score <= len(channels) for _, score in found)


@given(SCORES)
def test_the_order_of_what_is_given_does_not_matter(scores: dict[int, float]) -> None:
    assert ranked(scores) == ranked(dict(reversed(scores.items())))
