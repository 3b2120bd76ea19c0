"""Uploads that everybody sees: files below ``uploads/`` of the document folder, indexed with the rest of it."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.build import BuildReport
from index.documents import load_all
from index.records import QAError
from index.serving import bring_up_to_date
from index.store_rows import DocumentInfo
from qa.listing import UPLOADS, listing
from qa.uploads import Outcome, Report

if TYPE_CHECKING:
    from qa.assistant import Assistant

UNFINISHED = ".unfinished-"  # what a killed process may leave; qa doctor removes it


class SharedFolder:
    """The document folder of an assistant, which can be read again and, where wanted, uploaded to.

    Only what was uploaded can be removed from the browser; the other files belong to whoever put them there.
    """

    def __init__(self, bot: Assistant, folder: Path, *, uploads: bool) -> None:
        self._bot, self._folder = bot, folder
        self.uploads = uploads
        self._lock = threading.Lock()

    def read_again(self) -> BuildReport:
        """Bring the index up to date with the folder. Raises StoreLocked while another process does."""
        with self._lock:
            return bring_up_to_date(self._bot.store, self._folder, self._bot.encoder, self._bot.segmenter)

    def documents(self) -> list[DocumentInfo]:
        """The documents that were uploaded."""
        return list(listing(self._bot).uploaded)

    def add(self, files: Sequence[Path], report: Report) -> list[Outcome]:
        """Keep files that can be read, replacing those of the same name, and index them."""
        outcomes = []
        for number, path in enumerate(files):
            report(number, len(files), path.name)
            outcomes.append(self._add(path))
        self.read_again()
        return outcomes

    def _add(self, path: Path) -> Outcome:
        name = path.name.lstrip(".") or "file"  # hidden files are not read
        try:
            count = len(load_all(path, name))
            (self._folder / UPLOADS).mkdir(exist_ok=True)
            _put(path, self._folder / UPLOADS / name)
        except QAError as error:
            return Outcome(name, 0, str(error))
        except OSError as error:
            return Outcome(name, 0, f"{name}: cannot be kept ({error.strerror}); check the document folder")
        return Outcome(name, count)

    def remove(self, sources: Sequence[str]) -> None:
        """Delete uploaded files, and answer from them no more."""
        known = {info.source for info in self.documents()}
        for source in known.intersection(sources):
            (self._folder / source.partition("#")[0]).unlink(missing_ok=True)
        self.read_again()


def _put(path: Path, place: Path) -> None:
    """Copy a file into ``place`` whole or not at all; what is hidden meanwhile is not read."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=UNFINISHED)
    os.close(handle)
    try:
        shutil.copyfile(path, name)
        Path(name).chmod(0o644)
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
