"""What kind of thing a question asks for, and whether a text holds one: rules over Thai and English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from index.records import Place
from index.thai import arabic_digits
from qa.signs import D, beyond, signs

# The first pattern that matches decides; the order puts the specific before the general.
_ASKED = (
    (
        "date",
        r"เมื่อ(?:ไร|ไหร่|ใด)|ตอนไหน|วันไหน|วันที่เท่า|วันอะไร|ปีใด|ปีไหน|ปีอะไร|พ\.ศ\.\s?(?:ใด|อะไร)|ค\.ศ\.\s?(?:ใด|อะไร)|เดือน(?:ใด|ไหน|อะไร)"
        r"|กี่โมง|เวลาใด|เวลาไหน|ปีเท่าไ|\bwhen\b|what (?:year|date|day|month|time)|which (?:year|day|month)",
    ),
    (
        "number",
        r"กี่|เท่าไร|เท่าไหร่|เท่าใด|จำนวน|อายุ|ราคา|ความสูง|น้ำหนัก|\bhow (?:many|much|old|long|far|tall|high|large|big|often)\b|number of|percent",
    ),
    ("person", r"ใคร|ผู้ใด|คนไหน|คนใด|ชื่ออะไร|นามสกุล|\bwho\b|\bwhose\b|\bwhom\b"),
    (
        "place",
        r"ที่ไหน|ที่ใด|แห่งใด|แห่งไหน|ประเทศ(?:ใด|ไหน|อะไร)|จังหวัด(?:ใด|ไหน|อะไร)|เมือง(?:ใด|ไหน|อะไร)|อยู่ไหน|\bwhere\b|what (?:country|city)|which (?:country|city)",
    ),
    ("reason", r"ทำไม|เพราะ(?:อะไร|เหตุใด)|เหตุใด|สาเหตุ|\bwhy\b"),
    ("manner", r"อย่างไร|ยังไง|วิธี|\bhow\b"),
)
TELLING = ("date", "number", "person", "place")  # kinds of answer that not every passage holds
KINDS = tuple(kind for kind, _ in _ASKED)
_ASKED_COMPILED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _ASKED)

MONTHS = (
    "มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม"
    r"|ม\.ค\.|ก\.พ\.|มี\.ค\.|เม\.ย\.|พ\.ค\.|มิ\.ย\.|ก\.ค\.|ส\.ค\.|ก\.ย\.|ต\.ค\.|พ\.ย\.|ธ\.ค\."
)
_DAY = r"(?:วัน)?(?:จันทร์|อังคาร|พุธ|พฤหัสบดี|ศุกร์|เสาร์|อาทิตย์)(?:ที่)?"
_NUMERALS = "หนึ่ง|สอง|สาม|สี่|ห้า|หก|เจ็ด|แปด|เก้า|สิบ|ร้อย|พัน|หมื่น|แสน|ล้าน"
NUMBER = r"[0-9๐-๙]+(?:[,.][0-9๐-๙]+)*"
_ANSWERS = {
    "date": rf"(?:วันที่\s*)?(?:{NUMBER}\s*)?(?:{MONTHS})(?:\s*(?:พ\.ศ\.|ค\.ศ\.)?\s*[0-9๐-๙]{{2,4}})?"
    rf"|(?:พ\.ศ\.|ค\.ศ\.|ปี|ศตวรรษที่)\s*[0-9๐-๙]{{1,4}}|[0-9๐-๙]{{1,2}}[.:][0-9๐-๙]{{2}}\s*น\.|{_DAY}|\b(?:1[0-9]|2[05])[0-9]{{2}}\b",
    "number": rf"{NUMBER}|(?:{_NUMERALS})+",
    "person": r"(?:นาย|นาง(?:สาว)?|ดร\.|พล\.?[ก-ฮ]\.|พระ|สมเด็จ|เจ้า|คุณ|ประธานาธิบดี|นายกรัฐมนตรี|อธิบดี|รัฐมนตรี|กษัตริย์|จักรพรรดิ|ศาสตราจารย์)"
    r"[ก-๙A-Za-z.\-]+(?:\s[ก-๙A-Za-z\-]+)?|[A-Z][a-z]+(?:\s[A-Z][a-z]+)+|[ก-๙]+์\s[ก-๙]+",
    "place": r"(?:ประเทศ|จังหวัด|เมือง|กรุง|นคร|อำเภอ|ตำบล|รัฐ|เขต|หมู่บ้าน|โรงเรียน|มหาวิทยาลัย|โรงพยาบาล|วัด|ที่|ณ|แม่น้ำ|เกาะ|ถนน)\s?[ก-๙A-Za-z]+",
    "name": r"[A-Z][A-Za-z0-9.'’\-]*(?:\s(?:(?:of|the|and|de|von|van)\s)?[A-Z0-9][A-Za-z0-9.'’\-]*)*"
    r"|[\"“‘«][^\"”’»\n]{2,60}[\"”’»]|(?<=ชื่อว่า)\s?[^\s]{2,40}|(?<=เรียกว่า)\s?[^\s]{2,40}",
    "reason": r"เพราะ|เนื่องจาก|ด้วยเหตุ|สาเหตุ|เพื่อ|ทำให้|จึง|ส่งผล",
    "manner": r"โดย|ด้วยการ|ผ่าน|วิธี",
}
_ANSWERS_COMPILED = {kind: re.compile(pattern) for kind, pattern in _ANSWERS.items()}
_SIGNS = {
    "date": signs(
        rf"(?:พ\.ศ\.|ค\.ศ\.|ปี|ศตวรรษที่)\s*{D}", MONTHS, r"[12](?<!\w.)(?:(?<=1)[0-9]|(?<=2)[05])[0-9]{2}\b",
        "จันทร์|อังคาร|พุธ|พฤหัสบดี|ศุกร์|เสาร์|อาทิตย์", rf"{D}[.:]{D}{{2}}\s*น\.",
    ),
    "number": signs(D, _NUMERALS),
    "person": signs(
        r"(?:นาย|นาง|ดร\.|พล\.?[ก-ฮ]\.|พระ|สมเด็จ|เจ้า|คุณ|ประธานาธิบดี|อธิบดี|รัฐมนตรี|กษัตริย์|จักรพรรดิ|ศาสตราจารย์)[ก-๙A-Za-z.\-]",
        r"์(?<=[ก-๙]์)\s[ก-๙]", r"[A-Z][a-z]+\s[A-Z][a-z]",
    ),
    "place": signs(_ANSWERS["place"]),
}  # fmt: skip


def expected(question: str) -> str | None:
    """The kind of answer that is asked for ("date", "number", "person", "place", "reason", "manner"), or None."""
    for kind, pattern in _ASKED_COMPILED:
        if pattern.search(question):
            return kind
    return None


def places_of(kind: str, text: str) -> Iterator[Place]:
    """Where ``text`` holds something of that kind."""
    for match in _ANSWERS_COMPILED[kind].finditer(text):
        yield Place(*match.span())


def holds(kind: str, text: str, question: str = "") -> bool:
    """True where ``text`` holds something of that kind that the question does not say itself."""
    return any(not repeats(match.group(), question) for match in _ANSWERS_COMPILED[kind].finditer(text))


def repeats(words: str, question: str) -> bool:
    """True for words that the question says itself, in either kind of digits."""
    return arabic_digits(words) in arabic_digits(question)


def kind_held(question: str, texts: Sequence[str]) -> np.ndarray:
    """(n,) 1 for each text that holds what ``question`` asks for, where that is one of TELLING; else 0."""
    wanted = expected(question)
    if wanted is None or wanted not in TELLING:
        return np.zeros(len(texts), dtype=np.float32)
    held = beyond(_SIGNS[wanted], texts, question, lambda text: holds(wanted, text, question))
    return np.asarray(held, dtype=np.float32)
