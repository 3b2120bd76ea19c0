"""The same passage in several places is one hit, and passages side by side are quoted as one.

Two passages are the same where they have the same letters and figures in the same order; spaces, punctuation, capitals and
Thai or Arabic digits count for nothing, and one may have a line more at an end (a heading, a date). A passage in
which one word differs is another one: that word may be a name, a number or a "not".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from index.chunking import LONGEST
from index.records import Location
from index.store import StoredChunk
from index.thai import arabic_digits
from qa.answer import Citation

ALIKE = 0.8  # cosine below which passages are not compared letter by letter: headings move the vector a little
MORE_LINES = 0.2  # share of its letters that lines may make up which the other passage does not have
NEAR_BEST = 0.85  # share of the better one's score that a neighbour needs to be read with it
LONGEST_JOINED = 2 * LONGEST  # characters: what is quoted is to be read at a glance

# What is neither letter, mark nor figure, but what parts two figures: 1.5 is not 15.
_BREAK = re.compile(r"[\n\r\f\v\x85\u2028\u2029]")
_SIGN = r"[^\w\u0e00-\u0e7f]"
_BETWEEN = re.compile(rf"(?s){_SIGN}(?:{_SIGN}+|(?!\d)|(?<!\d.))")


def folded(found: Sequence[StoredChunk], k: int) -> list[list[int]]:
    """The first ``k`` distinct passages of ``found`` (best first): of each its number, then those of its repeats."""
    if not found:
        return []
    vectors = np.stack([stored.vector for stored in found])
    alike = (vectors @ vectors.T >= ALIKE).tolist()
    forms: dict[int, list[str]] = {}

    def forms_of(number: int) -> list[str]:
        if number not in forms:
            forms[number] = _forms(found[number].chunk.text)
        return forms[number]

    groups: list[list[int]] = []
    for number in range(len(found)):
        near = alike[number]
        same = (g for g in groups if near[g[0]] and _same(forms_of(g[0]), forms_of(number)))
        group = next(same, None)
        if group is not None:
            group.append(number)
        elif len(groups) < k:
            groups.append([number])
    return groups


def _same(one: Sequence[str], other: Sequence[str]) -> bool:
    """True where one is the other, or the other without a line; two that each have a line of their own differ."""
    return one[0] in other or other[0] in one


def _forms(text: str) -> list[str]:
    """The letters and figures of a passage, then what is left of them without a first or last line."""
    lines = [letters for line in text.splitlines() if (letters := _letters(line))]
    whole = "".join(lines)
    without = ["".join(lines[1:]), "".join(lines[:-1]), "".join(lines[1:-1])]
    return [whole, *(form for form in without if len(form) >= (1 - MORE_LINES) * max(len(whole), 1))]


def _letters(text: str) -> str:
    return _BETWEEN.sub("", arabic_digits(text.replace("\u0e4d\u0e32", "\u0e33")).lower())


def location(stored: StoredChunk) -> Location:
    """Where a passage stands."""
    chunk = stored.chunk
    return Location(chunk.source, stored.title, chunk.paragraph, stored.page, chunk.start, chunk.end)


def joined(citations: Sequence[Citation], texts: Mapping[str, str], apart: int = 0) -> tuple[Citation, ...]:
    """Citations side by side in a paragraph as one, numbered anew; the first ``apart`` stay by themselves.

    They are read as one where nothing stands between them, the weaker scores NEAR_BEST of the better one, and the
    whole stays within LONGEST_JOINED characters. The marks are those of the better one: the other's are a weaker
    guess. ``texts`` are the documents by source.
    """
    out: list[Citation] = list(citations[:apart])
    for citation in citations[apart:]:
        text = texts[citation.source]
        home = next((n for n in range(apart, len(out)) if _beside(out[n], citation, text)), None)
        if home is None:
            out.append(citation)
        else:
            out[home] = _one(out[home], citation, text)
    return tuple(replace(citation, number=number) for number, citation in enumerate(out, start=1))


def _beside(better: Citation, other: Citation, text: str) -> bool:
    if other.source != better.source or other.score < NEAR_BEST * better.score:
        return False
    first, last = sorted((better, other), key=lambda citation: citation.start)
    said = text[first.start : first.end].rstrip()
    between = text[first.start + len(said) : last.start]
    near = first.end <= last.start and not between.strip() and not _BREAK.search(between)
    return near and last.end - first.start <= LONGEST_JOINED


def _one(better: Citation, other: Citation, text: str) -> Citation:
    start, end = min(better.start, other.start), max(better.end, other.end)
    return replace(
        better,
        page=better.page if better.start == start else other.page,
        start=start,
        end=end,
        quote=text[start:end],
    )
