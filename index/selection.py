"""A part of the passages: what a search is narrowed to before the best are picked."""

from __future__ import annotations

import numpy as np

MOST_RANGES = 8  # each costs the word index about as much as a rare word; more of them cost more than they spare


class Selection:
    """A set of chunk ids."""

    def __init__(self, ids: np.ndarray) -> None:
        """``ids`` (n,) int64, ascending."""
        self.ids = ids
        self._mask = np.zeros(int(ids[-1]) + 1 if len(ids) else 0, dtype=bool)
        self._mask[ids] = True
        self.ranges = _ranges(ids)
        """Up to MOST_RANGES (first, last) pairs, both inside, that cover the ids."""

        self.covered = sum(last - first + 1 for first, last in self.ranges)
        """How many ids the ranges cover."""

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, chunk_id: int) -> bool:
        return chunk_id < len(self._mask) and bool(self._mask[chunk_id])

    def holds(self, ids: np.ndarray) -> np.ndarray:
        """(n,) True for each of ``ids`` (n,) int64 that is selected."""
        inside = ids < len(self._mask)
        found = np.zeros(len(ids), dtype=bool)
        found[inside] = self._mask[ids[inside]]
        return found


def _ranges(ids: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Cut where the widest gaps are."""
    if not len(ids):
        return ()
    gaps = np.diff(ids)
    widest = np.argsort(-gaps, kind="stable")[: MOST_RANGES - 1]
    cuts = np.sort(widest[gaps[widest] > 1])
    firsts = [0, *(cuts + 1).tolist()]
    lasts = [*cuts.tolist(), len(ids) - 1]
    return tuple((int(ids[first]), int(ids[last])) for first, last in zip(firsts, lasts, strict=True))
