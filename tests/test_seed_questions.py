"""The question sets are sound: every line reads, and every answer stands where the line says it does."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
DATA = ROOT / "tests" / "data"

SEED_FIELDS = {"id", "question", "source", "paragraphs", "answers", "type"}
SEED_MINIMUM = {
    "direct": 25,
    "paraphrase": 30,
    "english": 15,
    "slips": 12,
    "slang": 10,
    "digits": 10,
    "multi": 6,
    "followup": 16,
    "unanswerable": 25,
}
CONVERSATION_MINIMUM = {
    "ellipsis": 20,
    "pronoun": 8,
    "english": 5,
    "digits": 2,
    "change": 8,
    "unanswerable": 3,
}

BEFORE_A_CONSONANT = "เแโใไ"
AFTER_A_CONSONANT = "ะาำๅ"

Row = dict[str, Any]


def read_rows(path: Path) -> list[Row]:
    """All lines of a question set; a blank line is an error, as is anything but an object."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert all(isinstance(row, dict) for row in rows)
    return rows


def source_path(name: str) -> Path:
    """The file a question names: in seeds/, or among the documents of the tests."""
    return next(folder / name for folder in (SEEDS, DATA / "docs") if (folder / name).is_file())


def paragraphs_of(name: str) -> list[str]:
    """The non-empty paragraphs of a source, in order; number 1 is the first."""
    text = source_path(name).read_text(encoding="utf-8")
    return [paragraph for paragraph in text.split("\n") if paragraph.strip()]


def splits_a_letter(text: str, at: int) -> bool:
    """True when a cut before ``text[at]`` parts a Thai consonant from its vowel or mark."""
    if at <= 0 or at >= len(text):
        return False
    after = text[at]
    return unicodedata.category(after) == "Mn" or after in AFTER_A_CONSONANT or text[at - 1] in BEFORE_A_CONSONANT


def stands_whole(answer: str, paragraph: str) -> bool:
    """True when the answer is in the paragraph word for word, with no letter cut at either end."""
    start = paragraph.find(answer)
    while start >= 0:
        if not splits_a_letter(paragraph, start) and not splits_a_letter(paragraph, start + len(answer)):
            return True
        start = paragraph.find(answer, start + 1)
    return False


def faults_of(row: Row) -> list[str]:
    """What is wrong with where a row says its answers stand; empty when nothing is."""
    paragraphs, numbers, answers = paragraphs_of(row["source"]), row["paragraphs"], row["answers"]
    if row["type"] == "unanswerable":
        return [] if numbers == [] and answers == [] else ["unanswerable, yet it names an answer"]
    faults = []
    if not numbers or not answers:
        faults.append("no paragraph or no answer")
    if numbers != sorted(set(numbers)) or any(not 1 <= number <= len(paragraphs) for number in numbers):
        return [*faults, f"paragraphs {numbers} are not ascending numbers from 1 to {len(paragraphs)}"]
    if len(set(answers)) != len(answers):
        faults.append("an answer stands twice")
    named = [paragraphs[number - 1] for number in numbers]
    for answer in answers:
        if not answer.strip() or answer != answer.strip():
            faults.append(f"answer {answer!r} is blank or has blanks around it")
        elif not any(stands_whole(answer, paragraph) for paragraph in named):
            faults.append(f"answer {answer!r} is in none of paragraphs {numbers}")
    for number, paragraph in zip(numbers, named, strict=True):
        if not any(stands_whole(answer, paragraph) for answer in answers):
            faults.append(f"no answer is in paragraph {number}")
    return faults


def is_history(history: object) -> bool:
    """True for a non-empty list of non-blank questions."""
    if not isinstance(history, list) or not history:
        return False
    return all(isinstance(question, str) and question.strip() for question in history)


def is_thai(text: str) -> bool:
    return any("ก" <= letter <= "๛" for letter in text)


SEED_ROWS = read_rows(SEEDS / "questions.jsonl")
CONVERSATIONS = read_rows(DATA / "conversations.jsonl")
ALL_ROWS = SEED_ROWS + CONVERSATIONS


def test_ids_and_questions_are_unique() -> None:
    assert [i for i, n in Counter(row["id"] for row in ALL_ROWS).items() if n > 1] == []
    asked = Counter((row["question"], *row.get("history", ())) for row in ALL_ROWS)
    assert [question for question, n in asked.items() if n > 1] == []


@pytest.mark.parametrize(("rows", "minimum"), [(SEED_ROWS, SEED_MINIMUM), (CONVERSATIONS, CONVERSATION_MINIMUM)])
def test_there_are_enough_of_every_type(rows: list[Row], minimum: dict[str, int]) -> None:
    counts = Counter(row["type"] for row in rows)
    assert set(counts) == set(minimum)
    assert {kind: counts[kind] for kind in minimum if counts[kind] < minimum[kind]} == {}


def test_the_sets_are_large_enough() -> None:
    assert len(SEED_ROWS) >= 80
    assert len(CONVERSATIONS) >= 45
    assert {len(row["history"]) for row in CONVERSATIONS} == {1, 2}


@pytest.mark.parametrize("row", ALL_ROWS, ids=lambda row: row["id"])
def test_answers_stand_where_the_row_says(row: Row) -> None:
    assert row["question"].strip()
    assert faults_of(row) == []


@pytest.mark.parametrize("row", SEED_ROWS, ids=lambda row: row["id"])
def test_seed_rows_have_their_fields(row: Row) -> None:
    has_history = row["type"] == "followup"
    assert set(row) == SEED_FIELDS | ({"history"} if has_history else set())
    assert not has_history or is_history(row["history"])
    assert (SEEDS / row["source"]).is_file()
    if row["type"] == "english":
        assert not is_thai(row["question"])


@pytest.mark.parametrize("row", CONVERSATIONS, ids=lambda row: row["id"])
def test_conversations_have_their_fields(row: Row) -> None:
    assert set(row) == SEED_FIELDS | {"history", "standalone"}
    assert is_history(row["history"])
    assert row["standalone"].strip()
    if row["type"] == "english":
        assert not all(is_thai(question) for question in (row["question"], *row["history"]))
    if row["type"] == "change":
        assert row["question"].endswith(row["standalone"])
    else:
        assert len(row["standalone"]) > len(row["question"])


def test_both_languages_meet_in_a_conversation() -> None:
    pairs = {(is_thai(row["history"][-1]), is_thai(row["question"])) for row in CONVERSATIONS}
    assert {(True, False), (False, True)} <= pairs


def test_every_document_of_the_tests_is_asked_about() -> None:
    documents = {path.name for path in (DATA / "docs").glob("*.txt")}
    assert documents and documents <= {row["source"] for row in CONVERSATIONS}


def test_faults_are_found() -> None:
    sound = SEED_ROWS[0]
    assert faults_of(sound) == []
    assert faults_of({**sound, "answers": ["วันที่ 2 พฤศจิกายน"]})
    assert faults_of({**sound, "paragraphs": [2]})
    assert faults_of({**sound, "paragraphs": [7]})
    assert faults_of({**sound, "paragraphs": [*sound["paragraphs"], 2]})
    assert faults_of({**sound, "type": "unanswerable"})
    assert not stands_whole("วันท", "วันที่ 1") and not stands_whole("ที่ เ", "ที่ เก่า")
