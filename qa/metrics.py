"""Figures: rankings, answers, knowing when not to answer, and how sure a figure is.

Every function is free of documents and models, so that its formula can be checked by hand. Rankings are
measured by ir_measures (which runs trec_eval); nothing of theirs is restated here.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from index.records import MissingExtra
from index.thai import is_border, normalise, words

RETRIEVAL = ("recall@1", "recall@3", "recall@5", "recall@10", "mrr@10", "ndcg@10")
DEPTH = 10  # ranks that the deepest of these figures looks at
BINS = 10  # equal-width bins of the calibration error, Guo et al. 2017 use 15; ten suits small sets
RESAMPLES = 1000  # of the bootstrap; the interval's ends move by less than a tenth of its width
SEED = 20181101  # the same questions give the same intervals, byte for byte
CELLS = 2_000_000  # drawn at once by the bootstrap, so that ten thousand questions need no gigabytes

Statistic = Callable[[np.ndarray], np.ndarray]
"""Row numbers (resamples, n), each row one resample -> the figure of each resample (resamples,)."""
Figure = tuple[float, tuple[float, float]]
"""A value and its 95 % interval."""


# -- rankings ----------------------------------------------------------------------------------------------


def _ir_measures() -> Any:
    try:
        import ir_measures  # here, because it pulls in a compiled extension
    except ModuleNotFoundError as error:
        raise MissingExtra("ir_measures", "eval", "measuring rankings") from error
    return ir_measures


@cache
def _measures() -> dict[str, Any]:
    ir_measures = _ir_measures()
    parsed = ("R@1", "R@3", "R@5", "R@10", "RR@10", "nDCG@10")
    return dict(zip(RETRIEVAL, map(ir_measures.parse_measure, parsed), strict=True))


def ranking_scores(ranking: Sequence[str], judgements: Mapping[str, int]) -> dict[str, float]:
    """Recall@1/3/5/10, MRR@10 and nDCG@10 of one ranking, by ir_measures.

    Args:
        ranking: distinct identifiers, best first.
        judgements: identifier -> gain; above 0 is relevant. At least one must be.

    nDCG@k = DCG@k / ideal DCG@k with DCG@k = sum over ranks i of gain_i / log2(1 + i)
    (Järvelin & Kekäläinen 2002, as trec_eval computes it).

    Raises:
        ValueError: nothing is judged relevant, or an identifier stands twice in the ranking.
    """
    ir_measures = _ir_measures()
    if not any(gain > 0 for gain in judgements.values()):
        raise ValueError("nothing is judged relevant: recall has no value")
    if len(set(ranking)) != len(ranking):
        raise ValueError("an identifier stands twice in the ranking")
    relevant = [ir_measures.Qrel("q", name, gain) for name, gain in judgements.items()]
    # Falling whole numbers: trec_eval breaks ties by name, so that equal scores would not keep our order.
    run = [ir_measures.ScoredDoc("q", name, float(len(ranking) - i)) for i, name in enumerate(ranking)]
    measures = _measures()
    found = {m.measure: m.value for m in ir_measures.iter_calc(list(measures.values()), relevant, run)}
    return {name: float(found[measure]) for name, measure in measures.items()}


# -- answers -----------------------------------------------------------------------------------------------

_ARTICLES = re.compile(r"\b(a|an|the)\b")


def plain(text: str) -> str:
    """Text as answers are compared: SQuAD's rules (Rajpurkar et al. 2016), and the same for Thai.

    Lower case, no punctuation, no English articles, single spaces; before that the folding of
    ``index.thai.normalise`` (Thai digits, SARA AM), and all of Unicode's punctuation
    goes, not only ASCII's.
    """
    folded = normalise(text).text
    bare = "".join(c for c in folded if c not in string.punctuation and not unicodedata.category(c).startswith("P"))
    return " ".join(_ARTICLES.sub(" ", bare).split())


def graphemes(text: str) -> list[str]:
    """Characters as a reader counts them, white space left out."""
    pieces: list[str] = []
    start = 0
    for position in range(1, len(text) + 1):
        if is_border(text, position):
            pieces.append(text[start:position])
            start = position
    return [piece for piece in pieces if not piece.isspace()]


TOKENIZERS: Mapping[str, Callable[[str], list[str]]] = {
    "newmm words": words,
    "graphemes": graphemes,
    "whitespace": str.split,
}
TOKENIZER = "newmm words"


def exact_match(prediction: str, golds: Sequence[str]) -> float:
    """1.0 where the prediction equals one of the gold answers after ``plain``."""
    return float(plain(prediction) in {plain(gold) for gold in golds})


def token_f1(prediction: str, golds: Sequence[str], tokenizer: str = TOKENIZER) -> float:
    """The best F1 of shared tokens over the gold answers (Rajpurkar et al. 2016, SQuAD 2.0's form).

    F1 = 2 P R / (P + R), P = shared / predicted tokens, R = shared / gold tokens, shared counted with
    repetition. Where either has no token: 1 if both have none, else 0.
    """
    cut = TOKENIZERS[tokenizer]
    predicted = cut(plain(prediction))
    return max((_f1(predicted, cut(plain(gold))) for gold in golds), default=0.0)


def _f1(predicted: list[str], gold: list[str]) -> float:
    if not predicted or not gold:
        return float(predicted == gold)
    shared = sum((Counter(predicted) & Counter(gold)).values())
    return 2 * shared / (len(predicted) + len(gold))  # = 2PR / (P + R)


def holds(passage: str, golds: Sequence[str]) -> bool:
    """True where a gold answer stands in the passage, both after ``plain`` and without spaces."""
    squeezed = plain(passage).replace(" ", "")
    wanted = [plain(gold).replace(" ", "") for gold in golds]
    return any(gold and gold in squeezed for gold in wanted)


# -- knowing when not to answer ----------------------------------------------------------------------------


def auroc(confidence: np.ndarray, positive: np.ndarray) -> float | None:
    """Chance that a positive is held more confident than a negative, a tie counting half.

    AUROC = (sum of the positives' ranks - P (P + 1) / 2) / (P N), Mann & Whitney 1947.

    Args:
        confidence: (n,) higher is surer.
        positive: (n,) bool.

    Returns:
        None where there is no positive or no negative.
    """
    rows = np.arange(len(confidence))[None, :]
    value = auroc_statistic(confidence, positive)(rows)
    return None if np.isnan(value[0]) else float(value[0])


def auroc_statistic(confidence: np.ndarray, positive: np.ndarray) -> Statistic:
    """``auroc`` of many resamples at once: NaN where a resample lacks one of the classes."""
    _, level = np.unique(confidence, return_inverse=True)

    def statistic(rows: np.ndarray) -> np.ndarray:
        everyone, hits = _by_level(level[rows], positive[rows])  # (r, levels), the least sure first
        misses = everyone - hits
        below = np.cumsum(misses, axis=1) - misses
        pairs = hits.sum(axis=1) * misses.sum(axis=1)
        won = (hits * (below + 0.5 * misses)).sum(axis=1)
        value: np.ndarray = np.divide(won, pairs, out=np.full(len(rows), np.nan), where=pairs > 0)
        return value

    return statistic


def ece_statistic(confidence: np.ndarray, right: np.ndarray) -> Statistic:
    """Expected calibration error of each resample.

    ECE = sum over bins of (n_bin / n) |share right in bin - mean confidence in bin|, Naeini et al. 2015.
    """
    cell_of = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gap = right.astype(float) - confidence

    def statistic(rows: np.ndarray) -> np.ndarray:
        cell = cell_of[rows] + np.arange(len(rows))[:, None] * BINS
        sums = np.bincount(cell.ravel(), weights=gap[rows].ravel(), minlength=len(rows) * BINS)
        error: np.ndarray = np.abs(sums.reshape(len(rows), BINS)).sum(axis=1) / rows.shape[1]
        return error

    return statistic


def reliability(confidence: np.ndarray, right: np.ndarray) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, questions) of each bin that holds a question, ascending."""
    cell = np.minimum((confidence * BINS).astype(int), BINS - 1)
    bins = [cell == number for number in range(BINS)]
    return [(float(confidence[b].mean()), float(right[b].mean()), int(b.sum())) for b in bins if b.any()]


def risk_coverage(confidence: np.ndarray, right: np.ndarray) -> list[tuple[float, float]]:
    """(share answered, share of those wrong), from the surest question to all (El-Yaniv & Wiener 2010).

    Questions of equal confidence are answered together: no threshold could part them.
    """
    order = np.argsort(-confidence, kind="stable")
    sure, wrong = confidence[order], np.cumsum(~right[order].astype(bool))
    last = np.append(sure[1:] != sure[:-1], True) if len(sure) else np.zeros(0, bool)
    return [((i + 1) / len(sure), float(wrong[i]) / (i + 1)) for i in np.flatnonzero(last).tolist()]


def aurc_statistic(confidence: np.ndarray, right: np.ndarray) -> Statistic:
    """Mean risk over all coverages of each resample, lower is better.

    AURC = sum over the steps of ``risk_coverage`` of the step's width times its risk.
    """
    _, level = np.unique(-confidence, return_inverse=True)  # level 0 is the surest

    def statistic(rows: np.ndarray) -> np.ndarray:
        answered, wrong = _by_level(level[rows], ~right[rows])
        upto = np.cumsum(answered, axis=1)
        risk = np.cumsum(wrong, axis=1) / np.maximum(upto, 1)
        area: np.ndarray = (answered * risk).sum(axis=1) / rows.shape[1]
        return area

    return statistic


def _by_level(drawn: np.ndarray, flag: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many of each resample (r, n) are at each level, and how many of those are flagged: (r, levels)."""
    levels = int(drawn.max()) + 1 if drawn.size else 0
    cell = drawn + np.arange(len(drawn))[:, None] * levels
    size = len(drawn) * levels
    everyone = np.bincount(cell.ravel(), minlength=size).reshape(len(drawn), levels)
    return everyone, np.bincount(cell[flag], minlength=size).reshape(len(drawn), levels)


# -- how sure a figure is ----------------------------------------------------------------------------------


def mean_statistic(values: np.ndarray) -> Statistic:
    """The mean of each resample."""
    return lambda rows: values[rows].mean(axis=1)


def percentile_statistic(values: np.ndarray, percent: float) -> Statistic:
    """A percentile of each resample, linear between neighbours."""
    return lambda rows: np.percentile(values[rows], percent, axis=1)


def figure(size: int, statistic: Statistic) -> Figure | None:
    """The figure over all ``size`` questions with its 95 % percentile bootstrap interval (Efron 1979).

    Returns:
        None where there is no question, or the figure has no value.
    """
    if size == 0:
        return None
    value = float(statistic(np.arange(size)[None, :])[0])
    if np.isnan(value):
        return None
    rng = np.random.default_rng(SEED)
    batch = max(1, CELLS // size)
    drawn = [
        statistic(rng.integers(0, size, (min(batch, RESAMPLES - done), size))) for done in range(0, RESAMPLES, batch)
    ]
    low, high = np.nanpercentile(np.concatenate(drawn), [2.5, 97.5])
    return value, (float(low), float(high))
