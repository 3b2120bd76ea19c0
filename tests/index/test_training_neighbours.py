"""Directions of words by their company: counted by hand, and what comes near what."""

from __future__ import annotations

import numpy as np

from index.training import initial
from index.training.bags import Bags, pack
from index.training.batches import Corpus
from index.training.neighbours import (
    PASSAGES,
    neighbour_counts,
    positive_information,
    retrofitted,
    unit,
    word_directions,
)

NOTHING = pack([])
SIGN = 9  # a token that is no word


def corpus(articles: list[list[int]], passages: list[list[int]], *entries: tuple[Bags, Bags], size: int = 10) -> Corpus:
    """A corpus of these texts and lexicon entries alone."""
    none = np.zeros(0, np.int64)
    return Corpus(
        titles=pack([[] for _ in articles]),
        articles=pack(articles),
        questions=NOTHING,
        passages=pack(passages),
        parts=NOTHING,
        part_of=none,
        answers_in=none,
        english=NOTHING,
        english_thai=NOTHING,
        english_in=none,
        entries=entries,
        glosses=(NOTHING, NOTHING),
        idf=np.linspace(1, 2, size, dtype=np.float32),
        latin=np.zeros(size, bool),
    )


def words(size: int = 10) -> np.ndarray:
    return np.array([token not in (0, SIGN) for token in range(size)])


def test_neighbours_are_counted_by_nearness_and_not_across_texts() -> None:
    found = neighbour_counts(corpus([[1, SIGN, 2, 3], [4]], [[5, 6]]), words()).toarray()
    assert found[1, 2] == found[2, 1] == 1 and found[1, 3] == 0.5 and found[2, 3] == 1  # the sign takes no place
    assert found[3, 4] == 0 and not found[SIGN].any()
    assert found[5, 6] == PASSAGES


def test_information_of_words_that_meet_more_than_chance_would_have_it() -> None:
    beside = neighbour_counts(corpus([[1, 2]] * 8 + [[3, 4]] * 8 + [[1, 4]], []), words())
    found = positive_information(beside).toarray()
    assert found[1, 2] > 0 and found[3, 4] > 0
    assert found[1, 4] == 0  # they meet less than chance would have it
    seen = beside.toarray().sum(axis=1)
    smooth = seen**0.75
    assert np.isclose(found[1, 2], np.log(8 * smooth.sum() / (seen[1] * smooth[2])))


def test_words_in_the_same_company_get_like_directions() -> None:
    # 1 and 2 stand beside 5 and 6 in turn, never beside each other; 3 beside 7 and 8
    texts = [[5, 1, 6], [5, 2, 6], [6, 1, 5], [6, 2, 5], [7, 3, 8], [8, 3, 7], [7, 8], [5, 6]] * 20
    directions, trust = word_directions(corpus(texts, []), words(), 3, seed=1)
    assert directions[1] @ directions[2] > 0.9 > 0.2 > directions[1] @ directions[3]
    assert not directions[SIGN].any() and trust[SIGN] == 0
    assert 0.5 < trust[1] < 1
    again, _ = word_directions(corpus(texts, []), words(), 3, seed=1)
    assert np.array_equal(directions, again)


def test_the_lexicon_pulls_the_forms_of_an_entry_together() -> None:
    rows = np.eye(10, 4, dtype=np.float32)
    entry = (pack([[1], [2], [3, 5]]), NOTHING)
    found, known = retrofitted(rows, np.full(10, 0.5), corpus([], [], entry))
    assert known.nonzero()[0].tolist() == [1, 2]  # a form of two tokens has no row of its own
    assert found[1] @ found[2] > 0.5 > rows[1] @ rows[2]
    assert np.allclose(np.delete(found, [1, 2], axis=0), np.delete(unit(rows), [1, 2], axis=0))


def test_first_rows_have_lengths_by_frequency_and_like_company_near() -> None:
    texts = [[5, 1, 6], [5, 2, 6], [6, 1, 5], [6, 2, 5], [7, 3, 8], [8, 3, 7], [7, 8], [5, 6]] * 20
    pair = (pack([[1]]), pack([[4]]))  # no English word is aligned: token 4 is not Latin
    rows = initial.first_rows(corpus(texts, [], pair), words(), 16, seed=1)
    lengths = np.linalg.norm(rows, axis=1)
    assert not rows[0].any()
    idf = np.linspace(1, 2, 10)
    assert np.allclose(lengths[1:], (idf[1:] / 2) ** initial.POWER * 4, rtol=1e-4)
    near, far = unit(rows)[1] @ unit(rows)[2], unit(rows)[1] @ unit(rows)[3]
    assert near > far
