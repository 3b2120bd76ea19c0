"""Documents on their way into a store: batches that cost seconds, encoded where the store has no vector yet."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from types import MappingProxyType
from typing import Protocol

from index.chunking import search_text
from index.encoder import Encoder
from index.records import Chunk, Document
from index.segmenter import Segmenter, shares_segmentation
from index.store_rows import Encoded, Entry, FileState, Identity, check_text

FIRST_PASSAGES = 256  # encoded and committed together at first ...
MOST_PASSAGES = 2_000  # ... and at most; in between, as many as take as long as
BATCH_SECONDS = 2.0  # to encode, or to read: so little is lost by a kill or Ctrl-C
MOST_REMEMBERED = 20_000  # passages of removed files whose vectors are kept at hand while others are read

Cut = tuple[Document, FileState, Sequence[Chunk]]
"""A document, the state of its file, and its passages."""


class Writer(Protocol):
    """What a build asks of a store: the embedded one, or a part of a collection in Milvus."""

    @property
    def writable(self) -> bool: ...
    def identity(self) -> Identity: ...
    def files(self) -> dict[str, FileState]: ...
    def problems(self) -> dict[str, str]: ...
    def told(self, notes: Sequence[str]) -> set[str]: ...
    def encoded(self, files: Iterable[str]) -> Iterator[tuple[str, Encoded]]: ...
    def put(self, entries: Sequence[Entry], removed: Sequence[str] = ()) -> None: ...
    def rename(self, moves: Iterable[tuple[str, str, FileState]]) -> set[str]: ...
    def touch(self, files: Mapping[str, FileState]) -> None: ...
    def report_problem(self, source: str, message: str, file: FileState) -> None: ...


def entries(
    batch: Sequence[Cut], encoder: Encoder, segmenter: Segmenter, known: Mapping[str, Encoded] = MappingProxyType({})
) -> tuple[list[Entry], int]:
    """An :class:`Entry` a document, and how many texts were encoded for them.

    Each text is segmented and encoded once, all of the batch together, and not at all where it is ``known``.
    Raises DocumentError for text that cannot be stored.
    """
    for document, _, _ in batch:
        check_text(document.source, document.text)
    texts = [[search_text(chunk) for chunk in chunks] for _, _, chunks in batch]
    new = [text for text in dict.fromkeys(chain.from_iterable(texts)) if text not in known]
    raw = segmenter.raw_ids(new)
    if shares_segmentation(encoder, segmenter):
        vectors = encoder.encode_ids(raw)  # one segmentation feeds both channels
    else:
        vectors = encoder.encode(new, role="document")
    made = {
        text: Encoded(segmenter.words_only(ids), vector) for text, ids, vector in zip(new, raw, vectors, strict=True)
    }
    found = []
    for (document, state, chunks), own in zip(batch, texts, strict=True):
        pairs = [made[text] if text in made else known[text] for text in own]
        found.append(Entry(document, state, chunks, [pair.tokens for pair in pairs], [pair.vector for pair in pairs]))
    return found, len(new)


class Intake:
    """Puts documents into a store, batch by batch; encodes no text that their files, or removed ones, held before."""

    def __init__(self, store: Writer, encoder: Encoder, segmenter: Segmenter) -> None:
        self._store, self._encoder, self._segmenter = store, encoder, segmenter
        identity = store.identity()
        self._fits = (identity.encoder_fingerprint, identity.segmenter_fingerprint) == (
            encoder.fingerprint,
            segmenter.fingerprint,
        )
        self._remembered: dict[str, Encoded] = {}
        self.documents = self.passages = self.encoded = 0

    def remember(self, files: Iterable[str]) -> None:
        """Keep the vectors of files that are about to be removed: what moved and changed shares its text with them."""
        if self._fits:
            self._remembered = dict(islice(self._store.encoded(files), MOST_REMEMBERED))

    def put(self, files: Iterable[list[Cut]], twins: Mapping[str, str] = MappingProxyType({})) -> None:
        """Put the documents of ``files``, whole files together.

        ``twins``: file -> another one of the store that had its content. Raises DocumentError, StoreError.
        """
        for batch in self._batches(files):
            known = dict(self._remembered)
            if self._fits:
                names = {state.name or document.source for document, state, _ in batch}
                known.update(self._store.encoded({*names, *(twins[name] for name in names & twins.keys())}))
            made, encoded = entries(batch, self._encoder, self._segmenter, known)
            self._store.put(made)
            self.documents += len(batch)
            self.passages += sum(len(chunks) for _, _, chunks in batch)
            self.encoded += encoded

    def _batches(self, files: Iterable[list[Cut]]) -> Iterator[list[Cut]]:
        """Whole files together until they have the passages that are encoded and committed within seconds."""
        batch: list[Cut] = []
        passages, wanted, read_since = 0, FIRST_PASSAGES, time.monotonic()
        for cuts in files:
            batch.extend(cuts)
            passages += sum(len(chunks) for _, _, chunks in cuts)
            began = time.monotonic()
            if passages >= wanted or began - read_since >= BATCH_SECONDS:
                yield batch
                read_since = time.monotonic()
                rate = passages / max(read_since - began, 1e-3)
                wanted = int(min(MOST_PASSAGES, max(1, rate * BATCH_SECONDS)))
                batch, passages = [], 0
        if batch:
            yield batch
