"""Questions that need more than one place: is that asked, and which citations are the parts of the answer?

"ทั้งสองฝ่ายพูดว่าอะไร", "มีอะไรบ้าง", "เปรียบเทียบ ...", "what did each leader say" are answered by several
passages side by side, each quoted with its own place, instead of by one winner.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index.records import Hit
from qa.reader import Reading

Reason = Literal["sides", "comparison", "list"]

MOST_PARTS = 4  # more is no longer an answer but a list of passages
NEAR_BEST = 0.7  # a part scores at least this share of the best one
NEAR_BEST_ASKED = 0.5  # the same where the question names its sides, and the part has a side for itself
SAME_WORDS = 0.8  # share of words in common from which two parts say the same

# Sides speak or think each for itself ("both say ..."); what both do together ("both will meet") has one place, and
# so has what one says that both should do.
_EACH = r"(?:แต่ละ|ทุก)(?:คน|ฝ่าย|ประเทศ|แห่ง|บริษัท|ด้าน|พรรค|กลุ่ม|สาขา)|ต่างฝ่าย"
_BOTH = r"(?<!ว่า)(?:ทั้ง\s?(?:สอง|สาม|สี่|คู่|[2-9๒-๙])|สองผู้นำ|สองฝ่าย|ผู้นำสอง|ผู้นำทั้ง)"
_SPEAK = r"(?:พูด|กล่าว|บอก|คิด|มองว่า|เห็นว่า|ท่าที|อยาก|หวัง|ต้องการ|ว่าอย่างไร|ว่ายังไง|ว่าไง|ว่าอะไร)"
_ASKED: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (
        "comparison",
        re.compile(
            r"เปรียบเทียบ|เทียบกัน|เทียบกับ|ต่างกัน|แตกต่าง|เหมือนกัน|เหมือนหรือต่าง|ใคร.{0,20}กว่ากัน|อัน(?:ไหน|ใด).{0,20}กว่ากัน"
            r"|\bcompar|\bdiffer|\bversus\b|\bvs\b|in common\b",
            re.IGNORECASE,
        ),
    ),
    (
        "sides",
        re.compile(
            rf"{_EACH}|{_BOTH}(?=.*{_SPEAK})|(?:ฝ่าย|ฝั่ง).{{1,30}}(?:กับ|และ)\s?(?:ฝ่าย|ฝั่ง)"
            r"|\b(?:do|does|did|are|is|were|have) both\b|\beach (?:of|side|leader|party|country|one|company)\b|\brespective",
            re.IGNORECASE,
        ),
    ),
    (
        "list",
        re.compile(
            r"(?:อะไร|ใคร|ไหน|ใด|อย่างไร|ยังไง|เท่าไร|เท่าไหร่|เรื่อง|ข้อ|ประเด็น)\s?(?:กัน)?บ้าง|กี่(?:อย่าง|ข้อ|ประเภท|เรื่อง|ประการ|ด้าน|แบบ|วิธี)"
            r"|มีอะไร(?:อีก)?|รายชื่อ|ทั้งหมด(?:มี|คือ)|\blist\b|\bwhat are\b|\bwhich (?:ones|\w+s)\b|\bwho (?:are|were) the\b|\ball the\b",
            re.IGNORECASE,
        ),
    ),
)  # fmt: skip
# "A กับ B พูดถึง ...", "Xi and Trump": two that are asked of together, in front of what is asked.
_TOGETHER = re.compile(r"^(?:ระหว่าง)?\s?(.{2,40}?)(?:กับ|และ|\band\b)\s?(.{2,40}?)\s?(?:พูด|กล่าว|บอก|คิด|มองว่า|\bsa(?:y|id)\b|\bthink)", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Several:
    """That a question asks for several parts, and how one can tell."""

    reason: Reason
    phrase: str
    """The words of the question that ask for it."""
    sides: tuple[str, ...] = ()
    """What the question names as its sides ("ทรัมป์", "สี จิ้นผิง"), where it does."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an answer: the hit to cite, and its reading."""

    number: int
    """Of the hit, 0-based, in the ranking."""
    hit: Hit
    reading: Reading
    side: str = ""
    """The named side that it speaks for, where that can be told."""


def several(question: str) -> Several | None:
    """Whether ``question`` asks for several parts; None where one place is enough."""
    together = _TOGETHER.search(question)
    sides = tuple(side.strip() for side in together.groups()) if together else ()
    for reason, pattern in _ASKED:
        match = pattern.search(question)
        if match:
            return Several(reason, match.group(), sides)
    return Several("sides", together.group(), sides) if together else None


def choose(asked: Several | None, hits: Sequence[Hit], readings: Sequence[Reading]) -> list[Part]:
    """The parts to show, best first, never fewer than the best one.

    One a place: no two from the same paragraph of the same document, no two that say nearly the same. Each scores at
    least NEAR_BEST of the best; where the question names its sides, each side's own best passage needs only NEAR_BEST_ASKED. Sides of one matter
    are looked for in one document; lists and comparisons go across documents.

    Args:
        asked: from :func:`several`; None gives the first hit alone.
        hits: the ranking, best first.
        readings: of the first ``len(readings)`` of them, in the same order.
    """
    pairs = list(zip(hits, readings, strict=False))
    if not pairs:
        return []
    parts = [Part(0, *pairs[0], _side_of(pairs[0][0], asked))]
    if asked is None:
        return parts
    best = max(pairs[0][0].score, 0.0)
    for number, (hit, reading) in enumerate(pairs[1:], start=1):
        if asked.reason == "sides" and hit.source != pairs[0][0].source:
            continue  # sides of one matter: another document tells of another matter
        side = _side_of(hit, asked)
        new_side = bool(side) and side not in {part.side for part in parts}
        if hit.score < best * (NEAR_BEST_ASKED if new_side else NEAR_BEST):
            continue
        if all(_apart(hit, reading, part) for part in parts):
            parts.append(Part(number, hit, reading, side))
        if len(parts) == MOST_PARTS:
            break
    return parts


def _side_of(hit: Hit, asked: Several | None) -> str:
    """The named side that stands first in the passage: there a passage says who speaks."""
    found = [(hit.text.find(side), side) for side in (asked.sides if asked else ()) if side in hit.text]
    return min(found)[1] if found else ""


def _apart(hit: Hit, reading: Reading, part: Part) -> bool:
    """True where ``hit`` tells something that ``part`` does not: another place, in other words."""
    other = part.hit
    if hit.source == other.source and (hit.paragraph == other.paragraph or hit.chunk.place.overlaps(other.chunk.place)):
        return False
    mine, yours = _quoted(hit, reading), _quoted(other, part.reading)
    return _shared(mine, yours) < SAME_WORDS


def _quoted(hit: Hit, reading: Reading) -> str:
    return hit.text[max(0, reading.place.start - hit.start) : max(0, reading.place.end - hit.start)]


def _shared(one: str, other: str) -> float:
    """Share of the shorter text's character trigrams that stand in the other."""
    grams = [{text[i : i + 3] for i in range(max(1, len(text) - 2))} for text in (one, other)]
    fewest = min(len(grams[0]), len(grams[1]))
    return len(grams[0] & grams[1]) / fewest if one and other else 0.0
