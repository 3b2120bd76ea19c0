"""Directions by company: words that stand beside the same words get like directions, before any training.

Counts of neighbours, their positive pointwise mutual information with the smoothing of Levy, Goldberg and Dagan (2015),
its singular vectors without the singular values, and the lexicon's entries pulled together (retrofitting, Faruqui et
al. 2015). So ตาย comes near เสียชีวิต, and เงินเดือน near ค่าจ้าง, which pairs of texts alone hardly teach.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.training.bags import Bags, pack
from index.training.batches import Corpus

Rows = NDArray[np.float32]

WINDOW = 5  # tokens on each side; one that is n away counts 1 / n
SMOOTHING = 0.75  # power of a neighbour's frequency, against rare neighbours
PASSAGES = 5  # times that a passage of iapp counts: there is more government news than anybody reads
RETROFIT = 2.0  # pull of the lexicon's other forms of a word, beside at most 1 for its own company
ROUNDS = 5  # of retrofitting
FEW = 20.0  # a word seen so often is trusted by half
KNOWN = 40.0  # a word of the lexicon is trusted as if it had been seen so often


def word_directions(corpus: Corpus, words: NDArray[np.bool_], dimension: int, seed: int) -> tuple[Rows, Rows]:
    """A direction for each token that stands beside others, and how far it is to be trusted.

    Args:
        words: (size,) which tokens are words and not spaces or signs; the others are passed over.

    Returns:
        Directions (size, dimension) of length 1, or 0 where nothing is known; trust (size,), 0..1.
    """
    from sklearn.utils.extmath import randomized_svd  # type: ignore[import-untyped,unused-ignore]

    beside = neighbour_counts(corpus, words)
    seen = np.asarray(beside.sum(axis=1)).ravel()
    singular = randomized_svd(positive_information(beside), dimension, n_iter=3, random_state=seed)[0]
    weight = np.sqrt(seen)[:, None]
    directions = unit(singular.astype(np.float32))
    directions = unit(directions - (directions * weight).sum(axis=0) / max(float(weight.sum()), 1e-9))
    directions[seen == 0] = 0
    directions, known = retrofitted(directions, seen / (seen + FEW), corpus)
    seen = np.where(known, np.maximum(seen, KNOWN), seen)
    trust = np.where(np.linalg.norm(directions, axis=1) > 0, seen / (seen + FEW), 0)
    return directions, trust.astype(np.float32)


def neighbour_counts(corpus: Corpus, words: NDArray[np.bool_]) -> Any:
    """How often each token stands near each other one, weighed by nearness: sparse (size, size), symmetric."""
    from scipy import sparse

    size = len(words)
    stream = np.concatenate([_stream(corpus.articles, words), *[_stream(corpus.passages, words)] * PASSAGES])
    table = sparse.csr_matrix((size, size), dtype=np.float32)
    for away in range(1, WINDOW + 1):
        one, other = stream[:-away], stream[away:]
        inside = (one < size) & (other < size)
        codes, counts = np.unique(one[inside] * size + other[inside], return_counts=True)
        near = counts.astype(np.float32) / away
        table = table + sparse.csr_matrix((near, (codes // size, codes % size)), shape=(size, size))
    return table + table.T


def _stream(bags: Bags, words: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The words of all texts, WINDOW times ``len(words)`` between two texts: no word has neighbours in the next."""
    size = len(words)
    border = np.full(WINDOW, size, np.int32)
    ids = pack([part for number in range(len(bags)) for part in (bags[number], border)]).ids.astype(np.int64)
    kept: NDArray[np.int64] = ids[np.append(words, True)[ids]]
    return kept


def positive_information(beside: Any) -> Any:
    """max(0, ln(p(a, b) / (p(a) p(b) ^ SMOOTHING))), sparse; chances are smoothed for the neighbour alone."""
    from scipy import sparse

    seen = np.asarray(beside.sum(axis=1)).ravel()
    smooth = seen**SMOOTHING
    pairs = beside.tocoo()
    value = np.log(pairs.data * smooth.sum() / (seen[pairs.row] * smooth[pairs.col]))
    kept = value > 0
    shape = beside.shape
    return sparse.csr_matrix((value[kept].astype(np.float32), (pairs.row[kept], pairs.col[kept])), shape=shape)


def retrofitted(directions: Rows, trust: NDArray[np.float64], corpus: Corpus) -> tuple[Rows, NDArray[np.bool_]]:
    """Directions pulled to those of the lexicon's other forms, where both are one token; and which tokens have such."""
    from scipy import sparse

    pairs = {
        pair
        for thai, _ in corpus.entries
        for pair in permutations({int(thai[i][0]) for i in range(len(thai)) if len(thai[i]) == 1}, 2)
    }
    size = len(directions)
    if not pairs:
        return directions, np.zeros(size, dtype=bool)
    row, column = np.asarray(sorted(pairs)).T
    others = sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=(size, size))
    number = np.asarray(others.sum(axis=1))
    out = directions
    for _ in range(ROUNDS):
        out = unit(trust[:, None].astype(np.float32) * directions + RETROFIT * (others @ out) / np.maximum(number, 1))
    return out, (number > 0).ravel()


def unit(rows: Rows) -> Rows:
    """Rows of length 1; 0 stays 0."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), dtype=np.float32)
