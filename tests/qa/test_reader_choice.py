"""Spans of the kind asked for, and names that bear the title asked about, are raised; nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest

import qa
from index.records import Place
from index.segmenter import bundled_segmenter
from qa.reader_choice import bears, called, chosen, is_office_of
from qa.reader_text import asked, cut_passage
from qa.reader_weights import load_model

TEXT = "นายเอก ใจดี ประธานสภาเมือง พบกับนายโท กล้าหาญ ผู้นำสูงสุดเกาะแก้ว เมื่อวันที่ 3 มีนาคม"


def place(words: str) -> Place:
    start = TEXT.index(words)
    return Place(start, start + len(words))


def test_a_title_stands_right_behind_the_name() -> None:
    assert bears(TEXT, place("นายเอก ใจดี"), ["ประธาน", "เมือง"])
    assert bears(TEXT, place("นายโท กล้าหาญ"), ["ผู้นำ", "เกาะแก้ว"])  # a word may stand between
    assert not bears(TEXT, place("นายเอก ใจดี"), ["ผู้นำ", "เกาะแก้ว"])
    assert not bears(TEXT, place("นายโท กล้าหาญ"), ["เกาะแก้ว", "ผู้นำ"])  # the other way round it is no title
    assert not bears(TEXT, Place(len(TEXT) - 1, len(TEXT)), ["ประธาน"])


@pytest.mark.parametrize(("question", "raised"), [("ประชุมเมื่อไร", True), ("ประชุมกันทำไม", False)])
def test_days_are_raised_where_a_day_is_asked_for(question: str, raised: bool) -> None:
    text = cut_passage(TEXT, load_model().cutter.tokens(TEXT))
    chances = np.zeros((len(text.ids), 8))
    day = int(np.flatnonzero(text.ends > TEXT.index("วันที่ 3"))[0])
    chances[0, 0], chances[day, 3] = 0.6, 0.4
    after = chosen(chances, asked(question, load_model().cutter.tokens(question)), (), text, bundled_segmenter())
    assert after.sum() == pytest.approx(1.0)
    assert (after[day, 3] > after[0, 0]) is np.bool_(raised)
    assert np.array_equal(after, chances) is not raised


def test_who_bears_a_title_is_told_from_who_stands_beside_it() -> None:
    bot = qa.open()
    assert "ทรัมป์" in bot.ask("ประธานาธิบดีสหรัฐฯ คือใคร").text
    assert "คิม" in bot.ask("ใครคือผู้นำเกาหลีเหนือ").text
    assert bot.ask("ผู้นำสองประเทศคุยกันเมื่อไร").text == "วันที่ 1 พฤศจิกายน"
    assert bot.ask("ทรัมป์อายุเท่าไร").abstained


def test_a_title_is_borne_in_its_line_and_names_no_maker() -> None:
    text = "(นันอาราโย)\n\nจี ซ็อก-จิน เป็นนักแสดง นวนิยาย ประพันธ์โดยเจ. อาร์. อาร์. โทลคีน"
    assert not bears(text, Place(0, text.index(")") + 1), ["จี", "ซ็อก", "จิน"])
    novel = text.index("นวนิยาย")
    assert not bears(text, Place(novel, novel + len("นวนิยาย")), ["ประพันธ์โดย"])
    said = "นายสี ประธานาธิบดีจีน คุยกับนายโดนัลด์ ประธานาธิบดีสหรัฐฯ"
    name = said.index("นายโดนัลด์")
    assert bears(said, Place(name, name + len("นายโดนัลด์")), ["ประธานาธิบดี", "สหรัฐฯ"])
    assert not bears(said, Place(0, name + len("นายโดนัลด์")), ["ประธานาธิบดี", "สหรัฐฯ"])


def test_what_somebody_is_stands_right_behind_the_name() -> None:
    assert is_office_of(TEXT, place("ประธานสภาเมือง"), ["ใจดี"])
    assert not is_office_of(TEXT, place("ประธานสภาเมือง"), ["กล้าหาญ"])
    assert not is_office_of(TEXT, place("เมื่อวันที่ 3"), ["เกาะแก้ว"])  # says nothing of what one is
    assert not is_office_of("นายเอก ใจดี\nประธานสภา", Place(12, 21), ["ใจดี"])  # another line
    bot = qa.open()
    for name, office in (
        ("สี จิ้นผิง", "ประธานาธิบดีจีน"),
        ("โดนัลด์ ทรัมป์", "ประธานาธิบดีสหรัฐฯ"),
        ("คิม จอง-อึน", "ผู้นำสูงสุดเกาหลีเหนือ"),
    ):
        assert bot.ask(f"{name} คือใคร").text == office
    assert bot.ask("ประธานาธิบดีสี จิ้นผิง คือใคร").text == "ประธานาธิบดีจีน"  # the title is no part of the name
    assert bot.ask("Who is Donald Trump?").text == "ประธานาธิบดีสหรัฐฯ"


def test_a_name_is_known_with_a_title_and_in_other_letters() -> None:
    bot = qa.open()
    for question, forms in (
        ("ประธานาธิบดีสี จิ้นผิง คือใคร", {"ประธานาธิบดีสีจิ้นผิง", "สีจิ้นผิง"}),
        ("Who is Donald Trump?", {"donaldtrump", "โดนัลด์ทรัมป์"}),
    ):
        units = bot._retriever.measure(question).units
        assert forms <= set(called(units, bundled_segmenter()))


def test_a_name_ends_where_somebody_else_begins() -> None:
    said = "นายสี ประธานาธิบดีจีน คุยกับนายโดนัลด์ ผู้นำสหรัฐ"
    title = said.index("ผู้นำ")
    assert bears(said, Place(said.index("นายโดนัลด์"), title - 1), ["ผู้นำสหรัฐ"])
    assert not bears(said, Place(0, title - 1), ["ผู้นำสหรัฐ"])
