"""How sure an answer is: a calibrated probability that the first passage answers the question.

Boosted trees over what retrieval and reading measured and how the question lies on the passage
(``qa.alignment``), each measurement held to the direction in which it can speak. They are fitted on questions
asked with the answering document in the index, without it, and near it, and kept as JSON (``qa.fit``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.records import Hit
from index.segmenter import Segmenter
from qa import alignment
from qa.alignment import ALIGNMENT
from qa.answer_details import detail, held
from qa.meaning import met
from qa.reader import Reading
from qa.reader_sentences import Trees, read_trees
from qa.rerank import Question, RowSource

WEIGHTS = Path(__file__).parent / "confidence.json"
MIN_CONFIDENCE = 0.36  # below it the documents are said not to answer; --min-confidence moves it (chosen on the seeds)

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
    *CHANNELS,
    "margin",  # lead of the first passage over the second
    "reading",  # how well its best sentence meets the question
    "span",  # the reader's chance that its words answer ...
    "span_lead",  # ... and its lead over the other passages' words
    "unseen",  # share of what the question says that no document says in any form
    "gap",  # weight of the weightiest expression of the question that the passage lacks (idf / 10)
    "name_unseen",  # the question names someone or something that no document does ...
    "name_missing",  # ... that the passage does not
    "said",  # share of what the question says that stands in the answering sentence
    "detail_asked",  # something is asked for to the point: a year, so many minutes (qa.answer_details) ...
    "detail_missing",  # ... and the passage holds none
    "detail_missing_sentence",  # ... the answering sentence holds none
    "detail_missing_span",  # ... the answering words hold none
    *ALIGNMENT,
    "answering",  # the reader's chance that the passage answers at all ...
    "answering_lead",  # ... and its lead over the other passages
)
AGAINST = (
    alignment.AGAINST | {name for name in EVIDENCE if name.startswith(("detail_missing", "name_"))} | {"unseen", "gap"}
)
FOR = alignment.FOR | {"margin", "reading", "span", "span_lead", "said", "answering", "answering_lead"}
DIRECTIONS = tuple(1 if name in FOR else -1 if name in AGAINST else 0 for name in EVIDENCE)
"""1 for what can only speak for an answer, -1 for what can only speak against one, 0 for what says how to take these: a
question may also be too like a passage, as it names the subject at length and asks what is not told of it."""


def evidence(
    question: Question, hits: Sequence[Hit], readings: Sequence[Reading], segmenter: Segmenter, rows: RowSource | None
) -> dict[str, float]:
    """What speaks for and against the first hit as an answer, by name (EVIDENCE).

    Args:
        question: as it was measured.
        hits: the ranking, best first; at least one.
        readings: of the first hit, and of those after it that were read.
        segmenter: cuts passages as the question was cut.
        rows: vectors of words, where the encoder has them.
    """
    first, reading = hits[0], readings[0]
    parts = alignment.pieces(first, reading, segmenter)
    values = {name: float(first.channels.get(name, 0.0)) for name in CHANNELS}
    values |= {"reading": reading.score, "span": reading.probability}
    values["span_lead"] = reading.probability - max((other.probability for other in readings[1:]), default=0.0)
    values["answering"] = reading.answering
    values["answering_lead"] = reading.answering - max((other.answering for other in readings[1:]), default=0.0)
    values["margin"] = first.score - hits[1].score if len(hits) > 1 else 0.5
    exact = met(alignment.saying(question), parts.all())
    values |= _said(question, exact[0], exact[1])
    asked = detail(question.text)
    values["detail_asked"] = float(asked is not None)
    for name, place in (("", first.chunk.place), ("_sentence", reading.place), ("_span", reading.span)):
        text = first.text[place.start - first.start : place.end - first.start]
        values[f"detail_missing{name}"] = 0.0 if asked is None else 1.0 - held(asked, text, question.text)
    return values | alignment.alignment(question, first, reading, parts, exact, rows)


def _said(question: Question, passage: np.ndarray, sentence: np.ndarray) -> dict[str, float]:
    """How much of what the question says is said, by how far passage and sentence meet its expressions, (u,) each."""
    weight = dict(zip(question.distinct.tolist(), question.idf.tolist(), strict=True))
    units = alignment.saying(question)
    full = np.asarray([max(weight.get(token, 0.0) for token in unit.tokens) for unit in units], dtype=np.float64)
    if not units or not full.any():
        return {"unseen": 0.0, "gap": 0.0, "said": 0.0, "name_unseen": 0.0, "name_missing": 0.0}
    seen = np.asarray([unit.weight > 0 for unit in units])
    name = np.asarray([unit.name for unit in units])
    here, there = passage.astype(np.float64), sentence.astype(np.float64)
    return {
        "unseen": float(full[~seen].sum() / full.sum()),
        "gap": float((full * (1 - here)).max() / 10),
        "said": float((full * there).sum() / full.sum()),
        "name_unseen": float((name & ~seen).any()),
        "name_missing": float((name * (1 - here)).max()),
    }


def probability(values: Mapping[str, float], *, across: bool) -> float:
    """Chance, 0..1, that the passage answers, by the trees for the question's script."""
    row = np.asarray([[values[name] for name in EVIDENCE]], dtype=np.float32)
    odds = float(_trees()["across" if across else "same"].score(row)[0])
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, odds))))


@lru_cache(maxsize=1)
def _trees() -> dict[str, Trees]:
    table = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {part: read_trees(stored) for part, stored in table.items()}
