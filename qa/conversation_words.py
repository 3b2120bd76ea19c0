"""What a question is made of, for questions that lean on earlier ones: asking phrases, particles, pronouns, verbs.

Closed classes of Thai and English alone: what belongs to the documents (names, things) is never listed here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from index.records import Place
from index.segmenter import bundled_segmenter
from index.thai import has_thai


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


Kind = Literal["date", "number", "person", "place", "reason", "manner", "choice", "thing"]

_UNIT = (
    r"(?:โมง|วัน|ปี|คน|บาท|ครั้ง|นาที|ชั่วโมง|เดือน|สัปดาห์|อาทิตย์|คืน|ราย|แห่ง|ชิ้น|อัน|ตัว|เรื่อง|ข้อ|ห้อง|เล่ม|คัน|"
    r"เท่า|กิโล(?:เมตร|กรัม)?|เมตร|ตัน|เปอร์เซ็นต์|ประเทศ|หน้า|ขวบ|หน|รอบ|ชั้น|ฉบับ|ลำ|ต้น|หลัง|ใบ|[ก-๙]+(?=\s|$))"
)
_BEFORE = r"(?:อยู่)?(?:ตั้งแต่|จนถึง|ภายใน|ระหว่าง|เมื่อ|จาก|ไปที่|ไป|ถึง|ใน|ที่)?"
_GENERIC = r"(?:วันที่|วัน|ปี|เดือน|คืน|ช่วง|เวลา|ตอน|พ\.ศ\.|ค\.ศ\.|ศ\.)"
_WHERE = r"(?:ประเทศ|จังหวัด|เมือง|แถว|แห่ง|บริเวณ|ทิศ|ตรง)"
_SOME = r"(?:บ้าง|อีก)*"

# The first pattern that matches at a place decides.
_ASKING: tuple[tuple[Kind, str], ...] = (
    ("date", rf"(?:เมื่อ)?(?:เมื่อ(?:ไร|ไหร่|ใด)|{_BEFORE}{_GENERIC}\s?(?:ไหน|ใด|อะไร|เท่า(?:ไร|ไหร่|ใด))){_SOME}"),
    ("date", rf"{_BEFORE}(?:เวลา)?กี่\s?โมง(?:ถึงกี่\s?โมง)?|\bwhen\b|\b(?:what|which) (?:time|year|date|day|month)\b"),
    ("number", rf"(?:(?:ปี|วัน|เดือน|ครั้ง|คน|คืน|ชั่วโมง)ละ)?{_BEFORE}กี่\s?{_UNIT}|(?:นาน|มาก|ไกล|สูง|ใหญ่)?(?:สัก)?เท่า(?:ไร|ไหร่|ใด)"),
    ("number", r"\bhow (?:many|much|long|far|old|tall|big|often)\b"),
    ("reason", r"ทำไม(?:ถึง|จึง)?|เพราะ(?:อะไร|เหตุใด)|(?:ด้วย)?เหตุ(?:ใด|อะไร)|\bwhy\b"),
    ("place", rf"{_BEFORE}(?:ที่\s?(?:ไหน|ใด)|{_WHERE}(?:ไหน|ใด|อะไร)){_SOME}|อยู่ไหน{_SOME}|ตรงไหน|\bwhere\b|\bwhich (?:country|city|place)\b"),
    ("person", rf"(?:คือ)?(?:ใคร|ผู้ใด|คนไหน){_SOME}|ชื่อ(?:อะไร|ว่าอะไร)|\bwho(?:m|se)?\b"),
    ("manner", rf"(?:เป็น|ว่า)?(?:อย่างไร|ยังไง|ไง){_SOME}|ทาง(?:ไหน|ใด){_SOME}|แค่ไหน|\bhow\b"),
    ("choice", r"(?:ได้|ใช่|แล้ว)?(?:หรือไม่|หรือเปล่า|รึเปล่า|หรือยัง|ไหม|มั้ย)"),
    ("thing", rf"อะไร{_SOME}|(?:อัน|ตัว|แบบ)?(?:ไหน|ใด){_SOME}|\b(?:what|which)\b"),
)  # fmt: skip
ASKING = re.compile("|".join(f"(?P<k{number}>{pattern})" for number, (_, pattern) in enumerate(_ASKING)), re.IGNORECASE)

# One asking word put into the other language, so that a stand-alone question stays in one.
IN_THAI: dict[Kind, str] = {
    "date": "เมื่อไร", "place": "ที่ไหน", "person": "ใคร", "reason": "เพราะอะไร", "number": "เท่าไร",
    "manner": "อย่างไร", "thing": "อะไร",
}  # fmt: skip
IN_ENGLISH: dict[Kind, str] = {
    "date": "when", "place": "where", "person": "who", "reason": "why", "number": "how much",
    "manner": "how", "thing": "what",
}  # fmt: skip

# "Let us talk of something else": what stood before does not count, and the phrase itself is not searched.
CHANGE = re.compile(
    r"^\s*(?:(?:งั้น|เอาล่ะ|โอเค)\s*)?(?:(?:ขอ)?(?:เปลี่ยน|ข้าม)(?:ไป)?(?:เรื่อง|หัวข้อ|ประเด็น)(?:อื่น)?|(?:ขอ)?(?:ถาม)?(?:อีก\s?(?:เรื่อง|อย่าง|คำถาม)(?:หนึ่ง|นึง|นะ)?"
    r"|เรื่องอื่น|นอกเรื่อง)|ไม่เกี่ยวกัน(?:แต่)?)(?:\s*(?:หน่อย|นะ|ครับ|ค่ะ|คะ|บ้าง|ดีกว่า|เลย|สิ))*[\s,:.]+"
    r"|^\s*(?:by the way|another (?:question|thing|topic)|(?:let'?s )?chang(?:e|ing) (?:the )?(?:subject|topic)|on another note|different question)[\s,:.]+",
    re.IGNORECASE,
)
OPENING = re.compile(
    r"^\s*(?:(?:แล้วก็|แล้ว|และ|ส่วน(?!ที่|ใหญ่|ตัว|แบ่ง|ผสม|ลด|ต่าง)|งั้น|อ้าว|อ๋อ|โอเค|เอ่อ)\s*)+"
    r"|^\s*(?:ok(?:ay)?[,\s]+)?(?:(?:and|but|so|then)\b\s*)*(?:(?:what|how) about\b\s*|(?:and|but|so|then)\b\s*)",
    re.IGNORECASE,
)
CLOSING = re.compile(r"[\s?？]*(?:(?:ล่ะ|ละ|หล่ะ|อะ|อ่ะ|นะ|น่ะ|ครับ|คับ|ค่ะ|คะ|จ๊ะ|จ้ะ|เหรอ|หรอ|บ้าง(?=ล่ะ))[\s?？]*)+$|[\s?？]+$")
ASKS_BACK = re.compile(r"(?:ล่ะ|ละ|หล่ะ)\s*(?:ครับ|คับ|ค่ะ|คะ|นะ)?\s*[?？]*\s*$|\b(?:what|how) about\b", re.IGNORECASE)
SAYS_WHAT = re.compile(r"\s*(?:เอง)?\s*(?:พูด|บอก|คิด|กล่าว|เห็น)?ว่า(?:ไง|ยังไง|อย่างไร|อะไร)(?:บ้าง)?$")
PROVISO = re.compile(r"^(?:ถ้า|หาก|กรณี|ในกรณี|if\b|in case\b)", re.IGNORECASE)

PERSON = r"(?:พวก)?(?:เขา|เค้า)(?!ใหญ่)|เธอ|ท่าน|แก(?=จะ|ได้|เคย|ต้อง|มี|เป็น|พูด|บอก|ไป|ทำ)"
THERE = r"ที่(?:นั่น|โน่น|นี่)|ตรงนั้น"
DEMONSTRATIVE = r"(?:นี้|นั้น|ดังกล่าว)"
ENGLISH_PRONOUN = r"\b(?:he|she|it|they|him|her|them|his|their|its|there|that|this|those|these)\b"

# Words with which a Thai predicate begins: auxiliaries, the copula, and the verbs that questions are made of.
_AUXILIARY = _words(
    """
    จะ ต้อง ควร อาจ เคย ได้ ยัง กำลัง ถูก คือ เป็น มี อยู่ ให้ ไม่ ไม่ต้อง น่าจะ คง ยินดี จำเป็น สามารถ ช่วย
    แล้ว
    """
)
_VERBS = _words(
    """
    จัด เปิด ปิด รับ ทำ ใช้ พูด กล่าว บอก คุย พบ เจอ ขอ ซื้อ ขาย ส่ง จ่าย ตั้ง เข้า ออก ไป มา หยุด ไหล เยี่ยม
    รับประกัน สอบ สมัคร ประกาศ ยื่น แจ้ง ลงทะเบียน ติดต่อ เริ่ม เสร็จ สร้าง เกิด ตาย ชนะ แพ้ เรียน สอน อ่าน
    เขียน เดินทาง อาศัย ผลิต นำเข้า ส่งออก ลงทุน จ้าง เพิ่ม ลด ขึ้น ลง เปลี่ยน แก้ ซ่อม คิด เชื่อ หวัง ชื่นชม
    สนับสนุน ต้องการ อยาก ห้าม อนุญาต อนุมัติ ประกวด แข่งขัน ชวน ตั้งเป้า ขัดแย้ง เจรจา ประชุม พบปะ แสดง
    ขับเคลื่อน คาด ระบุ เรียก หมาย ชอบ รู้ เห็น ฟัง ดู กิน ดื่ม นอน นั่ง ยืน เดิน วิ่ง ขับ บิน ยาว สูง กว้าง
    หนัก อายุ ชื่อ ขุด อพยพ ก่อตั้ง เผยแพร่ ฉลอง ระหว่าง ว่า ภายใน มีชื่อเสียง ลา เฝ้า พา
    """
)
# Words that say nothing of the matter by themselves.
_EMPTY = _AUXILIARY | _words(
    """
    ที่ ใน ของ กับ และ หรือ จาก ถึง โดย เพื่อ ว่า ไป มา ขึ้น ลง ออก เข้า อีก อีกที บ้าง ด้วย กัน เอง ก็ นี้
    นั้น แบบ เรื่อง ทำ ทำได้ ต่อ ต่อไป ตอนนี้ เมื่อ แต่ ซึ่ง อื่น ภายใน ระหว่าง ครั้ง ไว้ เลย แล้ว สุด นาน
    เพราะ ตาม ละ ล่ะ ถ้า หาก กรณี ปี วัน วันที่ เดือน ค พ ศ เวลา the a an is are was were be been do does did
    will would can could should has have had of in on at to for from by with about and or not so then i we
    you take happen happened พูด บอก กล่าว คิด เอา เข้าไป ออกไป กลับมา people person go get say said tell
    time
    """
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One asking phrase of a question."""

    kind: Kind
    place: Place
    text: str


def asked(text: str) -> tuple[Asked, ...]:
    """The asking phrases of ``text``, in order."""
    return tuple(
        Asked(_ASKING[int((match.lastgroup or "k0")[1:])][0], Place(*match.span()), match.group())
        for match in ASKING.finditer(text)
    )


def without(text: str, phrases: tuple[Asked, ...]) -> str:
    """``text`` without those asking phrases; "who that ..." becomes "the one that ..."."""
    pieces, position = [], 0
    for phrase in phrases:
        that = phrase.kind == "person" and text.startswith("ที่", phrase.place.end)
        pieces += [text[position : phrase.place.start], "คน" if that else " "]
        position = phrase.place.end
    return " ".join("".join([*pieces, text[position:]]).split())


def word_places(text: str) -> list[Place]:
    """The words of ``text``, as the index cuts them."""
    return [token.place for token in bundled_segmenter().tokens(text)]


def is_verb(word: str) -> bool:
    """True where a predicate begins with ``word`` (longer compounds of a listed verb too: รับ, รับสมัคร)."""
    if word in _AUXILIARY or word in _VERBS:
        return True
    return any(word.startswith(word[:size]) and word[:size] in _VERBS for size in range(3, min(len(word), 8)))


def content(text: str) -> list[Place]:
    """The words of ``text`` that say what it is about: not asking, not empty, no particle or pronoun."""
    spans = [phrase.place for phrase in asked(text)]
    spans += [Place(*m.span()) for m in re.finditer(rf"{PERSON}|{THERE}|มัน|{ENGLISH_PRONOUN}", text, re.IGNORECASE)]
    return [
        place
        for place in word_places(text)
        if text[place.start : place.end].lower() not in _EMPTY
        and not re.fullmatch(r"[\W\d_]+", text[place.start : place.end])
        and not any(place.overlaps(span) for span in spans)
    ]


def subject(text: str) -> str:
    """The noun phrase that a Thai question begins with: what stands before its first verb or asking phrase.

    Where it begins with a verb, the act itself is what is spoken of: the words before the next auxiliary.
    """
    if not has_thai(text):
        return english_subject(text)
    phrases = asked(text)
    limit = next((phrase.place.start for phrase in phrases if phrase.place.start), len(text))
    places = [place for place in word_places(text) if place.start < limit]
    for number, place in enumerate(places):
        word = text[place.start : place.end]
        stops = word in _AUXILIARY if places and is_verb(text[places[0].start : places[0].end]) else is_verb(word)
        relative = number and text[places[number - 1].start : places[number - 1].end] in ("ที่", "ซึ่ง")
        if number and stops and not relative:
            return text[places[0].start : place.start].strip()
    return text[places[0].start : limit].strip() if places else ""


AUX = r"(?:is|are|was|were|do|does|did|will|would|can|could|should|has|have|had)"
_NAMES = re.compile(r"[A-Z][\w.'-]*(?:\s+(?:and|of|the|&)\s+[A-Z][\w.'-]*|\s+[A-Z][\w.'-]*)*")


def english_subject(text: str) -> str:
    """What an English question is about: all after "who is", else the names it holds, else its statement."""
    rest = re.sub(rf"^\W*(?:\w+\s+){{0,3}}?{AUX}\b\s*", "", text, count=1, flags=re.IGNORECASE).rstrip(" ?.!")
    if re.match(r"^\W*(?:who|what|where|which)\s+(?:is|are|was|were)\b", text, re.IGNORECASE):
        return rest
    name = _NAMES.match(rest)
    return name.group() if name else rest
