"""Plain text and Markdown; and bytes -> text for every format that is text inside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from index.loaders.compose import MOST_HEADINGS, clean, iso_date
from index.records import Document, DocumentError, Place

_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(?=\S)")
_CLOSING = re.compile(r"(?<=\s)#+$")
_UNDERLINE = re.compile(r"^ {0,3}(?:=+|-{2,})[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_NOT_PROSE = re.compile(r"^(?: {0,3}(?:[-*+>|]|\d+[.)])|\s*$| {4}|\t)")
_FIELD = re.compile(r"^([\w-]{1,40}):(.*)$")


def decode(data: bytes, source: str) -> str:
    """Bytes -> text: UTF-8, UTF-16 with its mark, else Thai cp874, without control characters.

    Raises DocumentError where the bytes are none of them.
    """
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    encodings = ["utf-16"] if marked else ["utf-8-sig", "cp874"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_text(text):
            return clean(text)
    raise DocumentError(source, "is not text (neither UTF-8, UTF-16 nor Thai cp874); save it as UTF-8")


def _is_text(text: str) -> bool:
    """False for what decodes by accident: control characters have no place in text."""
    sample = text[:100_000]
    controls = sum(1 for char in sample if unicodedata.category(char) == "Cc" and char not in "\n\r\t\f\v")
    return controls <= len(sample) // 1000


def load_text(data: bytes, source: str) -> list[Document]:
    """The text as it is."""
    return [Document(source, decode(data, source))]


def load_markdown(data: bytes, source: str) -> list[Document]:
    """The text as it is, with the places of its headings; title and date from the front matter, where there is one."""
    text, fields = _front_matter(decode(data, source))
    headings = tuple(islice(_headings(text), MOST_HEADINGS))
    title = fields.pop("title", "") or (text[headings[0].start : headings[0].end] if headings else "")
    date = iso_date(fields.pop("date", None))
    return [Document(source, text, title=title, date=date, headings=headings, metadata=fields)]


def _front_matter(text: str) -> tuple[str, dict[str, str]]:
    """The text without the ``---`` block at its head, and the block's plain ``key: value`` lines."""
    lines = text.split("\n", 102)
    if lines[0].strip() != "---" or "---" not in (ends := [line.strip() for line in lines[1:101]]):
        return text, {}
    end = ends.index("---") + 1
    fields = (_FIELD.match(line) for line in lines[1:end])
    body = "\n".join(lines[end + 1 :])
    return body, {field[1].lower(): field[2].strip(" \t\"'") for field in fields if field and field[2].strip()}


def _headings(text: str) -> Iterator[Place]:
    """Headings with # and underlined ones, none inside fenced code."""
    fence = ""
    before: Place | None = None  # the line above, where an underline would make it a heading
    start = 0
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif fence:
            if mark and mark[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
        elif match := _HEADING.match(line):
            heading = _CLOSING.sub("", line[match.end() :].rstrip()).rstrip()
            if heading:
                yield Place(start + match.end(), start + match.end() + len(heading))
        elif before and _UNDERLINE.match(line):
            yield before
        prose = not fence and not mark and not _HEADING.match(line) and not _NOT_PROSE.match(line)
        stripped = line.strip()
        offset = start + line.find(stripped) if stripped else start
        before = Place(offset, offset + len(stripped)) if prose else None
        start += len(line) + 1
