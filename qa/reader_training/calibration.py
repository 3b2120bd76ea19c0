"""How sure a reading is: logistic models over its evidence, fitted on iapp's validation questions.

Each question is read in its own passage, whole and cut as an index cuts it, in the passage that shares most with it among
those without its answer, and in its own without the sentences that hold it (``doubt``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from index.encoder import StaticEncoder
from index.lexicon import bundled_lexicon
from index.records import Chunk, Hit
from index.segmenter import bundled_segmenter
from index.words import idf
from qa.meaning import units_of
from qa.metrics import token_f1
from qa.reader import EVIDENCE, read_with_evidence
from qa.reader_training.cases import squad
from qa.reader_training.doubt import Paragraph, Passages, shortened
from qa.reader_weights import Model
from qa.rerank import Question, RowSource

ANSWERS = 0.5  # F1 from which a span counts as answering
# A search finds the right passage more often than another.
WEIGHTS = {"whole": 1.0, "cut": 0.5, "other": 0.25, "shortened": 0.25}
# Of the span's chance: what says how well the passage fits made it surer of our own held-out questions than it was right.
SPAN_EVIDENCE, SPAN_KINDS = EVIDENCE[:5], ("whole", "other")


@dataclass(frozen=True, slots=True)
class Row:
    """One reading."""

    kind: str
    """Of WEIGHTS."""
    evidence: dict[str, float]
    holds: bool
    """The passage holds the answer."""
    right: bool
    """The span is the answer, about."""


def fit(rows: list[Row]) -> dict[str, dict[str, float]]:
    """Weights of evidence and a bias, by name: of the span (``calibration``) and of the passage (``answering``)."""
    return {
        "calibration": _fitted([(row, row.right) for row in rows if row.kind in SPAN_KINDS], SPAN_EVIDENCE),
        "answering": _fitted([(row, row.holds) for row in rows], EVIDENCE),
    }


def _fitted(rows: Sequence[tuple[Row, bool]], names: Sequence[str]) -> dict[str, float]:
    from sklearn.linear_model import LogisticRegression

    table = np.asarray([[row.evidence[name] for name in names] for row, _ in rows])
    weights = [WEIGHTS[row.kind] for row, _ in rows]
    labels = [label for _, label in rows]
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit(table, labels, sample_weight=weights)
    named = dict(zip(names, fitted.coef_[0].round(4).tolist(), strict=True))
    return {"bias": round(float(fitted.intercept_[0]), 4), **named}


def readings(data: Path, model: Model) -> list[Row]:
    """Every validation question, read in each kind of passage that it has."""
    paragraphs = squad(data / "iapp" / "iapp.valid.json.gz")
    passages = Passages(paragraphs, model.cutter, model.words, StaticEncoder())
    kinds = {
        "whole": paragraphs,
        "cut": passages.with_answer(paragraphs),
        "other": passages.without_answer(paragraphs),
        "shortened": shortened(paragraphs),
    }
    asked = chain.from_iterable(((kind, paragraph) for paragraph in kinds[kind]) for kind in kinds)
    return list(_read(asked, [paragraph["context"] for paragraph in paragraphs], model))


def _read(asked: Iterator[tuple[str, Paragraph]], texts: list[str], model: Model) -> Iterator[Row]:
    segmenter, rows = bundled_segmenter(), RowSource(StaticEncoder())
    frequency: dict[int, int] = {}
    for ids in segmenter.raw_ids(texts):
        for word in set(segmenter.words_only(ids).tolist()):
            frequency[word] = frequency.get(word, 0) + 1

    def seen(word: int) -> int:
        return frequency.get(word, 0)

    for kind, paragraph in asked:
        text = paragraph["context"]
        hit = Hit(0, Chunk("passage", 0, len(text), text, 1), 1.0)
        for row in paragraph["qas"]:
            ids = segmenter.ids(row["question"])
            distinct = list(dict.fromkeys(ids))
            question = Question(
                row["question"],
                tuple(ids),
                np.asarray(distinct, dtype=np.int64),
                np.asarray([idf(seen(word), len(texts), segmenter.prior(word)) for word in distinct], np.float32),
                np.zeros(1, dtype=np.float32),
                0.0,
                units_of(row["question"], segmenter, bundled_lexicon(), seen, len(texts)),
            )
            gold = [answer["text"] for answer in row["answers"]]
            reading, evidence = read_with_evidence(question, hit, segmenter, rows, model)
            if evidence:
                found = text[reading.span.start : reading.span.end]
                right = bool(gold) and token_f1(found, gold) >= ANSWERS
                yield Row(kind, evidence, bool(gold), right)
