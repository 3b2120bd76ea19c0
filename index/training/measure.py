"""Retrieval figures of a table of rows or of a saved model: which passage is nearest to each question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder
from index.training.corpora import Question, read_squad


@dataclass(frozen=True, slots=True)
class Figures:
    """Over all questions of a set; 0..1, higher is better."""

    first: float
    """R@1: the right passage is the nearest."""
    ten: float
    """R@10: it is among the nearest ten."""
    ndcg: float
    """nDCG@10 with one right passage: 1 / log2(1 + rank), 0 beyond rank 10."""

    def __str__(self) -> str:
        return f"R@1 {self.first:.3f}  R@10 {self.ten:.3f}  nDCG@10 {self.ndcg:.3f}"


SETS = {  # name: passages, questions
    "iapp valid": ("iapp/iapp.valid.json.gz", "iapp/iapp.valid.json.gz"),
    "iapp test": ("iapp/iapp.test.json.gz", "iapp/iapp.test.json.gz"),
    "XQuAD-th": ("xquad/xquad.th.json", "xquad/xquad.th.json"),
    "XQuAD en to th": ("xquad/xquad.th.json", "xquad/xquad.en.json"),
}


def figures(scores: NDArray[np.float32], gold: NDArray[np.int64]) -> Figures:
    """Figures of a score matrix (questions, passages); a tie counts against the right passage."""
    right = scores[np.arange(len(gold)), gold][:, None]
    rank = (scores >= right).sum(axis=1)  # 1 is best
    gain = np.where(rank <= 10, 1 / np.log2(rank + 1), 0)
    return Figures(float((rank == 1).mean()), float((rank <= 10).mean()), float(gain.mean()))


def measure(encoder: Encoder, passages: Sequence[str], questions: Sequence[Question]) -> Figures:
    """Figures of an encoder on questions whose ``passage`` is an index into ``passages``."""
    asked = encoder.encode([q.text for q in questions], role="query")
    found = encoder.encode(passages, role="document")
    return figures(asked @ found.T, np.array([q.passage for q in questions]))


def report(encoder: Encoder, data: Path) -> dict[str, Figures]:
    """Figures on every set that lies in ``data``."""
    out = {}
    for name, (passages, questions) in SETS.items():
        if (data / passages).exists() and (data / questions).exists():
            out[name] = measure(encoder, read_squad(data / passages)[0], read_squad(data / questions)[1])
    return out
