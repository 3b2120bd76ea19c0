"""A first question set to edit, made from the documents themselves, so that nobody starts from an empty file.

Each question is a clause of a document with one thing taken out: when, where, who, how many, or a blank to
fill. The thing taken out is the answer, verbatim, with its paragraph. They are marked ``"draft": true``: a
person is to read each, mend or drop it, ask it in other words, and take the mark off. Drafts share their
words with the documents and are therefore easier to find than what people ask.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.chunking import paragraph_places
from index.records import Document, UsageError
from index.sentences import sentence_spans
from index.thai import word_spans, words

PER_DOCUMENT = 6  # enough to see a document, few enough to be edited
SHORTEST, LONGEST = 28, 170  # characters of a question: shorter ones do not say what they are about
UNANSWERABLE = "ใครเป็นผู้แปลเอกสารนี้เป็นภาษาละติน"
BLANK = "____"
# Words that join others: a blank for one of them asks nothing.
_EMPTY = frozenset(
    (
        *("เพราะ", "เพื่อ", "เกี่ยวกับ", "สามารถ", "ดังกล่าว", "รวมถึง", "รวมทั้ง", "พร้อมทั้ง", "เนื่องจาก"),
        *("นอกจากนี้", "อย่างไรก็ตาม", "ขณะที่", "จำนวน", "ทั้งนี้", "ร่วมกัน", "ซึ่งกัน", "อย่างยิ่ง"),
    )
)
_RANGE = re.compile(r"\s?[-–(“]\s?(?:วันที่\s?)?$|^\s?[-–]")  # beside a date: one end of a range, or an aside

_MONTHS = (
    "มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม|"
    r"ม\.ค\.|ก\.พ\.|มี\.ค\.|เม\.ย\.|พ\.ค\.|มิ\.ย\.|ก\.ค\.|ส\.ค\.|ก\.ย\.|ต\.ค\.|พ\.ย\.|ธ\.ค\."
)
_YEAR = r"(?:(?:พ\.ศ\.|ค\.ศ\.)\s?)?[12๑๒][0-9๐-๙]{3}"
_WHEN = re.compile(rf"[0-9๐-๙]{{1,2}}\s(?:{_MONTHS})(?:\s{_YEAR})?|(?:พ\.ศ\.|ค\.ศ\.)\s?[12๑๒][0-9๐-๙]{{3}}")
_BEFORE_WHEN = re.compile(r"(?:เมื่อ|ใน|ตั้งแต่)?(?:วันที่|ปี)?\s?$")
_WHERE = re.compile(
    r"(?:ที่|ใน|ณ)\s?(?P<answer>(?:ประเทศ|จังหวัด|กรุง|เมือง|อำเภอ|โรงแรม|ทำเนียบ|มหาวิทยาลัย|โรงพยาบาล|คาบสมุทร)"
    r"[ก-๙A-Za-z.]{2,30})"
)
_WHO = re.compile(
    r"(?P<answer>(?:นาย|นางสาว|นาง|ดร\.|พล\.อ\.|พลเอก|ประธานาธิบดี|ศาสตราจารย์)\s?[ก-๙A-Za-z-]{1,20}(?:\s[ก-๙A-Za-z-]{1,20})?)"
    r"\s(?=กล่าว|ระบุ|เปิดเผย|ชี้แจง|แถลง|เน้น|ยืนยัน|เป็นประธาน|เข้าร่วม|ลงนาม)"
)
_HOW_MANY = re.compile(
    r"(?P<answer>[0-9๐-๙][0-9๐-๙,.]*)\s?(?P<unit>ล้านบาท|บาท|คน|แห่ง|ประเทศ|จังหวัด|ครั้ง|ราย|กิโลเมตร|เมตร|ตัน|โครงการ|ไร่|ปี|วัน)"
)


@dataclass(frozen=True, slots=True)
class _Draft:
    question: str
    answer: str
    kind: str


def draft_questions(
    documents: Iterable[Document], *, per_document: int = PER_DOCUMENT, unanswerable: bool = True
) -> list[dict[str, Any]]:
    """Draft questions about the documents, as records of our JSONL form.

    The kinds are dealt in turn, so that no document gives dates alone; of one kind the earlier come first.

    Args:
        per_document: how many questions at most about one document.
        unanswerable: add one that the documents do not answer, as a pattern for more of them.

    Raises:
        UsageError: nothing could be drafted from these documents, or fewer than 1 are wanted of each.
    """
    if per_document < 1:
        raise UsageError(f"at least 1 question a document can be drafted, not {per_document}")
    records: list[dict[str, Any]] = []
    for document in documents:
        drafts = _dealt(list(_drafts(document)), per_document)
        for paragraph, draft in drafts:
            records.append(_record(len(records) + 1, document.source, paragraph, draft))
    if not records:
        raise UsageError("no question could be drafted: the documents hold no sentence of a fitting length")
    if unanswerable:
        records.append(_record(len(records) + 1, "", 0, _Draft(UNANSWERABLE, "", "unanswerable")))
    return records


def write_draft(records: Iterable[dict[str, Any]], path: str | Path) -> None:
    """Write records as JSONL.

    Raises:
        UsageError: the file is there already: it may hold a person's work.
    """
    try:
        with Path(path).open("x", encoding="utf-8") as file:
            for record in records:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
    except FileExistsError:
        raise UsageError(f"{path}: is there already; name another file, or move it away first") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error


def _record(number: int, source: str, paragraph: int, draft: _Draft) -> dict[str, Any]:
    return {
        "id": f"draft-{number:03d}",
        "question": draft.question,
        **({"source": source} if source else {}),
        "paragraphs": [paragraph] if paragraph else [],
        "answers": [draft.answer] if draft.answer else [],
        "type": draft.kind,
        "draft": True,
    }


def _dealt(found: list[tuple[int, _Draft]], limit: int) -> list[tuple[int, _Draft]]:
    """At most ``limit``, one of each kind in turn, in the order of the document; no answer twice."""
    turn: Counter[str] = Counter()
    seen: set[str] = set()
    ordered = []
    for position, (paragraph, draft) in enumerate(found):
        if draft.answer in seen:
            continue
        seen.add(draft.answer)
        ordered.append((turn[draft.kind], position, paragraph, draft))
        turn[draft.kind] += 1
    kept = sorted(sorted(ordered, key=lambda item: item[:2])[:limit], key=lambda item: item[1])
    return [(paragraph, draft) for _, _, paragraph, draft in kept]


def _drafts(document: Document) -> Iterator[tuple[int, _Draft]]:
    """Every question that the document gives, with its paragraph, in order."""
    common = Counter(words(document.text))
    for number, place in enumerate(paragraph_places(document.text), start=1):
        paragraph = document.text[place.start : place.end]
        for span in sentence_spans(paragraph):
            sentence = paragraph[span.start : span.end].strip()
            asked = [*_when(sentence), *_where(sentence), *_who(sentence), *_how_many(sentence)]
            for draft in asked or _cloze(sentence, common):
                if SHORTEST <= len(draft.question) <= LONGEST:
                    yield number, draft


def _joined(before: str, after: str) -> str:
    return " ".join(f"{before} {after}".split())


def _when(sentence: str) -> Iterator[_Draft]:
    if found := _WHEN.search(sentence):
        before, after = sentence[: found.start()], sentence[found.end() :]
        if _RANGE.search(before) or _RANGE.search(after):
            return
        rest = _joined(_BEFORE_WHEN.sub("", before), after)
        yield _Draft(f"{rest} เมื่อไร", found.group(), "when")


def _where(sentence: str) -> Iterator[_Draft]:
    if (found := _WHERE.search(sentence)) and len(sentence[: found.start()].strip()) >= SHORTEST:
        answer = _first_words(found.group("answer"))
        yield _Draft(f"{sentence[: found.start()].strip()} ที่ไหน", answer, "where")


def _first_words(text: str) -> str:
    """The kind of place and the one word after it: what follows is mostly no longer its name."""
    places = word_spans(text)[:2]
    return text[: places[-1].end] if places else text


def _who(sentence: str) -> Iterator[_Draft]:
    if found := _WHO.search(sentence):
        yield _Draft(f"ใคร{sentence[found.end() :].strip()}", found.group("answer").strip(), "who")


def _how_many(sentence: str) -> Iterator[_Draft]:
    if (found := _HOW_MANY.search(sentence)) and not sentence[: found.start()].endswith(("“", "(", '"')):
        unit = found.group("unit")
        asked = _joined(f"{sentence[: found.start()]}กี่{unit}", sentence[found.end() :])
        yield _Draft(asked, found.group("answer"), "how many")


def _cloze(sentence: str, common: Counter[str]) -> Iterator[_Draft]:
    """Blank the longest word that the document uses least: it carries most of what the sentence says."""
    places = [p for p in word_spans(sentence) if len(p) >= 5 and sentence[p.start : p.end] not in _EMPTY]
    if places:
        best = min(places, key=lambda p: (common[sentence[p.start : p.end].lower()], -len(p), p.start))
        blanked = f"{sentence[: best.start]}{BLANK}{sentence[best.end :]}"
        yield _Draft(blanked, sentence[best.start : best.end], "cloze")
