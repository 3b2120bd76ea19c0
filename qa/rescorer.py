"""The built-in re-scorer: a small network over the measurements of ``qa.rerank``, read with numpy alone.

``score = l . x + v . tanh(W x + b)`` where x are a candidate's measurements and how far each lies below the best of the
candidates, standardised. Learned by ``qa.fit`` and kept as readable JSON (``rescorer.json``). Across scripts (an English
question, a Thai passage) shared words are mostly noise, so that case has weights of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from qa.rerank import FEATURES, Candidates, Question

WEIGHTS = Path(__file__).parent / "rescorer.json"
STEPS = 32  # points of the path along which a score is shared out among the measurements


def relative(measured: np.ndarray) -> np.ndarray:
    """(n, 2F): the measurements (n, F) of a question's candidates, and how far each lies below the best."""
    return np.concatenate([measured, measured - measured.max(axis=0, keepdims=True, initial=-np.inf)], axis=1)


class Network:
    """The weights for one case.

    Args:
        weights: ``inputs``, the names of the F measurements that are read; ``mean`` and ``spread`` (2F,); ``linear``
            (2F,); ``hidden`` (2F, h), ``bias`` (h,) and ``out`` (h,).
    """

    def __init__(self, weights: Mapping[str, Any]) -> None:
        self.inputs: list[str] = list(weights["inputs"])
        self._columns = [FEATURES.index(name) for name in self.inputs]
        names = ("mean", "spread", "linear", "hidden", "bias", "out")
        self._mean, self._spread, self._linear, self._hidden, self._bias, self._out = (
            np.asarray(weights[name], dtype=np.float32) for name in names
        )

    def score(self, measured: np.ndarray) -> np.ndarray:
        """(n,) scores of FEATURES (n, F), above that of a candidate whose every measurement is the mean."""
        x = self._standard(measured)
        bent = np.tanh(x @ self._hidden + self._bias) - np.tanh(self._bias)
        return np.asarray(x @ self._linear + bent @ self._out)

    def shares(self, measured: np.ndarray) -> np.ndarray:
        """(n, len(inputs)) what each measurement adds to the score; rows sum to it.

        Integrated gradients from the mean (Sundararajan et al. 2017), the measurement and its distance to the best
        together; what STEPS points leave over is shared out by size.
        """
        x = self._standard(measured)
        slope = np.zeros_like(x)
        for step in range(STEPS):
            bent = np.tanh(x * np.float32((step + 0.5) / STEPS) @ self._hidden + self._bias)
            slope += ((1 - bent**2) * self._out) @ self._hidden.T
        each = x * (self._linear + slope / STEPS)
        shares = each[:, : len(self.inputs)] + each[:, len(self.inputs) :]
        size = np.abs(shares) + 1e-9
        left = self.score(measured) - shares.sum(axis=1)
        return np.asarray(shares + size / size.sum(axis=1, keepdims=True) * left[:, None])

    def _standard(self, measured: np.ndarray) -> np.ndarray:
        return np.asarray((relative(measured[:, self._columns]) - self._mean) / self._spread, dtype=np.float32)


class NetworkRescorer:
    """The re-scorer that ships with the package; the one case or the other by the question's script."""

    name = "network"

    def __init__(self, same_script: Network, across: Network) -> None:
        self._same, self._across = same_script, across

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> NetworkRescorer:
        """Read the weights. Raises KeyError or ValueError where the file is not that."""
        table = json.loads(path.read_text(encoding="utf-8"))
        return cls(Network(table["same"]), Network(table["across"]))

    def score(self, question: Question, candidates: Candidates, measured: np.ndarray) -> np.ndarray:
        """(n,) scores, higher is better; ``measured`` is :func:`qa.rerank.features`'s result."""
        return self._of(question).score(measured)

    def contributions(self, question: Question, candidates: Candidates, measured: np.ndarray) -> list[dict[str, float]]:
        """What each feature adds to the score of each candidate; together they are the score."""
        network = self._of(question)
        return [dict(zip(network.inputs, row, strict=True)) for row in network.shares(measured).tolist()]

    def _of(self, question: Question) -> Network:
        return self._across if question.latin_only else self._same


@lru_cache(maxsize=1)
def builtin() -> NetworkRescorer:
    """The re-scorer that ships with the package, read once."""
    return NetworkRescorer.load()


def written(networks: Mapping[str, Mapping[str, Any]]) -> str:
    """``rescorer.json`` of the weights of each case: a line an array."""

    def line(value: Any) -> str:
        return json.dumps(np.round(value, 4).tolist() if isinstance(value, np.ndarray) else value)

    def case(weights: Mapping[str, Any]) -> Sequence[str]:
        return [f"  {json.dumps(name)}: {line(value)}" for name, value in weights.items()]

    parts = [f' "{part}": {{\n' + ",\n".join(case(weights)) + "\n }" for part, weights in networks.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"
