"""What tells quickly that a text holds an answer tells what looking at every match tells."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.thai import countries
from qa.answer_details import DETAILS, VAGUE, detail, detail_held, places_of
from qa.answer_types import TELLING, expected, holds, kind_held, repeats
from qa.signs import any_of

ASKING = {
    "date": "เกิดเมื่อใด",
    "number": "มีประชากรเท่าใด",
    "person": "ใครเป็นผู้ก่อตั้ง",
    "place": "ตั้งอยู่ที่ไหน",
    "time": "เปิดกี่โมง",
    "year": "ก่อตั้งปีใด",
    "day": "จัดวันไหน",
    "month": "จัดเดือนไหน",
    "when": "จัดเมื่อไร",
    "age": "มีอายุเท่าไร",
    "duration": "ใช้เวลานานเท่าไร",
    "percent": "คิดเป็นกี่เปอร์เซ็นต์",
    "money": "มีรายได้เท่าไร",
    "country": "อยู่ประเทศใด",
    "province": "อยู่จังหวัดใด",
    "city": "เมืองใด",
    "count": "มีโรงเรียนกี่แห่ง",
}
# What the patterns are made of, whole and in halves.
PIECES = [
    "1", "2", "12", "13.", "20", "2018", "2561", "๒๕๖๑", "3/4", "/55", "-", "5-6", ",", ".", ":", "3.14", "10,000",
    "%", "น.", "ค.ศ.", "พ.ศ.", "พศ", "ปี", "ปีที่", "วันที่", "วัน", "เดือน", "มกราคม", "ม.ค.", "ก.พ.", "คม", "ยน",
    "จันทร์", "อาทิตย์", "ศตวรรษที่", "ทศวรรษ", "ขึ้น", "แรม", "ค่ำ", "เมื่อวาน", "วันนี้", "สมัย", "รัชกาล",
    "สัปดาห์", "หน้า", "ยุค", "ช่วง", "ต้น", "หนึ่ง", "สอง", "สิบ", "ล้าน", "หลาย", "ยี่", "ครึ่ง", "ร้อยละ",
    "อัตรา", "เปอร์เซนต์", "บาท", "ดอลลาร์", "dollars", "USD", "US", "$", "แห่ง", "คน", "ครั้ง", "ขวบ", "อายุ",
    "นาที", "ชั่วโมง", "นาฬิกา", "ทุ่ม", "ตี", "เช้า", "เที่ยง", "ประเทศ", "จีน", "ไทย", "จังหวัด", "จ.",
    "เชียงใหม่", "เชียงราย", "เมือง", "บ้าน", "นคร", "กรุง", "หลวง", "ที่", "ณ", "วัด", "นาย", "นาง", "สาว", "พล.ต.",
    "พล.อ.", "ดร.", "John", "Smith", "A", "b", "์", "สมศักดิ์", "ศักดิ์", "ก", "ใจดี", "ครับ",
]  # fmt: skip
texts = st.lists(st.sampled_from([*PIECES, " ", "\n"]), max_size=12).map("".join)


@settings(max_examples=400)
@given(st.sampled_from(sorted(ASKING.values())), texts, st.lists(texts, min_size=1, max_size=4))
def test_held_is_what_every_match_says(asking: str, said: str, passages: list[str]) -> None:
    for question in (asking, f"{said} {asking}"):
        kind = expected(question)
        by_kind = [float(kind in TELLING and holds(str(kind), text, question)) for text in passages]
        assert kind_held(question, passages).tolist() == by_kind
        asked = detail(question)
        expect = []
        for text in passages:
            found = [] if asked is None else [text[p.start : p.end].strip() for p in places_of(asked, text)]
            vague = asked is not None and any(form.search(text) for form in asked.vague)
            expect.append(1.0 if any(not repeats(words, question) for words in found) else VAGUE if vague else 0.0)
        assert detail_held(question, passages).tolist() == pytest.approx(expect)


def test_every_kind_and_detail_is_asked_for() -> None:
    assert {expected(question) for question in ASKING.values()} >= set(TELLING)
    asked = {known.name for question in ASKING.values() if (known := detail(question))}
    assert asked == {known.name for known in DETAILS} | {"count"}


@given(st.lists(st.text("กขค.", min_size=1, max_size=4), min_size=1, max_size=8), st.text("กขค.", max_size=20))
def test_names_read_together_are_the_longest_that_stand_there(names: list[str], text: str) -> None:
    listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    assert re.findall(any_of(names), text) == re.findall(listed, text)


def test_a_country_is_read_whole() -> None:
    pattern = re.compile(any_of(countries()))
    for name in countries():
        found = pattern.match(name)
        assert found is not None and found.group() == name
