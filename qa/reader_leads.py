"""What leads to an answer: the words right before it, or that it begins with, by what is asked for.

The reader's networks learned from twelve thousand questions, too few to have met each preposition with each kind of question.
The factors were chosen on iapp's training questions, each read by the network that had not seen its passage, on iapp valid, and on
held-out questions of our own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.records import Place
from qa.answer_details import detail_held

LONGEST_LEAD = 14  # characters before a span that are looked at
TO_THE_POINT = 4.0  # times as likely, for a span that holds what is asked for to the point: a year, so many minutes
OF_THE_NOUN = 4.0  # ... that begins with the noun asked for, or stands behind it: โรคใด and "โรคเบาหวาน"


@dataclass(frozen=True, slots=True)
class Lead:
    """What leads to an answer of one kind."""

    before: re.Pattern[str]
    """Stands right before it ..."""
    begins: re.Pattern[str] | None
    """... or begins it."""
    factor: float
    """Times as likely as the networks say."""


def _lead(before: str, factor: float, begins: str | None = None) -> Lead:
    return Lead(re.compile(rf"(?:{before})\s?[\"“‘'(]?$"), re.compile(begins) if begins else None, factor)


_NAME_ASKED = re.compile("ชื่อ(?:ว่า)?อะไร|ชื่อใด|เรียกว่าอะไร|มีชื่อว่า|นามว่า")
_MEANING_ASKED = re.compile("คืออะไร")
_NAME = _lead("ชื่อ|ชื่อว่า|เรียกว่า|นามว่า|ว่า|คือ|เรียก|ฉายา|สมญา", 4.0)
_MEANING = _lead("คือ|เป็น|หมายถึง|ได้แก่", 8.0)
_OF_KIND = {
    "place": _lead("ที่|ใน|ณ|จาก|สู่|ไป|มา|ถึง", 3.0),
    "person": _lead("โดย|ของ|คือ|เป็น|ชื่อ|แก่|กับ|ให้|ได้แก่|นาย|นาง|พระ|ดร\\.", 4.0),
    "reason": _lead("เพราะ|เพราะว่า|เนื่อง(?:มา)?จาก|เพื่อ|ด้วยเหตุ|จาก", 4.0, "เพราะ|เนื่องจาก|เพื่อ"),
}


def lead(question: str, kind: str | None) -> Lead | None:
    """What leads to the answer of ``question``, which asks for that kind; None where nothing is known to."""
    if _NAME_ASKED.search(question):
        return _NAME
    if kind is None and _MEANING_ASKED.search(question):
        return _MEANING
    return _OF_KIND.get(kind or "")


def factors(question: str, kind: str | None, noun: str, context: str, places: Sequence[Place]) -> np.ndarray:
    """(n,) how many times as likely as the networks say each span of ``context`` is; ``noun`` and ``kind`` are asked for."""
    leading, out = lead(question, kind), np.ones(len(places))
    for number, place in enumerate(places):
        before = context[max(0, place.start - LONGEST_LEAD) : place.start]
        if leading and (
            leading.before.search(before) or (leading.begins and leading.begins.match(context, place.start))
        ):
            out[number] *= leading.factor
        if noun and (context.startswith(noun, place.start) or before.rstrip(" ").endswith(noun)):
            out[number] *= OF_THE_NOUN
    held = detail_held(question, [context[place.start : place.end] for place in places])
    return np.where(held == 1, out * TO_THE_POINT, out)
