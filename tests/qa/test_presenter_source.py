"""The source viewer shows the document as it is, numbered, with the cited words marked."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from index.chunking import paragraph_places
from index.records import Chunk, Document, Explanation, Hit, MatchedWord, Place
from qa import presenter_source
from qa.answer import Citation
from qa.presenter_source import MOST_CHARACTERS, View, source_html, window
from qa.texts import texts_for

TEXTS = texts_for("th")
TEXT = "หัวเรื่อง\n\n  ย่อหน้าที่สอง มีคำตอบ อยู่\nย่อหน้าที่สาม <b>ไม่หนา</b>\n"
START = TEXT.index("มีคำตอบ")
CITATION = Citation(2, "ก.txt", "", 2, None, 11, 40, TEXT[11:40], (Place(START, START + 7),), 0.5)


def lines_of(markup: str) -> list[tuple[str, str]]:
    """Number and words of each paragraph shown."""
    found = re.findall(r'<span class="qa-number"[^>]*>(\d+)</span><div class="qa-words"><bdi>(.*?)</bdi></div>', markup)
    return [(number, html.unescape(re.sub("<[^>]*>", "", words))) for number, words in found]


def test_every_paragraph_stands_under_its_number() -> None:
    shown = lines_of(source_html(Document("ก.txt", TEXT), View(), TEXTS))
    assert shown == [
        ("1", "หัวเรื่อง"),
        ("2", "  ย่อหน้าที่สอง มีคำตอบ อยู่"),
        ("3", "ย่อหน้าที่สาม <b>ไม่หนา</b>"),
    ]


def test_the_cited_words_are_marked_in_the_paragraph_aimed_at() -> None:
    markup = source_html(Document("ก.txt", TEXT), View(citation=CITATION, turn=0, citations=3), TEXTS)
    assert markup.count("<mark>") == 1
    assert re.search(r'qa-target[^"]*" id="qa-p-2">.*<mark>มีคำตอบ</mark>', markup)
    steps = [html.unescape(pick) for pick in re.findall(r'data-qa="([^"]*)"', markup)]
    assert '{"open": {"turn": 0, "citation": 1}}' in steps
    assert '{"open": {"turn": 0, "citation": 3}}' in steps


def test_pages_begin_where_the_document_says() -> None:
    document = Document("ก.pdf", TEXT, pages=(0, TEXT.index("ย่อหน้าที่สาม")))
    shown = re.findall(
        r'<div class="qa-page">([^<]*)</div>|<span class="qa-number"[^>]*>(\d)', source_html(document, View(), TEXTS)
    )
    assert [page or number for page, number in shown] == ["หน้า 1", "1", "2", "หน้า 2", "3"]


def test_why_names_the_matched_words_and_the_scores() -> None:
    why = Explanation(
        matched=(MatchedWord("<คำ>", "<คำ>", (), 2.0), MatchedWord("แดนปลาดิบ", "ญี่ปุ่น", (), 1.0)),
        channels={"words": 12.5, "dense": 0.25},
        contributions={"characters": 0.5, "context": -0.25},
        ahead={},
        reason="สูงกว่าลำดับถัดไป 0.10",
    )
    hit = Hit(1, Chunk("ก.txt", 11, 40, TEXT[11:40], 2), 0.25, explanation=why)
    view = View(citation=CITATION)
    markup = source_html(Document("ก.txt", TEXT), view, TEXTS, hit)
    text = re.sub("<[^>]+>", "", markup)
    assert "&lt;คำ&gt;, แดนปลาดิบ (ในเอกสารว่า ญี่ปุ่น)" in text
    assert "คำที่ตรงกัน 12.5 · ความหมายของข้อความ 0.25" in text
    assert "คะแนนรวม: 0.25" in text  # 0.5 - 0.25
    assert re.findall("<th[^>]*>([^<]*)</th><td>([^<]*)</td>", markup) == [
        ("ตัวสะกดที่ตรงกัน", "+0.50"),
        ("ความหมายรวมข้อความข้างเคียง", "-0.25"),
    ]
    assert "spelling in common" in source_html(Document("ก.txt", TEXT), view, texts_for("en"), hit)
    assert "qa-why" not in source_html(Document("ก.txt", TEXT), view, TEXTS)


def test_a_document_that_went_away_is_said() -> None:
    assert TEXTS.gone in source_html(None, View(), TEXTS)


def test_a_private_document_has_no_link_to_share() -> None:
    assert TEXTS.copy_link not in source_html(Document("ก.txt", TEXT), View(mine=True), TEXTS)
    assert TEXTS.copy_link in source_html(Document("ก.txt", TEXT), View(), TEXTS)


def test_a_long_document_is_shown_in_part_around_the_place() -> None:
    text = "\n".join(f"ย่อหน้า {n} " + "ก" * 990 for n in range(1, 501))
    markup = source_html(Document("ก.txt", text), View(paragraph=250), TEXTS)
    numbers = [int(number) for number, _ in lines_of(markup)]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert numbers[0] < 250 < numbers[-1]
    assert len(numbers) <= MOST_CHARACTERS // 990
    assert TEXTS.more_before in markup
    assert TEXTS.more_after in markup
    further = source_html(Document("ก.txt", text), View(paragraph=250, around=numbers[-1] + 1), TEXTS)
    assert int(lines_of(further)[-1][0]) > numbers[-1]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.data())
def test_the_window_holds_its_target_and_no_more_than_fits(lengths: list[int], data: st.DataObject) -> None:
    places, position = [], 0
    for length in lengths:
        places.append(Place(position, position + length))
        position += length + 1
    target = data.draw(st.integers(1, len(places)))
    limit = data.draw(st.integers(1, 300))
    before, presenter_source.MOST_CHARACTERS = presenter_source.MOST_CHARACTERS, limit
    try:
        first, last = window(places, target)
    finally:
        presenter_source.MOST_CHARACTERS = before
    assert 1 <= first <= target <= last <= len(places)
    assert first == last == target or sum(lengths[first - 1 : last]) <= limit


@given(st.text(alphabet="กา \n<&>\u202e", max_size=60), st.integers(-3, 99), st.integers(0, 99))
def test_any_document_and_any_paragraph_asked_for_is_shown(text: str, paragraph: int, around: int) -> None:
    markup = source_html(Document("ก.txt", text), View(paragraph=paragraph, around=around), TEXTS)
    assert len(lines_of(markup)) == len(paragraph_places(text))
