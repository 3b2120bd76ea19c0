"""A folder -> an up-to-date store; only what changed is parsed and encoded again."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.chunking import chunk_document
from index.documents import load_all, scan, to_read_again
from index.encoder import Encoder
from index.entries import Cut, Intake, Writer
from index.records import Document, DocumentError
from index.segmenter import Segmenter
from index.store_rows import FileState

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
    """Passages of the documents that were read."""
    encoded: int
    """Texts of passages that had to be encoded: not those that their files held before."""
    problems: dict[str, str]
    """Source -> why it could not be read."""
    seconds: float


def silent(stage: str, done: int, total: int) -> None:
    """No progress wanted."""


def _all(source: str) -> bool:
    """Every file is wanted."""
    return True


def update(
    store: Writer,
    folder: Path,
    encoder: Encoder,
    segmenter: Segmenter,
    progress: Progress = silent,
    wanted: Callable[[str], bool] = _all,
) -> BuildReport:
    """Make ``store`` hold exactly the documents below ``folder``, those whose files are ``wanted``.

    A file whose size and time are unchanged is not opened; one whose content is unchanged is not parsed; one
    that moved keeps its passages; of one that changed only the passages that are new are encoded. A scan that was
    told as pictures is read again once Tesseract is here. Work is
    committed in batches: an interruption keeps what is done. What lies in a folder that cannot be listed just
    now stays as it is. Raises UsageError where ``folder`` itself cannot be.
    """
    began = time.monotonic()
    known = store.files()
    present = scan(folder)
    files = {source: state for source, state in present.files.items() if wanted(source)}
    vanished = {
        source: state
        for source, state in known.items()
        if source not in files and not source.startswith(present.unreadable)
    }
    if store.writable:
        for source in to_read_again(store.told):
            known.pop(source, None)  # as if it were new
    moved = {(gone.sha256, Path(old).suffix): old for old, gone in vanished.items() if gone.sha256}
    pending: list[tuple[str, Path, FileState]] = []
    again: dict[str, FileState] = {}
    renames: list[tuple[str, str, Path, FileState]] = []
    unchanged = 0
    for source, (size, modified) in files.items():
        before = known.get(source)
        if before and (before.size, before.modified) == (size, modified):
            unchanged += 1
            continue
        path = folder / source
        state = FileState(size, modified, _sha256(path))
        if before and state.sha256 and before.sha256 == state.sha256:
            again[source] = state
            continue
        # Another suffix means another loader: the same bytes are another text.
        origin = moved.pop((state.sha256, path.suffix), None) if before is None else None
        if origin is not None:
            renames.append((origin, source, path, state))
        else:
            pending.append((source, path, state))
    if again and store.writable:  # a copy on a read-only disk carries other times
        store.touch(again)
    renamed = store.rename((origin, source, state) for origin, source, _, state in renames) if renames else set()
    for origin, source, path, state in renames:
        if source in renamed:
            del vanished[origin]
        else:
            pending.append((source, path, state))
    intake = Intake(store, encoder, segmenter)
    if vanished:
        if pending:
            intake.remember(vanished)
        store.put([], removed=list(vanished))
    held = {state.sha256: source for source, state in known.items() if state.sha256}
    twins = {source: held[state.sha256] for source, _, state in pending if state.sha256 in held}
    intake.put(_read(store, pending, progress), twins)
    return BuildReport(
        added=intake.documents,
        renamed=len(renamed),
        removed=len(vanished),
        unchanged=unchanged + len(again),
        passages=intake.passages,
        encoded=intake.encoded,
        problems=store.problems(),
        seconds=time.monotonic() - began,
    )


def _read(store: Writer, pending: Sequence[tuple[str, Path, FileState]], progress: Progress) -> Iterator[list[Cut]]:
    """The documents of each file, cut; one that cannot be read is noted as a problem."""
    for done, (source, path, state) in enumerate(pending):
        progress("documents", done, len(pending))
        try:
            documents = load_all(path, source)
        except DocumentError as error:
            store.report_problem(source, str(error), state)
            continue
        state = replace(state, name=source)
        yield [(document, state, chunk_document(document)) for document in documents]
    if pending:
        progress("documents", len(pending), len(pending))


def add_documents(
    store: Writer,
    documents: Iterable[Document],
    encoder: Encoder,
    segmenter: Segmenter,
    progress: Progress = silent,
) -> None:
    """Put documents that come from no folder (an evaluation set's contexts, an upload) into ``store``."""
    listed = list(documents)

    def cut() -> Iterator[list[Cut]]:
        for done, document in enumerate(listed):
            progress("documents", done, len(listed))
            yield [(document, FileState(len(document.text), 0), chunk_document(document))]

    Intake(store, encoder, segmenter).put(cut())
    progress("documents", len(listed), len(listed))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
    except OSError:
        return ""  # the loader says what is wrong with it
    return digest.hexdigest()
