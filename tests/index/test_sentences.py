"""Sentence spans tile the text, and end where Thai sentences end."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from support import SEEDS, hard_text

from index.sentences import COMFORTABLE, SHORTEST, sentence_spans
from index.thai import is_border


def pieces(text: str) -> list[str]:
    return [text[place.start : place.end] for place in sentence_spans(text)]


@given(hard_text())
def test_spans_tile_the_text_without_a_gap_on_borders(text: str) -> None:
    places = sentence_spans(text)
    assert "".join(text[place.start : place.end] for place in places) == text
    assert all(one.end == two.start for one, two in itertools.pairwise(places))
    assert all(place.start < place.end for place in places)


def test_the_seed_text_is_cut_at_its_openers() -> None:
    text = (SEEDS / "xi-trump-phone-call.txt").read_text(encoding="utf-8")
    cut = pieces(text)
    assert "".join(cut) == text
    assert any(piece.startswith("ด้านประธานาธิบดีสี จิ้นผิง กล่าวว่า ยินดี") for piece in cut)
    assert any(piece.startswith("เขายังกล่าวอีกว่า") for piece in cut)
    assert all(len(piece) <= 3 * COMFORTABLE for piece in cut)
    assert all(is_border(text, place.start) for place in sentence_spans(text))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("กระทรวงการคลังประกาศปรับอัตราภาษีสรรพสามิตรถยนต์ไฟฟ้าแล้ว ", "ทั้งนี้ อัตราใหม่จะมีผลบังคับใช้ตั้งแต่วันที่ 1 มกราคม"),
        ("ที่ประชุมเห็นชอบแผนงานที่คณะกรรมการเสนอทั้งหมดเรียบร้อยแล้ว ", "นอกจากนี้ยังอนุมัติงบประมาณเพิ่มเติมสำหรับปีหน้า"),
    ],
)
def test_a_strong_opener_begins_a_sentence(first: str, second: str) -> None:
    assert pieces(first + second) == [first, second]


@pytest.mark.parametrize(
    "text",
    [
        "ผู้ว่าราชการจังหวัดกล่าวในที่ประชุมประจำเดือนว่า ทั้งนี้จะดำเนินการให้แล้วเสร็จภายในสิ้นปี",  # after ว่า
        "ประชาชนในหมู่บ้านต่างพากันออกมาเดินเล่นช้า ๆ ตามถนนริมแม่น้ำที่เพิ่งสร้างเสร็จใหม่",  # before ๆ
        "โครงการนี้ (ซึ่งเริ่มต้นเมื่อหลายปีก่อนแล้ว ทั้งนี้ยังไม่เสร็จ) สูงกว่าที่ตั้งเป้าหมายไว้เดิม",  # in brackets
        "สั้น ทั้งนี้ สั้น",
    ],
)
def test_no_border_where_a_sentence_goes_on(text: str) -> None:
    assert pieces(text) == [text]


def test_a_line_break_ends_a_sentence_however_short() -> None:
    assert pieces("ก\nข\r\nค") == ["ก\n", "ข\r\n", "ค"]
    assert len("ก\n") < SHORTEST
