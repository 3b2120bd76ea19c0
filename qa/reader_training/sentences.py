"""Boosted trees that tell the answering sentence, and their log-odds for passages they were not fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from qa.reader_sentences import Trees, sentence_features
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


def _fitted(cases: Sequence[Case], rows: Sequence[np.ndarray], chosen: Sequence[int]) -> dict[str, np.ndarray]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    x = np.concatenate([rows[i] for i in chosen])
    y = np.concatenate([cases[i].right for i in chosen])
    return _arrays(HistGradientBoostingClassifier(**SETTINGS).fit(x, y))


def _arrays(model: Any) -> dict[str, np.ndarray]:
    """Scikit-learn's trees as the arrays that ``Trees`` reads."""
    trees = [stage[0].nodes for stage in model._predictors]
    shape = (len(trees), max(len(nodes) for nodes in trees))
    kinds = {"feature": np.int16, "threshold": np.float32, "left": np.int16, "right": np.int16, "value": np.float32}
    out: dict[str, np.ndarray] = {name: np.zeros(shape, kind) for name, kind in kinds.items()}
    for number, nodes in enumerate(trees):
        leaf = nodes["is_leaf"].astype(bool)
        own, count = np.arange(len(nodes)), len(nodes)
        out["feature"][number, :count] = np.where(leaf, 0, nodes["feature_idx"])
        out["threshold"][number, :count] = np.where(leaf, np.inf, nodes["num_threshold"])
        out["left"][number, :count] = np.where(leaf, own, nodes["left"])
        out["right"][number, :count] = np.where(leaf, own, nodes["right"])
        out["value"][number, :count] = np.where(leaf, nodes["value"], 0.0)
    return {**out, "start": np.asarray(model._baseline_prediction, np.float32).reshape(-1)[:1]}
