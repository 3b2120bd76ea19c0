"""Candidates that belong together: the same paragraph, passages side by side; and what they say as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def neighbours(ids: Sequence[int], sources: Sequence[str]) -> np.ndarray:
    """(n, n) 1 where two candidates are the same passage, or stand side by side in one document."""
    number = np.asarray(ids)
    known = {source: place for place, source in enumerate(dict.fromkeys(sources))}
    owner = np.asarray([known[source] for source in sources])
    close = (np.abs(number[:, None] - number[None, :]) <= 1) & (owner[:, None] == owner[None, :])
    return np.asarray(close, dtype=np.float32)


def same_paragraph(sources: Sequence[str], paragraphs: Sequence[int]) -> np.ndarray:
    """(n, n) 1 where two candidates begin in one paragraph of one document."""
    places = {place: number for number, place in enumerate(zip(sources, paragraphs, strict=True))}
    owner = np.asarray([places[place] for place in zip(sources, paragraphs, strict=True)])
    return np.asarray(owner[:, None] == owner[None, :], dtype=np.float32)


def best_of(groups: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(n, u) for each row the largest of ``values`` (n, u) within its group."""
    row, member = np.nonzero(groups)  # few: most candidates stand alone; none is missing, each is of its own group
    starts = np.searchsorted(row, np.arange(len(groups)))
    return np.asarray(np.maximum.reduceat(values[member], starts, axis=0))


def context(vectors: np.ndarray, question: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(n,) cosine of the vector ``question`` (d,) and the sum of the ``vectors`` (n, d) of each group; 0 for none."""
    joined = groups @ vectors
    norms = np.linalg.norm(joined, axis=1)
    return np.asarray(np.divide(joined @ question, norms, out=np.zeros_like(norms), where=norms > 0))
