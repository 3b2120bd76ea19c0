"""Errors that a person can meet in the chat, raised for real and told in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from index.documents import load_all
from index.records import DocumentError, QAError, StoreLocked
from qa.assistant import clean
from qa.error_texts import said
from qa.question_files import load_questions
from qa.texts import texts_for

THAI, ENGLISH = texts_for("th"), texts_for("en")
FILES = {
    "เปล่า.txt": b" ",
    "เสีย.pdf": b"%PDF-1.4 not really",
    "เสีย.docx": b"PK not really",
    "เสีย.xlsx": b"PK not really",
    "โปรแกรม.exe": b"MZ",
    "ภาพ.txt": b"\x00\x01\x02\xff\xfe\x00" * 50,
    "แถว.jsonl": b'{"no": "text"}\n',
}
SETS = {
    "ว่าง.jsonl": "",
    "ชุด.jsonl": '{"question": 1}\n{"question": "ก", "paragraphs": [0]}\nnot json\n[]\n',
    "ซ้ำ.jsonl": '{"id": "1", "question": "ก"}\n{"id": "1", "question": "ข"}\n',
    "ตาราง.csv": "ชื่อ,ค่า\nก,ข\n",
}


def raised(call: Callable[[], object]) -> QAError:
    with pytest.raises(QAError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize("question", ["  ?! ", "ก" * 5_000])
def test_a_question_that_cannot_be_asked_is_told_in_thai(question: str) -> None:
    error = raised(lambda: clean(question))
    assert not re.search("[A-Za-z]{3}", said(error, THAI).replace("Enter", ""))
    assert said(error, ENGLISH) == str(error)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_told_in_thai_by_its_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    error = raised(lambda: load_all(tmp_path / name, name))
    told = said(error, THAI)
    assert told.startswith(f"{name}: ")
    assert re.search("[ก-ฮ]{2}", told.removeprefix(name))
    assert "อ่านเอกสารไม่ได้ (" not in told  # a sentence of its own, not the English one introduced
    assert said(str(error), THAI) == told  # what was kept of it is told alike
    assert said(error, ENGLISH) == str(error)


@pytest.mark.parametrize("name", SETS)
def test_a_question_set_is_told_without_its_place_on_the_server(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(SETS[name], encoding="utf-8")
    error = raised(lambda: load_questions(tmp_path / name))
    for texts in (THAI, ENGLISH):
        told = said(error, texts)
        assert name in told
        assert str(tmp_path) not in told
    assert re.search("[ก-ฮ]{2}", said(error, THAI).replace(name, ""))


def test_every_problem_of_a_question_set_is_told_in_thai(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text(SETS["ชุด.jsonl"], encoding="utf-8")
    told = said(raised(lambda: load_questions(tmp_path / "s.jsonl")), THAI)
    assert told.startswith("พบปัญหา 4 จุด: s.jsonl:1: ")
    for line in told.removeprefix("พบปัญหา 4 จุด: ").split("; "):
        assert re.search("[ก-ฮ]{2}", line)


def test_what_has_no_sentence_is_introduced_in_thai() -> None:
    error = StoreLocked("/srv/office files/ลับ/.qa: process 12 is writing to this store; try again when it is done")
    assert said(error, THAI) == (
        "มีผู้อื่นกำลังปรับปรุงดัชนีอยู่ รอสักครู่แล้วลองใหม่ (.qa: process 12 is writing to this store; try again when it is done)"
    )
    assert said(error, ENGLISH) == ".qa: process 12 is writing to this store; try again when it is done"
    assert said(DocumentError("ก.txt", "is odd"), THAI) == "อ่านเอกสารไม่ได้ (ก.txt: is odd)"


def test_names_of_folders_that_a_person_gave_are_kept() -> None:
    assert said("บ้าน/ก.txt: is odd and/or new", ENGLISH) == "บ้าน/ก.txt: is odd and/or new"
    assert said("C:\\Users\\somchai\\docs\\.qa: gone", ENGLISH) == ".qa: gone"
