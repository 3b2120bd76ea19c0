"""Spans of the kind asked for, that bear the title asked about, or that are led to, are likelier than the networks say."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from index.records import Place
from index.segmenter import Segmenter
from qa.answer_types import kind_held
from qa.meaning import Unit
from qa.reader_leads import factors as leading
from qa.reader_text import Asked, Passage, squeezed

LOOKED_AT = 40  # likeliest spans of a passage
# Times as likely, where a span holds the kind of thing that is asked for: chosen on the seeds (days), iapp valid and our own.
OF_THE_KIND = {"date": 4.0, "place": 2.0, "number": 2.0}
BEARING = 30.0  # times as likely, for a name that stands beside the title: "นาย ก ประธานาธิบดี ข" and ประธานาธิบดี ข คือใคร
BEING = 1000.0  # times as likely, for what stands behind the name of whom it is asked who they are (chosen on the seed document)
SHORTEST_NAME = 3  # characters
TITLE_UNITS = 4  # expressions of a title, at most
# Begins what somebody is: "นาย ก ประธานาธิบดี ข" and ก คือใคร
_OFFICE = re.compile(
    "(?:อดีต|รอง|ผู้ช่วย|ว่าที่|ที่ปรึกษา)*(?:ประธาน|นายก|รัฐมนตรี|รมว|ผู้|อธิบดี|อธิการ|ปลัด|เลขา|โฆษก|หัวหน้า|กษัตริย์|จักรพรรดิ|นัก|กรรมการ|เจ้าของ|อาจารย์|ศาสตราจารย์|แพทย์|ทูต|เอกอัครราชทูต)"
)
_ANOTHER = re.compile(rf"\s{_OFFICE.pattern}")  # the span goes on to somebody else
_WHO_IS = re.compile(r"(?:คือ|เป็น)\s?ใคร|ใคร\s?คือ|\bwho (?:is|was)\b", re.IGNORECASE)
# What stands before a name and is none of it: ประธานาธิบดี ก คือใคร
_TITLED = re.compile("(?:อดีต|รอง|ท่าน)*(?:ประธานาธิบดี|นายกรัฐมนตรี|รัฐมนตรี|ประธาน|ผู้นำ|คุณ|นางสาว|นาย|นาง|กษัตริย์|ดร\\.)")
PREPOSITIONS = ("โดย", "กับ", "ของ", "จาก", "แก่", "ให้")
SLACK = 1.6  # a title in a text is at most so many times as long as in the question: ผู้นำ(สูงสุด)เกาหลีเหนือ


def chosen(
    chances: np.ndarray, question: Asked, units: Sequence[Unit], text: Passage, segmenter: Segmenter
) -> np.ndarray:
    """``chances`` (t, l) of all spans, summing to 1, with those raised that speak for themselves.

    ``units`` are the question's expressions as they were typed, in the words of ``segmenter``.
    """
    context = text.text
    flat = chances.ravel()
    best = np.argsort(-flat, kind="stable")[:LOOKED_AT]
    best = best[flat[best] > 0]
    firsts, lengths = np.divmod(best, chances.shape[1])
    lasts = np.minimum(firsts + lengths, len(text.ends) - 1)
    places = [Place(int(text.starts[a]), int(text.ends[b])) for a, b in zip(firsts, lasts, strict=True)]
    factors = leading(question.text, question.kind, question.noun, context, places)
    title = [unit.text for unit in units if not unit.asks and unit.text.strip()]
    if question.kind in OF_THE_KIND:
        fits = kind_held(question.text, [context[place.start : place.end] for place in places]) > 0
        factors *= np.where(fits, OF_THE_KIND[question.kind], 1.0)
    elif question.kind == "person" and 0 < len(title) <= TITLE_UNITS:
        named = called(units, segmenter) if _WHO_IS.search(question.text) else ()
        factors *= [_for_person(context, place, title, named) for place in places]
    raised = chances.copy()
    raised.ravel()[best] *= factors
    return np.asarray(raised / raised.sum())


def called(units: Sequence[Unit], segmenter: Segmenter) -> tuple[str, ...]:
    """How the one asked about last is written, white space left out: as typed, without the title before it, in other letters."""
    unit = next(unit for unit in reversed(units) if not unit.asks and unit.text.strip())
    typed = squeezed(unit.text)
    others = ("".join(segmenter.text_of(word) for word in form) for form in unit.alternatives)
    forms = (typed, _TITLED.sub("", typed, count=1) if _TITLED.match(typed) else typed, *map(squeezed, others))
    return tuple(dict.fromkeys(form for form in forms if len(form) >= SHORTEST_NAME))


def _for_person(context: str, place: Place, title: Sequence[str], named: Sequence[str]) -> float:
    """How many times as likely as the networks say a span is, where a person is asked for; ``named`` where it is who they are."""
    if is_office_of(context, place, named):
        return BEING
    return BEARING if bears(context, place, title) else 1.0


def bears(context: str, place: Place, title: Sequence[str]) -> bool:
    """True where the title stands behind the span in its line, and not in it, its expressions close together, the first first.

    What ends in a preposition ("ประพันธ์โดย" ใคร) is no title: who is asked for stands behind it.
    """
    said = context[place.start : place.end]
    if title[0] in said or title[-1].endswith(PREPOSITIONS) or _ANOTHER.search(said):
        return False
    reach = int(SLACK * sum(map(len, title))) + 2
    behind = context[place.end : place.end + reach].lstrip(" ")
    return behind.startswith(title[0]) and all(part in behind for part in title)


def is_office_of(context: str, place: Place, named: Sequence[str]) -> bool:
    """True where the span says what somebody is, and the name, written in one of these ways, stands right before it in its line."""
    if not named or not _OFFICE.match(context, place.start):
        return False
    reach = 2 * max(map(len, named))
    line = context[max(0, place.start - reach) : place.start].rpartition("\n")[2]
    return squeezed(line).endswith(tuple(named))
