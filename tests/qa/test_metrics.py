"""Metrics: against others' code, and by hand."""

from __future__ import annotations

import re
import string
from collections import Counter
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.thai import words
from qa.metrics import (
    RETRIEVAL,
    aurc_statistic,
    auroc,
    ece_statistic,
    exact_match,
    figure,
    graphemes,
    holds,
    mean_statistic,
    percentile_statistic,
    plain,
    ranking_scores,
    reliability,
    risk_coverage,
    token_f1,
)

ALL = np.arange(4)[None, :]

# -- rankings


def test_a_known_ranking_by_hand() -> None:
    # Relevant: a and c (gain 1 each); found at ranks 2 and 4, so that nothing is right at rank 1.
    scores = ranking_scores(["x", "a", "y", "c", "z"], {"a": 1, "c": 1, "x": 0})
    assert scores["recall@1"] == 0 / 2
    assert scores["recall@3"] == 1 / 2
    assert scores["recall@5"] == 2 / 2
    assert scores["mrr@10"] == 1 / 2
    assert scores["ndcg@10"] == pytest.approx((1 / log2(3) + 1 / log2(5)) / (1 / log2(2) + 1 / log2(3)))


def test_graded_gains_by_hand() -> None:
    scores = ranking_scores(["one", "three"], {"one": 1, "three": 3})
    assert scores["ndcg@10"] == pytest.approx((1 / log2(2) + 3 / log2(3)) / (3 / log2(2) + 1 / log2(3)))


def test_figures_stop_at_their_rank() -> None:
    ranking = [f"x{n}" for n in range(10)] + ["a"]
    assert ranking_scores(ranking, {"a": 1}) == dict.fromkeys(RETRIEVAL, 0.0)


def test_an_empty_ranking_scores_nothing() -> None:
    assert ranking_scores([], {"a": 1}) == dict.fromkeys(RETRIEVAL, 0.0)


def test_a_ranking_that_cannot_be_judged_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing is judged relevant"):
        ranking_scores(["a"], {"a": 0})
    with pytest.raises(ValueError, match="twice"):
        ranking_scores(["a", "a"], {"a": 1})


NAMES = [f"d{n:02d}" for n in range(25)]


@settings(max_examples=60, deadline=None)
@given(st.permutations(NAMES), st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3), min_size=1, max_size=8))
def test_equal_to_pytrec_eval_on_random_rankings(ranking: list[str], judgements: dict[str, int]) -> None:
    pytrec_eval = pytest.importorskip("pytrec_eval")
    judgements = judgements | {"d00": 1}  # something is relevant
    run = {name: float(-rank) for rank, name in enumerate(ranking)}
    judge = pytrec_eval.RelevanceEvaluator({"q": judgements}, {"recall.1,3,5,10", "ndcg_cut.10"})
    theirs = judge.evaluate({"q": run})["q"]
    ten = {name: run[name] for name in ranking[:10]}  # trec_eval's reciprocal rank knows no depth
    rank = pytrec_eval.RelevanceEvaluator({"q": judgements}, {"recip_rank"}).evaluate({"q": ten})["q"]["recip_rank"]
    ours = ranking_scores(ranking, judgements)
    assert [ours[f"recall@{k}"] for k in (1, 3, 5, 10)] == pytest.approx([theirs[f"recall_{k}"] for k in (1, 3, 5, 10)])
    assert ours["ndcg@10"] == pytest.approx(theirs["ndcg_cut_10"])
    assert ours["mrr@10"] == pytest.approx(rank)


# -- answers


def squad_tokens(text: str) -> list[str]:
    """SQuAD's rules said again, plainly: lower case, no ASCII punctuation, no articles, words at spaces."""
    bare = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", bare).split()


def squad_f1(prediction: str, gold: str) -> float:
    ours, theirs = squad_tokens(prediction), squad_tokens(gold)
    if not ours or not theirs:
        return float(ours == theirs)
    same = sum((Counter(ours) & Counter(theirs)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(ours), same / len(theirs)
    return 2 * precision * recall / (precision + recall)


ENGLISH = [
    ("Denver Broncos", "the Denver Broncos!"),
    ("The Denver Broncos of the AFC", "Denver Broncos"),
    ("Santa Clara, California", "Levi's Stadium in the San Francisco Bay Area at Santa Clara, California"),
    ("February 7, 2016", "7 February 2016"),
    ("a theatre", "theatre"),
    ("$1.2 billion", "1.2 billion"),
    ("gold gold gold", "gold"),
    ("", "the"),
    ("the", "Broncos"),
    ("308", "24"),
]


@pytest.mark.parametrize(("prediction", "gold"), ENGLISH)
def test_english_answers_are_scored_as_squad_scores_them(prediction: str, gold: str) -> None:
    assert token_f1(prediction, [gold], "whitespace") == pytest.approx(squad_f1(prediction, gold))
    assert exact_match(prediction, [gold]) == float(squad_tokens(prediction) == squad_tokens(gold))


@given(st.text("the an.a,B $-'", max_size=20), st.text("the an.a,B $-'", max_size=20))
def test_english_answers_at_random(prediction: str, gold: str) -> None:
    assert token_f1(prediction, [gold], "whitespace") == pytest.approx(squad_f1(prediction, gold))


def test_thai_words_by_hand() -> None:
    prediction, gold = "ประชุมที่ประเทศอาร์เจนตินา", "ประเทศอาร์เจนตินา"
    assert words(prediction) == ["ประชุม", "ที่", "ประเทศ", "อาร์เจนตินา"]
    precision, recall = 2 / 4, 2 / 2
    assert token_f1(prediction, [gold]) == pytest.approx(2 * precision * recall / (precision + recall))


def test_graphemes_by_hand() -> None:
    assert graphemes("น้ำ กี่") == ["น้ำ", "กี่"]
    # น้ำ of น้ำ + แข็ง (แข็, ง): 1 shared of 3 predicted and 1 wanted
    assert graphemes("น้ำแข็ง") == ["น้ำ", "แข็", "ง"]
    assert token_f1("น้ำแข็ง", ["น้ำ"], "graphemes") == pytest.approx(2 * (1 / 3) * 1 / (1 / 3 + 1))


def test_the_best_of_several_golds_counts() -> None:
    assert exact_match("โดนัลด์ ทรัมป์", ["ทรัมป์", "โดนัลด์  ทรัมป์"]) == 1.0
    assert token_f1("โดนัลด์ ทรัมป์", ["จีน", "โดนัลด์ ทรัมป์"]) == 1.0
    assert token_f1("จีน", []) == 0.0


@pytest.mark.parametrize(("one", "other"), [("๒๐ ล้าน", "20 ล้าน"), ("“จี 20”", "จี 20"), ("กํา", "กำ"), ("G20.", "g20")])
def test_spellings_of_one_answer_are_equal(one: str, other: str) -> None:
    assert plain(one) == plain(other)


def test_an_answer_is_held_verbatim_whatever_the_spaces() -> None:
    assert holds("พบกันที่ประเทศ อาร์เจนตินาอีกครั้ง", ["ประเทศอาร์เจนตินา"])
    assert not holds("พบกันที่ประเทศจีน", ["ประเทศอาร์เจนตินา"])
    assert not holds("ทุกอย่าง", ["", "…"])  # nothing is left of these


# -- knowing when not to answer


def test_auroc_by_hand() -> None:
    # Pairs (positive, negative): .9>.4 yes, .9>.6 yes, .6>.4 yes, .6=.6 half: 3.5 of 4.
    confidence, positive = np.array([0.9, 0.6, 0.4, 0.6]), np.array([True, True, False, False])
    assert auroc(confidence, positive) == 3.5 / 4
    assert auroc(confidence, np.ones(4, bool)) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auroc_counts_pairs(rows: list[tuple[int, bool]]) -> None:
    confidence, positive = np.array([c / 5 for c, _ in rows]), np.array([p for _, p in rows])
    wins = [(c > d) + 0.5 * (c == d) for c, p in rows if p for d, q in rows if not q]
    found = auroc(confidence, positive)
    assert found == (pytest.approx(sum(wins) / len(wins)) if wins else None)


def test_auroc_equals_scikit_learn() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(5)
    confidence, positive = rng.random(200).round(2), rng.random(200) < 0.4
    assert auroc(confidence, positive) == pytest.approx(sklearn.roc_auc_score(positive, confidence))


def test_ece_by_hand() -> None:
    # Bin .9: two questions, both right, confidence .95 and .93; bin .1: one right, one wrong, confidence .1 both.
    confidence, right = np.array([0.95, 0.93, 0.1, 0.1]), np.array([True, True, True, False])
    expected = 2 / 4 * abs(2 / 2 - 0.94) + 2 / 4 * abs(1 / 2 - 0.1)
    assert ece_statistic(confidence, right)(ALL)[0] == pytest.approx(expected)
    assert reliability(confidence, right) == [(0.1, 0.5, 2), (pytest.approx(0.94), 1.0, 2)]


def test_certainty_falls_in_the_last_bin() -> None:
    assert ece_statistic(np.ones(4), np.ones(4, bool))(ALL)[0] == 0.0


def test_risk_and_coverage_by_hand() -> None:
    # Surest first: right; then wrong; then two of equal confidence, one right: they come together.
    confidence, right = np.array([0.9, 0.8, 0.5, 0.5]), np.array([True, False, True, False])
    assert risk_coverage(confidence, right) == [(1 / 4, 0 / 1), (2 / 4, 1 / 2), (4 / 4, 2 / 4)]
    area = 1 / 4 * 0 / 1 + 1 / 4 * 1 / 2 + 2 / 4 * 2 / 4
    assert aurc_statistic(confidence, right)(ALL)[0] == pytest.approx(area)


# -- how sure a figure is


def test_an_interval_is_that_of_the_normal_approximation() -> None:
    values = np.array([1.0] * 300 + [0.0] * 100)
    found = figure(400, mean_statistic(values))
    assert found is not None
    value, (low, high) = found
    error = (0.75 * 0.25 / 400) ** 0.5
    assert value == 0.75
    assert (low, high) == (pytest.approx(0.75 - 1.96 * error, abs=0.006), pytest.approx(0.75 + 1.96 * error, abs=0.006))


def test_figures_are_deterministic_whatever_the_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).random(50)
    first = figure(50, mean_statistic(values))
    assert first == figure(50, mean_statistic(values))
    monkeypatch.setattr("qa.metrics.CELLS", 50 * 7)
    assert first == figure(50, mean_statistic(values))  # the generator goes on where the batch before ended


def test_a_resample_without_a_class_is_left_out() -> None:
    from qa.metrics import auroc_statistic

    found = figure(3, auroc_statistic(np.array([0.9, 0.2, 0.3]), np.array([True, False, False])))
    assert found == (1.0, (1.0, 1.0))


def test_no_question_no_figure() -> None:
    assert figure(0, mean_statistic(np.zeros(0))) is None


def test_percentiles_by_hand() -> None:
    found = figure(4, percentile_statistic(np.array([10.0, 20.0, 30.0, 40.0]), 50))
    assert found is not None
    assert found[0] == (20 + 30) / 2
