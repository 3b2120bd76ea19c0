"""Re-scoring the candidates that words and vectors propose, with evidence that looks at the whole passage.

``features`` measures each candidate against the question; a :class:`Reranker` makes scores of the measurements: the
built-in one of ``qa.rescorer``, or a cross-encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from index.encoder import StaticEncoder
from index.thai import has_latin, has_thai
from index.words import K1, B
from qa.answer_details import detail_held
from qa.answer_types import kind_held
from qa.characters import shared_grams
from qa.grouping import best_of, context, neighbours, same_paragraph
from qa.meaning import Unit, met

FEATURES = (
    "words",  # BM25 as a share of the most that the question's words could reach
    "dense",  # cosine of question and passage
    "paragraph",  # cosine of question and the passage taken together with the rest of its paragraph
    "context",  # cosine of question and the passage taken together with its neighbours
    "coverage",  # share of the question's word weight (idf) that stands in the passage
    "neighbours",  # the same for the passage together with its neighbours
    "meaning",  # share of the weight of the question's expressions that the passage meets, in their words or others
    "meaning_paragraph",  # the same for the passage together with the rest of its paragraph
    "meaning_near",  # the same for the passage together with its neighbours
    "maxsim",  # each question word's most similar passage word (cosine of static vectors), idf-weighted
    "characters",  # share of the question's character 3- and 4-grams in the passage, weighted by rarity here
    "answer_type",  # holds the kind of thing that the question asks for: a number, a date, a person, a place
    "answer_detail",  # holds what it asks for to the point: a year, so many minutes, a city
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, measured once."""

    text: str
    tokens: tuple[int, ...]
    """Word ids in order, repeats kept."""
    distinct: np.ndarray
    """(q,) int64 distinct word ids, in order of appearance."""
    idf: np.ndarray
    """(q,) weight of each."""
    vector: np.ndarray
    """(d,) unit vector."""
    mean_length: float
    """Mean words a passage, in this store."""
    units: tuple[Unit, ...] = ()
    """Its expressions, each with what else means the same."""

    @property
    def said(self) -> str:
        """What it says, without the words that only ask ("คือใคร")."""
        return " ".join(unit.text for unit in self.units if not unit.asks) or self.text

    @property
    def latin_only(self) -> bool:
        """True for a question in Latin script alone: asked across languages where the passage is Thai."""
        return has_latin(self.text) and not has_thai(self.text)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What is known of n candidate passages, row by row."""

    ids: list[int]
    tokens: list[np.ndarray]
    vectors: np.ndarray
    """(n, d) float32."""
    texts: list[str]
    sources: list[str]
    """The document of each; neighbouring passages of one document have neighbouring ids."""
    paragraphs: list[int]
    """The paragraph that each begins in."""

    def __len__(self) -> int:
        return len(self.ids)


def features(question: Question, candidates: Candidates, rows: RowSource | None) -> np.ndarray:
    """One row of FEATURES a candidate, (n, F) float32, each about 0..1."""
    owner, column = _occurrences(question, candidates.tokens)
    n, q = len(candidates), len(question.distinct)
    counts = np.zeros((n, q), dtype=np.float32)
    np.add.at(counts, (owner, column), 1.0)
    groups = neighbours(candidates.ids, candidates.sources)
    paragraph = same_paragraph(candidates.sources, candidates.paragraphs)
    idf = question.idf
    total = max(float(idf.sum()), 1e-9)
    lengths = np.asarray([len(tokens) for tokens in candidates.tokens], dtype=np.float32)
    norm = K1 * (1 - B + B * lengths / max(question.mean_length, 1e-9))
    bm25 = (idf * counts * (K1 + 1) / (counts + norm[:, None])).sum(axis=1)
    meaning = met(question.units, candidates.tokens)
    unit_weights = np.asarray([unit.weight for unit in question.units], dtype=np.float32)
    unit_weights /= max(float(unit_weights.sum()), 1e-9)
    columns = {
        "words": bm25 / (total * (K1 + 1)),
        "dense": candidates.vectors @ question.vector,
        "paragraph": context(candidates.vectors, question.vector, paragraph),
        "context": context(candidates.vectors, question.vector, groups),
        "coverage": (counts > 0) @ idf / total,
        "neighbours": (groups @ counts > 0) @ idf / total,
        "meaning": meaning @ unit_weights,
        "meaning_paragraph": best_of(paragraph, meaning) @ unit_weights,
        "meaning_near": best_of(groups, meaning) @ unit_weights,
        "maxsim": _maxsim(question, candidates.tokens, rows),
        "characters": shared_grams(question.said, candidates.texts),
        "answer_type": kind_held(question.text, candidates.texts),
        "answer_detail": detail_held(question.text, candidates.texts),
    }
    return np.stack([columns[name] for name in FEATURES], axis=1).astype(np.float32)


class RowSource:
    """Static word vectors by word id (the bundled encoder), each a unit row."""

    def __init__(self, encoder: StaticEncoder) -> None:
        self._encoder = encoder
        self._inverse = np.full(encoder.vocabulary, np.nan, dtype=np.float32)  # 1 / length of each row asked for

    def unit(self, ids: np.ndarray) -> np.ndarray:
        """(n, d) float32 unit rows (zero where a word has none)."""
        return np.asarray(self._encoder.codes(ids) * self._inverses(ids)[:, None])

    def cosines(self, ids: np.ndarray, others: np.ndarray) -> np.ndarray:
        """(n, m) cosines of the words ``ids`` (n,) and ``others`` (m,)."""
        codes: np.ndarray = self._encoder.codes(ids)
        return np.asarray((codes @ self.unit(others).T) * self._inverses(ids, codes)[:, None])

    def _inverses(self, ids: np.ndarray, codes: np.ndarray | None = None) -> np.ndarray:
        """1 / length of each row of codes, (n,); 0 where that is 0."""
        found = self._inverse[ids]
        missing = np.nonzero(np.isnan(found))[0]
        if len(missing):
            rows = self._encoder.codes(ids[missing]) if codes is None else codes[missing]
            lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))
            found[missing] = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
            self._inverse[ids[missing]] = found[missing]
        return np.asarray(found)


def _occurrences(question: Question, tokens: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Where the question's words stand: (candidate, column of ``distinct``), a row an occurrence."""
    if not len(question.distinct) or not tokens:
        empty = np.empty(0, dtype=np.int64)
        return empty, empty
    flat = np.concatenate(tokens)
    owner = np.repeat(np.arange(len(tokens)), [len(part) for part in tokens])
    column = np.full(1 + max(int(flat.max(initial=0)), int(question.distinct.max())), -1, dtype=np.int64)
    column[question.distinct] = np.arange(len(question.distinct))
    found = column[flat]
    where = np.nonzero(found >= 0)[0]
    return owner[where], found[where]


def _maxsim(question: Question, tokens: Sequence[np.ndarray], rows: RowSource | None) -> np.ndarray:
    """``sum_t idf(t) max_w cos(t, w) / sum_t idf(t)`` over question words t, passage words w (Khattab & Zaharia 2020)."""
    out = np.zeros(len(tokens), dtype=np.float32)
    lengths = np.asarray([len(part) for part in tokens])
    if rows is None or not len(question.distinct) or not lengths.any():
        return out
    vocabulary, inverse = _distinct(np.concatenate(tokens))
    similarity = rows.cosines(vocabulary, question.distinct)  # (v, q)
    filled = np.nonzero(lengths)[0]  # reduceat cannot take empty runs
    starts = (np.cumsum(lengths) - lengths)[filled]
    best = np.maximum.reduceat(similarity[inverse], starts, axis=0)  # (n, q)
    out[filled] = best @ question.idf / max(float(question.idf.sum()), 1e-9)
    return out


def _distinct(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As np.unique with return_inverse for small non-negative numbers, without the sort."""
    place = np.zeros(int(ids.max()) + 1, dtype=np.int64)
    place[ids] = 1
    values = np.flatnonzero(place)
    place[values] = np.arange(len(values))
    return values, place[ids]


class Reranker(Protocol):
    """Orders candidates."""

    @property
    def name(self) -> str:
        """What it goes by in reports."""
        ...

    def score(self, question: Question, candidates: Candidates, measured: np.ndarray) -> np.ndarray:
        """(n,) scores, higher is better; ``measured`` is :func:`features`'s result."""
        ...

    def contributions(self, question: Question, candidates: Candidates, measured: np.ndarray) -> list[dict[str, float]]:
        """What each candidate's score is made of; each sums to it."""
        ...
