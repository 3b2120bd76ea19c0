"""Passages that were read -> the order in which they are cited, the one that answers first.

Search and the reader's chances speak together for each passage. The first one is then read once more with what stands around
it: its sentences are understood better so, and where the words that answer stand in another passage that was found, that
one goes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.records import Hit
from index.segmenter import Segmenter
from qa.answer_details import detail_held
from qa.answer_types import kind_held
from qa.reader import Reading, read_among
from qa.rerank import Question, RowSource

READ_WEIGHT = 1.8  # of the reader's chance beside the re-scorer's score (chosen on iapp valid and the seeds) ...
ANSWERING_WEIGHT = 3.0  # ... of its chance that the passage answers (the same) ...
DETAIL_WEIGHT = 0.4  # ... of words that are what was asked for to the point ...
KIND_WEIGHT = 0.8  # ... and of words of the kind that was asked for
REACH = 800  # characters on each side of the first passage that are read with it


def in_order(question: str, hits: Sequence[Hit], readings: Sequence[Reading]) -> tuple[list[Hit], list[Reading]]:
    """Hits and their readings, best first."""
    worth = _worth(question, hits, readings)
    order = sorted(range(len(hits)), key=lambda number: (-worth[number], number))
    return [hits[number] for number in order], [readings[number] for number in order]


def read_again(
    question: Question,
    hits: Sequence[Hit],
    readings: Sequence[Reading],
    text: str,
    segmenter: Segmenter,
    rows: RowSource | None,
) -> tuple[list[Hit], list[Reading]]:
    """Hits and their readings, the first read with what stands around it in its document, ``text``.

    The words that answer stay inside one of the hits; where that is not the first one, it is put first.
    """
    first = hits[0]
    wide = around(first, text)
    if wide.chunk.place == first.chunk.place:
        return list(hits), list(readings)
    near = [number for number, hit in enumerate(hits) if hit.source == first.source]
    places = [hits[number].chunk.place for number in near]
    found = [readings[number].span for number in near if readings[number].probability]  # 0 for what was glanced at
    inside = [span for span in found if wide.start <= span.start and span.end <= wide.end]
    reading = read_among(question, wide, places, inside, segmenter, rows)
    if reading is None:
        return list(hits), list(readings)
    place = reading.place
    home = next(n for n in near if hits[n].start <= place.start and place.end <= hits[n].end)
    others = [number for number in range(len(hits)) if number != home]
    return [hits[n] for n in (home, *others)], [reading, *(readings[n] for n in others)]


def around(hit: Hit, text: str) -> Hit:
    """The hit with up to REACH characters of its document on each side, cut at spaces."""
    start = max(0, hit.start - REACH)
    if start:
        start = text.find(" ", start, hit.start) + 1 or hit.start
    end = text.rfind(" ", hit.end, hit.end + REACH) if hit.end + REACH < len(text) else len(text)
    end = max(end, hit.end)
    return replace(hit, chunk=replace(hit.chunk, start=start, end=end, text=text[start:end]))


def _worth(question: str, hits: Sequence[Hit], readings: Sequence[Reading]) -> list[float]:
    """The re-scorer's score and what was read in each passage, together."""
    pairs = list(zip(hits, readings, strict=True))
    words = [hit.text[reading.span.start - hit.start : reading.span.end - hit.start] for hit, reading in pairs]
    to_the_point, of_the_kind = detail_held(question, words).tolist(), kind_held(question, words).tolist()
    return [
        hit.score
        + READ_WEIGHT * reading.probability
        + ANSWERING_WEIGHT * reading.answering
        + DETAIL_WEIGHT * point
        + KIND_WEIGHT * kind
        for (hit, reading), point, kind in zip(pairs, to_the_point, of_the_kind, strict=True)
    ]
