"""What an earlier question leaves to the next: its statement, its person, its object, without the asking words."""

from __future__ import annotations

import re

from index.thai import has_thai
from qa import conversation_words as words
from qa.conversation_words import asked, content, subject, without

MATTER = re.compile(rf"(เรื่อง|ประเด็น){words.DEMONSTRATIVE}")


def matter(before: str) -> str:
    """What was said or asked about: the object of ``before`` without the verb of saying in front."""
    return re.sub(r"^.{0,12}?(?:ว่า|เรื่อง|ถึง|เกี่ยวกับ)(?!การ\s)", "", object_of(before))


_DANGLING = re.compile(r"(?:\s|ได้ที่|อยู่ที่|ได้|บ้าง|ทำ|จะ|ที่|ว่า|คือ|เป็น|ชื่อ|เรื่อง|ถึง|กับ|จาก|ผ่าน|ใน|ของ|มี|อยู่|\?|？)+$")
_LEADING = re.compile(r"^(?:\s|เป็น|คือ|ที่)+")


def statement(text: str) -> str:
    """A question without its asking phrases, and without the words that hang in the air then."""
    if not has_thai(text):
        return re.sub(
            rf"^\W*(?:\w+\s+){{1,2}}?{words.AUX}\b\s*(?:(?:I|we|you)\b\s*)?", "", text, count=1, flags=re.IGNORECASE
        ).rstrip(" ?.")
    return _LEADING.sub("", _DANGLING.sub("", without(text, asked(text))))


def one_who(before: str) -> str:
    """The person that ``before`` asks for, as a description: "X คือใคร" -> X, "ใครทำ Y" -> คนที่ทำ Y."""
    said = statement(before)
    return f"คนที่{said}" if words.is_verb(first_word(said)) else said


def phrase_of(pronoun: str, before: str) -> str:
    """What "N นี้" stands for: the phrase with N in it, "N that ...", or the statement itself."""
    noun = re.sub(rf"{words.DEMONSTRATIVE}$", "", pronoun)
    said = statement(before)
    if noun in ("แบบ", "อัน", "ตัว", "สิ่ง", "ข้อ", "กรณี", "ที่"):
        return subject(before)
    if noun in ("เรื่อง", "ประเด็น", "ปัญหา"):
        return said if said == subject(before) else f"{noun}ที่{said}"
    if said.endswith(noun):
        return f"{noun}ที่{said[: -len(noun)].strip()}"
    return f"{noun}{said}" if noun not in said else said


def object_of(before: str) -> str:
    """What stands behind the verb of ``before``, its asking phrase aside."""
    about = subject(before)
    rest = statement(before)
    rest = rest[len(about) :] if rest.startswith(about) else rest
    return rest if len(content(rest)) >= 2 else ""


def first_word(text: str) -> str:
    """The first word of ``text``; "" where there is none."""
    places = words.word_places(text)
    return text[places[0].start : places[0].end] if places else ""
