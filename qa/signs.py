"""Whether texts hold something that a question does not say itself, learnt without looking at every letter of them.

A pattern of many alternatives with optional beginnings is tried at every letter. Its signs are a pattern for each
alternative, which begins with what cannot be left out and ends there: Python's engine runs over a text to the next letter
that one of them can begin with. Some sign is met where, and only where, the whole pattern is met somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from index.thai import has_latin

D = "[0-9๐-๙]"  # said once rather than {1,2}: a pattern that begins with a repeat is tried everywhere
WORD_OF_NUMBER = "(?:หนึ่ง|สอง|สาม|สี่|ห้า|หก|เจ็ด|แปด|เก้า|สิบ|เอ็ด|ยี่|ร้อย|พัน|หมื่น|แสน|ล้าน|ครึ่ง|หลาย)"

_DIGIT = re.compile(D)


def signs(*alternatives: str, flags: int = 0) -> tuple[re.Pattern[str], ...]:
    """One pattern for each alternative."""
    return tuple(re.compile(pattern, flags) for pattern in alternatives)


def counted(behind: str) -> tuple[str, str]:
    """Signs of a number with ``behind`` after it: its last digit, or its last word."""
    return D + behind, WORD_OF_NUMBER + behind


def beyond(
    known: Sequence[re.Pattern[str]], texts: Iterable[str], question: str, said_otherwise: Callable[[str], bool]
) -> list[bool]:
    """For each text whether it is met in words that ``question`` does not say.

    ``said_otherwise`` looks at every match of the whole pattern: it is asked of texts that hold some where the
    question may hold one too. Digits and Latin letters may be met in a text alone, by what stands beside them there.
    """
    held = [any(sign.search(text) for sign in known) for text in texts]
    if _DIGIT.search(question) or has_latin(question) or any(sign.search(question) for sign in known):
        return [here and said_otherwise(text) for here, text in zip(held, texts, strict=True)]
    return held


def any_of(names: Iterable[str]) -> str:
    """A pattern for the longest of ``names`` that stands at a place; names that begin alike are read together."""
    by_first: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        by_first.setdefault(name[:1], []).append(name[1:])
    last = by_first.pop("", None) is not None  # a name ends here: taken where none goes on
    parts = [re.escape(first) + any_of(rest) for first, rest in by_first.items()]
    if not parts:
        return ""
    return f"(?:{'|'.join(parts)})" + ("?" if last else "")
