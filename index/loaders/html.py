"""Web pages: what a reader reads, without navigation, scripts and footers."""

from __future__ import annotations

import codecs
import re
from typing import Any

from index.loaders.compose import Composer, iso_date
from index.loaders.text import decode
from index.records import Document, DocumentError

_SKIPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "footer",
        "head",
        "iframe",
        "object",
        "svg",
        "canvas",
        "audio",
        "video",
        "button",
        "select",
        "input",
        "textarea",
        "datalist",
        "map",
    ]
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
        "ruby",
        "rb",
        "img",
        "nobr",
    ]
)
_CELLS = frozenset(("td", "th"))
_NOT_IN_ROWS = (
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "article",
    "section",
)  # tables as layout
_CELL = " | "
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f]+")
_DATE_NAMES = (
    "article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dcterms.date",
    "pubdate",
    "publish_date",
)
_THAI_NAMES = {"tis-620": "cp874", "tis620": "cp874", "windows-874": "cp874", "iso-8859-11": "cp874"}


def load_html(data: bytes, source: str) -> list[Document]:
    """One document; a block element is a paragraph, a table row one too."""
    from lxml import etree

    text = _decode(data, source)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise DocumentError(source, f"is not a page that can be read ({error})") from error
    if root is None:
        raise DocumentError(source, "holds no text")
    composer = Composer()
    _Walk(composer).page(root)
    first = (element for element in root.iter("title") if element.text)
    title = next((str(element.text) for element in first), "")
    return [composer.document(source, title=title, date=_date(root))]


def _decode(data: bytes, source: str) -> str:
    """By byte order mark, UTF-8, then what the page says of itself."""
    declared = _CHARSET.search(data[:4096])
    if declared and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        name = declared[1].decode("ascii", "replace").lower()
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
        try:
            codec = codecs.lookup(_THAI_NAMES.get(name, name))
            if getattr(codec, "_is_text_encoding", True):
                return str(codecs.decode(data, codec.name, "replace"))
        except (LookupError, ValueError):
            pass
    return decode(data, source)


def _date(root: Any) -> str | None:
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        if name in _DATE_NAMES and (found := iso_date(meta.get("content"))):
            return found
    times = (iso_date(element.get("datetime")) for element in root.iter("time"))
    return next((found for found in times if found), None)


class _Walk:
    """Goes through a page in reading order and hands on its paragraphs; no recursion, pages nest deeply."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._pieces: list[str] = []
        self._heading = False
        self._row: list[str] | None = None

    def page(self, root: Any) -> None:
        """Walk the tree below ``root``."""
        waiting: list[tuple[str, Any]] = [("open", root)]
        while waiting:
            step, item = waiting.pop()
            if step == "text":
                self._pieces.append(item)
            elif step == "close":
                self._close(item)
            elif isinstance(item.tag, str) and item.tag not in _SKIPPED and not _hidden(item):
                self._open(item)
                waiting.append(("close", item))
                for child in reversed(item):
                    if child.tail:
                        waiting.append(("text", _spaced(child.tail, item)))
                    waiting.append(("open", child))
                if item.text:
                    waiting.append(("text", _spaced(item.text, item)))
        self._flush()

    def _open(self, element: Any) -> None:
        if element.tag == "br":
            self._pieces.append("\n" if self._row is None else " ")
        elif element.tag in _CELLS and self._row is not None:
            self._cell()
        elif element.tag == "tr" and next(element.iter(*_NOT_IN_ROWS), None) is None:
            self._flush()
            self._row = []
        elif element.tag not in _INLINE:
            self._break()
            self._heading = self._heading or (element.tag in _HEADINGS and self._row is None)

    def _close(self, element: Any) -> None:
        if element.tag in _CELLS and self._row is not None:
            self._cell()
        elif element.tag == "tr" and self._row is not None:
            self._cell()
            self._composer.add(_CELL.join(self._row))
            self._row = None
        elif element.tag not in _INLINE and element.tag != "br":
            self._break()
            self._heading = self._heading and element.tag not in _HEADINGS

    def _break(self) -> None:
        if self._row is None:
            self._flush()
        else:
            self._pieces.append(" ")

    def _cell(self) -> None:
        text = " ".join("".join(self._pieces).split())
        self._pieces = []
        if text and self._row is not None:
            self._row.append(text)

    def _flush(self) -> None:
        self._composer.add("".join(self._pieces), heading=self._heading)
        self._pieces = []


def _spaced(text: str, element: Any) -> str:
    """White space as a browser shows it: runs are one space, but line breaks stay in <pre>."""
    if element.tag == "pre" or ("\n" in text and next(element.iterancestors("pre"), None) is not None):
        return text
    return _SPACE.sub(" ", text)


def _hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or "display:none" in style or element.get("role") == "navigation"
