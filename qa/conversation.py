"""Question + history -> a question that stands alone, without a language model.

An elliptic question ("แล้วทรัมป์ล่ะ", "ที่ไหน", "and when?") borrows the subject of the questions before it;
a question that names its own subject is searched as it is, so that a change of subject drags nothing along.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_OPENING = re.compile(r"^\s*(?:แล้ว|และ|ส่วน|ละ|ล่ะ|and\b|what about|how about|then\b)", re.IGNORECASE)
_CLOSING = re.compile(r"(?:ล่ะ|ละ|หล่ะ|อีก(?:บ้าง)?|ด้วย(?:ไหม|มั้ย))\s*[?？]*\s*$")
_PRONOUN = re.compile(
    r"เขา(?!ใหญ่)|เค้า|เธอ|ท่าน|พวกเขา|มัน|ที่นั่น|ที่นี่|ตอนนั้น|อันนั้น|เรื่องนี้|เรื่องนั้น|ดังกล่าว|นั้น"
    r"|\b(?:he|she|it|they|him|her|them|his|their|its|there|that|this)\b",
    re.IGNORECASE,
)
# Words that ask without saying about what.
_ASKING = re.compile(
    r"แล้ว|และ|ส่วน|ใคร|เมื่อ(?:ไร|ไหร่|ใด)|ตอนไหน|ที่ไหน|อะไร(?:บ้าง|อีก)?|ทำไม|อย่างไร|ยังไง|เท่า(?:ไร|ไหร่|ใด)|กี่|ไหน|ล่ะ|ละ|บ้าง|ครับ|ค่ะ|คะ|นะ|"
    r"หรือเปล่า|ไหม|มั้ย|อีก|ว่า|เพราะ|วัน|ปี|คน|\b(?:and|when|where|who|why|how|what|which|is|was|did|does|do|the|about|many|much|then|else|so)\b|[?？\s]",
    re.IGNORECASE,
)
FULL = 12  # characters left once the asking words are gone: from here on a question names its own subject


def leans(question: str) -> bool:
    """True where the question cannot be understood without the one before."""
    if _OPENING.search(question) or _CLOSING.search(question) or _PRONOUN.search(question):
        return True
    return len(_ASKING.sub("", question)) < FULL // 2


def standalone(question: str, history: Sequence[str]) -> str:
    """The question to search: itself, or with the words of the nearest earlier question that stands alone."""
    if not history or not leans(question):
        return question
    before = next((earlier for earlier in reversed(history) if not leans(earlier)), history[0])
    return f"{before} {question}"
