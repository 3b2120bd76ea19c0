"""A collection on a Milvus server or cluster, read by any number of processes; they keep nothing of their own.

Each asks the alias, at most once a POLL second, which generation is current and how far it is. What is asked within
:meth:`MilvusStore.snapshot` is of one generation; of a document that is replaced meanwhile the old text stays until
the next build, so that what was found can still be quoted.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from index.lexicon import ALIASES
from index.milvus_address import Address
from index.milvus_client import Cluster
from index.milvus_generation import Generation, check_identity
from index.milvus_rows import (
    DOCUMENT_FIELDS,
    LIVE,
    OWNER_FIELDS,
    PASSAGE_FIELDS,
    UNREADABLE,
    Row,
    document_of,
    document_of_passage,
    info_of,
    key_of,
    passage_ids,
    stored_chunk,
)
from index.milvus_search import MilvusIndex, Moment
from index.records import Document, StoreError
from index.store_rows import DocumentInfo, Identity, StoredChunk

POLL = 1.0  # seconds a process goes on without asking whether anything has changed


@dataclass(slots=True)
class _Pinned:
    """What one thread holds on to within a snapshot."""

    moment: Moment
    versions: dict[str, Row] = field(default_factory=dict)
    """Source -> the row of the document whose passages were read."""


class _Held(threading.local):
    pinned: _Pinned | None = None


class MilvusStore:
    """What :class:`index.store.Store` answers, from a collection."""

    writable = False  # qa build writes, through index.milvus_build

    def __init__(self, cluster: Cluster, identity: Identity, folder: Path, poll: float = POLL) -> None:
        """Read a collection.

        Args:
            identity: of the encoder and segmenter at hand; a collection made with others is refused, at any time.
            folder: where this process keeps what is its own (feedback), and a copy of the aliases.
            poll: seconds between looks at what has changed.

        Raises StoreError where there is no collection, StoreMismatch where it was made with another encoder.
        """
        self.cluster, self.folder, self._identity, self._poll = cluster, folder, identity, poll
        self._held = _Held()
        self._lock = threading.Lock()
        self._moment: Moment | None = None
        self._looked = 0.0
        self._look()

    @property
    def path(self) -> Address:
        """What messages call it."""
        return self.cluster.address

    def close(self) -> None:
        """Let go of the connection."""
        self.cluster.close()

    # -- which state it is in

    def _now(self) -> Moment:
        """The state to answer from: that of the snapshot, else the newest known."""
        if self._held.pinned is not None:
            return self._held.pinned.moment
        if time.monotonic() - self._looked >= self._poll or self._moment is None:
            self._look()
        assert self._moment is not None
        return self._moment

    def _look(self) -> None:
        """Learn what the alias stands for, and how far that is."""
        with self._lock:
            generation = Generation.current(self.cluster)
            if generation is None:
                raise StoreError(f"{self.path}: nothing here yet; qa build --store {self.path} --docs FOLDER makes it")
            known = self._moment
            if known is None or known.generation.passages != generation.passages:
                made = generation.made()
                check_identity(made.identity, self._identity, self.path)
                parts = made.parts
            else:
                generation, parts = known.generation, known.parts
            states = list(generation.states(range(1, parts + 1)).values())
            sequence = (generation.number << 40) + sum(state.sequence for state in states)
            if known is None or known.sequence != sequence:
                self._moment = Moment.of(generation, parts, sequence, states)
                self._keep_aliases(generation.aliases())
            self._looked = time.monotonic()

    def _keep_aliases(self, text: str) -> None:
        """Lay the aliases where they are looked for, as if they were those of a document folder."""
        path = self.folder / ALIASES
        with suppress(OSError):  # without a place to write there are none
            if text or path.exists():
                whole = path.with_suffix(f".{os.getpid()}")  # another process may be reading
                whole.write_text(text, encoding="utf-8")
                whole.replace(path)

    @property
    def sequence(self) -> int:
        """Grows with every committed change."""
        return self._now().sequence

    def identity(self) -> Identity:
        """What it was made with."""
        return self._identity

    def index(self) -> MilvusIndex:
        """Its vectors and words, to be searched."""
        return MilvusIndex(self._now())

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is asked inside, in this thread, is of one generation; nothing is waited for."""
        if self._held.pinned is not None:
            yield
            return
        self._held.pinned = _Pinned(self._now())
        try:
            yield
        finally:
            self._held.pinned = None

    # -- documents

    def counts(self) -> tuple[int, int]:
        """How many documents and passages there are."""
        moment = self._now()
        return moment.documents, moment.texts

    def documents(self) -> list[DocumentInfo]:
        """All documents, by source."""
        return self.numbered()[0]

    def numbered(self) -> tuple[list[DocumentInfo], np.ndarray]:
        """All documents, by source, and the number of each, (n,) int64."""
        rows = sorted(self._documents_where(f"state == {LIVE}"), key=lambda row: str(row["source"]))
        return [info_of(row) for row in rows], np.asarray([row["id"] for row in rows], dtype=np.int64)

    def problems(self) -> dict[str, str]:
        """Source -> why it could not be read."""
        rows = self._documents_where(f"state == {UNREADABLE}")
        return dict(sorted((row["source"], row["note"]) for row in rows))

    def _documents_where(self, condition: str) -> Iterator[Row]:
        generation = self._now().generation
        return self.cluster.select(generation.kept("documents"), condition, DOCUMENT_FIELDS)

    def document(self, source: str) -> Document | None:
        """The whole document, its checksum verified; None where there is none of that name.

        Within a snapshot, as it was when passages of it were read. Raises StoreDamaged.
        """
        pinned = self._held.pinned
        row = pinned.versions.get(source) if pinned else None
        if row is None:
            condition = f"source_key == {key_of(source)} and state == {LIVE}"
            found = [row for row in self._documents_where(condition) if row["source"] == source]
            if not found:
                return None
            row = max(found, key=lambda row: int(row["id"]))
        texts = self._now().generation.kept("texts")
        pieces = self.cluster.get(texts, passage_ids(row["id"], row["pieces"]), ["id", "piece"])
        return document_of(row, pieces, str(self.path))

    # -- passages

    def tokens(self, ids: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """(id, word ids) of the given ascending ids that are there."""
        fields = ["id", "tokens"]
        rows = self.cluster.get(self._now().generation.passages, ids.tolist(), fields) if len(ids) else []
        for row in sorted(rows, key=lambda row: int(row["id"])):
            yield row["id"], np.asarray(row["tokens"], dtype=np.int32)

    def chunks(self, ids: Iterable[int]) -> dict[int, StoredChunk]:
        """The passages of these ids whose documents are (still) there."""
        generation = self._now().generation
        wanted = list(ids)
        if not wanted:
            return {}
        rows = self.cluster.get(generation.passages, wanted, PASSAGE_FIELDS)
        owners = {document_of_passage(row["id"]) for row in rows}
        # The rows of documents are read after those of passages: one that is replaced in between is left out.
        documents = self.cluster.get(generation.kept("documents"), owners, OWNER_FIELDS)
        live = {row["id"]: row for row in documents if row["state"] == LIVE}
        newest: dict[str, int] = {}
        for number, row in live.items():
            newest[row["source"]] = max(number, newest.get(row["source"], 0))
        if self._held.pinned is not None:
            for source, number in newest.items():
                self._held.pinned.versions[source] = live[number]
        found = {}
        for row in rows:
            document = live.get(document_of_passage(row["id"]))
            if document is not None and newest[document["source"]] == document["id"]:
                found[row["id"]] = stored_chunk(row, document)
        return {number: found[number] for number in wanted if number in found}
