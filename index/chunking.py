"""Document -> chunks: passages small enough to be one vector, on sentence borders, with exact offsets.

``document.text[chunk.start:chunk.end] == chunk.text`` always; no chunk begins or ends inside a grapheme.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from index.records import Chunk, Document, Place
from index.sentences import sentence_spans
from index.thai import border_at

TARGET = 420  # characters: about four sentences, one vector's worth (chosen on iapp valid)
LONGEST = 640  # characters: never more, so that a passage can be read at a glance
SHORT_PARAGRAPH = 90  # characters: shorter ones (a list's lines, hard-wrapped text) join what follows

_LINE = re.compile(r"[^\r\n\f]+")


def paragraph_places(text: str) -> list[Place]:
    """The non-empty paragraphs (lines with anything but white space), without surrounding white space."""
    places: list[Place] = []
    for line in _LINE.finditer(text):
        stripped = line.group().strip()
        if stripped:
            start = line.start() + line.group().index(stripped)
            places.append(Place(start, start + len(stripped)))
    return places


def paragraph_number(paragraphs: list[Place], position: int) -> int:
    """1-based number of the paragraph that holds ``position`` (of the one before, between two)."""
    return max(1, bisect_right(paragraphs, position, key=lambda place: place.start))


def chunk_document(document: Document) -> list[Chunk]:
    """The chunks of ``document``, in order; they cover every character that is not white space."""
    text = document.text
    paragraphs = paragraph_places(text)
    chunks: list[Chunk] = []
    for place in _packed(text, paragraphs, document):
        start, end = _stripped(text, place)
        if start < end:
            number = paragraph_number(paragraphs, start)
            heading = _heading(document, start)
            chunks.append(Chunk(document.source, start, end, text[start:end], number, heading))
    return chunks


def _packed(text: str, paragraphs: list[Place], document: Document) -> Iterator[Place]:
    """Join short paragraphs (rows of a table not), cut long ones; a heading never ends a passage, it opens one."""
    opening = {heading.start for heading in document.headings}
    headed = {heading.end for heading in document.headings}
    begin = end = -1
    for place in paragraphs:
        joins = begin >= 0 and place.start not in opening and place.end - begin <= TARGET
        joins = joins and (not document.rows or end in headed)
        if joins and (end - begin < SHORT_PARAGRAPH or len(place) < SHORT_PARAGRAPH):
            end = place.end
            continue
        if begin >= 0:
            yield from _cut(text, Place(begin, end))
        begin, end = place.start, place.end
    if begin >= 0:
        yield from _cut(text, Place(begin, end))


def _cut(text: str, place: Place) -> Iterator[Place]:
    """Cut one stretch into passages of about TARGET characters, of even length, on sentence borders."""
    length = len(place)
    if length <= LONGEST:
        yield place
        return
    sentences = [
        piece
        for span in sentence_spans(text[place.start : place.end])
        for piece in _pieces(text, Place(place.start + span.start, place.start + span.end))
    ]
    wanted = length / round(length / TARGET)  # even lengths: no crumb is left at the end
    begin = place.start
    for current, following in zip(sentences, [*sentences[1:], None], strict=True):
        if following is None:
            yield Place(begin, current.end)
        elif current.end - begin >= wanted or following.end - begin > LONGEST:
            yield Place(begin, current.end)
            begin = current.end


def _pieces(text: str, sentence: Place) -> Iterator[Place]:
    """A sentence too long for one passage, cut at spaces where there are any, else between graphemes."""
    begin = sentence.start
    while sentence.end - begin > LONGEST:
        space = text.rfind(" ", begin + TARGET // 2, begin + TARGET)
        cut = border_at(text, space + 1 if space > 0 else begin + TARGET)
        if cut <= begin:  # one grapheme longer than a passage: marks piled on one letter
            cut = border_at(text, begin + TARGET, forward=True)
        cut = min(cut, sentence.end)
        yield Place(begin, cut)
        begin = cut
    if begin < sentence.end:
        yield Place(begin, sentence.end)


def _stripped(text: str, place: Place) -> tuple[int, int]:
    piece = text[place.start : place.end]
    start = place.start + len(piece) - len(piece.lstrip())
    end = place.end - (len(piece) - len(piece.rstrip()))
    return start, end


def _heading(document: Document, position: int) -> str:
    """The nearest heading above ``position``, or the title."""
    above = bisect_right(document.headings, position, key=lambda place: place.start) - 1
    if above < 0:
        return document.title
    heading = document.headings[above]
    return document.text[heading.start : heading.end]


def search_text(chunk: Chunk) -> str:
    """What of a chunk is searched: its text, under its heading where that says something more."""
    return chunk.text if not chunk.heading or chunk.heading in chunk.text else f"{chunk.heading}\n{chunk.text}"
