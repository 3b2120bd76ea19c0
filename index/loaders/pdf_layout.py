"""One PDF page -> its lines, from where each character stands on the page.

PDF programs draw Thai in pieces: a mark apart from its letter, a quotation mark of another font after the rest
of its line, one syllable as several glyphs that share an ``ActualText``. PDFium's own text repeats such a
syllable for every glyph and guesses spaces between marks. Here its characters are read with their positions
instead: a shared ``ActualText`` counts once, guessed spaces are dropped, pieces of one baseline are put in order.

Lengths are in points of the page; y grows upwards.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from index.pdf_repair import is_mark

SPACE_GAP = 0.2  # of the type size: a wider gap between two pieces is a space that was not drawn
SPREAD_GAP = 0.4  # of the type size: so far justified lines part Thai letters; chosen on LibreOffice's two columns
SPREAD_GAPS = 5  # as many of them make a line a spread one
CELL_GAP = 1.6  # of the type size: a wider one parts two cells of a table row
SAME_LINE = 0.45  # of the type size: how far a baseline may wander (superscripts) within a line
_LINE_END_HYPHEN = "\x02"  # what PDFium makes of a hyphen at the end of a line
MOST_CHARACTERS = 200_000  # of one page; a page of print has about 4,000


@dataclass(slots=True)
class Run:
    """Characters drawn in one go."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    """Height of the type, in points."""


@dataclass(frozen=True, slots=True)
class _Style:
    size: float
    turn: float
    """Radians that the line is turned by, anticlockwise, to the nearest quarter."""
    left: float
    baseline: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a column (or of a table cell), in reading order."""

    text: str
    left: float
    right: float
    baseline: float
    size: float


def page_lines(page: Any, raw: Any) -> list[Line]:
    """The lines of a pypdfium2 ``page``, in the order that the file draws them; ``raw`` is pypdfium2.raw."""
    text_page = page.get_textpage()
    try:
        return _lines(_runs(text_page, _span_ends(page, raw), raw))
    finally:
        text_page.close()


def _runs(text_page: Any, span_ends: dict[int, float], raw: Any) -> Iterator[Run]:
    """The page's characters in the order they are drawn, cut where the text object ends or leaves a gap."""
    spans: dict[int, Run] = {}  # ActualText span -> the run that carries its text
    run = Run("", 0.0, 0.0, 0.0, 0.0)
    current, span, repeats = 0, 0, False
    style = _Style(1.0, 0.0, 0.0, 0.0)
    box = raw.FS_RECTF()
    for index in range(min(text_page.count_chars(), MOST_CHARACTERS)):
        code = raw.FPDFText_GetUnicode(text_page, index)
        item = raw.FPDFText_GetTextObject(text_page, index)
        if not item or (code <= 0x20 and raw.FPDFText_IsGenerated(text_page, index)):
            continue  # a space or line break that PDFium guessed
        raw.FPDFText_GetLooseCharBox(text_page, index, box)
        address = ctypes.addressof(item.contents)
        changes = address != current
        if changes:
            current = address
            style = _style(text_page, index, raw)
            span = _actual_text_span(item, raw)
        left, right = (box.left, box.right) if not style.turn else _turned(box, style.turn)
        char = chr(code)
        mark = is_mark(char)
        if changes or (not span and not mark and abs(left - run.right) > SPACE_GAP * style.size):
            if run.text and not repeats:
                yield run
            repeats = span in spans
            left = style.left if changes else left
            run = spans[span] if repeats else Run("", left, left, style.baseline, style.size)
            if span and not repeats:
                spans[span] = run
                run.right = max(run.right, 0.0 if style.turn else span_ends.get(span, 0.0))
        if not repeats:
            run.text += char if char != _LINE_END_HYPHEN else "-"
        # A mark stands anywhere about its letter; within a span the boxes tile the width of the syllable.
        if (span or not mark) and right > run.right:
            run.right = right
    if run.text and not repeats:
        yield run


def _span_ends(page: Any, raw: Any) -> dict[int, float]:
    """ActualText span -> right edge of the last glyph that it draws (PDFium gives characters to the first only)."""
    ends: dict[int, float] = {}
    edges = [ctypes.c_float() for _ in range(4)]
    for number in range(min(raw.FPDFPage_CountObjects(page), MOST_CHARACTERS)):
        item = raw.FPDFPage_GetObject(page, number)
        if raw.FPDFPageObj_GetType(item) != raw.FPDF_PAGEOBJ_TEXT:
            continue
        span = _actual_text_span(item, raw)
        if span and raw.FPDFPageObj_GetBounds(item, *edges):
            ends[span] = max(ends.get(span, 0.0), edges[2].value)
    return ends


def _style(text_page: Any, index: int, raw: Any) -> _Style:
    """Size, direction and origin of the character at ``index``, from its font and its matrix."""
    matrix, x, y = raw.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetMatrix(text_page, index, matrix)
    raw.FPDFText_GetCharOrigin(text_page, index, x, y)
    size = raw.FPDFText_GetFontSize(text_page, index) * math.hypot(matrix.c, matrix.d)
    turn = round(math.atan2(matrix.b, matrix.a) / (math.pi / 2)) * (math.pi / 2)
    cos, sin = math.cos(turn), math.sin(turn)
    left, baseline = x.value * cos + y.value * sin, y.value * cos - x.value * sin
    return _Style(size if math.isfinite(size) and size > 0 else 1.0, turn, left, baseline)


def _turned(box: Any, turn: float) -> tuple[float, float]:
    """Left and right edge of a character's box as they would be if its line ran to the right."""
    cos, sin = math.cos(turn), math.sin(turn)
    ends = [across * cos + up * sin for across in (box.left, box.right) for up in (box.top, box.bottom)]
    return min(ends), max(ends)


def _actual_text_span(item: Any, raw: Any) -> int:
    """Identity of the marked-content span with an ActualText that the text object stands in, or 0."""
    for number in range(max(raw.FPDFPageObj_CountMarks(item), 0)):
        mark = raw.FPDFPageObj_GetMark(item, number)
        if raw.FPDFPageObjMark_GetParamValueType(mark, b"ActualText") == raw.FPDF_OBJECT_STRING:
            return ctypes.addressof(mark.contents)
    return 0


def _lines(runs: Iterator[Run]) -> list[Line]:
    lines: list[Line] = []
    row: list[Run] = []
    for run in runs:
        if row and is_mark(run.text[0]) and _beside(row[-1], run):  # drawn apart from its letter
            letter = min(row, key=lambda other: abs(other.right - run.left))
            letter.text += run.text
            letter.right = max(letter.right, run.right)
            continue
        if row and not _beside(row[-1], run):
            lines.append(_line(row))
            row = []
        row.append(run)
    if row:
        lines.append(_line(row))
    return [line for line in lines if line.text.strip()]


def _beside(before: Run, run: Run) -> bool:
    """True where both stand on one line."""
    return abs(before.baseline - run.baseline) <= SAME_LINE * max(min(before.size, run.size), 1.0)


def _is_spread(row: Sequence[Run]) -> bool:
    """True for a justified line whose letters are parted: where Thai letters meet, most often with a small gap."""
    meetings = [pair for pair in pairwise(row) if _is_thai(pair[0].text[-1]) and _is_thai(pair[1].text[0])]
    small = sum(_spread_gap(*pair) for pair in meetings)
    return small >= SPREAD_GAPS and 2 * small >= len(meetings)


def _spread_gap(before: Run, run: Run) -> bool:
    gap, size = run.left - before.right, min(before.size, run.size)
    return SPACE_GAP * size < gap <= SPREAD_GAP * size and _is_thai(before.text[-1]) and _is_thai(run.text[0])


def _gap(before: Run, run: Run) -> str:
    """The white space that the gap between two runs of a line stands for."""
    gap, size = run.left - before.right, min(before.size, run.size)
    if gap <= SPACE_GAP * size or before.text[-1].isspace() or run.text[0].isspace():
        return ""
    return "\t" if gap > CELL_GAP * size else " "


def _is_thai(char: str) -> bool:
    """True for letters, vowels and marks, not for digits and the baht sign."""
    return "\u0e01" <= char <= "\u0e4e" and char != "\u0e3f"


def _line(row: list[Run]) -> Line:
    ordered = sorted(row, key=lambda run: run.left)
    spread = _is_spread(ordered)
    whole = Run(ordered[0].text, ordered[0].left, ordered[0].right, ordered[0].baseline, ordered[0].size)
    for run in ordered[1:]:
        whole.text += ("" if spread and _spread_gap(whole, run) else _gap(whole, run)) + run.text
        whole.right, whole.size = max(whole.right, run.right), run.size
    size = max(row, key=lambda run: len(run.text)).size
    return Line(whole.text, whole.left, whole.right, whole.baseline, size)
