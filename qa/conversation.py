"""Question + history -> a question that stands alone, without a language model.

Each earlier question is made to stand alone first, oldest to newest, so that a chain of elliptic questions is
followed turn by turn. A question that leans on the one before leans in one of these ways, tried in order:

1. "Another matter: ..."       what stood before is dropped, and so is the phrase that says so
2. "ที่ไหน", "and when?"         an asking phrase alone takes the place of the one before
3. "แล้ว X ล่ะ", "what about X"  X takes the place of what is of its kind (``qa.conversation_entities``)
4. "เขา ... ", "when did they"  a pronoun is filled with what was spoken of
5. "สมัครได้ถึงเมื่อไร"            too little of its own: what was spoken of is put in front

Anything else says by itself what it is about and is searched as it is, so that a change of subject drags nothing
along; an "and" in front of it is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index.records import Place
from index.thai import has_thai
from qa import conversation_words as words
from qa.conversation_entities import has_class, in_script_of, is_name, replaced
from qa.conversation_fill import MATTER, first_word, matter, object_of, one_who, phrase_of, statement
from qa.conversation_words import Asked, asked, content, subject

Way = Literal["itself", "change", "asking", "entity", "pronoun", "topic"]

ENOUGH = 3  # content words with which a question says by itself what it is about
ENOUGH_LONG = 16  # characters of two content words that are as good as three: compounds ("โรงเรียนมัธยม")
ENOUGH_NAMED = 2  # the same where one of them is a name
BARE = 4  # words of an English question that does no more than ask ("at what time?")
LONGEST_CARRIED = 140  # characters of an earlier question that are carried whole


@dataclass(frozen=True, slots=True)
class Standing:
    """A question made to stand alone."""

    text: str
    """What is searched, and shown."""
    way: Way
    """How it came about."""
    own: str
    """The question without its particles: what it says itself."""
    about: str = ""
    """What the next question can lean on, where that is not ``text``."""

    @property
    def changed(self) -> bool:
        """True where something of the earlier questions was put in."""
        return self.way not in ("itself", "change")

    @property
    def beside(self) -> str:
        """What is weighed beside ``text`` when passages are ordered; empty where ``text`` says it all.

        What was carried over leads to the document, the question's own words to the place in it.
        """
        return self.own if self.changed and content(self.own) else ""


def standalone(question: str, history: Sequence[str]) -> str:
    """The question to search, from the question asked and the earlier ones, oldest first."""
    return resolve(question, history).text


def resolve(question: str, history: Sequence[str]) -> Standing:
    """:func:`standalone`, with how it came about."""
    before: Standing | None = None
    for earlier in history:
        before = _against(earlier, before)
    standing = _against(question, before)
    if not any(char.isalnum() for char in standing.text):
        return Standing(question, "itself", question)
    return standing


def _against(question: str, earlier: Standing | None) -> Standing:
    """One question against the stand-alone one before it."""
    changed = words.CHANGE.sub("", question)
    if changed != question and content(changed):
        return Standing(changed.strip(), "change", changed.strip())
    if earlier is None:
        return Standing(question, "itself", question)
    before = earlier.text
    core = words.CLOSING.sub("", words.OPENING.sub("", question, count=1)).strip()
    core = re.sub(r"\s*(?:ล่ะ|หล่ะ)\s+(?=\S)", " ", core)  # "X ล่ะ ใครเป็น ...": X and its question
    phrases = asked(core)
    own = content(core)
    if phrases and not own and not _has_pronoun(core) and (has_thai(core) or len(core.split()) <= BARE):
        return Standing(_finished(_other_asking(core, phrases, before)), "asking", core)
    named = _asked_back(question, core, phrases)
    if named:
        return Standing(_finished(_other_entity(named, before)), "entity", core)
    filled = _filled(core, earlier.about or before)
    if filled is not None:
        return Standing(_finished(filled), "pronoun", core)
    if len(own) >= _enough(core, own) and not (words.PROVISO.match(core) and not phrases):
        return Standing(core if words.OPENING.match(question) else question, "itself", core)
    about = earlier.about or _topic(before)
    if not core or not about:
        return Standing(question, "itself", question)
    if not has_thai(core + about):
        return Standing(_finished(f"{core.rstrip(' ?')}, {about}"), "topic", core, about)
    return Standing(f"{about} {core}", "topic", core, about)


def _finished(text: str) -> str:
    """``text`` with the capital and the question mark that an English question has."""
    if not re.match(r"[A-Za-z]", text) or not (asked(text) or re.match(rf"{words.AUX}\b", text, re.IGNORECASE)):
        return text
    return f"{text[0].upper()}{text[1:].rstrip(' ?.')}?"


# -- the ways ------------------------------------------------------------------------------------------------


def _other_asking(core: str, phrases: tuple[Asked, ...], before: str) -> str:
    """Way 2: ``before`` with another asking phrase."""
    kind, thai = phrases[0].kind, has_thai(before)
    if thai != has_thai(core) and kind in words.IN_THAI:
        core = words.IN_THAI[kind] if thai else words.IN_ENGLISH[kind]
    if core.startswith(("ประเทศ", "จังหวัด", "เมือง", "แถว")):
        core = f"ที่{core}"
    if not thai:
        rest = re.sub(r"^\s*(?:(?:what|which) (?:time|year|date|day|place|country|city)|how (?:many|much|long|far|old)|when|where|who|why|how|what|which)\b", "", before, flags=re.IGNORECASE)  # fmt: skip
        return f"{core.rstrip(' ?')[:1].upper()}{core.rstrip(' ?')[1:]} {rest.strip()}"
    said = statement(before)
    if kind == "person" and core.startswith(("ใคร", "ผู้ใด")):
        return f"{core}{said}" if words.is_verb(first_word(said)) else f"{said} {core}"
    return f"{said} {core}" if kind == "reason" else _spaced(said, core)


def _other_entity(new: str, before: str) -> str:
    """Way 3: ``before`` with ``new`` in the place of what is of its kind; in front of it where nothing is."""
    new = in_script_of(new, before)
    found = replaced(new, before)
    if found is not None:
        head, tail = before[: found.place.start], before[found.place.end :]
        return " ".join(f"{_spaced(head, new)}{_space_after(new, tail)}{tail}".split())
    if not has_thai(before):
        return _last_phrase(new, before)
    about = subject(before)
    opens = bool(asked(before)) and asked(before)[0].place.start == 0
    if (
        about
        and not opens
        and before.startswith(about)
        and not words.is_verb(first_word(before))
        and not has_class(new)
    ):
        kept = _KEPT.search(about)
        tail = before[kept.start() if kept else len(about) :]
        return f"{new}{_space_after(new, tail)}{tail}".strip()
    return f"{new} {before}"


# Of the subject that X takes the place of, this stays: whose it is, and the model it is of.
_KEPT = re.compile(r"(?<=.)(?:ของ.+|\s[A-Z][\w-]*[0-9][\w-]*)$")


def _last_phrase(new: str, before: str) -> str:
    """English ``before`` with ``new`` in the place of its last prepositional phrase, the most particular one."""
    found = list(re.finditer(r"\b(?:in|on|at|for|of|to|from|with)\s+([^?.]+?)\s*[?.]*$", before, re.IGNORECASE))
    last = (
        re.search(r"^.*\b(?:in|on|at|for|of|to|from|with)\s+", before.rstrip(" ?."), re.IGNORECASE) if found else None
    )
    return f"{last.group()}{new}" if last else f"{before.rstrip(' ?.')}, {new}"


def _filled(core: str, before: str) -> str | None:
    """Way 4: ``core`` with its pronoun filled from ``before``; None where it has none that points back."""
    match = _pronoun(core)
    if match is None:
        return None
    pronoun = match.group()
    about = subject(before)
    if re.fullmatch(rf"{words.PERSON}", pronoun) and asked(before) and asked(before)[0].kind == "person":
        about = one_who(before)
    elif pronoun.endswith(("นี้", "นั้น", "ดังกล่าว")) and not re.fullmatch(words.THERE, pronoun):
        about = phrase_of(pronoun, before)
    elif pronoun == "มัน" and object_of(before):
        about = f"{statement(before)} "
    head, tail = core[: match.start()], core[match.end() :]
    tail = MATTER.sub(lambda m: f"{m.group(1)}{matter(before)}", tail) if matter(before) else tail
    return " ".join(f"{_spaced(head, about)}{_space_after(about, tail)}{tail}".split())


def _topic(before: str) -> str:
    """Way 5: what ``before`` was about.

    A thing that was described ("the second roastery of ...") is a topic by itself. Of names, and of what is named
    in one word, too much can be asked: there the whole statement is carried.
    """
    about, said = subject(before), statement(before)
    own = content(about)
    described = len(own) > 1 and not any(is_name(word) for word in (about, *(about[p.start : p.end] for p in own)))
    if not described and len(said) <= LONGEST_CARRIED:
        about = said
    return about


def _asked_back(question: str, core: str, phrases: tuple[Asked, ...]) -> str:
    """X of "แล้ว X ล่ะ", "what about X", "แล้ว X ว่าไง"; "" where the question is not of that form."""
    says = words.SAYS_WHAT.search(core)
    if says and words.OPENING.match(question):
        return core[: says.start()].strip()
    if not words.ASKS_BACK.search(question) or phrases or words.PROVISO.match(core) or _has_pronoun(core):
        return ""
    return re.sub(r"^(?:ของ|สำหรับ|for\b|in\b)\s*", "", core)


_IDENTIFIER = re.compile(r"[A-Za-zก-ฮะ-์]-?[0-9๐-๙]+")


def _enough(core: str, own: list[Place]) -> int:
    """How many content words ``core`` needs to stand alone."""
    if _IDENTIFIER.search(core):
        return 1
    if has_thai(core) and len(own) > 1 and sum(len(place) for place in own) >= ENOUGH_LONG:
        return len(own)
    nouns = [word for p in own if not words.is_verb(word := core[p.start : p.end])]
    return ENOUGH_NAMED if len(nouns) >= ENOUGH_NAMED and any(is_name(word) for word in nouns) else ENOUGH


def _has_pronoun(core: str) -> bool:
    return _pronoun(core) is not None


_PRONOUNS = re.compile(
    rf"{words.THERE}|(?:{words.PERSON})|มัน(?!ฝรั่ง|สำปะหลัง)"
    rf"|(?<!สอง)(?<!สาม)(?:เรื่อง|งาน|แบบ|อัน|ตัว|คน|สิ่ง|ประเด็น|ปัญหา|ข้อ|โครงการ|กรณี|ที่|บริษัท|องค์กร|ประเทศ|เมือง){words.DEMONSTRATIVE}"
    rf"|{words.ENGLISH_PRONOUN}",
    re.IGNORECASE,
)


def _pronoun(core: str) -> re.Match[str] | None:
    """The first pronoun that points back to another question: one with two content words before it is bound there."""
    for match in _PRONOUNS.finditer(core):
        if match.group() == "ท่าน" and not words.is_verb(first_word(core[match.end() :])):
            continue  # ท่านผู้นำ: a title
        if len(content(core[: match.start()])) <= 2 - (not match.group().endswith(("นี้", "นั้น", "ดังกล่าว"))):
            return match
    return None


def _spaced(head: str, new: str) -> str:
    """``head`` and ``new`` joined, with a space where the script changes."""
    return head + new if not head or head.endswith(" ") or _runs_on(head[-1], new[:1]) else f"{head} {new}"


def _space_after(new: str, tail: str) -> str:
    return "" if not tail or tail.startswith(" ") or (" " not in new and _runs_on(new[-1:], tail[0])) else " "


def _runs_on(one: str, other: str) -> bool:
    """True where no space is written between the two: Thai letters, unless the first ends an abbreviation."""
    return "\u0e00" <= one <= "\u0e7f" and "\u0e00" <= other <= "\u0e7f" and one != "ฯ" and not one.isdecimal()
