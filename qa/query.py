"""What a person meant to type: the keyboard left in English, slips of the finger, dates in figures.

Each reading is offered only where the documents speak for it, and is shown to the person
("ค้นหาด้วยคำว่า ... แทน").
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from index.segmenter import Segmenter, Token
from index.thai import arabic_digits, from_wrong_keyboard, has_thai

MONTHS = [
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
]
ERA = 543  # Buddhist year - Christian year, from 1941 on
SHORTEST_WORD = 4  # characters: shorter words have too many neighbours at one slip's distance
LONGEST_WINDOW = 8  # pieces that one mistyped word may have been cut into
LONGEST_TYPED = 24  # characters
SLIP_COST = 6.0  # about ln 400: one word in some hundreds is mistyped at a given place
SLIP_GAIN = 2.0  # how much likelier the mended word must be
WORD_LIKE = 2.6  # mean characters a token: Thai cut into known words is above, chance letters below

_DATE = re.compile(r"(?<![\d/])([0-3]?\d)/([01]?\d)(?:/(\d{4}|\d{2}))?(?![\d/])")
_FIRST = re.compile(
    r"(ครั้ง|หน|รอบ|คน|อันดับ|ลำดับ|ขั้น|ข้อ|บท|ตอน|รุ่น|เล่ม|ฉบับ|สมัย|ปี|เดือน|สัปดาห์|แห่ง|ประเทศ|คัน|ลำ)(?:แรก|ที่ ?(?:1|หนึ่ง))"
)
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d|2[345]\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is searched."""

    text: str
    notes: tuple[str, ...] = ()
    """What was read otherwise than typed, for the person."""


def understand(text: str, segmenter: Segmenter, stands: Callable[[Sequence[int]], bool]) -> Understood:
    """Mend what was mistyped.

    Args:
        text: the question, cleaned.
        stands: tells whether some passage holds these words (ids), side by side.
    """
    notes: list[str] = []
    retyped = _other_keyboard(text, segmenter)
    if retyped:
        notes.append(f"ค้นหาด้วยคำว่า “{retyped}” แทน (แป้นพิมพ์เป็นภาษาอังกฤษ)")
        text = retyped
    figures = arabic_digits(text)
    dated = _DATE.sub(_written_date, figures) if _DATE.search(figures) else text
    for wrong, right in _slips(dated, segmenter, stands):
        dated = dated.replace(wrong, right)
        notes.append(f"ค้นหาด้วยคำว่า “{right}” แทน “{wrong}”")
    return Understood(dated, tuple(notes))


def year_forms(form: str) -> tuple[str, ...]:
    """A year in the other era: 2561 for 2018 and back; empty for what is no year of either."""
    if not _YEAR.fullmatch(form):
        return ()
    year = int(form)
    return (str(year - ERA),) if year >= 2300 else (str(year + ERA),)


def first_forms(form: str) -> tuple[str, ...]:
    """The first of things said otherwise: ครั้งแรก for ครั้งที่ 1 and back; empty for what is no first of anything."""
    said = _FIRST.fullmatch(form)
    if said is None:
        return ()
    return tuple(other for behind in ("แรก", "ที่ 1", "ที่หนึ่ง") if (other := said[1] + behind) != form)


def _written_date(match: re.Match[str]) -> str:
    day, month, year = int(match[1]), int(match[2]), match[3]
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match[0]
    return f"{day} {MONTHS[month - 1]}" + (f" {year}" if year else "")


def _other_keyboard(text: str, segmenter: Segmenter) -> str | None:
    """``text`` in Thai, where it was typed with the keyboard in English; None where it reads as it stands."""
    if has_thai(text):
        return None
    # Figures are typed on the same keys in both layouts that people use.
    thai = "".join(part if part.isdigit() else from_wrong_keyboard(part) for part in re.split(r"(\s+)", text))
    if _mean_length(thai, segmenter) < WORD_LIKE or not has_thai(thai):
        return None
    # English of sense is cut into words too; keys hit at random are cut into letters.
    return thai if _mean_length(text, segmenter) < WORD_LIKE - 0.4 else None


def _mean_length(text: str, segmenter: Segmenter) -> float:
    """Characters of ``text`` a token, white space left out."""
    length = sum(1 for char in text if not char.isspace())
    return length / max(1, segmenter.count(text))


def _slips(text: str, segmenter: Segmenter, stands: Callable[[Sequence[int]], bool]) -> list[tuple[str, str]]:
    """(as typed, as meant) of runs of fragments that are a slip or two from a word the documents hold."""
    pieces = segmenter.pieces(text)
    stands = lru_cache(maxsize=None)(stands)  # windows overlap
    found: list[tuple[str, str]] = []
    begin = 0
    while begin < len(pieces):
        best: tuple[float, int, str] | None = None
        for stop in range(begin + 2, min(len(pieces), begin + LONGEST_WINDOW) + 1):
            run = pieces[begin:stop]
            if run[-1].place.start != run[-2].place.end:
                break  # a slip does not reach over a space
            meant = _meant(text, run, segmenter, stands)
            if meant is not None and (best is None or meant[0] > best[0]):
                best = (meant[0], stop, meant[1])
        if best is None:
            begin += 1
            continue
        found.append((text[pieces[begin].place.start : pieces[best[1] - 1].place.end], best[2]))
        begin = best[1]
    return found


def _meant(
    text: str, run: Sequence[Token], segmenter: Segmenter, stands: Callable[[Sequence[int]], bool]
) -> tuple[float, str] | None:
    """(gain, word) that was meant by a run of pieces, or None.

    Noisy channel (Kernighan, Church & Gale 1990): a word and its slips against the pieces as they stand, each word of
    rank r costing ``ln r``, each slip SLIP_COST.
    """
    typed = text[run[0].place.start : run[-1].place.end]
    if not has_thai(typed) or not SHORTEST_WORD <= len(typed) <= LONGEST_TYPED:
        return None
    as_typed = sum(math.log(token.id + 1) for token in run)
    allowed = 1 if len(typed) < 6 else 2
    for word, slips, cost in _neighbours(typed, allowed, segmenter, as_typed - SLIP_COST - SLIP_GAIN):
        ids = segmenter.words_of(word)
        gain = as_typed - slips * SLIP_COST - cost if len(ids) == 1 else 0.0
        left_over = len(typed) - len(word)
        if gain < SLIP_GAIN or (left_over > 1 and (typed.startswith(word) or typed.endswith(word))):
            continue  # a word and its neighbour are two words
        if stands(ids) and not stands(segmenter.words_of(typed)):
            return gain, word
    return None


def _neighbours(typed: str, allowed: int, segmenter: Segmenter, most: float) -> list[tuple[str, int, float]]:
    """Vocabulary words within ``allowed`` slips of ``typed`` (insert, delete, change, swap) that cost at most ``most``.

    Each with its slips and its cost; nearest first, then by frequency.
    """
    from rapidfuzz.distance import OSA

    typed = typed.lower()
    words = _words_of_length(segmenter, len(typed), allowed)
    cheap = int(np.searchsorted(words.costs, most, side="right"))
    if not cheap:
        return []
    # A slip changes at most two characters' presence: most of the vocabulary is ruled out by one comparison.
    near = np.flatnonzero(np.bitwise_count(words.signatures[:cheap] ^ _signature(typed)) <= 2 * allowed)
    scored = []
    for i in near.tolist():
        place, form = words.forms[i]
        distance = OSA.distance(typed, form, score_cutoff=allowed)
        if 0 < distance <= allowed:
            scored.append((distance, place, form, float(words.costs[i])))
    return [(form, distance, cost) for distance, _, form, cost in sorted(scored)]


def _signature(word: str) -> np.uint64:
    """Which characters stand in ``word``, as 64 bits."""
    bits = 0
    for char in set(word):
        bits |= 1 << (ord(char) & 63)
    signature: np.uint64 = np.uint64(bits)
    return signature


@dataclass(frozen=True, slots=True)
class _Words:
    """Words of the vocabulary, the cheapest first."""

    forms: list[tuple[int, str]]
    """Place in the vocabulary, and form."""
    costs: np.ndarray
    """``ln r`` of each, ascending."""
    signatures: np.ndarray


@lru_cache(maxsize=64)
def _words_of_length(segmenter: Segmenter, length: int, allowed: int) -> _Words:
    """The vocabulary's Thai words of ``length`` characters, ``allowed`` more or fewer."""
    table = _by_length(segmenter)
    rows = sorted(row for near in range(length - allowed, length + allowed + 1) for row in table.get(near, ()))
    return _Words(
        [(place, word) for _, place, word in rows],
        np.asarray([cost for cost, _, _ in rows]),
        np.asarray([_signature(word) for _, _, word in rows], dtype=np.uint64),
    )


@lru_cache(maxsize=2)
def _by_length(segmenter: Segmenter) -> dict[int, list[tuple[float, int, str]]]:
    """Length -> (cost, place in the vocabulary, form) of its Thai words of SHORTEST_WORD characters and more."""
    found: dict[int, list[tuple[float, int, str]]] = {}
    for place, word in enumerate(segmenter.vocabulary()):
        if len(word) >= SHORTEST_WORD and has_thai(word):
            found.setdefault(len(word), []).append((math.log(segmenter.rank(word) + 1), place, word))
    return found
