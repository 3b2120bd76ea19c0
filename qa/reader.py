"""Hits -> the sentence that answers, inside a passage, with a score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from index.records import Hit, Place
from index.segmenter import Segmenter
from index.sentences import sentence_spans
from qa.answer_types import expected, holds
from qa.rerank import Question, RowSource

TYPE_BONUS = 0.25  # a sentence that holds the kind of thing asked for (chosen on iapp train)
NEIGHBOUR_SHARE = 0.25  # a sentence borrows this share of its neighbours' match: answers stand beside their subject


@dataclass(frozen=True, slots=True)
class Reading:
    """The answering sentence of one hit."""

    place: Place
    """In the document."""
    score: float
    """Share of the question that the sentence meets, about 0..1; higher is better."""
    matched: tuple[Place, ...]
    """Places in the document of words that stand in the question, inside ``place``."""


def read(question: Question, hit: Hit, segmenter: Segmenter, rows: RowSource | None) -> Reading:
    """The sentence of ``hit`` that answers best."""
    text = hit.text
    sentences = [trimmed for span in sentence_spans(text) if (trimmed := _trim(text, span))]
    tokens = segmenter.tokens(text)
    similarity = _similarity(question, np.asarray([token.id for token in tokens], dtype=np.int64), rows)
    kind = expected(question.text)
    match = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        inside = [i for i, token in enumerate(tokens) if sentence.start <= token.place.start < sentence.end]
        if inside and len(question.distinct):
            match[number] = float((similarity[inside].max(axis=0) * question.idf).sum()) / max(
                float(question.idf.sum()), 1e-9
            )
    beside = np.pad(match, 1)
    around = match + NEIGHBOUR_SHARE * (beside[:-2] + beside[2:])
    typed = [TYPE_BONUS if kind and holds(kind, text[s.start : s.end], question.text) else 0.0 for s in sentences]
    scores = around + np.asarray(typed)
    best = int(scores.argmax())
    place = sentences[best]
    known = set(question.distinct.tolist())
    matched = tuple(
        Place(hit.start + token.place.start, hit.start + token.place.end)
        for token in tokens
        if token.id in known and place.start <= token.place.start and token.place.end <= place.end
    )
    return Reading(Place(hit.start + place.start, hit.start + place.end), float(scores[best]), matched)


def _similarity(question: Question, tokens: np.ndarray, rows: RowSource | None) -> np.ndarray:
    """(t, q) how much each passage word is each question word: 1 where equal, else the vectors' cosine squared."""
    equal = (tokens[:, None] == question.distinct[None, :]).astype(np.float32)
    if rows is None or not len(tokens) or not len(question.distinct):
        return equal
    cosine = np.clip(rows.unit(tokens) @ rows.unit(question.distinct).T, 0.0, 1.0)
    return np.maximum(equal, cosine**2)


def _trim(text: str, span: Place) -> Place | None:
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip())
    end = span.end - (len(piece) - len(piece.rstrip()))
    return Place(start, end) if start < end else None
