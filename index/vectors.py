"""Nearest vectors by inner product. The only importer of faiss.

``VectorIndex`` is what retrieval asks; ``FaissVectors`` answers in process. Scores are inner products of
unit vectors (cosines): higher is better.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.eight_bit import EightBit
from index.selection import Selection

FLAT_LIMIT = 10_000  # rows: up to here an exhaustive search takes a millisecond or two and needs no training
SUBVECTOR = 4  # dimensions that one 4-bit code stands for: 188 codes, 94 bytes, for the bundled encoder's 752
TRAINED_ON = 20_000  # rows that the codes are learned from
REFINED = 1_024  # rows found by their codes that are compared in full; a share of them in a large index
REFINED_SHARE = 300
SCANNED = 50_000  # of a selection of up to so many rows every one is compared in full
LOOKED_UP = 3  # searches that read the rows they compare, some 15 ms each; then all are read beside them, ...
PIECE = 2_000  # ... so many at once, some milliseconds of work, ...
IDLE = 1  # ... and nothing for so many times as long, for who asks meanwhile waits for Python's lock
_BLOCK = 16_384  # rows taken at once: bounds what is held as float32

RowsOf = Callable[[np.ndarray], EightBit]
"""(n,) ascending ids -> their rows."""


class VectorIndex(Protocol):
    """Nearest neighbours among vectors that are known by an id."""

    def search(self, query: np.ndarray, k: int, among: Selection | None = None) -> list[tuple[int, float]]:
        """Up to ``k`` (id, cosine) pairs for one unit vector of shape (d,), best first, ties by id.

        Where ``among`` is named, of what it holds alone.
        """
        ...

    def __len__(self) -> int: ...


class FaissVectors:
    """A FAISS index over (n, d) unit vectors; the kind is chosen by size.

    Up to FLAT_LIMIT rows all are compared. Above, all are scanned by 4-bit product codes held in registers (Jégou et al.
    2011; André et al. 2015), and the best are compared again by their 8-bit rows. Questions lie away from passages, where
    the cells and graphs that would skip rows lead past half of the nearest.
    """

    def __init__(self, index: Any, ids: np.ndarray, rows: EightBit | RowsOf) -> None:
        self._index = index
        self.ids = ids  # (n,) int64, row -> id
        self._rows = rows
        self._searches = 0
        self._flat = len(ids) <= FLAT_LIMIT

    @classmethod
    def build(cls, rows: EightBit, ids: np.ndarray) -> FaissVectors:
        """Index ``rows`` (n, d) under ``ids`` (n,) int64; the same rows give the same index."""
        import faiss

        count, dimension = rows.numbers.shape
        if count <= FLAT_LIMIT:
            index: Any = faiss.IndexFlatIP(dimension)
        else:
            codes = dimension // SUBVECTOR if dimension % SUBVECTOR == 0 else dimension
            index = faiss.IndexPQFastScan(dimension, codes, 4, faiss.METRIC_INNER_PRODUCT)
            index.train(np.ascontiguousarray(rows.vectors(slice(None, None, max(1, count // TRAINED_ON)))))
        for start in range(0, count, _BLOCK):
            index.add(rows.vectors(slice(start, start + _BLOCK)))
        return cls(index, np.asarray(ids, dtype=np.int64), rows)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def kind(self) -> str:
        """The FAISS class in use, for status and reports."""
        return type(self._index).__name__

    @property
    def at_hand(self) -> bool:
        """True where all rows are in memory; until then those that are compared are looked up."""
        return isinstance(self._rows, EightBit)

    def search(self, query: np.ndarray, k: int, among: Selection | None = None) -> list[tuple[int, float]]:
        k = min(k, len(self.ids))
        if k <= 0 or not query.any():  # a zero vector (empty text) is near nothing
            return []
        asked = np.ascontiguousarray(query[None, :], dtype=np.float32)
        if self._flat:
            rows, cosines = self._all(asked, k, among)
        else:
            rows = np.sort(self._likely(asked, k, among))  # as they lie on disk
            cosines = self._cosines(rows, query)
        best = np.lexsort((self.ids[rows], -cosines))[:k]
        return list(zip(self.ids[rows[best]].tolist(), cosines[best].tolist(), strict=True))

    def _cosines(self, rows: np.ndarray, query: np.ndarray) -> np.ndarray:
        """(m,) of ascending rows, which are looked up while not all are at hand; who asks more gets them all."""
        kept = self._rows  # once: another thread may be reading them all
        if isinstance(kept, EightBit):
            return kept.cosines(rows, query)
        self._searches += 1
        if self._searches == LOOKED_UP:
            threading.Thread(target=self._read_all, args=(kept,), daemon=True).start()
        return kept(self.ids[rows]).cosines(np.arange(len(rows)), query)

    def _read_all(self, rows_of: RowsOf) -> None:
        """Have all rows at hand. Nobody waits for it; where it fails, a search that meets the damage tells of it."""
        kept = EightBit.zeros(len(self.ids), self._index.d)
        with suppress(Exception):
            for begin in range(0, len(self.ids), PIECE):
                began = time.monotonic()
                part, place = rows_of(self.ids[begin : begin + PIECE]), slice(begin, begin + PIECE)
                kept.numbers[place], kept.factors[place] = part.numbers, part.factors
                time.sleep(IDLE * (time.monotonic() - began))
            self._rows = kept

    def _all(self, asked: np.ndarray, k: int, among: Selection | None) -> tuple[np.ndarray, np.ndarray]:
        """Rows and cosines (m,) of the best ``k``, every row compared."""
        import faiss as module

        faiss: Any = module  # its stubs lack what its Python side adds
        params = None
        if among is not None:
            bits = np.packbits(among.holds(self.ids), bitorder="little")
            params = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        scores, found = self._index.search(asked, k, params=params)
        return found[0][found[0] >= 0], scores[0][found[0] >= 0]

    def _likely(self, asked: np.ndarray, k: int, among: Selection | None) -> np.ndarray:
        """(m,) rows to compare in full: those of the best codes, or all of a small selection."""
        wanted = max(REFINED, len(self.ids) // REFINED_SHARE, 2 * k)
        if among is None:
            found = self._index.search(asked, min(len(self.ids), wanted))[1][0]
            return np.asarray(found[found >= 0])
        chosen = among.holds(self.ids)
        count = int(chosen.sum())
        if count <= SCANNED:
            return np.flatnonzero(chosen)
        # Codes are scanned without regard to a selection: as many more are asked for as it leaves out.
        found = self._index.search(asked, min(len(self.ids), 2 * wanted * len(self.ids) // count))[1][0]
        found = found[found >= 0]
        return np.asarray(found[chosen[found]])

    def save(self, folder: Path) -> list[Path]:
        """Write ``vectors.ids.npy`` and, where there are codes, ``vectors.faiss`` into ``folder``; the paths written.

        The rows themselves are the store's.
        """
        import faiss

        paths = [folder / "vectors.ids.npy"]
        np.save(paths[0], self.ids, allow_pickle=False)
        if not self._flat:
            paths.append(folder / "vectors.faiss")
            faiss.write_index(self._index, str(paths[1]))
        return paths

    @classmethod
    def load(cls, folder: Path, rows_of: RowsOf) -> FaissVectors:
        """Read what :meth:`save` wrote; ``rows_of`` gives the rows of (n,) ascending ids.

        Raises RuntimeError, OSError or ValueError where the files are not that.
        """
        import faiss

        ids = np.load(folder / "vectors.ids.npy", allow_pickle=False)
        if len(ids) <= FLAT_LIMIT:
            return cls.build(rows_of(ids), ids)
        index = faiss.read_index(str(folder / "vectors.faiss"))
        if index.ntotal != len(ids):
            raise ValueError(f"{folder / 'vectors.faiss'}: holds {index.ntotal} rows for {len(ids)} ids")
        return cls(index, ids, rows_of)
