"""The same passage in several places is one hit, and passages side by side can be read as one.

Two passages are the same where they have the same words in the same order; spaces, punctuation, Thai or Arabic
digits and marks typed twice count for nothing, and one may be a little longer at its ends. A passage in which one
word differs is another one: that word may be a name, a number or a "not".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.chunking import LONGEST
from index.records import Hit, Location
from index.segmenter import Segmenter
from index.store import StoredChunk

ALIKE = 0.8  # cosine below which passages are not compared word by word: heading and length move the vector a little
LONGER = 0.2  # share of its words that the longer of two passages may have more, at its ends
NEAR_BEST = 0.85  # share of the better one's score that a neighbour needs to be read with it
LONGEST_JOINED = 2 * LONGEST  # characters: what is quoted is to be read at a glance


def folded(found: Sequence[StoredChunk], k: int, segmenter: Segmenter) -> list[list[int]]:
    """The first ``k`` distinct passages of ``found`` (best first): of each its number, then those of its repeats."""
    if not found:
        return []
    vectors = np.stack([stored.vector for stored in found])
    words: dict[int, np.ndarray] = {}

    def words_of(number: int) -> np.ndarray:
        if number not in words:
            words[number] = np.asarray(segmenter.ids(found[number].chunk.text), dtype=np.int64)
        return words[number]

    groups: list[list[int]] = []
    for number in range(len(found)):
        near = vectors[[group[0] for group in groups]] @ vectors[number] >= ALIKE if groups else ()
        same = (g for g, close in zip(groups, near, strict=True) if close and _same(words_of(g[0]), words_of(number)))
        group = next(same, None)
        if group is not None:
            group.append(number)
        elif len(groups) < k:
            groups.append([number])
    return groups


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    """True where the shorter run of words stands in the longer, which has hardly more."""
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if not len(short) or len(long) - len(short) > LONGER * len(long):
        return False
    windows = np.lib.stride_tricks.sliding_window_view(long, len(short))
    return bool((windows == short).all(axis=1).any())


def location(stored: StoredChunk) -> Location:
    """Where a passage stands."""
    chunk = stored.chunk
    return Location(chunk.source, stored.title, chunk.paragraph, stored.page, chunk.start, chunk.end)


def neighbouring(hits: Sequence[Hit], texts: dict[str, str]) -> list[list[int]]:
    """Hits that are read as one: numbers of hits, best first in each group, groups in the order of their best.

    Hits of one document join where nothing stands between them, the weaker scores NEAR_BEST of the better one, and
    the whole stays within LONGEST_JOINED characters. ``texts`` are the documents by source.
    """
    groups: list[list[int]] = []
    for number, hit in enumerate(hits):
        home = next((group for group in groups if _joins(hit, [hits[n] for n in group], texts[hit.source])), None)
        if home is None:
            groups.append([number])
        else:
            home.append(number)
    return groups


def _joins(hit: Hit, group: Sequence[Hit], text: str) -> bool:
    if hit.source != group[0].source or hit.score < NEAR_BEST * group[0].score:
        return False
    start, end = min(other.start for other in group), max(other.end for other in group)
    if max(end, hit.end) - min(start, hit.start) > LONGEST_JOINED:
        return False
    between = text[end : hit.start] if hit.start >= end else text[hit.end : start]
    return (hit.start >= end or hit.end <= start) and not between.strip()
