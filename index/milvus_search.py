"""The vectors and words of a collection at one moment, asked for candidates; a part of its documents as a condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from index.milvus_generation import CELLS, Generation, PartState
from index.milvus_words import WordCounts, question_weights
from index.records import UsageError

MOST_NAMED = 100_000  # documents that a condition names: 1.4 MB


@dataclass(frozen=True, slots=True)
class Moment:
    """A collection as it stood when it was last looked at."""

    generation: Generation
    parts: int
    sequence: int
    """Grows with every change, over generations too."""
    documents: int
    texts: int
    """Passages."""
    words: int
    """Sum of their token counts."""
    counts: WordCounts
    """How many of them hold each word."""

    @classmethod
    def of(cls, generation: Generation, parts: int, sequence: int, states: list[PartState]) -> Moment:
        """The moment that the states of all parts describe."""
        return cls(
            generation,
            parts,
            sequence,
            documents=sum(state.documents for state in states),
            texts=sum(state.passages for state in states),
            words=sum(state.words for state in states),
            counts=generation.counts(range(1, parts + 1)),
        )


class Documents:
    """Some of the documents of a collection, as a condition on passages."""

    def __init__(self, numbers: np.ndarray, taken: np.ndarray) -> None:
        """``numbers`` (n,) int64 of all documents, ``taken`` (n,) bool. Raises UsageError where they are too many."""
        chosen, others = numbers[taken], numbers[~taken]
        named, word = (chosen, "in") if len(chosen) <= len(others) else (others, "not in")
        if len(named) > MOST_NAMED:
            raise UsageError(f"the filter takes {len(chosen):,} documents; at most {MOST_NAMED:,} can be told apart")
        self.count = len(chosen)
        self.condition = f"document {word} [{', '.join(map(str, named.tolist()))}]" if len(named) else ""


class MilvusIndex:
    """The vectors and words of one moment; what retrieval asks for candidates."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self.sequence, self.texts = moment.sequence, moment.texts
        self.mean_length = moment.words / max(1, moment.texts)

    def document_frequency(self, token: int) -> int:
        """How many passages hold ``token``."""
        counts = self._moment.counts.counts
        return max(0, int(counts[token])) if token < len(counts) else 0

    def nearest(self, vector: np.ndarray, k: int, among: Documents | None = None) -> list[tuple[int, float]]:
        """Up to ``k`` (id, cosine) pairs, best first; of the documents ``among`` alone, where they are named."""
        return self._search("vector", vector.astype(np.float32), k, among) if vector.any() else []

    def by_words(self, weights: Mapping[int, float], k: int, among: Documents | None = None) -> list[tuple[int, float]]:
        """Up to ``k`` (id, weighted BM25) pairs, best first; of the documents ``among`` alone, where they are named."""
        asked = question_weights(weights, self._moment.counts.counts, self.texts)
        found = self._search("words", asked, k, among) if asked else []
        return [pair for pair in found if pair[1] > 0]

    def _search(
        self, channel: str, asked: np.ndarray | Mapping[int, float], k: int, among: Documents | None
    ) -> list[tuple[int, float]]:
        if k <= 0 or (among is not None and not among.count):
            return []
        generation, params = self._moment.generation, {"nprobe": CELLS} if channel == "vector" else {}
        condition = "" if among is None else among.condition
        return generation.cluster.search(generation.passages, channel, asked, k, params, condition)
