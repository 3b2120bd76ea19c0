"""Thai text out of PDF files: what is broken in ways that can be undone is mended, and how healthy it is.

Fonts draw Thai marks shifted, from glyphs that files map to private-use characters; extractors put a space
before a mark that was drawn apart from its letter, give SARA AM as its two halves, or a syllable twice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

# Shifted copies of Thai glyphs in Windows fonts: U+F700 to U+F71A.
_SHIFTED = "ฐิีึื่้๊๋์่้๊๋์ญัํ็่้๊๋์ฺุู"
_TO_PLAIN = {0xF700 + number: char for number, char in enumerate(_SHIFTED)}
_MARK = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_TONE = "\u0e48-\u0e4b"
_VOWEL_MARK = "\u0e31\u0e34-\u0e39\u0e47\u0e4d"

_MENDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?<=[ก-ฮ{_MARK}])[ \u00a0]+(?=[{_MARK}\u0e33])"), ""),  # a mark apart from its letter
    (re.compile(rf"\u0e4d([{_TONE}]?)[ \u00a0]?\u0e32"), "\\1\u0e33"),  # SARA AM in two halves
    (re.compile(r"\u0e33[\u0e33\u0e32]+"), "\u0e33"),  # SARA AM and its half once more
    (re.compile(rf"\u0e33([{_TONE}])"), "\\1\u0e33"),  # SARA AM before its tone
    (re.compile("เเ"), "แ"),
)
_MARKS = re.compile(rf"[{_MARK}]{{2,}}")
_VOWEL_MARKS = re.compile(f"[{_VOWEL_MARK}]")
_BROKEN = re.compile(
    "[\ue000-\uf8ff\ufffd\x00-\x08\x0e-\x1f]"  # private use, and what could not be told
    rf"|(?<![ก-ฮ{_MARK}])[{_MARK}]"  # a mark without a letter
    rf"|(?<=[{_VOWEL_MARK}{_TONE}])[\u0e31\u0e34-\u0e39]"  # a vowel mark on a mark
    rf"|(?<=[{_TONE}])[{_TONE}]"
    r"|[เแโใไ](?![ก-ฮฤฦ])"  # a vowel that leads nothing
    rf"|(?<![ก-ฮฤฦ{_MARK}])[\u0e32\u0e33]"  # a vowel that follows nothing
    rf"|([ก-ฮ][{_MARK}]{{1,2}})[ ]?\1"  # a syllable twice
)
_LATIN_FOR_THAI = re.compile("[\u00a1-\u00fb]")
_WORD_CHARACTERS = re.compile(r"[^\W\d_]|[\u0e31-\u0e4e]")


@dataclass(frozen=True, slots=True)
class Health:
    """How much of a page's text is not as it was written, by its looks."""

    broken: float
    """Share of word characters at which the order of Thai letters and marks is impossible."""
    unknown: float
    """Share of Thai characters in words that no dictionary has."""

    # Pages of news read without loss have up to 0.0013 broken and 0.02 unknown; the same pages read with wrong
    # marks 0.02 to 0.14 and 0.04 to 0.2; a list of names can have 0.4 unknown.

    @property
    def illness(self) -> float:
        """One number to compare two readings of a page by, 0 best."""
        return self.broken + self.unknown

    @property
    def suspect(self) -> bool:
        """True where another reading of the page may be better."""
        return self.broken > 0.005 or self.unknown > 0.1

    @property
    def bad(self) -> bool:
        """True where a person should be told."""
        return self.broken > 0.02 or self.unknown > 0.5

    @property
    def hopeless(self) -> bool:
        """True where the page is rubbish that nobody could search."""
        return self.broken > 0.5


@lru_cache(maxsize=2000)
def is_mark(char: str) -> bool:
    """True for what sits on the letter before it, shifted copies in fonts' private use included."""
    return unicodedata.category(_TO_PLAIN.get(ord(char), char)) == "Mn"


def mend(text: str) -> str:
    """``text`` with what extraction breaks put right, as far as there is only one way to."""
    text = _from_latin(text).translate(_TO_PLAIN)
    for pattern, replacement in _MENDS:
        text = pattern.sub(replacement, text)
    return _MARKS.sub(lambda marks: _in_order(marks[0]), text)


def _in_order(marks: str) -> str:
    """Each mark of one letter once, the vowel before the tone."""
    return "".join(sorted(dict.fromkeys(marks), key=lambda mark: not _VOWEL_MARKS.match(mark)))


def _from_latin(text: str) -> str:
    """Old Thai fonts put Thai where Latin-1 has accented letters: "»ÃÐ¡ÒÈ" is ประกาศ."""
    accented = len(_LATIN_FOR_THAI.findall(text))
    if accented < 20 or accented * 3 < len(_WORD_CHARACTERS.findall(text)):
        return text
    thai = _LATIN_FOR_THAI.sub(lambda match: chr(ord(match[0]) - 0xA1 + 0x0E01), text)
    return thai if len(_BROKEN.findall(thai)) * 20 < accented else text


def health(text: str, unknown_share: Callable[[str], float]) -> Health:
    """How healthy ``text`` looks; ``unknown_share`` tells how much of it stands in words that no dictionary has."""
    letters = len(_WORD_CHARACTERS.findall(text))
    broken = sum(1 for _ in _BROKEN.finditer(text))
    return Health(broken / max(letters, 20), unknown_share(text))
