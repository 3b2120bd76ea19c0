"""Re-scoring the candidates that words and vectors propose, with evidence that looks at the whole passage.

``features`` measures each candidate against the question; ``LinearRescorer`` weighs the measurements with
weights learned on iapp train and kept as readable JSON (``rescorer.json``). Across scripts (an English
question, a Thai passage) shared words are mostly noise, so that case has weights of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.thai import has_latin, has_thai, normalise
from index.words import K1, B

WEIGHTS = Path(__file__).parent / "rescorer.json"

FEATURES = (
    "words",  # BM25 as a share of the most that the question's words could reach
    "dense",  # cosine of question and passage
    "coverage",  # share of the question's word weight (idf) that stands in the passage
    "rare",  # the same with idf squared: the rare words alone
    "near",  # share of the question's neighbouring word pairs that are neighbours in the passage too
    "maxsim",  # each question word's most similar passage word (cosine of static vectors), idf-weighted
    "characters",  # share of the question's character 3- and 4-grams in the passage, weighted by rarity here
    "answer_type",  # holds what the question asks for: a number, a date, a person, a place
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

    def __len__(self) -> int:
        return len(self.ids)


def features(question: Question, candidates: Candidates, rows: RowSource | None) -> np.ndarray:
    """One row of FEATURES a candidate, (n, F) float32, each about 0..1."""
    owner, column, position = _occurrences(question, candidates.tokens)
    n, q = len(candidates), len(question.distinct)
    counts = np.zeros((n, q), dtype=np.float32)
    np.add.at(counts, (owner, column), 1.0)
    held = counts > 0
    idf = question.idf
    total = max(float(idf.sum()), 1e-9)
    lengths = np.asarray([len(tokens) for tokens in candidates.tokens], dtype=np.float32)
    norm = K1 * (1 - B + B * lengths / max(question.mean_length, 1e-9))
    bm25 = (idf * counts * (K1 + 1) / (counts + norm[:, None])).sum(axis=1)
    out = np.zeros((n, len(FEATURES)), dtype=np.float32)
    out[:, 0] = bm25 / (total * (K1 + 1))
    out[:, 1] = candidates.vectors @ question.vector
    out[:, 2] = (held * idf).sum(axis=1) / total
    out[:, 3] = (held * idf**2).sum(axis=1) / max(float((idf**2).sum()), 1e-9)
    out[:, 4] = _near(question, owner, column, position, n)
    out[:, 5] = _maxsim(question, candidates, rows)
    out[:, 6] = _characters(question.text, candidates.texts)
    out[:, 7] = _answer_type(question.text, candidates.texts)
    return out


class RowSource:
    """Static word vectors by word id (the bundled encoder), each a unit row."""

    def __init__(self, encoder: object) -> None:
        self._encoder = encoder

    def unit(self, ids: np.ndarray) -> np.ndarray:
        """(n, d) float32 unit rows (zero where a word has none)."""
        rows = np.asarray(self._encoder.rows(ids), dtype=np.float32)  # type: ignore[attr-defined]
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)


def _occurrences(question: Question, tokens: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the question's words stand: (candidate, column of ``distinct``, position), a row an occurrence."""
    if not len(question.distinct) or not tokens:
        empty = np.empty(0, dtype=np.int64)
        return empty, empty, empty
    flat = np.concatenate(tokens)
    owner = np.repeat(np.arange(len(tokens)), [len(part) for part in tokens])
    starts = np.cumsum([0, *(len(part) for part in tokens)])[:-1]
    order = np.argsort(question.distinct, kind="stable")
    ordered = question.distinct[order]
    slot = np.minimum(np.searchsorted(ordered, flat), len(ordered) - 1)
    found = ordered[slot] == flat
    where = np.nonzero(found)[0]
    return owner[where], order[slot[where]], where - starts[owner[where]]


def _near(question: Question, owner: np.ndarray, column: np.ndarray, position: np.ndarray, n: int) -> np.ndarray:
    """Weight of the question's adjacent word pairs that stand within two words in the passage, as a share."""
    lookup = {int(token): index for index, token in enumerate(question.distinct)}
    pairs = {(lookup[a], lookup[b]) for a, b in zip(question.tokens, question.tokens[1:], strict=False) if a != b}
    if not pairs:
        return np.zeros(n, dtype=np.float32)
    q = len(question.distinct)
    codes = np.asarray(sorted(a * q + b for a, b in pairs), dtype=np.int64)
    weight = question.idf[codes // q] + question.idf[codes % q]
    hit = np.zeros((n, len(codes)), dtype=bool)
    for step in (1, 2):  # occurrences are sorted by candidate and position
        if len(owner) <= step:
            break
        close = (owner[step:] == owner[:-step]) & (position[step:] - position[:-step] <= 2)
        code = column[:-step][close] * q + column[step:][close]
        slot = np.minimum(np.searchsorted(codes, code), len(codes) - 1)
        good = codes[slot] == code
        hit[owner[step:][close][good], slot[good]] = True
    return np.asarray((hit * weight).sum(axis=1) / max(float(weight.sum()), 1e-9), dtype=np.float32)


def _maxsim(question: Question, candidates: Candidates, rows: RowSource | None) -> np.ndarray:
    """``sum_t idf(t) max_w cos(t, w) / sum_t idf(t)`` over question words t, passage words w (Khattab & Zaharia 2020)."""
    out = np.zeros(len(candidates), dtype=np.float32)
    if rows is None or not len(question.distinct):
        return out
    vocabulary, inverse = np.unique(np.concatenate(candidates.tokens), return_inverse=True)
    similarity = rows.unit(vocabulary) @ rows.unit(question.distinct).T  # (v, q)
    start = 0
    total = max(float(question.idf.sum()), 1e-9)
    for row, tokens in enumerate(candidates.tokens):
        if len(tokens):
            best = similarity[inverse[start : start + len(tokens)]].max(axis=0)
            out[row] = float((best * question.idf).sum()) / total
        start += len(tokens)
    return out


def _grams(text: str) -> np.ndarray:
    """Distinct hashes of the character 3- and 4-grams of the normalised text without spaces, (g,) uint64."""
    plain = "".join(char for char in normalise(text).text if char.isalnum() or "\u0e31" <= char <= "\u0e4e")
    codes = np.frombuffer(plain.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    parts = []
    for size in (3, 4):
        if len(codes) >= size:
            value = np.zeros(len(codes) - size + 1, dtype=np.uint64)
            for offset in range(size):  # code points have 21 bits: three fit exactly, four wrap harmlessly
                value = value * np.uint64(2097143) + codes[offset : len(codes) - size + 1 + offset]
            parts.append(value + np.uint64(size))
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.uint64)


def _characters(question: str, texts: Sequence[str]) -> np.ndarray:
    wanted = _grams(question)
    if not len(wanted) or not texts:
        return np.zeros(len(texts), dtype=np.float32)
    held = np.stack([np.isin(wanted, _grams(text), assume_unique=True) for text in texts])  # (n, g)
    weight = np.log1p(len(texts) / (held.sum(axis=0) + 0.5))
    return np.asarray((held * weight).sum(axis=1) / weight.sum(), dtype=np.float32)


def _answer_type(question: str, texts: Sequence[str]) -> np.ndarray:
    from qa.answer_types import expected, holds

    wanted = expected(question)
    return np.asarray([1.0 if wanted and holds(wanted, text, question) else 0.0 for text in texts], dtype=np.float32)


class LinearRescorer:
    """``score = w . features`` with weights for questions in the passage's script and across scripts."""

    def __init__(self, same_script: np.ndarray, across: np.ndarray) -> None:
        self._same, self._across = same_script, across

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> LinearRescorer:
        """Read the weights. Raises KeyError where one of FEATURES has none."""
        table = json.loads(path.read_text(encoding="utf-8"))
        pick = [np.asarray([table[part][name] for name in FEATURES], dtype=np.float32) for part in ("same", "across")]
        return cls(*pick)

    def score(self, question: Question, candidates: Candidates, measured: np.ndarray) -> np.ndarray:
        """(n,) scores, higher is better; ``measured`` is :func:`features`'s result."""
        weights = self._across if question.latin_only else self._same
        return np.asarray(measured @ weights)


@lru_cache(maxsize=1)
def builtin() -> LinearRescorer:
    """The re-scorer that ships with the package, read once."""
    return LinearRescorer.load()
