"""Of "and X?": which words of the question before X takes the place of.

X replaces what is of its own kind: a year a year, a place a place, a person a person. The kind of a thing is told
by how it is written (years, classes, dates), by its head word, and by where the lexicon lists it: the files are
ordered by theme, so that forms a few lines apart are siblings (presidents, countries, kinds of leave).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from index.lexicon import bundled_lexicon, folded, meaning_files, read_sets
from index.records import Place
from index.thai import has_latin, has_thai
from qa.conversation_words import asked, is_verb, word_places

NEAR = 80  # lines of a lexicon file within which two forms are taken for siblings
SIBLINGS = 0.5  # least likeness at which X takes the place of something
LONGEST = 6  # words of what is replaced

_NUMBER = r"[0-9๐-๙]+(?:[.,][0-9๐-๙]+)*"
_MONTH = r"(?:ม\.ค\.|ก\.พ\.|มี\.ค\.|เม\.ย\.|พ\.ค\.|มิ\.ย\.|ก\.ค\.|ส\.ค\.|ก\.ย\.|ต\.ค\.|พ\.ย\.|ธ\.ค\.|[ก-๙]+(?:คม|ยน|พันธ์)(?![ก-๙]))"
_WHEN = r"(?:นี้|ก่อน|หน้า|ถัดไป|ต่อไป|ที่แล้ว|ที่ผ่านมา)"
# Shapes, most specific first: (name, pattern). Both sides must have the same one.
_SHAPES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("day", rf"(?:วันที่\s*)?{_NUMBER}\s*{_MONTH}(?:\s*(?:พ\.ศ\.|ค\.ศ\.)?\s*{_NUMBER})?|วัน(?:จันทร์|อังคาร|พุธ|พฤหัส(?:บดี)?|ศุกร์|เสาร์|อาทิตย์)|วันนี้|พรุ่งนี้|เมื่อวาน(?:นี้)?"),
        ("year", rf"(?:ปี\s*)?(?:พ\.ศ\.|ค\.ศ\.)\s*{_NUMBER}|ปี\s*{_NUMBER}|(?<![0-9๐-๙])[0-9๐-๙]{{4}}(?![0-9๐-๙])|ปี{_WHEN}"),
        ("month", rf"เดือน\s*[ก-๙]+(?:คม|ยน|พันธ์)(?:\s*{_NUMBER})?|เดือน{_WHEN}"),
        ("class", rf"(?:ม|ป|อ)\.\s*{_NUMBER}"),
        ("model", r"[A-Za-z]+-?[0-9]+[A-Za-z]*"),
        ("part of day", r"(?:ตอน|ช่วง)(?:เช้า|สาย|เที่ยง|บ่าย|เย็น|ค่ำ|กลางวัน|กลางคืน|ดึก)"),
    )
)  # fmt: skip
# Head words of one kind: what begins with one may stand for what begins with another.
_HEADS = {
    "settlement": "หมู่บ้าน|ชุมชน|ซอย|ตำบล|อำเภอ|แขวง|เขต|บ้าน|ตลาด",
    "region": "จังหวัด|เมือง|ประเทศ|กรุง|เกาะ|ภาค|รัฐ",
    "institution": "โรงเรียน|โรงพยาบาล|มหาวิทยาลัย|วัด|สาขา|ศูนย์|สถานี|บริษัท|ธนาคาร|ร้าน",
    "part of a building": "อาคาร|ตึก|ชั้น|ห้อง|หอ",
    "person": "นางสาว|นาย|นาง|คุณ|ครู|ดร.|หมอ|พระ|ประธานาธิบดี|รัฐมนตรี|ผู้|หัวหน้า|อาจารย์|พนักงาน|นัก|เด็ก|ลูกค้า|คน|ชาว|แม่|พ่อ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Substitution:
    """Where something new stands for something old."""

    place: Place
    """In the question before."""
    likeness: float
    """0..1."""


@lru_cache(maxsize=1)
def _listed() -> tuple[dict[str, list[int]], frozenset[str]]:
    """Form -> numbers of the lexicon lines that hold it (files are far apart); and the Thai forms of proper names,
    which are those with a capital in every English form. Read once."""
    lines: dict[str, list[int]] = {}
    names: set[str] = set()
    number = 0
    for path in meaning_files():
        number += 10 * NEAR
        for forms in read_sets(path):
            number += 1
            for form in forms:
                lines.setdefault(form.lower(), []).append(number)
            english = [form for form in forms if form.isascii()]
            if english and all(form[0].isupper() for form in english):
                names.update(forms)
    return lines, frozenset(names)


def siblings(one: str, other: str) -> float:
    """How near the lexicon lists the two, 0..1; 0 where it does not know one of them, or they mean the same."""
    lines, _ = _listed()
    mine, yours = lines.get(folded(one), []), lines.get(folded(other), [])
    if not mine or not yours or set(mine) & set(yours):
        return 0.0
    apart = min(abs(a - b) for a in mine for b in yours)
    return max(0.0, 1.0 - apart / (2 * NEAR)) if apart <= NEAR else 0.0


def in_script_of(expression: str, text: str) -> str:
    """``expression`` in the script of ``text``, where the lexicon knows it there; itself otherwise."""
    wants_thai = has_thai(text)
    if wants_thai == has_thai(expression):
        return expression
    bare = re.sub(r"^(?:the|a|an)\s+", "", expression.strip(), flags=re.IGNORECASE)
    others = bundled_lexicon().alternatives(folded(bare))
    fitting = (form for form in others if (has_thai(form) if wants_thai else has_latin(form)))
    found = next(fitting, expression)
    return found if wants_thai or found == expression else _capitals(expression, found)


def _capitals(expression: str, found: str) -> str:
    """A name found in the lower-cased lexicon, with its capitals back (names are what is asked about)."""
    return found if " " in found and not found.isascii() else found.title()


def _shape(text: str) -> tuple[str, re.Pattern[str]] | None:
    return next(((name, pattern) for name, pattern in _SHAPES if pattern.fullmatch(text.strip())), None)


def _head_class(text: str) -> str | None:
    return next((kind for kind, heads in _HEADS.items() if text.startswith(tuple(heads.split("|")))), None)


def has_class(text: str) -> bool:
    """True where the head word or the shape of ``text`` says what kind of thing it is."""
    return _head_class(text) is not None or _shape(text) is not None


@lru_cache(maxsize=4096)
def is_name(word: str) -> bool:
    """True for a proper name: written with a capital, here or in the lexicon."""
    return word[:1].isupper() or folded(word) in _listed()[1]


def replaced(new: str, before: str) -> Substitution | None:
    """What ``new`` stands for in the question ``before``; None where nothing there is of its kind."""
    by_shape = _same_shape(new, before)
    if by_shape is not None:
        return by_shape
    forms = (new, *bundled_lexicon().alternatives(folded(new)))
    best: Substitution | None = None
    for place in _candidates(before):
        likeness = _likeness(forms, before[place.start : place.end], new)
        longer = best is not None and likeness == best.likeness and len(place) > len(best.place)
        if likeness >= SIBLINGS and (best is None or likeness > best.likeness or longer):
            best = Substitution(place, likeness)
    return best


def _same_shape(new: str, before: str) -> Substitution | None:
    shape = _shape(new)
    patterns = [shape[1]] if shape else [pattern for _, pattern in _SHAPES if pattern.search(new)]
    for pattern in patterns:  # "the target of 2568" has the shape inside: it takes the place of a year too
        found = pattern.search(before)
        if found:
            return Substitution(Place(*found.span()), 1.0)
    return None


def _candidates(before: str) -> list[Place]:
    """Runs of words without a verb inside or an asking phrase, at most LONGEST words each."""
    stops = [phrase.place for phrase in asked(before)]
    words = word_places(before)
    out = []
    for first, begin in enumerate(words):
        for last in range(first, min(len(words), first + LONGEST)):
            end = words[last]
            place = Place(begin.start, end.end)
            inner = before[end.start : end.end]
            if any(place.overlaps(stop) for stop in stops) or (last > first and is_verb(inner)):
                break
            out.append(place)
    return out


def _likeness(forms: tuple[str, ...], old: str, new: str) -> float:
    """How much ``old`` is of the kind of ``new`` (its forms), 0..1."""
    if old == new:
        return 0.0
    kin = max(siblings(form, old) for form in forms)
    kind = _head_class(new)
    if kind is not None and kind == _head_class(old):
        kin = max(kin, 0.6)
    heads = {_head(form) for form in forms if len(word_places(form)) > 1}
    if len(word_places(old)) > 1 and _head(old) in heads - {""}:
        kin = 1.0  # the same head word, otherwise qualified
    return kin


def _head(text: str) -> str:
    """The first word of a Thai phrase, where its head stands; "" for an English one, which has it last."""
    places = word_places(text) if has_thai(text) else []
    return text[places[0].start : places[0].end] if places else ""
