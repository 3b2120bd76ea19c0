"""An inner product of two sparse vectors is BM25, and counts of parts add up to those of the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.milvus_words import BLOCK, MOST_TERMS, PIVOT, WORDLESS, WordCounts, question_weights, word_weights
from index.words import K1, B, TantivyWords, plain_idf

Passages = st.lists(st.lists(st.integers(0, 3 * BLOCK), max_size=12), max_size=8)


def test_the_product_is_bm25() -> None:
    tokens = np.asarray([5, 9, 5, 7])
    counts = WordCounts()
    counts.add([tokens, np.asarray([5]), np.asarray([8])])
    asked = question_weights({5: 1.0, 9: 0.5, 8: 1.0, 40_000: 1.0}, counts.counts, 3)
    assert set(asked) == {5, 8, 9}  # what no passage holds is not asked
    held = word_weights(tokens)
    norm = K1 * (1 - B + B * 4 / PIVOT)
    expected = plain_idf(2, 3) * 2 * (K1 + 1) / (2 + norm) + 0.5 * plain_idf(1, 3) * (K1 + 1) / (1 + norm)
    assert sum(weight * held.get(token, 0.0) for token, weight in asked.items()) == pytest.approx(expected)


def test_at_the_usual_length_scores_are_those_of_the_embedded_index() -> None:
    rng = np.random.default_rng(1)
    passages = [rng.zipf(1.3, size=int(PIVOT)).clip(max=500) for _ in range(40)]
    embedded = TantivyWords.build((number, tokens) for number, tokens in enumerate(passages))
    counts = WordCounts()
    counts.add(passages)
    weights = {3: 1.0, 11: 0.4, 200: 1.0, 77: 2.0}
    asked = question_weights(weights, counts.counts, len(passages))
    held = [word_weights(tokens) for tokens in passages]
    scores = {n: sum(w * passage.get(t, 0.0) for t, w in asked.items()) for n, passage in enumerate(held)}
    found = dict(embedded.search(weights, 40))
    assert len(found) > 10
    # The lengths that tantivy keeps are rounded: 72 is one that is not.
    assert found == pytest.approx({number: scores[number] for number in found}, rel=1e-4)


@given(one=Passages, other=Passages)
def test_counts_of_parts_add_up(one: list[list[int]], other: list[list[int]]) -> None:
    arrays = [[np.asarray(passage, dtype=np.int32) for passage in part] for part in (one, other)]
    kept = WordCounts()
    for part in arrays:
        counted = WordCounts()
        counted.add(part)
        for number, block in enumerate(counted.blocks()):
            kept.add_block(number, block)
    expected = np.zeros_like(kept.counts)
    for passage in [*one, *other]:
        expected[list(set(passage))] += 1
    assert kept.counts.tolist() == expected.tolist()
    for part in arrays:
        kept.add(part, -1)
    assert not kept.counts.any()


def test_a_passage_without_words_has_a_vector_that_no_question_meets() -> None:
    assert list(word_weights(np.asarray([], dtype=np.int32))) == [WORDLESS]
    assert question_weights({}, np.ones(5), 5) == question_weights({2: 0.0}, np.ones(5), 5) == {}


def test_a_long_question_is_asked_by_its_heaviest_words() -> None:
    counts = np.ones(1000, dtype=np.int64)
    asked = question_weights({token: 1.0 + token for token in range(1000)}, counts, 1000)
    assert sorted(asked) == list(range(1000 - MOST_TERMS, 1000))
