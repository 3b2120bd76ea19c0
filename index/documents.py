"""Files -> documents: one loader a format, found by the file's suffix, each imported only when it is needed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from index.records import Document, DocumentError, Place

LARGEST = 64_000_000  # bytes of one file: more is an accident, and would not fit a laptop's memory as vectors
_MARKDOWN_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)

Loader = Callable[[Path, str], Document]


def supported(path: Path) -> bool:
    """True where a loader reads files of this suffix."""
    return path.suffix.lower() in LOADERS


def document_files(folder: Path) -> Iterator[Path]:
    """The files below ``folder`` that a loader reads, sorted; hidden ones and links out of it left out."""
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") for part in parts) or not supported(path):
            continue
        if path.is_file() and path.resolve().is_relative_to(root):
            yield path


def load(path: Path, source: str) -> Document:
    """Read one file as the document ``source``. Raises DocumentError, which names the file and what is wrong."""
    loader = LOADERS.get(path.suffix.lower())
    if loader is None:
        raise DocumentError(source, f"{path.suffix or 'no suffix'} is not read; known are {', '.join(sorted(LOADERS))}")
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise DocumentError(source, f"{size / 1e6:.0f} MB is more than {LARGEST // 1_000_000} MB; split the file")
        document = loader(path, source)
    except OSError as error:
        raise DocumentError(source, f"cannot be read ({error.strerror}); check its permissions") from error
    if not document.text.strip():
        raise DocumentError(source, "holds no text")
    return document


def decode(data: bytes, source: str) -> str:
    """Bytes -> text: UTF-8, UTF-16 with its mark, else Thai cp874. Raises DocumentError where it is none of them."""
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp874"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_text(text):
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise DocumentError(source, "is not text (neither UTF-8, UTF-16 nor Thai cp874); save it as UTF-8")


def _is_text(text: str) -> bool:
    """False for what decodes by accident: control characters have no place in text."""
    sample = text[:100_000]
    controls = sum(1 for char in sample if unicodedata.category(char) == "Cc" and char not in "\n\r\t\f\v")
    return controls <= len(sample) // 1000


def _load_text(path: Path, source: str) -> Document:
    return Document(source, decode(path.read_bytes(), source))


def _load_markdown(path: Path, source: str) -> Document:
    text = decode(path.read_bytes(), source)
    headings = tuple(Place(*match.span(1)) for match in _MARKDOWN_HEADING.finditer(text))
    title = text[headings[0].start : headings[0].end] if headings else ""
    return Document(source, text, title=title, headings=headings)


LOADERS: dict[str, Loader] = {
    ".txt": _load_text,
    ".md": _load_markdown,
}
