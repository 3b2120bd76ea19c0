"""What a question asks for to the point: a year, a time of day, so many minutes, a city; and where a text holds one.

Finer than :mod:`qa.answer_types`: "the talks took place on 1 November" is no answer to "in which year". Used to say
that documents close to a question's topic do not answer it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from index.records import Place
from index.thai import countries, provinces
from qa.answer_types import MONTHS, NUMBER, repeats
from qa.signs import WORD_OF_NUMBER, D, any_of, beyond, counted, signs

_WHICH = r"(?:ใด|ไหน|อะไร|ไร|เท่า(?:ไร|ไหร่|ใด|ไหน)|กี่)"
_COUNT = rf"(?:{NUMBER}|{WORD_OF_NUMBER}+)"
_SOME = rf"(?:{D}|{WORD_OF_NUMBER})"  # what a count begins with
_SCALE = r"\s?(?:สิบ|ร้อย|พัน|หมื่น|แสน|ล้าน)*\s?(?:กว่า|เศษ|เกือบ)?\s?"
_NAME = r"\s?[ก-๙A-Za-z]{2,}"
_THAI_MONEY = "บาท|ดอลลาร์|เหรียญ|ยูโร|เยน|หยวน|ปอนด์|วอน|รูปี|สตางค์"
_MONEY = rf"{_THAI_MONEY}|\bdollars?\b|\beuros?\b|\byuan\b|\bbaht\b"
_SPAN = r"วินาที|นาที|ชั่วโมง|ชม\.|วัน|สัปดาห์|อาทิตย์|เดือน|ปี|ทศวรรษ|ศตวรรษ|คืน"
_YEAR = r"(?:พ\.?ศ\.?|ค\.?ศ\.?|ปี|ร\.?ศ\.?)\s*(?:พ\.?ศ\.?|ค\.?ศ\.?|คริสต์ศักราช|พุทธศักราช)?\s*[0-9๐-๙]{2,4}|(?<![0-9๐-๙.,])[12๑๒][0-9๐-๙]{3}(?![0-9๐-๙,])|(?:คริสต์|พุทธ)?ศตวรรษที่|ทศวรรษ"
_DAY = (
    rf"[0-9๐-๙]{{1,2}}\s*(?:-|–|ถึง)?\s*(?:[0-9๐-๙]{{1,2}})?\s*(?:{MONTHS})|วันที่\s*[0-9๐-๙]{{1,2}}"
    r"|(?<![0-9๐-๙])[0-9๐-๙]{1,2}[/-][0-9๐-๙]{1,2}[/-][0-9๐-๙]{2,4}|(?:ขึ้น|แรม)\s*[0-9๐-๙]{1,2}\s*ค่ำ"
    r"|วัน(?:จันทร์|อังคาร|พุธ|พฤหัส(?:บดี)?|ศุกร์|เสาร์|อาทิตย์)|วันนี้|เมื่อวาน|พรุ่งนี้"
)
_YEAR_SIGNS = (
    rf"(?:พ\.?ศ\.?|ค\.?ศ\.?|ปี|ร\.?ศ\.?)\s*(?:พ\.?ศ\.?|ค\.?ศ\.?|คริสต์ศักราช|พุทธศักราช)?\s*{D}{{2}}",
    rf"[12๑๒](?<![0-9๐-๙.,].){D}{{3}}(?![0-9๐-๙,])",
    "ศตวรรษที่",
    "ทศวรรษ",
)
_DAY_SIGNS = (
    rf"วันที่\s*{D}",
    rf"{D}\s*(?:-|–|ถึง)?\s*(?:{MONTHS})",
    "วัน(?:จันทร์|อังคาร|พุธ|พฤหัส|ศุกร์|เสาร์|อาทิตย์|นี้)",
    rf"{D}(?<!{D}.){D}?[/-]{D}{{1,2}}[/-]{D}{{2}}",
    "เมื่อวาน",
    "พรุ่งนี้",
    rf"(?:ขึ้น|แรม)\s*{D}{{1,2}}\s*ค่ำ",
)


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that can be asked for to the point."""

    name: str
    asked: re.Pattern[str]
    answer: re.Pattern[str]
    signs: tuple[re.Pattern[str], ...]
    """Of ``answer`` (:mod:`qa.signs`)."""
    vague: tuple[re.Pattern[str], ...] = ()
    """Answers of a sort: "soon" to "when"."""


def _detail(name: str, asked: str, answer: str, told_by: Sequence[str], vague: Sequence[str] = ()) -> Detail:
    return Detail(
        name,
        re.compile(asked, re.IGNORECASE),
        re.compile(answer, re.IGNORECASE),
        signs(*told_by, flags=re.IGNORECASE),
        signs(*vague, flags=re.IGNORECASE),
    )


# The first that matches a question decides.
DETAILS = (
    _detail(
        "time",
        r"กี่โมง|กี่ทุ่ม|(?<!ระยะ)(?<!ช่วง)(?<!ใช้)เวลา\s?(?:ใด|ไหน|อะไร|เท่า(?:ไร|ไหร่|ใด))|ตอน\s?กี่?\s?โมง|\bwhat time\b|\bat what hour\b",
        r"[0-9๐-๙]{1,2}\s?[.:]\s?[0-9๐-๙]{2}|[0-9๐-๙]{1,2}\s?(?:นาฬิกา|โมง|ทุ่ม|น\.)|เที่ยง|ตี\s?[0-9๐-๙]|(?:เช้า|บ่าย|เย็น|ค่ำ|กลางคืน|รุ่งเช้า|ทุ่ม)",
        (rf"{D}\s?[.:]\s?{D}{{2}}", rf"{D}\s?(?:นาฬิกา|โมง|ทุ่ม|น\.)", "เช้า|เที่ยง|บ่าย|เย็น|ค่ำ|กลางคืน|ทุ่ม", rf"ตี\s?{D}"),
    ),
    _detail(
        "year",
        r"(?:ปี|(?<!เ)พ\.?ศ\.?|ค\.?ศ\.?|ศักราช)\s*(?:พ\.?ศ\.?|ค\.?ศ\.?)?\s*(?:ที่)?\s?(?:ใด|ไหน|อะไร|ไร(?!บ้าง)|เท่า(?:ไร|ไหร่|ใด))|\b(?:what|which) year\b",
        _YEAR,
        _YEAR_SIGNS,
    ),
    _detail(
        "day",
        rf"วันที่\s?{_WHICH}|วัน(?:ไหน|ใด|อะไร)|\b(?:what|which) (?:date|day)\b",
        _DAY,
        _DAY_SIGNS,
    ),
    _detail("month", r"เดือน\s?(?:ใด|ไหน|อะไร|ไร)|\b(?:what|which) month\b", MONTHS, [MONTHS]),
    _detail(
        "when",
        r"เมื่อ\s?(?:ไร|ไหร่|ใด)|ตอนไหน|ช่วง(?:ไหน|ใด)|\bwhen\b",
        rf"{_DAY}|{MONTHS}|{_YEAR}|สมัย(?:รัชกาล|กรุง)",
        (*_YEAR_SIGNS, MONTHS, *_DAY_SIGNS, "สมัย(?:รัชกาล|กรุง)"),
        ("(?:สัปดาห์|อาทิตย์|เดือน|ปี)(?:หน้า|ที่แล้ว|ก่อน)", r"เร็ว\s?ๆ\s?นี้", "ยุค", "ช่วง(?:เช้า|บ่าย|ต้น|กลาง|ปลาย)"),
    ),
    _detail(
        "age",
        r"อายุ\s?(?:ได้)?\s?(?:เท่า|กี่)|\bhow old\b",
        rf"{_COUNT}\s?(?:ปี|ขวบ|พรรษา|เดือน)|อายุ\s?{_COUNT}",
        (*counted(r"\s?(?:ปี|ขวบ|พรรษา|เดือน)"), rf"อายุ\s?{_SOME}"),
    ),
    _detail(
        "duration",
        rf"นาน\s?(?:แค่ไหน|เท่า|กี่|เพียงใด)|ระยะเวลา\s?(?:เท่า|กี่)|ใช้เวลา\s?(?:เท่า|กี่|นาน)|กี่\s?(?:{_SPAN})|\bhow long\b|\bhow many (?:seconds|minutes|hours|days|weeks|months|years)\b",
        rf"{_COUNT}{_SCALE}(?:{_SPAN})|ตลอด(?:วัน|ปี|คืน)",
        (*counted(rf"{_SCALE}(?:{_SPAN})"), "ตลอด(?:วัน|ปี|คืน)"),
    ),
    _detail(
        "percent",
        r"กี่\s?(?:เปอร์เซ็?น|%|ร้อยละ)|ร้อยละ\s?(?:เท่า|กี่)|\bpercent",
        rf"(?:ร้อยละ|อัตรา)\s*{_COUNT}|{_COUNT}\s*(?:%|เปอร์เซ็?น)|ครึ่งหนึ่ง",
        (rf"(?:ร้อยละ|อัตรา)\s*{_SOME}", *counted(r"\s*(?:%|เปอร์เซ็?น)"), "ครึ่งหนึ่ง"),
    ),
    _detail(
        "money",
        rf"กี่\s?(?:สิบ|ร้อย|พัน|หมื่น|แสน|ล้าน)*\s?(?:{_MONEY})|(?:ราคา|มูลค่า|งบประมาณ|เงินเดือน|รายได้|ค่าจ้าง|ค่าปรับ|กำไร|ขาดทุน|ทุนสร้าง|ค่าใช้จ่าย|ค่าธรรมเนียม|เงิน)[^ ]{{0,12}}(?:เท่า(?:ไร|ไหร่|ใด)|กี่)|\bhow much (?:money|did .* cost|does .* cost)",
        rf"{_COUNT}{_SCALE}(?:{_MONEY})|(?:{_MONEY})\s?{NUMBER}|[$€£¥฿]\s?{NUMBER}|\bUSD?\b",
        (
            *counted(rf"{_SCALE}(?:{_MONEY})"),
            rf"(?:{_THAI_MONEY})\s?{D}",
            rf"\b(?:dollars?|euros?|yuan|baht)\b\s?{D}",
            rf"[$€£¥฿]\s?{D}",
            r"\bUSD?\b",
        ),
    ),
    _detail(
        "country",
        r"ประเทศ\s?(?:ใด|ไหน|อะไร|ไร)|\b(?:what|which) country\b",
        rf"ประเทศ{_NAME}|{any_of(countries())}",
        (rf"ประเทศ{_NAME}", any_of(countries())),
    ),
    _detail(
        "province",
        r"จังหวัด\s?(?:ใด|ไหน|อะไร|ไร)",
        rf"(?:จังหวัด|จ\.){_NAME}|{any_of(provinces())}",
        (rf"(?:จังหวัด|จ\.){_NAME}", any_of(provinces())),
    ),
    _detail(
        "city",
        r"(?:เมือง|นคร|กรุง)(?:หลวง)?\s?(?:ใด|ไหน|อะไร|ไร)|\b(?:what|which)(?: \w+)? city\b",
        rf"(?<!บ้าน)(?:เมือง|นคร|กรุง)(?!หลวง|ไทย){_NAME}",
        [rf"(?:เมือง(?<!บ้านเมือง)|นคร(?<!บ้านนคร)|กรุง(?<!บ้านกรุง))(?!หลวง|ไทย){_NAME}"],
    ),
)  # fmt: skip

VAGUE = 0.4  # of an answer to the point that one of a sort is worth
_HOW_MANY = re.compile(r"(?<!เ)กี่\s?([ก-๙]{2,})")
_TIMES = re.compile(r"(?:ครั้ง|หน|รอบ|ที(?!่))")
_STEM = 3  # letters of a classifier that must stand behind a number: กี่นาที and "10 นาที"


@lru_cache(maxsize=64)
def detail(question: str) -> Detail | None:
    """What ``question`` asks for to the point, or None where it does not."""
    for known in DETAILS:
        if known.asked.search(question):
            return known
    counted_thing = _HOW_MANY.search(question)
    if counted_thing is None:
        return None
    times = _TIMES.match(counted_thing.group(1))
    stem = _TIMES.pattern if times else re.escape(counted_thing.group(1)[:_STEM])
    answer = re.compile(rf"{_COUNT}{_SCALE}(?:{stem})|{stem}[ก-๙]{{0,8}}\s?{_COUNT}")
    told_by = signs(*counted(rf"{_SCALE}(?:{stem})"), rf"{stem}[ก-๙]{{0,8}}\s?{_SOME}")
    return Detail("count", _HOW_MANY, answer, told_by)


def places_of(asked: Detail, text: str) -> Iterator[Place]:
    """Where ``text`` holds it."""
    for match in asked.answer.finditer(text):
        yield Place(*match.span())


def holds(asked: Detail, text: str, question: str = "") -> bool:
    """True where ``text`` holds it in words that the question does not say itself."""
    return any(not repeats(text[place.start : place.end].strip(), question) for place in places_of(asked, text))


def detail_held(question: str, texts: Sequence[str]) -> np.ndarray:
    """(n,) 1 for each text that holds what ``question`` asks for to the point, VAGUE for one of a sort; else 0."""
    asked = detail(question)
    if asked is None:
        return np.zeros(len(texts), dtype=np.float32)
    to_the_point = beyond(asked.signs, texts, question, lambda text: holds(asked, text, question))
    of_a_sort = [VAGUE if any(form.search(text) for form in asked.vague) else 0.0 for text in texts]
    return np.where(to_the_point, 1.0, of_a_sort).astype(np.float32)


def held(asked: Detail, text: str, question: str) -> float:
    """1 where ``text`` holds it (:func:`holds`), VAGUE where it holds one of a sort, else 0."""
    if holds(asked, text, question):
        return 1.0
    return VAGUE if any(form.search(text) for form in asked.vague) else 0.0
