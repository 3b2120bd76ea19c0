"""A folder -> an up-to-date store; only what changed is parsed and encoded again."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index.chunking import chunk_document
from index.documents import document_files, load_all
from index.encoder import Encoder
from index.records import Chunk, Document, DocumentError
from index.segmenter import Segmenter, shares_segmentation
from index.store import Entry, FileState, Store
from index.store_rows import check_text

BATCH_PASSAGES = 2_000  # passages encoded and committed together: a kill loses a second or two of work

Cut = tuple[Document, FileState, Sequence[Chunk]]
"""A document, the state of its file, and its passages."""
Progress = Callable[[str, int, int], None]
"""Called with the stage, how much is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What one build did."""

    added: int
    """Documents new or read again."""
    renamed: int
    removed: int
    unchanged: int
    passages: int
    """Passages encoded."""
    problems: dict[str, str]
    """Source -> why it could not be read."""
    seconds: float


def _silent(stage: str, done: int, total: int) -> None:
    """No progress wanted."""


def update(
    store: Store, folder: Path, encoder: Encoder, segmenter: Segmenter, progress: Progress = _silent
) -> BuildReport:
    """Make ``store`` hold exactly the documents below ``folder``.

    A file whose size and time are unchanged is not opened; one whose content is unchanged is not parsed; one
    that moved keeps its passages. Work is committed in batches: an interruption keeps what is done.
    """
    began = time.monotonic()
    known = store.files()
    present = dict(_states(folder))
    vanished = {source: state for source, state in known.items() if source not in present}
    moved = {(gone.sha256, Path(old).suffix): old for old, gone in vanished.items() if gone.sha256}
    pending: list[tuple[str, Path, FileState]] = []
    renamed = unchanged = 0
    for source, (path, state) in present.items():
        before = known.get(source)
        if before and (before.size, before.modified) == (state.size, state.modified):
            unchanged += 1
            continue
        state = FileState(state.size, state.modified, _sha256(path))
        if before and state.sha256 and before.sha256 == state.sha256:
            if store.writable:  # a copy on a read-only disk carries other times
                store.touch(source, state)
            unchanged += 1
            continue
        # Another suffix means another loader: the same bytes are another text.
        origin = moved.pop((state.sha256, path.suffix), None) if before is None else None
        if origin is not None and store.rename(origin, source, state):
            del vanished[origin]
            renamed += 1
            continue
        pending.append((source, path, state))
    if vanished:
        store.put([], removed=list(vanished))
    added, passages = _read_and_put(store, pending, encoder, segmenter, progress)
    return BuildReport(added, renamed, len(vanished), unchanged, passages, store.problems(), time.monotonic() - began)


def _read_and_put(
    store: Store,
    pending: Sequence[tuple[str, Path, FileState]],
    encoder: Encoder,
    segmenter: Segmenter,
    progress: Progress,
) -> tuple[int, int]:
    """How many documents were read, and how many passages they have."""

    def read() -> Iterator[list[Cut]]:
        for done, (source, path, state) in enumerate(pending):
            progress("documents", done, len(pending))
            try:
                documents = load_all(path, source)
            except DocumentError as error:
                store.report_problem(source, str(error), state)
                continue
            state = replace(state, name=source)
            yield [(document, state, chunk_document(document)) for document in documents]

    added = passages = 0
    for batch in _batches(read()):
        store.put(list(entries(batch, encoder, segmenter)))
        added += len(batch)
        passages += sum(len(chunks) for _, _, chunks in batch)
    if pending:
        progress("documents", len(pending), len(pending))
    return added, passages


def add_documents(
    store: Store,
    documents: Iterable[Document],
    encoder: Encoder,
    segmenter: Segmenter,
    progress: Progress = _silent,
) -> None:
    """Put documents that come from no folder (an evaluation set's contexts, an upload) into ``store``."""
    listed = list(documents)

    def cut() -> Iterator[list[Cut]]:
        for done, document in enumerate(listed):
            progress("documents", done, len(listed))
            yield [(document, FileState(len(document.text), 0), chunk_document(document))]

    for batch in _batches(cut()):
        store.put(list(entries(batch, encoder, segmenter)))
    progress("documents", len(listed), len(listed))


def _batches(files: Iterable[list[Cut]]) -> Iterator[list[Cut]]:
    """Whole files together until they have BATCH_PASSAGES passages: what is encoded and committed at once."""
    batch: list[Cut] = []
    passages = 0
    for cuts in files:
        batch.extend(cuts)
        passages += sum(len(chunks) for _, _, chunks in cuts)
        if passages >= BATCH_PASSAGES:
            yield batch
            batch, passages = [], 0
    if batch:
        yield batch


def entries(batch: Sequence[Cut], encoder: Encoder, segmenter: Segmenter) -> Iterator[Entry]:
    """Segment and encode the chunks of a batch together; an :class:`Entry` a document."""
    for document, _, _ in batch:
        check_text(document.source, document.text)
    texts = [search_text(chunk) for _, _, chunks in batch for chunk in chunks]
    raw = segmenter.raw_ids(texts)
    if shares_segmentation(encoder, segmenter):
        vectors = encoder.encode_ids(raw)  # one segmentation feeds both channels
    else:
        vectors = encoder.encode(texts, role="document")
    position = 0
    for document, state, chunks in batch:
        part = slice(position, position + len(chunks))
        position += len(chunks)
        tokens = [segmenter.words_only(ids) for ids in raw[part]]
        yield Entry(document, state, chunks, tokens, np.asarray(vectors[part]))


def search_text(chunk: Chunk) -> str:
    """What of a chunk is searched: its text, under its heading where that says something more."""
    return chunk.text if not chunk.heading or chunk.heading in chunk.text else f"{chunk.heading}\n{chunk.text}"


def _states(folder: Path) -> Iterator[tuple[str, tuple[Path, FileState]]]:
    """Source -> path and state of the files below ``folder``, without those that go away meanwhile."""
    for path in document_files(folder):
        with suppress(OSError):
            status = path.stat()
            yield path.relative_to(folder).as_posix(), (path, FileState(status.st_size, status.st_mtime_ns))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
    except OSError:
        return ""  # the loader says what is wrong with it
    return digest.hexdigest()
