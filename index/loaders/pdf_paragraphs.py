"""Lines of PDF pages -> paragraphs: wrapped lines are joined as Thai is written, running heads are left out.

Lengths are in points; y grows upwards.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.loaders.pdf_layout import Line
from index.pdf_repair import is_mark

HEADING_SIZE = 1.15  # of the size of most of the text: a line from here on is a heading
LONGEST_HEADING = 200  # characters
LONGEST_PARAGRAPH = 20_000  # characters: more is no paragraph
NARROWEST_SPACING = 0.8  # of the type size between two baselines; WIDEST likewise: Thai fonts are tall
WIDEST_SPACING = 2.3
SPREAD = 1.15  # of the page's usual line spacing: a wider gap parts paragraphs
LONGEST_WORD = 7.0  # of the type size: what may be missing from a line because the next word did not fit
NEIGHBOURS = 8  # lines above and below that tell how far a column of short paragraphs reaches

_ITEM = re.compile(r"(?:[•●▪◦\uf0b7\-–—*]|\(?[0-9๐-๙]{1,3}(?:\.[0-9๐-๙]{1,3})*[.)]|\(?[ก-ฮa-zA-Z][.)])\s")
_THAI_END = re.compile(r"[\u0e01-\u0e2e\u0e30-\u0e3a\u0e40-\u0e45\u0e47-\u0e4e]$")
_THAI_START = re.compile(r"[\u0e01-\u0e2e\u0e30-\u0e3a\u0e40-\u0e45\u0e47-\u0e4e]")
_HYPHEN_END = re.compile(r"\w[-\u2010]$")
_DIGITS = re.compile(r"[0-9๐-๙]+")


@dataclass(slots=True)
class Paragraph:
    """Lines that were wrapped from one."""

    text: str
    page: int
    """0-based page that it begins on."""
    heading: bool
    breaks: list[tuple[int, int]]
    """(page, position in ``text``) where it goes on to a next page."""


def paragraphs(pages: Sequence[Sequence[Line]]) -> list[Paragraph]:
    """The paragraphs of a document, in reading order; one can run on from page to page."""
    kept = _without_running(pages)
    heading_size = HEADING_SIZE * _body_size(kept)
    out: list[Paragraph] = []
    last: Line | None = None
    for number, lines in enumerate(kept):
        near = _near_lines(lines)
        ends = _column_ends(lines, near)
        before: Line | None = None
        for position, line in enumerate(lines):
            if before is None:
                joins = last is not None and _runs_on(last, line, out[-1].heading)
            else:
                item = bool(_ITEM.match(out[-1].text))
                joins = _next_column(before, line, out[-1].heading)
                joins = joins or (near[position] and _wrapped(before, line, ends[position - 1], item))
            if joins and len(out[-1].text) < LONGEST_PARAGRAPH:
                paragraph = out[-1]
                separator = _separator(paragraph.text, line.text)
                if before is None:
                    paragraph.breaks.append((number, len(paragraph.text.rstrip()) + len(separator)))
                paragraph.text = paragraph.text.rstrip() + separator + line.text.strip()
            else:
                out.append(Paragraph(line.text.strip(), number, line.size >= heading_size, []))
            before = line
        if before is not None:
            last = before if _full(before, before, ends[-1]) else None
    for paragraph in out:
        paragraph.heading = paragraph.heading and len(paragraph.text) <= LONGEST_HEADING
    return out


def _body_size(pages: Sequence[Sequence[Line]]) -> float:
    """The type size of most characters."""
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 1.0


def _near_lines(lines: Sequence[Line]) -> list[bool]:
    """For each line, whether it stands as close below the line before it as the lines of one paragraph do."""
    spacing = _spacing(lines)
    near = [False] * len(lines)
    for position, (before, line) in enumerate(pairwise(lines), 1):
        step = before.baseline - line.baseline
        usual = spacing.get(round(line.size), WIDEST_SPACING * line.size)
        overlap = line.left < before.right and before.left < line.right  # else another column or cell
        cells = "\t" in before.text or "\t" in line.text
        near[position] = _same_size(before, line) and 0 < step <= SPREAD * usual and overlap and not cells
    return near


def _column_ends(lines: Sequence[Line], near: Sequence[bool]) -> list[float]:
    """For each line, how far the longest line of its column reaches, as far as its neighbours tell."""
    starts = [position for position, joins in enumerate(near) if not joins] + [len(lines)]
    ends: list[float] = []
    for start, stop in pairwise(starts):
        if stop - start >= 3:
            ends += [max(line.right for line in lines[start:stop])] * (stop - start)
            continue
        around = lines[max(0, start - NEIGHBOURS) : stop + NEIGHBOURS]
        for own in lines[start:stop]:
            alike = (line.right for line in around if abs(line.left - own.left) < 12 and "\t" not in line.text)
            ends.append(max([own.right, *alike]))
    return ends


def _spacing(lines: Sequence[Line]) -> dict[int, float]:
    """Type size -> the usual distance of its baselines: the least that occurs more than once, else the least."""
    found: dict[int, list[float]] = {}
    for above, below in pairwise(lines):
        step = above.baseline - below.baseline
        if _same_size(above, below) and NARROWEST_SPACING <= step / below.size <= WIDEST_SPACING:
            found.setdefault(round(below.size), []).append(round(step, 1))
    usual: dict[int, float] = {}
    for size, steps in found.items():
        counted = Counter(steps)
        repeated = [step for step, count in counted.items() if count > 1]
        usual[size] = min(repeated or steps)
    return usual


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= 0.08 * max(one.size, other.size)


def _wrapped(before: Line, line: Line, end: float, item: bool) -> bool:
    """True where ``line`` goes on what ``before``, near above it in a column up to ``end``, began."""
    indent = line.left - before.left
    if indent > 0.8 * line.size and not (item and indent < 5 * line.size) and not _centred(before, line):
        return False
    return not _ITEM.match(line.text) and _full(before, line, end)


def _centred(before: Line, line: Line) -> bool:
    return abs((before.left + before.right) - (line.left + line.right)) < line.size


def _full(before: Line, line: Line, end: float) -> bool:
    """True where the first word of ``line`` had no room between ``before`` and the column's end."""
    word = _letters(line.text.split(None, 1)[0]) / _letters(line.text) * (line.right - line.left)
    word = min(word + before.size, LONGEST_WORD * before.size)  # with the space before it, and some leeway
    room = min(word, (end - before.left) / 2)
    return end - before.right <= room or _centred(before, line)


def _letters(text: str) -> int:
    """Characters that take room."""
    return sum(1 for char in text if not is_mark(char)) or 1


def _runs_on(last: Line, line: Line, heading: bool) -> bool:
    """True where the first line of a page goes on the last one, a full one, of the page before."""
    level = line.left - last.left < 0.8 * line.size
    return level and _same_size(last, line) and _may_go_on(line, heading)


def _may_go_on(line: Line, heading: bool) -> bool:
    return not heading and "\t" not in line.text and not _ITEM.match(line.text)


def _next_column(before: Line, line: Line, heading: bool) -> bool:
    """True where ``line`` at the head of a column goes on ``before``, a full line at the foot of the one left of it."""
    rises = line.baseline - before.baseline > 3 * line.size  # less would be the next cell of a table row
    gutter = line.left - before.right
    return rises and 0 < gutter <= LONGEST_WORD * line.size and _same_size(before, line) and _may_go_on(line, heading)


def _separator(before: str, line: str) -> str:
    """A space, but nothing between Thai letters: a Thai line breaks inside a phrase."""
    if before[-1:].isspace():
        return " "
    inside = _THAI_END.search(before[-1:]) and _THAI_START.match(line.strip())
    return "" if inside or _HYPHEN_END.search(before[-2:]) else " "


def _without_running(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without the heads, feet and page numbers that they repeat (documents of at least 4 pages)."""
    if len(pages) < 4:
        return [list(lines) for lines in pages]
    seen: Counter[tuple[str, int]] = Counter()
    for lines in pages:
        seen.update({_running_key(line) for line in _edges(lines)})
    wanted = max(3, len(pages) // 4)
    running = {key for key, count in seen.items() if count >= wanted}
    kept = []
    for lines in pages:
        edges = {id(line) for line in _edges(lines) if _running_key(line) in running}
        kept.append([line for line in lines if id(line) not in edges])
    if 2 * _amount(kept) < _amount(pages):  # what repeats is the text itself
        return [list(lines) for lines in pages]
    return kept


def _amount(pages: Sequence[Sequence[Line]]) -> int:
    return sum(len(line.text) for lines in pages for line in lines)


def _edges(lines: Sequence[Line]) -> list[Line]:
    """The two highest and two lowest lines of a page."""
    ordered = sorted(lines, key=lambda line: line.baseline)
    return ordered[:2] + ordered[2:][-2:]


def _running_key(line: Line) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text.strip()), round(line.baseline / 4)
