"""What answering asks of a store, whichever it is: SQLite, FAISS and words in a folder, or a collection in Milvus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.build import BuildReport, Progress, silent, update
from index.derived import Searchable, open_searchable
from index.encoder import Encoder
from index.milvus import MilvusStore
from index.milvus_build import build_collection
from index.milvus_search import Documents
from index.records import Document
from index.segmenter import Segmenter
from index.selection import Selection
from index.store import Store
from index.store_rows import DocumentInfo, Identity, StoredChunk


class PassageStore(Protocol):
    """Documents and their passages: :class:`index.store.Store` or :class:`index.milvus.MilvusStore`."""

    @property
    def folder(self) -> Path:
        """Where what belongs to this process is kept."""
        ...

    @property
    def path(self) -> object:
        """What messages call the store."""
        ...

    @property
    def sequence(self) -> int:
        """Grows with every committed change."""
        ...

    def identity(self) -> Identity: ...
    def counts(self) -> tuple[int, int]: ...
    def documents(self) -> list[DocumentInfo]: ...
    def problems(self) -> dict[str, str]: ...
    def document(self, source: str) -> Document | None: ...
    def chunks(self, ids: Iterable[int]) -> dict[int, StoredChunk]: ...
    def tokens(self, ids: np.ndarray) -> Iterator[tuple[int, np.ndarray]]: ...

    def snapshot(self) -> AbstractContextManager[object]:
        """All that is read inside, in this thread, is of one state."""
        ...

    def close(self) -> None: ...


class PassageIndex(Protocol):
    """The vectors and words of a store at one moment."""

    @property
    def sequence(self) -> int: ...
    @property
    def texts(self) -> int: ...
    @property
    def mean_length(self) -> float: ...
    def document_frequency(self, token: int) -> int: ...

    def nearest(self, vector: np.ndarray, k: int, among: Any = None) -> list[tuple[int, float]]:
        """Up to ``k`` (id, cosine) pairs, best first; ``among`` is what :func:`catalogue` made for this store."""
        ...

    def by_words(self, weights: Mapping[int, float], k: int, among: Any = None) -> list[tuple[int, float]]:
        """Up to ``k`` (id, weighted BM25) pairs, likewise."""
        ...


def open_index(store: PassageStore, before: PassageIndex | None = None) -> PassageIndex:
    """The index of a store, caught up with it; ``before`` is the one known until now."""
    if isinstance(store, MilvusStore):
        return store.index()
    return open_searchable(local(store), before if isinstance(before, Searchable) else None)


def catalogue(store: PassageStore) -> tuple[list[DocumentInfo], Callable[[np.ndarray], Any]]:
    """All documents, and what makes of some of them, (n,) bool, the selection that searches of the store take."""
    if isinstance(store, MilvusStore):
        infos, numbers = store.numbered()
        return infos, lambda taken: Documents(numbers, taken)
    spans = local(store).chunk_spans()

    def select(taken: np.ndarray) -> Selection:
        ids = [np.arange(first, last + 1) for first, last in spans[taken].tolist()]
        return Selection(np.sort(np.concatenate(ids)) if ids else np.empty(0, dtype=np.int64))

    return store.documents(), select


def bring_up_to_date(
    store: PassageStore, folder: Path, encoder: Encoder, segmenter: Segmenter, progress: Progress = silent
) -> BuildReport:
    """Make a store hold exactly the documents below ``folder``."""
    if isinstance(store, MilvusStore):
        return build_collection(store.cluster, folder, encoder, segmenter, progress).report
    return update(local(store), folder, encoder, segmenter, progress)


def local(store: PassageStore) -> Store:
    """``store`` as the one in a folder of this machine that it is."""
    assert isinstance(store, Store), store
    return store
