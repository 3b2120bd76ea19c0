"""Word (DOCX) and OpenDocument text (ODT): read from their XML, so that nothing visible is passed over.

Insertions under change tracking, content controls, text boxes and hyperlinks are part of what a person sees;
deletions, field codes and comments are not.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any

from index.loaders.compose import Composer, iso_date
from index.loaders.package import open_package, parse_xml, read_part
from index.records import Document, DocumentError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"

_HEADING_STYLE = re.compile(r"heading \d$|title$|หัวเรื่อง")
_CELL = " | "  # between the cells of a row
_SKIPPED_DOCX = {
    _W + "del",
    _W + "delText",
    _W + "instrText",
    _W + "rPr",
    _W + "pPr",
    _MC + "Fallback",
    _W + "rubyPr",
}
_SKIPPED_ODT = {
    _TEXT + "tracked-changes",
    _OFFICE + "annotation",
    _TEXT + "sequence-decls",
    _TEXT + "table-of-content",
}
MOST_PARAGRAPHS = 1_000_000  # of one file, empty ones counted
_MOST_SPACES = 100  # that one element of an ODT file can stand for


def load_docx(data: bytes, source: str) -> list[Document]:
    """Body and footnotes of a Word file; a table row is one paragraph."""
    with open_package(data, source) as package:
        styles = _heading_styles(package, source)
        composer = Composer()
        _add_docx(composer, parse_xml(read_part(package, "word/document.xml", source), source), styles, source)
        for notes in ("word/footnotes.xml", "word/endnotes.xml"):
            if notes in package.NameToInfo:
                _add_docx(composer, parse_xml(read_part(package, notes, source), source), set(), source)
        title, date = _properties(package, source, "docProps/core.xml", _TERMS + "modified", _TERMS + "created")
    return [composer.document(source, title=title, date=date)]


def load_odt(data: bytes, source: str) -> list[Document]:
    """Body of an OpenDocument text; a table row is one paragraph."""
    with open_package(data, source) as package:
        root = parse_xml(read_part(package, "content.xml", source), source)
        composer = Composer()
        for block in _bounded(source, root, _TEXT + "p", _TABLE + "table-row", _SKIPPED_ODT, _TEXT + "h"):
            if block.tag == _TABLE + "table-row":
                cells = (cell for cell in block if cell.tag == _TABLE + "table-cell")
                _add_row(composer, [_odt_text(cell) for cell in cells])
            else:
                composer.add(_odt_text(block), heading=block.tag == _TEXT + "h")
        title, date = _properties(package, source, "meta.xml", _DC + "date")
    return [composer.document(source, title=title, date=date)]


def _blocks(root: Any, paragraph: str, row: str, skipped: set[str], heading: str = "") -> Iterator[Any]:
    """Paragraphs and whole table rows in reading order, without those inside a row."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.tag in skipped:
            continue
        if element.tag in (paragraph, row, heading):
            yield element
        else:
            waiting.extend(reversed(element))


def _bounded(source: str, *blocks: Any) -> Iterator[Any]:
    """As :func:`_blocks`. Raises DocumentError where there are far more than any person wrote."""
    for number, block in enumerate(_blocks(*blocks)):
        if number >= MOST_PARAGRAPHS:
            raise DocumentError(source, f"has more than {MOST_PARAGRAPHS:,} paragraphs; split the file")
        yield block


def _add_row(composer: Composer, cells: list[str]) -> None:
    composer.add(_CELL.join(" ".join(cell.split()) for cell in cells if cell.strip()))


def _add_docx(composer: Composer, root: Any, styles: set[str], source: str) -> None:
    for block in _bounded(source, root, _W + "p", _W + "tr", _SKIPPED_DOCX):
        if block.tag == _W + "tr":
            cells = (element for element in block.iter(_W + "tc") if _row_of(element) is block)
            _add_row(composer, ["\n".join(map(_docx_text, _paragraphs(cell))) for cell in cells])
            continue
        style = block.find(f"{_W}pPr/{_W}pStyle")
        level = block.find(f"{_W}pPr/{_W}outlineLvl")
        is_heading = style is not None and style.get(_W + "val") in styles
        is_heading = is_heading or (level is not None and level.get(_W + "val") != "9")  # 9 is body text
        composer.add(_docx_text(block), heading=is_heading)


def _paragraphs(cell: Any) -> Iterator[Any]:
    """The paragraphs of a cell, nested tables' too; those of a text box belong to the one that holds it."""
    return _blocks(cell, _W + "p", "", _SKIPPED_DOCX)


def _row_of(cell: Any) -> Any:
    return next(cell.iterancestors(_W + "tr"), None)


def _docx_text(paragraph: Any) -> str:
    pieces: list[str] = []
    waiting = [paragraph]
    while waiting:
        element = waiting.pop()
        tag = element.tag
        if tag in _SKIPPED_DOCX:
            continue
        if tag == _W + "t":
            pieces.append(element.text or "")
        elif tag == _W + "tab":
            pieces.append("\t")
        elif tag in (_W + "br", _W + "cr") or (tag == _W + "p" and element is not paragraph):
            pieces.append("\n")  # a text box holds paragraphs of its own
        elif tag == _W + "noBreakHyphen":
            pieces.append("-")
        waiting.extend(reversed(element))
    return "".join(pieces)


def _odt_text(paragraph: Any) -> str:
    pieces: list[str] = []
    waiting: list[Any] = [paragraph]
    while waiting:
        element = waiting.pop()
        if isinstance(element, str):
            pieces.append(element)
            continue
        tag = element.tag
        if tag in _SKIPPED_ODT:
            continue
        if tag == _TEXT + "s":
            count = element.get(_TEXT + "c", "1")
            pieces.append(" " * (min(int(count), _MOST_SPACES) if count.isdecimal() else 1))
        elif tag == _TEXT + "tab":
            pieces.append("\t")
        elif tag == _TEXT + "line-break" or (tag in (_TEXT + "p", _TEXT + "h") and element is not paragraph):
            pieces.append("\n")
        if element.text and isinstance(tag, str):
            pieces.append(_collapsed(element.text))
        for child in reversed(element):
            if child.tail:
                waiting.append(_collapsed(child.tail))
            waiting.append(child)
    return "".join(pieces)


def _collapsed(text: str) -> str:
    """Runs of white space in ODT's XML count as one space."""
    return re.sub(r"[ \t\r\n]+", " ", text)


def _heading_styles(package: zipfile.ZipFile, source: str) -> set[str]:
    """Ids of the paragraph styles that are headings, by name or outline level, or based on one that is."""
    if "word/styles.xml" not in package.NameToInfo:
        return set()
    headings: set[str] = set()
    for style in parse_xml(read_part(package, "word/styles.xml", source), source).iter(_W + "style"):
        name = style.find(_W + "name")
        level = style.find(f"{_W}pPr/{_W}outlineLvl")
        based = style.find(_W + "basedOn")
        named = name is not None and _HEADING_STYLE.match((name.get(_W + "val") or "").lower())
        levelled = level is not None and level.get(_W + "val") != "9"
        if named or levelled or (based is not None and based.get(_W + "val") in headings):
            headings.add(style.get(_W + "styleId") or "")
    return headings


def _properties(package: zipfile.ZipFile, source: str, part: str, *dates: str) -> tuple[str, str | None]:
    """Title and date from the file's properties, where it has them."""
    if part not in package.NameToInfo:
        return "", None
    root = parse_xml(read_part(package, part, source), source)
    found = (iso_date(root.findtext(f".//{name}")) for name in dates)
    return root.findtext(f".//{_DC}title") or "", next((date for date in found if date), None)
