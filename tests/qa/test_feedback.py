"""Feedback is kept, changed, annotated, and comes out as a question set that reads back."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.records import Place, StoreError
from qa.answer import Answer, Citation
from qa.feedback import FILE, LONGEST_NOTE, Feedback
from qa.question_files import load_questions

CITED = Citation(1, "ก.txt", "", 4, None, 10, 17, "คำตอบคือ 7"[:7], (Place(10, 17),), 0.9)
ANSWER = Answer("ถามอะไร", "ถามอะไร", "คำตอบ", (CITED,), False, 0.9)
REFUSAL = Answer("ไม่มีใช่ไหม", "ไม่มีใช่ไหม", "ไม่พบ", (), True, 0.1, related=(CITED,))


def test_every_verdict_reads_back_as_a_question(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path)
    feedback.add(ANSWER, True, ("ก่อนหน้า",))
    feedback.add(REFUSAL, True)
    number = feedback.add(ANSWER, False)
    feedback.annotate(number, "  คนละเรื่อง ")
    (tmp_path / "set.jsonl").write_text(feedback.export(), encoding="utf-8")
    liked, refused, disliked = load_questions(tmp_path / "set.jsonl").questions
    assert (liked.history, liked.relevant, liked.paragraphs, liked.answers) == (
        ("ก่อนหน้า",),
        {"ก.txt": 1},
        (4,),
        ("คำตอบ",),
    )
    assert (refused.answerable, refused.relevant) == (False, {})
    assert (disliked.draft, disliked.answerable, disliked.relevant) == (True, None, {})
    assert feedback.records()[2]["note"] == "คนละเรื่อง"


def test_a_verdict_can_be_changed(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path)
    number = feedback.add(ANSWER, False)
    feedback.change(number, True)
    assert [record["type"] for record in feedback.records()] == ["liked"]


def test_feedback_outlives_its_opener(tmp_path: Path) -> None:
    Feedback(tmp_path).add(ANSWER, True)
    assert len(Feedback(tmp_path).records()) == 1


def test_a_note_is_bounded(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path)
    feedback.annotate(feedback.add(ANSWER, True), "ก" * (LONGEST_NOTE + 5))
    assert len(feedback.records()[0]["note"]) == LONGEST_NOTE


def test_no_feedback_is_an_empty_set_and_makes_no_file(tmp_path: Path) -> None:
    assert Feedback(tmp_path).export() == ""
    assert not (tmp_path / FILE).exists()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="feedback cannot be kept"):
        Feedback(tmp_path).add(ANSWER, True)
