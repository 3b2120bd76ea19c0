"""A session's own documents: read into a store of their own in a temporary folder that goes when the session does."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.build import add_documents
from index.documents import LARGEST, LOADERS, load_all
from index.records import Document, QAError
from index.store import DocumentInfo, Store

if TYPE_CHECKING:
    from qa.assistant import Assistant

MOST_DOCUMENTS = 200  # documents of one session: a ministry's archive belongs in a folder, not in an upload
PREFIX = "qa-own-"  # of the folders; then the process that they belong to: qa doctor removes those of dead ones
LONGEST = 20_000_000  # characters of all of them together: what a laptop encodes in about a minute

Report = Callable[[int, int, str], None]
"""Called with how many files are done, how many there are, and the name of the next."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one uploaded file."""

    name: str
    documents: int
    problem: str = ""


def formats() -> list[str]:
    """The suffixes that can be uploaded."""
    return sorted(LOADERS)


class Uploads:
    """Documents of one session and the assistant that answers from them."""

    def __init__(self, shared: Assistant) -> None:
        self._shared = shared
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self._forget = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)  # at exit at the latest
        self._store = Store.create(self.folder, shared.store.identity())
        self._bot: Assistant | None = None
        self._lock = threading.Lock()

    @property
    def bot(self) -> Assistant | None:
        """Who answers from these documents; None while there are none."""
        return self._bot

    def documents(self) -> list[DocumentInfo]:
        """The documents, by name."""
        return self._bot.documents() if self._bot else []

    def document(self, source: str) -> Document | None:
        """One document, whole; None where it is not, or no longer, there."""
        return self._bot.document(source) if self._bot else None

    def add(self, files: Sequence[Path], report: Report) -> list[Outcome]:
        """Read files, replacing documents of the same name; one that cannot be read spoils no other."""
        outcomes = []
        with self._lock:
            for number, path in enumerate(files):
                report(number, len(files), path.name)
                outcomes.append(self._add(path))
            self._refresh()
        return outcomes

    def _add(self, path: Path) -> Outcome:
        try:
            documents = load_all(path, path.name)
            known = self._store.documents()
            kept = [info for info in known if info.source not in {document.source for document in documents}]
            if len(kept) + len(documents) > MOST_DOCUMENTS:
                raise QAError(f"{path.name}: more than {MOST_DOCUMENTS} documents; remove some, or use --docs")
            if sum(info.characters for info in kept) + sum(len(d.text) for d in documents) > LONGEST:
                raise QAError(f"{path.name}: more than {LONGEST:,} characters together; remove some, or use --docs")
            add_documents(self._store, documents, self._shared.encoder, self._shared.segmenter)
        except QAError as error:
            return Outcome(path.name, 0, str(error))
        return Outcome(path.name, len(documents))

    def remove(self, sources: Sequence[str]) -> None:
        """Forget documents; at once nothing is answered from them."""
        with self._lock:
            self._store.put([], removed=list(sources))
            self._refresh()

    def _refresh(self) -> None:

        if not self._store.counts()[0]:
            self._bot = None
        elif self._bot is None:
            shared = self._shared
            self._bot = shared.over(self._store)

    def close(self) -> None:
        """Delete everything; harmless a second time."""
        with self._lock:
            self._bot = None
            self._store.close()
            self._forget()


def limits() -> tuple[int, int]:
    """Bytes of one file and documents of one session that are taken."""
    return LARGEST, MOST_DOCUMENTS
