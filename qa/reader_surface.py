"""What a reader sees of a passage by itself: where words stand, how they are written, what kind of thing they are."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from index.thai import has_latin
from qa.answer_types import KINDS, places_of
from qa.reader_text import Asked, Passage

TYPED = ("date", "number", "person", "place", "name")
IDF_SCALE = 10.0  # about ln(passages the word weights were counted in)
_OPENERS, _CLOSERS, _QUOTES = "([{（", ")]}）", "\"'“”‘’«»"


def layout(text: Passage) -> list[np.ndarray]:
    t = len(text.ids)
    number = text.owner
    first = np.searchsorted(number, number, side="left")
    last = np.searchsorted(number, number, side="right")
    inside = (np.arange(t) - first) / np.maximum(last - first, 1)
    return [
        np.log1p(np.arange(t)) / 6,
        np.arange(t) / t,
        np.log1p(number) / 3,
        (number == 0).astype(np.float32),
        inside,
        (np.arange(t) == first).astype(np.float32),
        (np.arange(t) == last - 1).astype(np.float32),
        np.log1p(last - first) / 5,
    ]


def surface(text: Passage, rarity: np.ndarray) -> list[np.ndarray]:
    """Letters, and what stands between a word and its neighbours."""
    words = [text.text[a:b] for a, b in zip(text.starts, text.ends, strict=True)]
    gaps = [text.text[a:b] for a, b in zip(text.ends[:-1], text.starts[1:], strict=True)]
    before = ["\n", *gaps]
    after = [*gaps, "\n"]
    flags = [np.asarray([_signs(gap) for gap in side], dtype=np.float32).T for side in (before, after)]
    depth = np.cumsum([_depth(gap) for gap in before])
    return [
        np.asarray([word[:1].isdigit() for word in words], dtype=np.float32),
        np.asarray([has_latin(word) for word in words], dtype=np.float32),
        np.asarray([min(len(word), 12) / 12 for word in words], dtype=np.float32),
        rarity / IDF_SCALE,
        (depth > 0).astype(np.float32),
        *flags[0],
        *flags[1],
    ]


@lru_cache(maxsize=4096)
def _signs(gap: str) -> tuple[bool, ...]:
    return (
        gap == "",
        gap.isspace() and "\n" not in gap,
        "\n" in gap,
        any(c in _OPENERS for c in gap),
        any(c in _CLOSERS for c in gap),
        any(c in _QUOTES for c in gap),
        "," in gap or "/" in gap,
        "-" in gap or "–" in gap or "." in gap or ":" in gap,
    )


@lru_cache(maxsize=4096)
def _depth(gap: str) -> int:
    return sum(c in _OPENERS for c in gap) - sum(c in _CLOSERS for c in gap)


# -- what kind of thing stands there -----------------------------------------------------------------------


def marked(text: Passage) -> np.ndarray:
    """(3 * TYPED, t) for each kind: a thing of it begins, ends, goes on here."""
    marks = np.zeros((len(TYPED), 3, len(text.ids)), dtype=np.float32)
    for number, kind in enumerate(TYPED):
        for place in places_of(kind, text.text):
            begin = int(np.searchsorted(text.ends, place.start, side="right"))
            end = int(np.searchsorted(text.starts, place.end, side="left"))
            if begin < end:
                marks[number, 0, begin] = marks[number, 1, end - 1] = 1.0
                marks[number, 2, begin:end] = 1.0
    return marks.reshape(-1, len(text.ids))


def sought(question: Asked, marks: np.ndarray) -> np.ndarray:
    """(3, t) the same for the kind that is asked for, of :func:`marked`'s (3 * TYPED, t)."""
    out = np.zeros((3, marks.shape[1]), dtype=np.float32)
    for number, kind in enumerate(TYPED):
        if kind == question.kind or (kind == "name" and question.kind == "person"):
            out = np.maximum(out, marks[3 * number : 3 * number + 3])
    return out


def question_of(question: Asked, count: int) -> list[np.ndarray]:
    return [np.full(count, float(kind == question.kind), dtype=np.float32) for kind in KINDS]
