"""Nearest vectors by inner product. The only importer of faiss.

``VectorIndex`` is what retrieval asks; ``FaissVectors`` answers in process. Scores are inner products of
unit vectors (cosines): higher is better.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.selection import Selection

FLAT_LIMIT = 10_000  # rows: up to here an exhaustive search takes a millisecond or two and needs no training
SUBVECTOR = 4  # dimensions that one 4-bit code stands for: 188 codes, 94 bytes, for the bundled encoder's 752
TRAINED_ON = 20_000  # rows that the codes are learned from
REFINED = 512  # rows found by their codes that are compared in full; a share of them in a large index
REFINED_SHARE = 300
SCANNED = 50_000  # of a selection of up to so many rows every one is compared in full
_BLOCK = 16_384  # rows taken at once: bounds what is held as float32


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

    Above FLAT_LIMIT all rows are scanned by 4-bit product codes held in registers (Jégou et al. 2011; André et al.
    2015), and the best are compared again by 8-bit rows that stay on disk until they are asked for. Questions lie
    away from passages, where the cells and graphs that would skip rows lead past half of the nearest.
    """

    def __init__(self, index: Any, ids: np.ndarray, rows: EightBit | None = None) -> None:
        self._index = index
        self.ids = ids  # (n,) int64, row -> id
        self._rows = rows

    @classmethod
    def build(cls, vectors: np.ndarray, ids: np.ndarray) -> FaissVectors:
        """Index ``vectors`` (n, d), float32 or float16, under ``ids`` (n,) int64; the same rows give the same index."""
        import faiss

        count, dimension = vectors.shape
        rows = None
        if count <= FLAT_LIMIT:
            index: Any = faiss.IndexFlatIP(dimension)
        else:
            codes = dimension // SUBVECTOR if dimension % SUBVECTOR == 0 else dimension
            index = faiss.IndexPQFastScan(dimension, codes, 4, faiss.METRIC_INNER_PRODUCT)
            index.train(np.ascontiguousarray(vectors[:: max(1, count // TRAINED_ON)], dtype=np.float32))
            rows = EightBit.of(vectors)
        for start in range(0, count, _BLOCK):
            index.add(np.ascontiguousarray(vectors[start : start + _BLOCK], dtype=np.float32))
        return cls(index, np.asarray(ids, dtype=np.int64), rows)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def kind(self) -> str:
        """The FAISS class in use, for status and reports."""
        return type(self._index).__name__

    def search(self, query: np.ndarray, k: int, among: Selection | None = None) -> list[tuple[int, float]]:
        k = min(k, len(self.ids))
        if k <= 0 or not query.any():  # a zero vector (empty text) is near nothing
            return []
        asked = np.ascontiguousarray(query[None, :], dtype=np.float32)
        if self._rows is None:
            rows, cosines = self._all(asked, k, among)
        else:
            rows = np.sort(self._likely(asked, k, among))  # as they lie on disk
            cosines = self._rows.cosines(rows, query)
        best = np.lexsort((self.ids[rows], -cosines))[:k]
        return list(zip(self.ids[rows[best]].tolist(), cosines[best].tolist(), strict=True))

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
        """Write ``vectors.faiss``, ``vectors.ids.npy`` and what is compared in full into ``folder``; the paths written."""
        import faiss

        paths = [folder / "vectors.faiss", folder / "vectors.ids.npy"]
        faiss.write_index(self._index, str(paths[0]))
        np.save(paths[1], self.ids, allow_pickle=False)
        return [*paths, *(self._rows.save(folder) if self._rows is not None else [])]

    @classmethod
    def load(cls, folder: Path) -> FaissVectors:
        """Read what :meth:`save` wrote. Raises RuntimeError, OSError or ValueError where the files are not that."""
        import faiss

        ids = np.load(folder / "vectors.ids.npy", allow_pickle=False)
        index = faiss.read_index(str(folder / "vectors.faiss"))
        rows = None if isinstance(index, faiss.IndexFlat) else EightBit.load(folder)
        if index.ntotal != len(ids) or (rows is not None and len(rows) != len(ids)):
            raise ValueError(f"{folder / 'vectors.faiss'}: holds {index.ntotal} rows for {len(ids)} ids")
        return cls(index, ids, rows)


class EightBit:
    """(n, d) vectors as whole numbers from -127 to 127: ``number * factor of the row * spread of the dimension``.

    Dimensions differ in how far they spread, rows in how far their largest number lies out; without both, rounding
    alone changes one in a hundred of the ten nearest.
    """

    def __init__(self, numbers: np.ndarray, factors: np.ndarray, spread: np.ndarray) -> None:
        self._numbers, self._factors, self._spread = numbers, factors, spread

    @classmethod
    def of(cls, vectors: np.ndarray) -> EightBit:
        """Round ``vectors`` (n, d)."""
        numbers = np.empty(vectors.shape, dtype=np.int8)
        factors = np.empty(len(vectors), dtype=np.float32)
        sample = np.asarray(vectors[:: max(1, len(vectors) // TRAINED_ON)], dtype=np.float32)
        spread = np.sqrt(np.square(sample).mean(axis=0))
        spread[spread == 0] = 1
        for start in range(0, len(vectors), _BLOCK):
            block = np.asarray(vectors[start : start + _BLOCK], dtype=np.float32) / spread
            part = np.maximum(block.max(axis=1), -block.min(axis=1)) / 127
            factors[start : start + len(block)] = part
            block /= np.where(part > 0, part, 1)[:, None]
            np.rint(block, casting="unsafe", out=numbers[start : start + len(block)])
        return cls(numbers, factors, spread)

    def __len__(self) -> int:
        return len(self._numbers)

    def cosines(self, rows: np.ndarray, query: np.ndarray) -> np.ndarray:
        """(m,) float32 inner products of these rows (m,) and a unit vector (d,)."""
        products = self._numbers[rows].astype(np.float32) @ (query * self._spread).astype(np.float32)
        return np.asarray(products * self._factors[rows])

    def save(self, folder: Path) -> list[Path]:
        """Write ``vectors.rows.npy``, ``vectors.factors.npy`` and ``vectors.spread.npy``."""
        paths = [folder / f"vectors.{name}.npy" for name in ("rows", "factors", "spread")]
        for path, held in zip(paths, (self._numbers, self._factors, self._spread), strict=True):
            np.save(path, held, allow_pickle=False)
        return paths

    @classmethod
    def load(cls, folder: Path) -> EightBit:
        """Map what :meth:`save` wrote."""
        numbers = np.load(folder / "vectors.rows.npy", mmap_mode="r", allow_pickle=False).view(np.ndarray)
        factors, spread = (
            np.load(folder / f"vectors.{name}.npy", allow_pickle=False) for name in ("factors", "spread")
        )
        if numbers.dtype != np.int8 or numbers.shape != (len(factors), len(spread)):
            raise ValueError(f"{folder / 'vectors.rows.npy'}: not 8-bit rows")
        return cls(numbers, factors, spread)
