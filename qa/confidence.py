"""How sure an answer is: a calibrated probability that the first passage answers the question.

A logistic model of what retrieval measured; its weights are fitted on iapp valid with and without the
answering passage in the index, and kept as readable JSON.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from index.records import Hit

WEIGHTS = Path(__file__).parent / "confidence.json"
MIN_CONFIDENCE = 0.3  # below it the documents are said not to answer; --min-confidence moves it

EVIDENCE = (
    "bias",
    "words",
    "coverage",
    "neighbours",
    "meaning",
    "meaning_paragraph",
    "meaning_near",
    "dense",
    "paragraph",
    "context",
    "maxsim",
    "characters",
    "answer_type",
    "margin",
    "reading",
    "span",
    "unseen",
)


def evidence(hits: Sequence[Hit], reading: float, span: float, unseen: float) -> dict[str, float]:
    """What speaks for and against: the first hit's channels, its lead over the second, how well a sentence meets
    the question, the chance that its span answers, and the share of the question's weight in expressions that no document holds, in no form.
    """
    first = hits[0].channels
    margin = hits[0].score - hits[1].score if len(hits) > 1 else 0.5
    values = {name: float(first.get(name, 0.0)) for name in EVIDENCE}
    return {**values, "bias": 1.0, "margin": margin, "reading": reading, "span": span, "unseen": unseen}


def probability(values: dict[str, float], *, across: bool) -> float:
    """``1 / (1 + exp(-w . values))`` with the weights for the question's script."""
    weights = _weights()["across" if across else "same"]
    total = sum(weights[name] * values[name] for name in EVIDENCE)
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


@lru_cache(maxsize=1)
def _weights() -> dict[str, dict[str, float]]:
    return dict(json.loads(WEIGHTS.read_text(encoding="utf-8")))
