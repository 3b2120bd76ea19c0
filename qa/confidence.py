"""How sure an answer is: a calibrated probability that the first passage answers the question.

A logistic model of what retrieval and reading measured; its weights are fitted on iapp valid with the answering
document in the index, without it, and without its answering sentences, and kept as readable JSON.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.records import Hit
from qa.answer_details import detail, held
from qa.meaning import met
from qa.reader import Reading
from qa.rerank import Question

WEIGHTS = Path(__file__).parent / "confidence.json"
MIN_CONFIDENCE = 0.25  # below it the documents are said not to answer; --min-confidence moves it

CHANNELS = (
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
)
EVIDENCE = (
    "bias",
    *CHANNELS,
    "margin",  # lead of the first passage over the second
    "reading",  # how well its best sentence meets the question
    "span",  # the reader's chance that its words answer
    "unseen",  # share of what the question says that no document says in any form
    "gap",  # weight of the weightiest expression of the question that the passage lacks (idf / 10)
    "name_unseen",  # the question names someone or something that no document does ...
    "name_missing",  # ... that the passage does not
    "said",  # share of what the question says that stands in the answering sentence
    "detail_asked",  # something is asked for to the point: a year, so many minutes (qa.answer_details) ...
    "detail_missing",  # ... and the passage holds none
    "detail_missing_sentence",  # ... the answering sentence holds none
    "detail_missing_span",  # ... the answering words hold none
)


def evidence(
    question: Question, hits: Sequence[Hit], reading: Reading, passage: np.ndarray, sentence: np.ndarray
) -> dict[str, float]:
    """What speaks for and against the first hit as an answer, by name (EVIDENCE).

    Args:
        question: as it was measured.
        hits: the ranking, best first; at least one.
        reading: of the first hit.
        passage: its word ids, (n,).
        sentence: the word ids of its answering sentence, (m,).
    """
    first = hits[0]
    values = {name: float(first.channels.get(name, 0.0)) for name in CHANNELS}
    values |= {"bias": 1.0, "reading": reading.score, "span": reading.probability}
    values["margin"] = first.score - hits[1].score if len(hits) > 1 else 0.5
    values |= _said(question, passage, sentence)
    asked = detail(question.text)
    values["detail_asked"] = float(asked is not None)
    for name, place in (("", first.chunk.place), ("_sentence", reading.place), ("_span", reading.span)):
        text = first.text[place.start - first.start : place.end - first.start]
        values[f"detail_missing{name}"] = 0.0 if asked is None else 1.0 - held(asked, text, question.text)
    return values


def _said(question: Question, passage: np.ndarray, sentence: np.ndarray) -> dict[str, float]:
    """How much of what the question says is said; what only asks is left out."""
    weight = dict(zip(question.distinct.tolist(), question.idf.tolist(), strict=True))
    units = [unit for unit in question.units if not unit.asks]
    full = np.asarray([max(weight.get(token, 0.0) for token in unit.tokens) for unit in units], dtype=np.float64)
    if not units or not full.any():
        return {"unseen": 0.0, "gap": 0.0, "said": 0.0, "name_unseen": 0.0, "name_missing": 0.0}
    seen = np.asarray([unit.weight > 0 for unit in units])
    name = np.asarray([unit.name for unit in units])
    here, there = met(units, [passage, sentence]).astype(np.float64)
    return {
        "unseen": float(full[~seen].sum() / full.sum()),
        "gap": float((full * (1 - here)).max() / 10),
        "said": float((full * there).sum() / full.sum()),
        "name_unseen": float((name & ~seen).any()),
        "name_missing": float((name * (1 - here)).max()),
    }


def probability(values: dict[str, float], *, across: bool) -> float:
    """``1 / (1 + exp(-w . values))`` with the weights for the question's script."""
    weights = _weights()["across" if across else "same"]
    total = sum(weights[name] * values[name] for name in EVIDENCE)
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


@lru_cache(maxsize=1)
def _weights() -> dict[str, dict[str, float]]:
    return dict(json.loads(WEIGHTS.read_text(encoding="utf-8")))
