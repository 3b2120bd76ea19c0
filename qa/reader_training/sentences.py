"""Boosted trees that tell the answering sentence, and their log-odds for passages they were not fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from qa.reader_sentences import Trees, among, sentence_features, tree_arrays
from qa.reader_training.cases import Case

FOLDS = 2
SETTINGS: dict[str, Any] = {
    "max_iter": 130,
    "learning_rate": 0.08,
    "max_leaf_nodes": 16,
    "min_samples_leaf": 60,
    "l2_regularization": 5.0,
    "max_features": 0.3,
    "random_state": 0,
}

BELIEF: dict[str, Any] = SETTINGS | {"max_iter": 200, "learning_rate": 0.06}


def fit(cases: Sequence[Case], fitted: int) -> tuple[dict[str, np.ndarray], list[np.ndarray]]:
    """The trees' arrays, and for each case the log-odds of its sentences by trees that never saw its passage.

    Args:
        fitted: how many of the cases, the first ones, the trees learn from.
    """
    rows = [sentence_features(case.measured.astype(np.float32), case.text) for case in cases]
    fold = np.asarray([case.group % FOLDS for case in cases])
    odds: list[np.ndarray] = [np.empty(0)] * len(cases)
    for number in range(FOLDS):
        others = [i for i in range(fitted) if fold[i] != number]
        trees = Trees(_fitted(cases, rows, others))
        for i in np.flatnonzero(fold == number).tolist():
            odds[i] = trees.score(rows[i])
    return _fitted(cases, rows, range(fitted)), odds


def fit_belief(cases: Sequence[Case], odds: Sequence[np.ndarray], sentences: int) -> dict[str, np.ndarray]:
    """Trees that tell whether a sentence answers, in passages that do and others, from the best sentences of each.

    Args:
        odds: of each case's sentences, by trees that never saw its passage.
        sentences: how many of a passage are learned from.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows, right = [], []
    for case, own in zip(cases, odds, strict=True):
        best = np.argsort(-own, kind="stable")[:sentences]
        rows.append(among(sentence_features(case.measured.astype(np.float32), case.text))[best])
        right.append(case.right[best])
    model = HistGradientBoostingClassifier(**BELIEF).fit(np.concatenate(rows), np.concatenate(right))
    return tree_arrays(model)


def _fitted(cases: Sequence[Case], rows: Sequence[np.ndarray], chosen: Sequence[int]) -> dict[str, np.ndarray]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    x = np.concatenate([rows[i] for i in chosen])
    y = np.concatenate([cases[i].right for i in chosen])
    return tree_arrays(HistGradientBoostingClassifier(**SETTINGS).fit(x, y))
