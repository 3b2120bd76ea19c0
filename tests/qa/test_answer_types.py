"""What a question asks for, and where a text holds it."""

from __future__ import annotations

import pytest

from qa.answer_types import KINDS, expected, holds, places_of


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("พัทธ์ธีรา เกิดวันที่เท่าไร", "date"),
        ("โรงเรียนก่อตั้งเมื่อใด", "date"),
        ("When did they speak?", "date"),
        ("ประชากรมีกี่คน", "number"),
        ("ตึกสูงเท่าไหร่", "number"),
        ("How many members are there?", "number"),
        ("ใครเป็นผู้ก่อตั้ง", "person"),
        ("Who called whom?", "person"),
        ("บริษัทตั้งอยู่ที่ไหน", "place"),
        ("เขาเกิดที่จังหวัดใด", "place"),
        ("ทำไมราคาจึงขึ้น", "number"),  # a price is asked about: the order of the rules
        ("เหตุใดเขาจึงลาออก", "reason"),
        ("ทำอย่างไร", "manner"),
        ("ภาพยนตร์เรื่องนี้ชื่อเรื่องว่าอะไร", None),
    ],
)
def test_expected(question: str, kind: str | None) -> None:
    assert expected(question) == kind
    assert kind is None or kind in KINDS


@pytest.mark.parametrize(
    ("kind", "text", "piece"),
    [
        ("date", "เกิดวันที่ 3 ธันวาคม พ.ศ. 2533 ที่กรุงเทพ", "วันที่ 3 ธันวาคม พ.ศ. 2533"),
        ("date", "ออกอากาศเวลา 20.30 น. ทุกวัน", "20.30 น."),
        ("number", "มีนักศึกษา ๒๒,๐๐๐ คน", "๒๒,๐๐๐"),
        ("name", 'เพลง "The Lost Souls" เป็นเพลง', '"The Lost Souls"'),
        ("name", "เรียนที่ Catholic Cathedral College ประเทศ", "Catholic Cathedral College"),
        ("place", "เกิดใน จังหวัดขอนแก่น เมื่อ", "จังหวัดขอนแก่น"),
    ],
)
def test_places_are_those_of_the_text(kind: str, text: str, piece: str) -> None:
    assert piece in [text[place.start : place.end] for place in places_of(kind, text)]


def test_a_number_the_question_says_itself_is_no_answer() -> None:
    assert not holds("number", "รุ่นที่ 3 ออกใหม่", "รุ่นที่ 3 มีกี่แบบ")
    assert holds("number", "รุ่นที่ 3 มี 7 แบบ", "รุ่นที่ 3 มีกี่แบบ")
    assert not holds("number", "รุ่นที่ 3 ออกใหม่", "รุ่นที่ ๓ มีกี่แบบ")
