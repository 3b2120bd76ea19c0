"""What leads to an answer is told by what is asked for, and each span is looked at by itself."""

from __future__ import annotations

import pytest

from index.records import Place
from qa.answer_types import expected
from qa.reader_leads import OF_THE_NOUN, TO_THE_POINT, factors
from qa.reader_text import asked
from qa.reader_weights import load_model

TEXT = (
    "โรงเรียนวัดใหม่ตั้งอยู่ในตำบลบางแก้ว ก่อตั้งโดยขุนวิจิตร เพราะชาวบ้านร้องขอ เมื่อปี 2470 มีครู 12 คน "
    "หนังสือชื่อว่าบันทึกสายน้ำ เล่าถึงโรคห่าที่ระบาด คำว่าห่าคือผีร้าย"
)


def place(words: str) -> Place:
    start = TEXT.index(words)
    return Place(start, start + len(words))


@pytest.mark.parametrize(
    ("question", "right", "other"),
    [
        ("โรงเรียนวัดใหม่อยู่ที่ไหน", "ตำบลบางแก้ว", "วัดใหม่"),
        ("ใครก่อตั้งโรงเรียน", "ขุนวิจิตร", "บางแก้ว"),
        ("ทำไมจึงก่อตั้งโรงเรียน", "ชาวบ้านร้องขอ", "ก่อตั้ง"),
        ("ทำไมจึงก่อตั้งโรงเรียน", "เพราะชาวบ้านร้องขอ", "ก่อตั้ง"),
        ("หนังสือชื่อว่าอะไร", "บันทึกสายน้ำ", "สายน้ำ"),
        ("ห่าคืออะไร", "ผีร้าย", "ร้าย"),
    ],
)
def test_what_stands_behind_its_lead_is_raised(question: str, right: str, other: str) -> None:
    raised, left = factors(question, expected(question), "", TEXT, [place(right), place(other)])
    assert raised > left == 1.0


def test_what_is_asked_to_the_point_is_raised() -> None:
    said = [place("ปี 2470"), place("12 คน"), place("โรงเรียน")]
    assert factors("ก่อตั้งปีใด", expected("ก่อตั้งปีใด"), "", TEXT, said).tolist() == [TO_THE_POINT, 1.0, 1.0]
    assert factors("มีครูกี่คน", expected("มีครูกี่คน"), "", TEXT, said).tolist() == [1.0, TO_THE_POINT, 1.0]


@pytest.mark.parametrize(
    ("question", "noun"),
    [("โรคใดระบาด", "โรค"), ("ระบาดคืออะไร", ""), ("อ่านหนังสือเล่มใด", "เล่ม"), ("ใครก่อตั้ง", ""), ("โรคระบาด", "")],
)
def test_the_noun_asked_for(question: str, noun: str) -> None:
    assert asked(question, load_model().cutter.tokens(question)).noun == noun


def test_what_is_of_the_noun_is_raised() -> None:
    said = [place("โรคห่า"), place("ห่าที่"), place("ระบาด")]
    assert factors("โรคใดระบาด", expected("โรคใดระบาด"), "โรค", TEXT, said).tolist() == [OF_THE_NOUN, OF_THE_NOUN, 1.0]
    assert factors("โรคใดระบาด", expected("โรคใดระบาด"), "", TEXT, []).tolist() == []
