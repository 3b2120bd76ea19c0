"""Thai text: normalisation with an offset map, grapheme borders, words and sentences as spans.

The only importer of pythainlp. Matching works on normalised text, showing on the original; the two are
joined by ``Normalised.offsets``.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from index.records import Place

os.environ.setdefault("PYTHAINLP_OFFLINE", "1")  # no corpus is ever downloaded at run time

THAI_DIGITS = "๐๑๒๓๔๕๖๗๘๙"
_DIGITS = {ord(thai): str(value) for value, thai in enumerate(THAI_DIGITS)}
# Invisible characters that files carry and people do not type: zero-width marks, soft hyphen, bidi controls.
_INVISIBLE = frozenset(
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_SPACES = frozenset(
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t"
)
_QUOTES = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-", 0x2212: "-"}
_SARA_AM, _NIKHAHIT, _SARA_AA = "\u0e33", "\u0e4d", "\u0e32"
_TONES = frozenset("\u0e48\u0e49\u0e4a\u0e4b")
_ABOVE_BELOW = frozenset("\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e3a\u0e47\u0e4c\u0e4d\u0e4e") | _TONES
_LEADING_VOWELS = frozenset("เแโใไ")
_VOWELS_BEFORE_TONE = frozenset("\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e4d")

# Of UAX 29, for the other scripts that Thai documents quote: what extends a letter though it is no mark, what
# belongs to the letter after it, and what links two consonants into one.
_EXTENDING = frozenset("\u200c\u200d\u0eb3\uff9e\uff9f") | {chr(code) for code in range(0xE0020, 0xE0080)}
_PREPENDED = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2"
    "\U000111c3\U0001193f\U00011941\U00011a3a\U00011a84\U00011a85\U00011a86\U00011a87\U00011a88\U00011a89\U00011d46"
)
_LINKERS = frozenset(
    "\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d\u1039\u17d2\u1a60\u1b44\u1bab\ua9c0\uaaf6"
    "\U00010a3f\U00011133\U0001193e\U00011a47\U00011a99"
)

_THAI_LETTER = re.compile(r"[\u0e01-\u0e2e]")
_LATIN_LETTER = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Normalised:
    """Text as it is matched, and where each of its characters stands in the original."""

    text: str
    offsets: tuple[int, ...]
    """``len(text) + 1`` ascending positions: character i comes from ``original[offsets[i]:]``."""

    def original(self, start: int, end: int) -> Place:
        """The place in the original of ``text[start:end]``."""
        return Place(self.offsets[start], self.offsets[end] if end > start else self.offsets[start])


def arabic_digits(text: str) -> str:
    """``text`` with its Thai digits written in Arabic ones; nothing moves."""
    for value, digit in enumerate(THAI_DIGITS):  # quicker than a table
        text = text.replace(digit, str(value))
    return text


def normalise(text: str) -> Normalised:
    """Fold what people do not mean to tell apart, remembering where each character came from.

    Lower case, Arabic digits, plain spaces and quotes, no invisible characters; SARA AM in one piece,
    doubled SARA E as SARA AE, repeated marks once, tone marks after the vowel above or below.
    """
    out: list[str] = []
    offsets: list[int] = []
    for position, char in enumerate(text):
        if char in _INVISIBLE:
            continue
        if char in _SPACES:
            char = " "
        code = ord(char)
        char = _DIGITS.get(code) or _QUOTES.get(code) or char
        if 0xFF01 <= code <= 0xFF5E:  # full-width ASCII
            char = chr(code - 0xFEE0)
        _append(out, offsets, char.lower(), position)
    offsets.append(len(text))
    return Normalised("".join(out), tuple(offsets))


def _append(out: list[str], offsets: list[int], char: str, position: int) -> None:
    """Append one character of the original, composing with what stands before it."""
    last = out[-1] if out else ""
    if char in _ABOVE_BELOW and last == char:
        return  # a mark typed twice
    if char == "เ" and last == "เ":
        out[-1] = "แ"
        return
    if char == _SARA_AA and last == _NIKHAHIT:
        out[-1] = _SARA_AM
        return
    if char == _SARA_AA and last in _TONES and len(out) > 1 and out[-2] == _NIKHAHIT:
        out[-2], out[-1] = last, _SARA_AM  # nikhahit + tone + SARA AA is tone + SARA AM
        return
    if char in _VOWELS_BEFORE_TONE and last in _TONES:
        out[-1] = char
        out.append(last)  # a tone mark typed before its vowel
        offsets.append(position)
        return
    for piece in char:  # lower() can give two characters
        out.append(piece)
        offsets.append(position)


def is_border(text: str, position: int) -> bool:
    """True where ``text`` may be cut: between grapheme clusters, and never inside a Thai syllable's frame.

    Stricter than Unicode's extended grapheme clusters (UAX 29) by one rule: a leading vowel stays with
    its consonant.
    """
    if position <= 0 or position >= len(text):
        return True
    before, after = text[position - 1], text[position]
    if after == _SARA_AM or (before in _LEADING_VOWELS and _THAI_LETTER.match(after)):
        return False
    if unicodedata.category(after) in ("Mn", "Mc", "Me") or after in _EXTENDING or before == "\u200d":
        return False
    if before in _PREPENDED or (before in _LINKERS and unicodedata.category(after) == "Lo"):
        return False
    if 0x1F3FB <= ord(after) <= 0x1F3FF or (before == "\r" and after == "\n"):  # skin tones; CR LF
        return False
    if 0x1F1E6 <= ord(before) <= 0x1F1FF and 0x1F1E6 <= ord(after) <= 0x1F1FF:  # flags
        return False
    if 0x1100 <= ord(before) <= 0x11FF or 0xAC00 <= ord(before) <= 0xD7A3:  # conjoining Hangul
        return not 0x1160 <= ord(after) <= 0x11FF and not (ord(before) < 0x1200 and 0x1100 <= ord(after) <= 0xD7A3)
    return True


def border_at(text: str, position: int, *, forward: bool = False) -> int:
    """The nearest position that may be cut at or before ``position`` (after it with ``forward``)."""
    position = max(0, min(position, len(text)))
    while not is_border(text, position):
        position += 1 if forward else -1
    return position


def has_thai(text: str) -> bool:
    """True where at least one Thai consonant stands in ``text``."""
    return _THAI_LETTER.search(text) is not None


def has_latin(text: str) -> bool:
    """True where at least one letter A-Z stands in ``text``."""
    return _LATIN_LETTER.search(text) is not None


def words(text: str) -> list[str]:
    """The words of ``text`` (dictionary longest match within Thai character clusters, pythainlp newmm-safe).

    White space is dropped; the text is normalised first.
    """
    return [word for word in _newmm(normalise(text).text) if not word.isspace()]


def word_spans(text: str) -> list[Place]:
    """The words of ``text`` as places in it, white space left out."""
    normal = normalise(text)
    places: list[Place] = []
    position = 0
    for word in _newmm(normal.text):
        if not word.isspace():
            places.append(normal.original(position, position + len(word)))
        position += len(word)
    return places


def _newmm(text: str) -> list[str]:
    from pythainlp.tokenize import word_tokenize

    # newmm-safe bounds the look-ahead, so that no input can make it take exponential time.
    return list(word_tokenize(text, engine="newmm-safe", keep_whitespace=True)) if text else []


@lru_cache(maxsize=1)
def thai_words() -> frozenset[str]:
    """The dictionary of Thai words that ships with pythainlp."""
    from pythainlp.corpus import thai_words as dictionary

    return frozenset(dictionary())


_ENGLISH = (
    "a an and any are as at be been being but by can could did do does for from had has have he her him "
    "his how i if in into is it its many me much must my of on or our shall she should so than that the "
    "their them there these they this to us was we were what when where which who whom whose why will "
    "with would you your"
)
ENGLISH_STOP_WORDS = frozenset(_ENGLISH.split())


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Words that say little of what a text is about, Thai (pythainlp's list) and English, normalised."""
    from pythainlp.corpus import thai_stopwords

    return frozenset(normalise(word).text for word in thai_stopwords()) | ENGLISH_STOP_WORDS


def from_wrong_keyboard(text: str) -> str:
    """``text`` as it would read had the keyboard been in Thai (Kedmanee): ``l;ylfu`` is สวัสดี."""
    from pythainlp.util import eng_to_thai

    return str(eng_to_thai(text))


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Thai names of the world's countries."""
    from pythainlp.corpus import countries as names

    return frozenset(name.strip() for name in names() if len(name.strip()) > 1)


@lru_cache(maxsize=1)
def provinces() -> frozenset[str]:
    """Thai names of Thailand's provinces."""
    from pythainlp.corpus import provinces as names

    return frozenset(str(name).strip() for name in names())
