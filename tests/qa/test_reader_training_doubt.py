"""Passages that do not answer: they lack the answer, they are near the question, and each says whose question it is."""

from __future__ import annotations

from typing import Any

from index.chunking import LONGEST
from index.encoder import StaticEncoder
from index.segmenter import bundled_segmenter
from qa.reader_training.cases import cases
from qa.reader_training.doubt import Passages, doubtful, shortened
from qa.reader_training.network import seen
from qa.reader_weights import load_model

FIRST = "โรงเรียนบ้านหนองแวงก่อตั้งขึ้นเมื่อ พ.ศ. 2478 โดยนายบุญมี ศรีสุข "
REST = "ปัจจุบันโรงเรียนตั้งอยู่ที่อำเภอเมือง จังหวัดร้อยเอ็ด ใกล้กับสถานีรถไฟ " + "และมีห้องสมุดกับสนามหญ้าที่กว้างขวางร่มรื่นมาก " * 3
OTHER = "โรงเรียนบ้านหนองไผ่ก่อตั้งขึ้นโดยนายสมชาย ใจดี ผู้ใหญ่บ้านคนแรกของตำบล " * 2
FAR = "ปลาหมึกเป็นสัตว์ทะเลที่ไม่มีกระดูกสันหลัง อาศัยอยู่ในน้ำลึก และกินกุ้งเป็นอาหาร " * 2
ASKS = "โรงเรียนบ้านหนองแวงก่อตั้งขึ้นโดยใคร"


def paragraph(text: str, question: str, answer: str) -> dict[str, Any]:
    return {
        "context": text,
        "qas": [{"question": question, "answers": [{"text": answer, "answer_start": text.index(answer)}]}],
    }


def paragraphs() -> list[dict[str, Any]]:
    return [
        paragraph(FIRST + "\n" + REST, ASKS, "นายบุญมี ศรีสุข"),
        paragraph(FAR, "ปลาหมึกกินอะไร", "กุ้ง"),
        paragraph(OTHER, "โรงเรียนบ้านหนองไผ่ก่อตั้งโดยใคร", "นายสมชาย ใจดี"),
    ]


def passages() -> Passages:
    model = load_model()
    return Passages(paragraphs(), model.cutter, model.words, StaticEncoder())


def test_a_passage_loses_its_answering_sentence_and_keeps_the_others() -> None:
    (one,) = shortened(paragraphs())  # of the other two nothing is left
    assert "บุญมี" not in one["context"] and "ร้อยเอ็ด" in one["context"] and one["group"] == 0
    assert [row["answers"] for row in one["qas"]] == [[]] and one["qas"][0]["question"] == ASKS


def test_the_nearest_passage_without_the_answer_is_about_the_same_thing() -> None:
    first = next(iter(passages().without_answer(paragraphs())))
    assert "บุญมี" not in first["context"] and "โรงเรียน" in first["context"]
    assert first["group"] == 0 and first["qas"][0]["answers"] == []


def test_the_passage_cut_around_an_answer_holds_it_where_it_says() -> None:
    long = paragraph(REST * 9 + FIRST, ASKS, "นายบุญมี ศรีสุข")
    model = load_model()
    (one,) = Passages([long], model.cutter, model.words, StaticEncoder()).with_answer([long])
    answer = one["qas"][0]["answers"][0]
    assert len(one["context"]) <= LONGEST < len(long["context"])
    assert one["context"][answer["answer_start"] :].startswith(answer["text"])


def test_a_case_without_an_answer_bears_its_own_number_and_no_span() -> None:
    near = {"context": OTHER, "qas": [{"question": "โรงเรียนบ้านหนองไผ่มีครูกี่คน", "answers": []}]}
    made = list(doubtful(paragraphs()[:2], [], [near], passages(), 2))
    assert made[-1]["group"] == 2 and made[-1]["context"] == OTHER
    model = load_model()
    (case,) = cases(made[-1:], bundled_segmenter(), model.cutter, model.words)
    assert (case.group, case.first, case.last, case.answers) == (2, -1, -1, ()) and not case.right.any()
    example = seen(case, case.right.astype(float), 1, model.context)
    assert example is not None and (example.first, example.last) == (-1, -1) and len(set(example.owner)) == 1
