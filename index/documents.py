"""Files -> documents: one loader a format, found by the file's suffix, each imported only when it is needed.

Formats that take a parser to read are read in a child process (``index.loaders.sandbox``), so that a hostile
file costs bounded time and memory, and never the program.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from index.loaders.text import decode
from index.records import Document, DocumentError, UsageError, printable

__all__ = ["LARGEST", "LOADERS", "Scan", "decode", "load", "load_all", "load_here", "scan", "supported"]

LARGEST = 64_000_000  # bytes of one file: more is an accident, and would not fit a laptop's memory as vectors
LONGEST = 40_000_000  # characters of one document
RESERVED = frozenset(("questions.jsonl", "aliases.tsv"))  # what a folder says about its documents, not one of them
_log = logging.getLogger(__name__)

LOADERS: dict[str, str] = {
    ".txt": "text.load_text",
    ".md": "text.load_markdown",
    ".markdown": "text.load_markdown",
    ".html": "html.load_html",
    ".htm": "html.load_html",
    ".pdf": "pdf.load_pdf",
    ".docx": "office.load_docx",
    ".odt": "office.load_odt",
    ".xlsx": "tables.load_xlsx",
    ".xls": "tables.load_sheets",
    ".ods": "tables.load_sheets",
    ".csv": "tables.load_csv",
    ".tsv": "tables.load_csv",
    ".jsonl": "tables.load_jsonl",
    ".zip": "archive.load_zip",
}
"""Suffix -> module and function of ``index.loaders``: (bytes, source) -> documents."""
_PLAIN = frozenset((".txt", ".md", ".markdown", ".csv", ".tsv", ".jsonl"))  # read in this process, in one pass


def supported(path: Path) -> bool:
    """True where a loader reads files of this suffix."""
    return path.suffix.lower() in LOADERS


@dataclass(frozen=True, slots=True)
class Scan:
    """What lies below a document folder at one moment."""

    files: dict[str, tuple[int, int]]
    """Source (path below the folder, with forward slashes) -> size in bytes and time of change in ns; in order."""
    unreadable: tuple[str, ...]
    """Folders that could not be listed, named as sources are, each with a slash at its end."""


def scan(folder: Path) -> Scan:
    """The files below ``folder`` that a loader reads; hidden ones and links out of it left out.

    A file whose name is not UTF-8 cannot be named in an answer: it is left out and logged. Raises UsageError
    where ``folder`` itself cannot be listed.
    """
    root = os.path.realpath(folder)
    found: dict[str, tuple[int, int]] = {}
    unreadable: list[str] = []
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            with os.scandir(folder / below) as listed:
                entries = list(listed)
        except OSError as error:
            if not below:
                raise UsageError(f"{printable(str(folder))}: cannot be listed ({error.strerror})") from error
            _log.warning("%s: cannot be listed (%s)", printable(below), error.strerror)
            unreadable.append(below)
            continue
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{below}{name}/")
            elif name not in RESERVED and _suffix(name) in LOADERS and (state := _state(entry, root)):
                found[below + name] = state
    order = sorted(found, key=lambda source: source.replace("/", "\0"))  # as paths compare
    return Scan({source: found[source] for source in order}, tuple(sorted(unreadable)))


def _suffix(name: str) -> str:
    return "".join(name.rpartition(".")[1:]).lower()


def _state(entry: os.DirEntry[str], root: str) -> tuple[int, int] | None:
    """Size and time of a regular file that lies below ``root``, links followed; None for anything else."""
    try:
        entry.path.encode("utf-8")
        if not entry.is_file() or (entry.is_symlink() and not Path(os.path.realpath(entry.path)).is_relative_to(root)):
            return None
        status = entry.stat()
        return status.st_size, status.st_mtime_ns
    except UnicodeEncodeError:
        _log.warning("%r: its name is not UTF-8; rename it to have it read", entry.path)
    except OSError:  # it went away, or is a link that leads in circles
        pass
    return None


def load(path: Path, source: str) -> Document:
    """Read the file of one document. Raises DocumentError as :func:`load_all`, and where the file holds several."""
    documents = load_all(path, source)
    if len(documents) > 1:
        raise DocumentError(source, f"holds {len(documents)} documents, not one")
    return documents[0]


def load_all(path: Path, source: str) -> list[Document]:
    """Read a file as its documents, at least one; each of them has text.

    A file of one document gives it as ``source``; one of several gives them as ``source#name``. What could be
    read only in part is told in the documents' warnings. Raises DocumentError, which names the file and what
    is wrong.
    """
    if path.suffix.lower() in _PLAIN:
        return load_here(path, source)
    _check(path, source)
    from index.loaders.sandbox import load_apart

    return load_apart(path.absolute(), source)


def load_here(path: Path, source: str) -> list[Document]:
    """As :func:`load_all`, in this process, with neither time nor memory bounded. For trusted files."""
    _check(path, source)
    try:
        with path.open("rb") as handle:
            data = handle.read(LARGEST + 1)  # it may have grown since
    except OSError as error:
        raise DocumentError(source, f"cannot be read ({error.strerror}); check its permissions") from error
    return _read(path.name, data, source)


def to_read_again(told: Callable[[Sequence[str]], set[str]]) -> set[str]:
    """Files that more could be read of, now that Tesseract is here; ``told`` gives those that certain notes tell of."""
    if find_spec("pytesseract") is None or shutil.which("tesseract") is None:
        return set()
    from index.loaders.pdf import WAITING

    files = told(WAITING)
    if not files:
        return files
    from index.loaders.ocr import languages  # which asks Tesseract

    return files if languages() else set()


def _check(path: Path, source: str) -> None:
    if not supported(path):
        known = ", ".join(sorted(LOADERS))
        raise DocumentError(source, f"{path.suffix or 'no suffix'} is not read; known are {known}")
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DocumentError(source, f"cannot be read ({reason}); check its permissions") from error
    if size > LARGEST:
        raise DocumentError(source, f"{size / 1e6:.0f} MB is more than {LARGEST // 1_000_000} MB; split the file")


def _read(name: str, data: bytes, source: str) -> list[Document]:
    """The documents of a file's bytes, by the suffix of its name."""
    suffix = Path(name).suffix.lower()
    module, function = LOADERS[suffix].split(".")
    loader = getattr(import_module(f"index.loaders.{module}"), function)
    if suffix == ".zip":
        documents = loader(data, source, lambda inner: supported(Path(inner)), _read)
    else:
        documents = loader(data, source)
    if not any(document.text.strip() for document in documents):
        raise DocumentError(source, "holds no text")
    for document in documents:
        if len(document.text) > LONGEST:
            raise DocumentError(source, f"holds more than {LONGEST:,} characters; split the file")
    return [document for document in documents if document.text.strip()]


if __name__ == "__main__":  # the child process that load_all reads in
    from index.loaders.sandbox import serve

    serve(load_here)
