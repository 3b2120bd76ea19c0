"""What the chat tells of the documents, read from the store once for each state of it: there may be many."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from index.store import DocumentInfo
    from qa.assistant import Assistant

MOST_LISTED = 500  # lines of a table; a browser shows more only slowly
MOST_FOLDERS = 200  # offered to ask in; typing narrows them
UPLOADS = "uploads"  # the folder of what everybody uploaded, below the document folder


@dataclass(frozen=True, slots=True)
class Listing:
    """The documents of one state of a store, as far as they are shown."""

    sequence: int
    """The state of the store."""
    documents: tuple[DocumentInfo, ...]
    """The first MOST_LISTED, by source."""
    uploaded: tuple[DocumentInfo, ...]
    """Those below UPLOADS, all of them."""
    folders: tuple[str, ...]
    """The first MOST_FOLDERS that hold documents, at any depth, each by its path below the document folder."""
    document_count: int
    passage_count: int


_listings: WeakKeyDictionary[Assistant, Listing] = WeakKeyDictionary()
_lock = threading.Lock()


def listing(bot: Assistant) -> Listing:
    """The documents of ``bot`` as they are now."""
    sequence = bot.store.sequence
    found = _listings.get(bot)
    if found is None or found.sequence != sequence:
        with _lock:  # whoever comes meanwhile waits for the one that reads
            found = _listings.get(bot)
            if found is None or found.sequence != sequence:
                found = _listings[bot] = _listed(sequence, bot.documents())
    return found


def _listed(sequence: int, documents: Sequence[DocumentInfo]) -> Listing:
    return Listing(
        sequence,
        tuple(documents[:MOST_LISTED]),
        tuple(info for info in documents if info.source.startswith(f"{UPLOADS}/")),
        tuple(folders(documents)[:MOST_FOLDERS]),
        len(documents),
        sum(info.passages for info in documents),
    )


def folders(documents: Sequence[DocumentInfo]) -> list[str]:
    """The folders that hold documents, each by its path; a document of a file (``faq.jsonl#12``) lies in that file's."""
    holding = {info.source.partition("#")[0].rpartition("/")[0] for info in documents}
    return sorted(
        {str(path) for name in holding for path in (PurePosixPath(name), *PurePosixPath(name).parents)} - {"."}
    )
