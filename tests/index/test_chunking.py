"""Chunks are slices of the document, cover it, and are cut where a reader would."""

from __future__ import annotations

import itertools

import regex
from hypothesis import given
from hypothesis import strategies as st
from support import hard_text

from index.chunking import LONGEST, SHORT_PARAGRAPH, TARGET, chunk_document, paragraph_number, paragraph_places
from index.records import Document, Place

SENTENCE = "ทั้งนี้ กระทรวงศึกษาธิการจะแจ้งผลการพิจารณาให้ผู้สมัครทราบภายในเดือนหน้าอีกครั้ง "


@given(hard_text(700), st.lists(st.integers(0, 900), max_size=3))
def test_every_chunk_is_a_slice_and_together_they_hold_every_letter(text: str, headings: list[int]) -> None:
    places = tuple(Place(start, start + 4) for start in sorted(set(headings)) if start + 4 <= len(text))
    chunks = chunk_document(Document("d.txt", text, headings=places))
    covered = set()
    for chunk in chunks:
        assert text[chunk.start : chunk.end] == chunk.text
        assert chunk.text.strip() == chunk.text != ""
        covered.update(range(chunk.start, chunk.end))
    assert all(position in covered for position, char in enumerate(text) if not char.isspace())
    assert all(one.end <= two.start for one, two in itertools.pairwise(chunks))
    borders = {0, len(text)} | {match.end() for match in regex.finditer(r"\X", text)}
    for chunk in chunks:
        # What is stripped off may belong to a grapheme only where a mark stands on white space.
        assert chunk.start in borders or text[chunk.start - 1].isspace()
        assert chunk.end in borders or text[chunk.end].isspace()


def test_paragraphs_are_the_lines_with_something_on_them() -> None:
    text = "  หนึ่ง \n\n \r\nสอง\fสาม"
    places = paragraph_places(text)
    assert [text[place.start : place.end] for place in places] == ["หนึ่ง", "สอง", "สาม"]
    assert [paragraph_number(places, position) for position in (0, 2, text.index("สอง"), len(text))] == [1, 1, 2, 3]


def test_a_long_paragraph_is_cut_evenly_on_sentence_borders() -> None:
    text = SENTENCE * 20
    chunks = chunk_document(Document("d.txt", text))
    assert all(chunk.text.startswith("ทั้งนี้") for chunk in chunks)
    assert all(TARGET / 2 < len(chunk.text) <= LONGEST for chunk in chunks)
    assert {chunk.paragraph for chunk in chunks} == {1}


def test_short_paragraphs_join_and_long_ones_stand_alone() -> None:
    short, long = "รายการที่หนึ่ง", SENTENCE.strip() + SENTENCE.strip()
    assert len(short) < SHORT_PARAGRAPH < len(long)
    chunks = chunk_document(Document("d.txt", "\n".join([short, short, long, long])))
    assert [chunk.paragraph for chunk in chunks] == [1, 4]
    assert chunks[0].text == "\n".join([short, short, long])


def test_a_heading_opens_a_chunk_and_is_named_by_those_below_it() -> None:
    text = "บทนำ\nสั้น\nวิธีสมัคร\nยื่นใบสมัครที่สำนักงาน"
    headings = (Place(0, 4), Place(text.index("วิธี"), text.index("วิธี") + len("วิธีสมัคร")))
    chunks = chunk_document(Document("d.txt", text, headings=headings))
    assert [(chunk.text, chunk.heading) for chunk in chunks] == [
        ("บทนำ\nสั้น", "บทนำ"),
        ("วิธีสมัคร\nยื่นใบสมัครที่สำนักงาน", "วิธีสมัคร"),
    ]
    assert chunk_document(Document("d.txt", "ก", title="ชื่อเรื่อง"))[0].heading == "ชื่อเรื่อง"


def test_marks_piled_on_one_letter_end() -> None:
    text = "ก" + "่" * 5_000 + " ข"
    assert (
        "".join(chunk.text for chunk in chunk_document(Document("d.txt", text))).replace(" ", "")
        == "ก" + "่" * 5_000 + "ข"
    )
    assert chunk_document(Document("d.txt", " \n\t\r\n ")) == []


def test_rows_of_a_table_are_passages_of_their_own_under_their_sheet() -> None:
    text = "ราคา\nรายการ: ปากกา; บาท: 8\nรายการ: ดินสอ; บาท: 5\nรายการ: ยางลบ; บาท: 3\n"
    headings = (Place(0, 4),)
    chunks = chunk_document(Document("a.xlsx", text, headings=headings, rows=True))
    assert [chunk.text for chunk in chunks] == ["ราคา\nรายการ: ปากกา; บาท: 8", *text.splitlines()[2:]]
    assert {chunk.heading for chunk in chunks} == {"ราคา"}
    assert len(chunk_document(Document("a.txt", text, headings=headings))) == 1
