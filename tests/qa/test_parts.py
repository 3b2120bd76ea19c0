"""Questions that need more than one place."""

from __future__ import annotations

import pytest

from index.records import Chunk, Hit, Place
from qa.parts import MOST_PARTS, choose, several
from qa.reader import Reading

TRUMP = "ทรัมป์ กล่าวว่า การเจรจากับเกาหลีเหนือคืบหน้าดี"
XI = "สี จิ้นผิง กล่าวว่า สถานการณ์บนคาบสมุทรเปลี่ยนไปในทิศทางที่ดี หลังคุยกับทรัมป์"
OTHER = "น้ำประปาจะหยุดไหลวันเสาร์"


def _hit(number: int, text: str, score: float, paragraph: int, source: str = "call.txt") -> tuple[Hit, Reading]:
    start = paragraph * 1000
    hit = Hit(number, Chunk(source, start, start + len(text), text, paragraph), score)
    place = Place(start, start + len(text))
    return hit, Reading(place, score, (), place, 0.5, 0.5)


def _chosen(question: str, *pairs: tuple[Hit, Reading]) -> list[tuple[int, str]]:
    hits, readings = zip(*pairs, strict=True)
    return [(part.hit.paragraph, part.side) for part in choose(several(question), hits, readings)]


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("ทั้งสองฝ่ายพูดว่าอะไรเรื่องเกาหลี", "sides"),
        ("ผู้นำแต่ละคนพูดถึงการพบกันที่อาร์เจนตินาว่าอย่างไร", "sides"),
        ("ฝ่ายจีนกับฝ่ายสหรัฐฯ มีท่าทีต่องานแสดงสินค้าอย่างไร", "sides"),
        ("ทรัมป์กับสี จิ้นผิง พูดถึงการค้าว่าอย่างไร", "sides"),
        ("What did each leader say about their personal relationship?", "sides"),
        ("เปรียบเทียบค่าสมัครของสองโรงเรียน", "comparison"),
        ("ลากิจกับลาพักร้อนต่างกันอย่างไร", "comparison"),
        ("How do the two warranties differ?", "comparison"),
        ("สี จิ้นผิง หวังอะไรบ้าง", "list"),
        ("ใครบ้างที่ไม่ต้องจ่ายค่าสมัคร", "list"),
    ],
)
def test_several_parts_are_asked_for(question: str, reason: str) -> None:
    asked = several(question)
    assert asked is not None
    assert asked.reason == reason
    assert asked.phrase in question


@pytest.mark.parametrize(
    "question",
    [
        "ประธานาธิบดีจีนชื่ออะไร",
        "การประชุมจี 20 จัดที่ประเทศอะไร",
        "สี จิ้นผิง คุยกับทรัมป์วันไหน",
        "When did Xi and Trump talk on the phone?",
        "ทรัมป์หวังว่าทั้งสองฝ่ายจะใช้ความพยายามร่วมกันในเรื่องใด",
        "เวทีไหนที่สองผู้นำจะได้เจอตัวกัน",
        "What does Xi hope both sides will follow?",
        "Who is the supreme leader of North Korea?",
    ],
)
def test_one_place_is_enough(question: str) -> None:
    assert several(question) is None


def test_sides_are_named() -> None:
    asked = several("ทรัมป์กับสี จิ้นผิง พูดถึงการค้าว่าอย่างไร")
    assert asked is not None
    assert asked.sides == ("ทรัมป์", "สี จิ้นผิง")


def test_a_plain_question_gets_its_winner_alone() -> None:
    assert _chosen("ประธานาธิบดีจีนชื่ออะไร", _hit(1, XI, 2.0, 5), _hit(2, TRUMP, 1.9, 6)) == [(5, "")]


def test_each_side_has_its_part_though_weaker() -> None:
    question = "ทรัมป์กับสี จิ้นผิง พูดถึงเกาหลีว่าอย่างไร"
    found = _chosen(question, _hit(1, XI, 2.0, 5), _hit(2, OTHER, 1.2, 2), _hit(3, TRUMP, 1.2, 6))
    assert found == [(5, "สี จิ้นผิง"), (6, "ทรัมป์")]


def test_sides_of_one_matter_stand_in_one_document() -> None:
    elsewhere = _hit(2, OTHER, 1.9, 2, "water.txt")
    assert _chosen("ทั้งสองฝ่ายพูดว่าอะไร", _hit(1, XI, 2.0, 5), elsewhere) == [(5, "")]
    assert _chosen("มีเรื่องอะไรบ้าง", _hit(1, XI, 2.0, 5), elsewhere) == [(5, ""), (2, "")]


def test_weak_passages_are_no_parts() -> None:
    assert _chosen("ทั้งสองฝ่ายพูดว่าอะไร", _hit(1, XI, 2.0, 5), _hit(2, OTHER, 1.2, 2)) == [(5, "")]


def test_the_same_paragraph_or_the_same_words_are_one_part() -> None:
    again = _hit(2, TRUMP, 1.9, 5)
    copied = _hit(3, XI, 1.8, 9, "copy.txt")
    assert _chosen("ทั้งสองฝ่ายพูดว่าอะไร", _hit(1, XI, 2.0, 5), again, copied) == [(5, "")]


def test_not_more_parts_than_can_be_read() -> None:
    texts = [f"{char * 9} เรื่องที่ {number}" for number, char in enumerate("กขคงจฉชซ")]
    pairs = [_hit(number, text, 2.0, number, f"{number}.txt") for number, text in enumerate(texts)]
    assert len(_chosen("มีเรื่องอะไรบ้าง", *pairs)) == MOST_PARTS


def test_no_hits_no_parts() -> None:
    assert choose(several("ทั้งสองฝ่ายพูดว่าอะไร"), [], []) == []
