"""What a person sees: every character of a document is text, marks stand where they should."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Place
from qa.answer import Answer, Citation
from qa.presenter import answer_html, error_html, escaped, marked, merged, question_html, quote_html
from qa.texts import texts_for

TEXTS = texts_for("th")
HOSTILE = "<script>alert(1)</script>\n<img src=x onerror=alert(1)> [คลิก](http://evil.example) `a` **ข** \u202eกลับ"


def citation(
    quote: str, *marks: tuple[int, int], start: int = 100, number: int = 1, page: int | None = None
) -> Citation:
    places = tuple(Place(start + a, start + b) for a, b in marks)
    return Citation(number, "ก<b>.txt", "", 3, page, start, start + len(quote), quote, places, 0.5)


def answer(*citations: Citation, abstained: bool = False, text: str = "คำตอบ", searched: str = "ถาม") -> Answer:
    shown = {"related": citations} if abstained else {"citations": citations}
    return Answer("ถาม", searched, text, abstained=abstained, confidence=0.5, **{"citations": (), **shown})


def shown_text(markup: str) -> str:
    """What a browser shows of ``markup``."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup.replace("<br>", "\n")))


@given(st.text())
def test_escaped_text_holds_no_markup(text: str) -> None:
    rest = re.sub(r'<span class="qa-control">U\+[0-9A-F]{4}</span>', "", escaped(text))
    assert not set(rest) & set("<>\"'")


def test_hostile_text_is_shown_as_it_stands() -> None:
    markup = answer_html(answer(citation(HOSTILE, (0, 8)), text=HOSTILE, searched=HOSTILE), 0, TEXTS)
    assert "<script" not in markup
    assert "<img" not in markup
    assert "\u202e" not in markup
    assert "U+202E" in markup
    assert shown_text(markup).count("<img src=x onerror=alert(1)> [คลิก](http://evil.example)") == 3
    assert re.findall(r'href="([^"]*)"', markup) == ["#cite-0-1", "#cite-0-1"]


@pytest.mark.parametrize(
    "markup", [question_html(HOSTILE), error_html(HOSTILE, TEXTS), answer_html(answer(citation(HOSTILE)), 0, TEXTS)]
)
def test_a_chat_message_is_one_line_of_html(markup: str) -> None:
    assert markup.startswith("<div")  # an HTML block of Markdown: it ends at a blank line, and there is none
    assert not re.search(r"[\n\r]", markup)


def test_marks_stand_around_the_answering_words() -> None:
    # 100 + 3 .. 100 + 6 of "กขคงจฉช" is "งจฉ"
    assert marked("กขคงจฉช", 100, [Place(103, 106)]) == "กขค<mark>งจฉ</mark>ช"


def test_touching_and_overlapping_marks_are_one() -> None:
    assert merged([Place(5, 9), Place(0, 3), Place(3, 6)], 1, 8) == [Place(1, 8)]


@given(st.text(min_size=1), st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50))))
def test_marking_changes_no_character(text: str, pairs: list[tuple[int, int]]) -> None:
    places = [Place(min(pair), max(pair)) for pair in pairs]
    marks_away = re.sub("</?mark>", "", marked(text, 0, places))
    assert shown_text(marks_away) == shown_text(marked(text, 0, []))


def test_a_short_quote_keeps_its_first_mark_and_says_that_it_is_cut() -> None:
    quote = "คำนำ " * 100 + "คำตอบ" + " คำท้าย" * 100  # 5 characters a word before, 7 after
    markup = quote_html(citation(quote, (500, 505)), short=True)
    assert "<mark>คำตอบ</mark>" in markup
    assert markup.startswith("… ")
    assert markup.endswith(" …")
    assert shown_text(markup).strip("… ") in quote


def test_a_quote_that_is_short_already_is_whole() -> None:
    assert quote_html(citation("สั้นมาก", (0, 4)), short=True) == "<mark>สั้น</mark>มาก"


def test_a_citation_names_file_page_and_paragraph() -> None:
    shown = shown_text(answer_html(answer(citation("ข้อความ", page=7)), 0, TEXTS))
    assert "[1] ก<b>.txt · หน้า 7 · ย่อหน้า 3" in shown


def test_a_refusal_offers_what_may_be_related() -> None:
    shown = shown_text(answer_html(answer(citation("ใกล้เคียง"), abstained=True, text="ไม่พบ"), 0, TEXTS))
    assert shown.startswith("ไม่พบคำตอบในเอกสาร")
    assert "อาจเกี่ยวข้อง" in shown
    assert "ใกล้เคียง" in shown


def test_a_question_searched_otherwise_is_told() -> None:
    assert "ค้นหาด้วยคำถาม: เต็ม" in shown_text(answer_html(answer(citation("ก"), searched="เต็ม"), 0, TEXTS))
    assert "ค้นหาด้วยคำถาม" not in answer_html(answer(citation("ก")), 0, TEXTS)


def test_words_of_several_places_carry_the_number_of_each() -> None:
    said = answer(citation("สีแดง", (0, 5)), citation("สีเขียว", (0, 7), number=2), text="แดง\nเขียว")
    markup = answer_html(replace(said, parts=("แดง", "เขียว")), 3, TEXTS)
    heads = re.findall(r'<div class="qa-text"><bdi>([^<]*)</bdi> <a class="qa-link" href="([^"]*)">', markup)
    assert heads == [("แดง", "#cite-3-1"), ("เขียว", "#cite-3-2")]
