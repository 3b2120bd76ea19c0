"""Where a Thai paragraph may be cut: sentence spans from spaces and the words around them.

Written Thai has no full stop; a space ends a clause, a sentence, a name or a number alike. A space is
scored by what stands on both sides of it, and taken as a sentence border where the sentence so far is long
enough. One pass of a regular expression, so that a ministry's archive is cut at millions of characters a
second; statistical segmenters reach a tenth of a million and cut between a person's names.
"""

from __future__ import annotations

import re

from index.records import Place
from index.thai import is_border

SHORTEST = 24  # characters: shorter pieces join their neighbour, a name or a number stands alone otherwise
COMFORTABLE = 220  # characters: from here on any space that is not forbidden ends the sentence

# Words that open a Thai clause after a space.
_OPENERS = (
    "โดย|ทั้งนี้|นอกจาก|ซึ่ง|เขา|เธอ|อย่างไรก็|ด้าน|สำหรับ|เมื่อ|ต่อมา|ขณะ|แต่|จึง|ดังนั้น|เพราะ|เนื่องจาก|หาก|ถ้า|"
    "พร้อม|รวมถึง|รวมทั้ง|ส่วน|ทำให้|ส่งผล|ปัจจุบัน|ในปี|ในช่วง|ใน|หลังจาก|ก่อน|จาก|ตั้งแต่|ตาม|ผู้|นาย|นาง|ประธาน|"
    "มี|ได้|เป็น|เพื่อ|เรา|ท่าน|กระทรวง|รัฐบาล|ที่ผ่านมา|ล่าสุด|อีกทั้ง|แล้ว|จะ|ยัง|ให้|ต้อง|ทาง"
)
_STRONG_OPENERS = (
    "ทั้งนี้|นอกจากนี้|นอกจากนั้น|อย่างไรก็ตาม|อย่างไรก็ดี|ด้าน|สำหรับ|ต่อมา|ขณะที่|ขณะเดียวกัน|ดังนั้น|ส่วน|ปัจจุบัน|"
    "หลังจาก|ล่าสุด|อีกทั้ง|เขายัง|เขารู้สึก|เธอ|ด้วยเหตุนี้|เพราะฉะนั้น|ในปี|เมื่อ|ในช่วง|ตั้งแต่|เราจึง|เราต่าง"
)
_SPACE = re.compile(r"[ \u00a0]+")
_OPENER = re.compile(_OPENERS)
_STRONG_OPENER = re.compile(_STRONG_OPENERS)
# The piece before ends a clause: a demonstrative, an adverb of completion, a closing quote.
_CLOSER = re.compile(r"(?:นี้|นั้น|ดังกล่าว|แล้ว|ด้วย|อีกครั้ง|ต่อไป|กัน|มากขึ้น|ขึ้นมา|ครับ|ค่ะ|เป็นต้น|ฯลฯ|[”\"’)\].!?])$")
# A space that never ends a sentence: before the repetition mark and after a title or a word that needs an object.
_NEVER_BEFORE = re.compile(r"[ๆฯ,.;:)\]”%]|และ|หรือ|กับ")
_NEVER_AFTER = re.compile(
    r"(?:(?:^|\s|กับ|และ|ของ|โดย|ให้)(?:นาย|นาง|นางสาว|ดร\.|พล\.[ก-ฮ]\.|คุณ)\S{0,7}"
    r"|(?:ประธานาธิบดี|นายกรัฐมนตรี|รัฐมนตรี|ศาสตราจารย์|สมเด็จพระ)\S{0,10}"
    r"|ว่า|เช่น|คือ|ได้แก่|ที่|ของ|และ|หรือ|กับ|พ\.ศ\.|ค\.ศ\.|เวลา|วันที่|จำนวน|[(\[“])$"
)
_PLAIN_STOP = re.compile(r"[.!?]$")


def sentence_spans(text: str) -> list[Place]:
    """Sentences of one paragraph as places that tile it: each begins where the one before ended.

    White space belongs to the sentence that it ends. A line break always ends a sentence.
    """
    places: list[Place] = []
    start = 0
    for line in text.splitlines(keepends=True):
        places.extend(_line_spans(text, start, start + len(line)))
        start += len(line)
    return places


def _line_spans(text: str, start: int, end: int) -> list[Place]:
    places: list[Place] = []
    begin = start
    depth = 0
    previous = start
    for space in _SPACE.finditer(text, start, end):
        depth += _depth(text, previous, space.start())
        previous = space.end()
        length = space.start() - begin
        rest = end - space.end()
        if length < SHORTEST or rest < SHORTEST or (depth > 0 and length < 2 * COMFORTABLE):
            continue
        if _ends_sentence(text, begin, space.start(), space.end()) and is_border(text, space.end()):
            places.append(Place(begin, space.end()))
            begin = space.end()
            depth = 0
    if begin < end:
        places.append(Place(begin, end))
    return places


def _depth(text: str, start: int, end: int) -> int:
    """How many brackets and quotes ``text[start:end]`` opens without closing (negative: closes)."""
    piece = text[start:end]
    return sum(piece.count(char) for char in "([“") - sum(piece.count(char) for char in ")]”")


def _ends_sentence(text: str, begin: int, space: int, after: int) -> bool:
    before = text[max(begin, space - 24) : space]
    ahead = text[after : after + 24]
    if _NEVER_BEFORE.match(ahead) or _NEVER_AFTER.search(before) or not ahead:
        return False
    length = space - begin
    if before[-1].isascii() and before[-1].isalpha() and ahead[0].isascii() and ahead[0].isalnum():
        return False  # a space between two Latin words
    if _PLAIN_STOP.search(before) and ahead[0].isascii() and ahead[0].isupper():
        return True
    if before[-1].isdigit() or ahead[0].isdigit():
        return length >= 2 * COMFORTABLE
    if _STRONG_OPENER.match(ahead):
        return True
    score = -1 if before[-1] == "ฯ" else 0  # an abbreviation is usually a subject, its verb follows
    score += 1 if _OPENER.match(ahead) else 0
    score += 1 if _CLOSER.search(before) else 0
    score += 1 if length >= COMFORTABLE // 2 else 0
    score += 1 if length >= COMFORTABLE else 0
    return score >= 2
