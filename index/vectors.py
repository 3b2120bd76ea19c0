"""Nearest vectors by inner product. The only importer of faiss.

``VectorIndex`` is what retrieval asks; ``FaissVectors`` answers in process. Scores are inner products of
unit vectors (cosines): higher is better.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.selection import Selection

FLAT_LIMIT = 50_000  # rows: up to here an exhaustive search takes a few milliseconds and needs no training
NEIGHBOURS = 32  # links a node in the HNSW graph (Malkov & Yashunin 2016 recommend 12 to 48)
BUILD_BREADTH = 80
SEARCH_BREADTH = 128
SCANNED = 50_000  # of a selection of up to so many rows every one is looked at: links lead to few of them


class VectorIndex(Protocol):
    """Nearest neighbours among vectors that are known by an id."""

    def search(self, query: np.ndarray, k: int, among: Selection | None = None) -> list[tuple[int, float]]:
        """Up to ``k`` (id, cosine) pairs for one unit vector of shape (d,), best first, ties by id.

        Where ``among`` is named, of what it holds alone.
        """
        ...

    def __len__(self) -> int: ...


class FaissVectors:
    """A FAISS index over (n, d) float32 unit vectors; the kind is chosen by size."""

    def __init__(self, index: Any, ids: np.ndarray) -> None:
        self._index = index
        self.ids = ids  # (n,) int64, row -> id

    @classmethod
    def build(cls, vectors: np.ndarray, ids: np.ndarray) -> FaissVectors:
        """Index ``vectors`` (n, d) float32 under ``ids`` (n,) int64."""
        import faiss

        dimension = vectors.shape[1]
        if len(vectors) <= FLAT_LIMIT:
            index: Any = faiss.IndexFlatIP(dimension)
        else:
            quantizer: Any = faiss.ScalarQuantizer.QT_8bit  # an int, whatever faiss's stubs say
            index = faiss.IndexHNSWSQ(dimension, quantizer, NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = BUILD_BREADTH
            index.train(vectors[:: max(1, len(vectors) // 20_000)])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index, np.asarray(ids, dtype=np.int64))

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
        if among is not None:
            scores, rows = self._search_among(asked, k, among.holds(self.ids))
        else:
            if hasattr(self._index, "hnsw"):
                self._index.hnsw.efSearch = max(SEARCH_BREADTH, k)
            scores, rows = self._index.search(asked, k)
        pairs = [(int(self.ids[row]), float(score)) for score, row in zip(scores[0], rows[0], strict=True) if row >= 0]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _search_among(self, asked: np.ndarray, k: int, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores and rows (1, k) of the best rows among those that are ``chosen`` (n,); row -1 where there are fewer."""
        import faiss as module

        faiss: Any = module  # its stubs lack what its Python side adds
        count = int(chosen.sum())
        if not count:
            return np.zeros((1, 0), dtype=np.float32), np.full((1, 0), -1)
        bits = np.packbits(chosen, bitorder="little")
        selector = faiss.IDSelectorBitmap(bits)
        if not hasattr(self._index, "hnsw"):
            found = self._index.search(asked, k, params=faiss.SearchParameters(sel=selector))
        elif count <= SCANNED:
            storage = faiss.downcast_index(self._index.storage)
            found = storage.search(asked, k, params=faiss.SearchParameters(sel=selector))
        else:  # the way leads through rows that are not chosen too
            breadth = int(max(SEARCH_BREADTH, k) * len(chosen) / count)
            found = self._index.search(asked, k, params=faiss.SearchParametersHNSW(sel=selector, efSearch=breadth))
        scores, rows = found
        return scores, rows

    def save(self, folder: Path) -> list[Path]:
        """Write ``vectors.faiss`` and ``vectors.ids.npy`` into ``folder``; the paths written."""
        import faiss

        paths = [folder / "vectors.faiss", folder / "vectors.ids.npy"]
        faiss.write_index(self._index, str(paths[0]))
        np.save(paths[1], self.ids, allow_pickle=False)
        return paths

    @classmethod
    def load(cls, folder: Path) -> FaissVectors:
        """Read what :meth:`save` wrote. Raises RuntimeError or ValueError where the files are not that."""
        import faiss

        ids = np.load(folder / "vectors.ids.npy", allow_pickle=False)
        index = faiss.read_index(str(folder / "vectors.faiss"))
        if index.ntotal != len(ids):
            raise ValueError(f"{folder / 'vectors.faiss'}: holds {index.ntotal} rows for {len(ids)} ids")
        return cls(index, ids)
