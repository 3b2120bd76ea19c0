"""The word channel in Milvus: BM25 as an inner product of sparse vectors.

A passage's vector holds, for each word, what BM25 gives its count in a passage of that length; a question's holds
the words' idf. The first never changes once written; the second is computed when asked, from counts over the whole
collection, however many builders, shards and segments there are. (Milvus' own BM25 counts each segment by itself.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from index.words import K1, B, plain_idf

PIVOT = 72.0  # mean words of a passage: 66 in the seeds, 69 in iapp test, 77 in 388,000 of the government's. Fixed:
# the mean moves with every document, and weights that are written do not
MOST_TERMS = 256  # a longer question is asked by its heaviest words, as the embedded index is
BLOCK = 4_096  # word counts of one row (a Milvus array holds no more)
MOST_BLOCKS = 64  # six times what the bundled vocabulary fills
WORDLESS = 2**32 - 2  # a dimension that no question has: a vector without any is not taken


def word_weights(tokens: np.ndarray) -> dict[int, float]:
    """``tf (k1 + 1) / (tf + k1 (1 - b + b length / PIVOT))`` of each word id of a passage (Robertson & Zaragoza 2009)."""
    if not len(tokens):
        return {WORDLESS: 1e-6}
    words, counts = np.unique(tokens, return_counts=True)
    norm = K1 * (1 - B + B * len(tokens) / PIVOT)
    weights = counts * (K1 + 1) / (counts + norm)
    return dict(zip(words.tolist(), weights.astype(np.float32).tolist(), strict=True))


def question_weights(weights: Mapping[int, float], counts: np.ndarray, texts: int) -> dict[int, float]:
    """``weight idf`` of each word that any of the ``texts`` passages holds; ``counts`` as of :class:`WordCounts`."""
    heaviest = sorted(weights.items(), key=lambda pair: -pair[1])[:MOST_TERMS]
    held = ((token, weight, int(counts[token]) if token < len(counts) else 0) for token, weight in heaviest)
    return {token: weight * plain_idf(count, texts) for token, weight, count in held if count > 0 and weight > 0}


class WordCounts:
    """How many passages hold each word; counts of disjoint sets of passages add up."""

    def __init__(self) -> None:
        self.counts = np.zeros(BLOCK, dtype=np.int64)  # word id -> passages

    def add(self, passages: Iterable[np.ndarray], sign: int = 1) -> None:
        """Count the words of passages in (``sign`` 1) or out again (-1)."""
        for tokens in passages:
            words = np.unique(tokens)
            if len(words):
                self._reach(int(words[-1]) + 1)
                self.counts[words] += sign

    def _reach(self, size: int) -> None:
        if size > len(self.counts):
            grown = np.zeros(-(-size // BLOCK) * BLOCK, dtype=np.int64)
            grown[: len(self.counts)] = self.counts
            self.counts = grown

    def add_block(self, number: int, values: Sequence[int]) -> None:
        """Add counts that were written by :meth:`blocks`."""
        self._reach((number + 1) * BLOCK)
        self.counts[number * BLOCK : number * BLOCK + len(values)] += np.asarray(values, dtype=np.int64)

    def blocks(self) -> list[list[int]]:
        """The counts in runs of BLOCK, to be kept."""
        return [self.counts[begin : begin + BLOCK].tolist() for begin in range(0, len(self.counts), BLOCK)]
