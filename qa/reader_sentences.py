"""Which sentence answers: boosted trees over what the words of each sentence measured, read from arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from qa.reader_features import WIDTH
from qa.reader_text import Passage, most_in

# Columns of the word features whose lead over the other sentences tells more than their height.
_LEADING = np.r_[0:8, 11:23, 31:68]
_MET = slice(11, 15)
_SOUGHT = slice(WIDTH - 9, WIDTH - 6)  # the kind of thing asked for begins, ends, goes on
_SAID = 0  # the question holds this very word


def sentence_features(measured: np.ndarray, text: Passage) -> np.ndarray:
    """(s, F) one row a sentence from ``measured`` (t, WIDTH), one row a word."""
    count = len(text.sentences)
    highest = most_in(text.owner, measured, count, -9.0)
    highest[highest == -9.0] = 0.0
    leading = highest[:, _LEADING]
    ordered = np.sort(leading, axis=0)[::-1]
    first, second = ordered[0], ordered[min(1, count - 1)]
    lead = leading - np.where(leading >= first, second, first)
    beside = np.pad(highest[:, _MET], ((1, 1), (0, 0)))
    sought = most_in(text.owner, measured[:, _SOUGHT] * (1.0 - measured[:, [_SAID]]), count)
    earlier = np.cumsum(sought[:, 0]) - sought[:, 0]
    words = np.log(np.maximum(np.bincount(text.owner, minlength=count), 1))
    place = np.stack([earlier, words, np.arange(count), np.full(count, count)], axis=1)
    return np.concatenate([highest, lead, beside[:-2], beside[2:], sought, place], axis=1).astype(np.float32)


def among(rows: np.ndarray) -> np.ndarray:
    """(s, F + 4) each sentence's measurements and how far the best of them meets the question."""
    highest = rows[:, _MET].max(axis=0)
    return np.concatenate([rows, np.broadcast_to(highest, (len(rows), len(highest)))], axis=1)


class Trees:
    """A sum of regression trees, ``start + sum_t leaf_t(x)``.

    Args:
        arrays: ``feature``, ``threshold``, ``left``, ``right``, ``value``, each (trees, nodes); node 0 is the root,
            a leaf is its own child. Left where ``x[feature] <= threshold``. ``start`` is (1,).
    """

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        trees, nodes = arrays["feature"].shape
        self._roots = np.arange(trees) * nodes  # nodes are numbered through all trees
        self._feature, self._threshold = arrays["feature"].astype(np.int64).ravel(), arrays["threshold"].ravel()
        self._left, self._right = (
            (arrays[side].astype(np.int64) + self._roots[:, None]).ravel() for side in ("left", "right")
        )
        self._value, self._start = arrays["value"].ravel(), float(arrays["start"][0])

    def score(self, rows: np.ndarray) -> np.ndarray:
        """(n,) log-odds of each row (n, F)."""
        node = np.broadcast_to(self._roots, (len(rows), len(self._roots)))
        lines = np.arange(len(rows))[:, None]
        while True:
            below = rows[lines, self._feature[node]] <= self._threshold[node]
            following = np.where(below, self._left[node], self._right[node])
            if (following == node).all():
                break
            node = following
        return np.asarray(self._value[node].sum(axis=1) + self._start, dtype=np.float64)


def tree_arrays(model: Any) -> dict[str, np.ndarray]:
    """Scikit-learn's gradient-boosted trees as the arrays that ``Trees`` reads."""
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


def written_trees(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The arrays as lists for JSON, figures to five places; an endless threshold (a leaf's) is None."""

    def listed(value: Any) -> Any:
        if isinstance(value, list):
            return [listed(part) for part in value]
        return value if isinstance(value, int) else round(value, 5) if np.isfinite(value) else None

    return {name: listed(array.tolist()) for name, array in arrays.items()}


def read_trees(stored: Mapping[str, Any]) -> Trees:
    """Trees from what :func:`written_trees` made."""
    leafs = [[np.inf if place is None else place for place in row] for row in stored["threshold"]]
    kinds = {"feature": np.int16, "left": np.int16, "right": np.int16}
    arrays = {
        name: np.asarray(value, kinds.get(name, np.float32)) for name, value in stored.items() if name != "threshold"
    }
    return Trees({**arrays, "threshold": np.asarray(leafs, np.float32)})
