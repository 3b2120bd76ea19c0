"""A question and a passage as the reader takes them: cut into words and sentences, with what is asked for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.records import Place
from index.segmenter import Token
from index.sentences import sentence_spans
from index.thai import arabic_digits, is_border
from qa.answer_types import expected
from qa.meaning import Unit

GRAM = 5  # characters in a row that a question and a passage share: words that are cut otherwise still meet
_SQUEEZED = re.compile(r"\s+")
_ASKING = re.compile(
    r"อะไร|เมื่อ(?:ไร|ไหร่|ใด)|เท่า(?:ไร|ไหร่|ใด)|อย่างไร|ยังไง|ที่ไหน|ที่ใด|สิ่งใด|ผู้ใด|ใคร|ทำไม|เหตุใด|ใด|ไหน|กี่|บ้าง|\b(?:what|which|who|whom|"
    r"whose|when|where|why|how|many|much|is|are|was|were|did|does|do|the|of|in|a|an)\b",
    re.IGNORECASE,
)
_AFTER_ASKING = re.compile(r"กี่|many|much|what|which", re.IGNORECASE)  # the thing asked for comes next
_HOLLOW = frozenset(
    ("คือ", "เป็น", "ได้", "มี", "ที่", "ของ", "ใน", "ว่า", "จาก", "กับ", "ชื่อ", "และ", "ให้", "ถึง", "โดย", "ณ", "วัน")
)
_HOLLOW_TOO = frozenset(("ทำ", "ใช้", "เรียก", "ด้วย", "สิ่ง", "ผู้", "เพราะ", "เกิด", "การ", "อยู่", "ได้แก่", "เมื่อ"))
_WHICH = re.compile("ใด|ไหน|อะไร")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the reader takes it."""

    text: str
    ids: np.ndarray
    """(q,) word ids in order."""
    asking: np.ndarray
    """(q,) True for a word that only asks ("อะไร")."""
    nearness: np.ndarray
    """(q,) 1 beside a word that asks, falling with distance: what is asked stands there, its subject elsewhere."""
    focus: frozenset[int]
    """Ids of the noun that is asked for: the word before "อะไร" and "ใด", after "กี่"."""
    noun: str
    """The noun of which one is asked for ("โรค" in โรคใด), where the question asks for no kind; else empty."""
    kind: str | None
    units: tuple[Unit, ...]
    grams: tuple[frozenset[str], frozenset[str]]
    """Its runs of GRAM characters, and of three, without spaces."""


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A text cut into words and sentences. One is like no other: what was measured of it is kept for it."""

    text: str
    ids: np.ndarray
    """(t,) word ids."""
    starts: np.ndarray
    ends: np.ndarray
    sentences: tuple[Place, ...]
    """Without surrounding white space; none is empty."""
    owner: np.ndarray
    """(t,) number of the sentence that each word stands in."""

    def sentence_at(self, position: int) -> int:
        """The number of the sentence that the character at ``position`` stands in, or the one before it."""
        return max(0, bisect_right(self.sentences, position, key=lambda sentence: sentence.start) - 1)


def asked(text: str, tokens: Sequence[Token], units: Sequence[Unit] = ()) -> Asked:
    """Measure a question once, from its words."""
    plain, kind = squeezed(text), expected(text)
    asking = [place.span() for place in _ASKING.finditer(text)]
    only_asks = [any(a <= t.place.start and t.place.end <= b for a, b in asking) for t in tokens]
    distance = [min((_apart(t.place, a, b) for a, b in asking), default=0) for t in tokens]
    return Asked(
        text,
        np.asarray([token.id for token in tokens], dtype=np.int64),
        np.asarray(only_asks, dtype=bool),
        np.exp(-np.asarray(distance, dtype=np.float32) / 12),
        frozenset(_focus(text, tokens, asking)),
        "" if kind else _noun(text, tokens),
        kind,
        tuple(units),
        (counted(plain, GRAM), counted(plain, 3)),
    )


def _apart(place: Place, start: int, end: int) -> int:
    """Characters between a word and a stretch of text."""
    return max(0, place.start - end, start - place.end)


def _focus(text: str, tokens: Sequence[Token], asking: Sequence[tuple[int, int]]) -> Iterator[int]:
    for start, end in asking:
        if _AFTER_ASKING.match(text[start:end]):
            beside = next((t for t in tokens if t.place.start >= end), None)
        else:
            beside = next((t for t in reversed(tokens) if t.place.end <= start), None)
        if beside and text[beside.place.start : beside.place.end] not in _HOLLOW:
            yield beside.id


def _noun(text: str, tokens: Sequence[Token]) -> str:
    """The noun right before the last word that asks which; empty where none stands there."""
    asking = [match.start() for match in _WHICH.finditer(text)]
    if not asking:
        return ""
    before = [text[t.place.start : t.place.end] for t in tokens if t.place.end <= asking[-1]]
    noun = before[-1] if before else ""
    beside = text[: asking[-1]].rstrip(" ").endswith(noun)
    return noun if beside and len(noun) > 1 and noun not in _HOLLOW | _HOLLOW_TOO else ""


def counted(plain: str, size: int) -> frozenset[str]:
    """The distinct runs of ``size`` characters."""
    return frozenset(plain[i : i + size] for i in range(len(plain) - size + 1))


def cut_passage(text: str, tokens: Sequence[Token]) -> Passage:
    """Cut a passage, whose words are known, into sentences."""
    sentences = tuple(trimmed for span in sentence_spans(text) if (trimmed := _trim(text, span)))
    starts = np.asarray([token.place.start for token in tokens], dtype=np.int64)
    ends = np.asarray([token.place.end for token in tokens], dtype=np.int64)
    heads = np.asarray([sentence.start for sentence in sentences], dtype=np.int64)
    owner = np.maximum(np.searchsorted(heads, starts, side="right") - 1, 0)
    ids = np.asarray([token.id for token in tokens], dtype=np.int64)
    return Passage(text, ids, starts, ends, sentences, owner)


def most_in(owner: np.ndarray, values: np.ndarray, count: int, least: float = 0.0) -> np.ndarray:
    """(count, ...) float32 the highest of ``values`` (t, ...) in each sentence, ``least`` where none is higher; ``owner`` (t,) ascends."""
    out = np.full((count, *values.shape[1:]), least, dtype=np.float32)
    if len(owner):
        starts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
        out[owner[starts]] = np.maximum(np.maximum.reduceat(values, starts, axis=0), least)
    return out


def squeezed(text: str) -> str:
    """Lower case, without white space, digits in Arabic."""
    return _SQUEEZED.sub("", arabic_digits(text).lower())


def stripped(text: str, place: Place) -> Place:
    """``place`` without the white space at its ends, as far as it may be cut off: a mark may stand on a space."""
    start, end = place.start, place.end
    while start < end and text[start].isspace() and is_border(text, start + 1):
        start += 1
    while start < end and text[end - 1].isspace() and is_border(text, end - 1):
        end -= 1
    return Place(start, end)


def _trim(text: str, span: Place) -> Place | None:
    place = stripped(text, span)
    return place if place.start < place.end else None
