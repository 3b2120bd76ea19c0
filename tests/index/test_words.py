"""The word channel: BM25 by visible arithmetic, ties by id, files."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from index import words
from index.words import K1, PRIOR_TEXTS, B, TantivyWords, idf, plain_idf

# Texts of word ids: 1 stands in three, 2 in one, 3 nowhere. Shorter than 40 words: lengths are kept exactly.
TEXTS = {10: [1, 1, 2, 4], 20: [1, 4], 30: [4, 4, 4, 4, 4, 4], 40: [1, 5, 6, 7]}
MEAN = (4 + 2 + 6 + 4) / 4


@pytest.fixture
def index() -> TantivyWords:
    return TantivyWords.build((i, np.array(tokens, dtype=np.int32)) for i, tokens in TEXTS.items())


def bm25(token: int, text: int) -> float:
    """idf * tf (k1 + 1) / (tf + k1 (1 - b + b length / mean length))"""
    holding = sum(token in tokens for tokens in TEXTS.values())
    rare = math.log(1 + (4 - holding + 0.5) / (holding + 0.5))
    frequency, length = TEXTS[text].count(token), len(TEXTS[text])
    return rare * frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * length / MEAN))


def test_scores_are_bm25(index: TantivyWords) -> None:
    found = dict(index.search({1: 1.0}, 10))
    assert found == pytest.approx({text: bm25(1, text) for text in (10, 20, 40)}, rel=1e-5)
    # By hand, for text 20: idf ln(1 + 1.5 / 3.5), one occurrence among two words, the mean being four.
    assert found[20] == pytest.approx(math.log(1 + 1.5 / 3.5) * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 4)), rel=1e-5)


def test_weights_multiply_and_words_add(index: TantivyWords) -> None:
    found = dict(index.search({1: 2.0, 2: 0.5, 3: 9.0}, 10))
    assert found[10] == pytest.approx(2 * bm25(1, 10) + 0.5 * bm25(2, 10), rel=1e-5)
    assert found[40] == pytest.approx(2 * bm25(1, 40), rel=1e-5)
    assert set(found) == {10, 20, 40}


def test_best_first_and_ties_by_id() -> None:
    same = TantivyWords.build((i, np.array([1, 2])) for i in (3, 5, 8, 13))
    found = same.search({1: 1.0}, 3)
    assert [text for text, _ in found] == [3, 5, 8]
    assert len({score for _, score in found}) == 1


def test_counts(index: TantivyWords) -> None:
    assert len(index) == 4
    assert [index.document_frequency(token) for token in (1, 2, 3, 4)] == [3, 1, 0, 3]
    assert plain_idf(3, 4) == pytest.approx(math.log(1 + (4 - 3 + 0.5) / (3 + 0.5)))


def test_the_prior_decides_in_a_small_folder_and_fades_in_a_large_one() -> None:
    share = (3 + PRIOR_TEXTS * 0.2) / (4 + PRIOR_TEXTS)
    assert idf(3, 4, 0.2) == pytest.approx(math.log(1 + (1 - share) / share))
    assert idf(1, 4, 0.9) < idf(4, 4, 0.001)
    assert idf(1, 10**6, 0.9) > idf(10**6, 10**6, 0.001)


def test_nothing_asked_or_nothing_there(index: TantivyWords) -> None:
    assert index.search({}, 5) == index.search({1: 1.0}, 0) == index.search({99: 1.0}, 5) == []
    empty = TantivyWords.build(iter(()))
    assert len(empty) == 0 and empty.search({1: 1.0}, 5) == []


def test_a_long_question_is_asked_by_its_heaviest_words(index: TantivyWords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_MOST_TERMS", 1)
    assert {text for text, _ in index.search({1: 1.0, 5: 2.0}, 10)} == {40}


def test_what_is_on_disk_is_read_back(index: TantivyWords, tmp_path: Path) -> None:
    TantivyWords.build(((i, np.array(tokens)) for i, tokens in TEXTS.items()), tmp_path)
    read = TantivyWords.load(tmp_path)
    assert read.search({1: 1.0, 4: 0.3}, 10) == index.search({1: 1.0, 4: 0.3}, 10)
    (tmp_path / "meta.json").unlink()
    with pytest.raises(ValueError):
        TantivyWords.load(tmp_path)


def test_some_ids_alone_are_asked_of_an_index_that_has_them(index: TantivyWords) -> None:
    whole = index.search({1: 1.0, 4: 0.5}, 10)
    assert index.finds_ids
    assert index.search({1: 1.0, 4: 0.5}, 10, only=[20, 40, 999]) == [pair for pair in whole if pair[0] in (20, 40)]
    assert index.search({1: 1.0}, 1, only=[999]) == []


def test_an_index_of_an_older_version_knows_no_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    def schema() -> object:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("id", stored=False, indexed=False, fast=True)
        builder.add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="freq")
        return builder.build()

    monkeypatch.setattr(words, "_schema", schema)
    old = TantivyWords.build((i, np.array(tokens, dtype=np.int32)) for i, tokens in TEXTS.items())
    assert not old.finds_ids
    assert [text for text, _ in old.search({2: 1.0}, 5)] == [10]
