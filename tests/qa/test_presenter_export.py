"""A saved conversation holds questions, answers and citations, and nothing in them acts."""

from __future__ import annotations

import re

from index.records import Place
from qa.answer import Answer, Citation
from qa.presenter_export import conversation_html, conversation_markdown, literal
from qa.session import Turn
from qa.texts import texts_for

TEXTS = texts_for("th")
QUOTE = "# ไม่ใช่หัวเรื่อง [คลิก](http://192.0.2.1) <script>x</script>\n| ก | ข |"
CITED = Citation(1, "แผน_ก*.txt", "", 4, 2, 0, len(QUOTE), QUOTE, (Place(2, 8),), 0.9)
TURNS = [
    Turn("ถาม *อะไร*", Answer("ถาม", "ถาม", "คำตอบ", (CITED,), False, 0.9)),
    Turn("ไม่มี", Answer("ไม่มี", "ไม่มี", "ไม่พบ", (), True, 0.1, related=(CITED,))),
    Turn("เสีย", None, "เสีย.pdf: holds no text"),
]


def test_markdown_quotes_every_citation_as_text() -> None:
    text = conversation_markdown(TURNS, TEXTS)
    lines = text.splitlines()
    assert "## ถาม \\*อะไร\\*" in lines
    assert "**คำตอบ**" in lines
    assert "\\[1\\] แผน\\_ก\\*.txt · หน้า 2 · ย่อหน้า 4" in lines
    assert lines.count("> \\# ไม่ใช่หัวเรื่อง \\[คลิก\\]\\(http://192.0.2.1\\) \\<script\\>x\\</script\\>") == 2
    assert f"{TEXTS.related}:" in lines
    assert "เสีย.pdf: ไม่มีข้อความในไฟล์" in lines


def test_literal_escapes_every_character_that_markdown_acts_on() -> None:
    assert literal("1\n2 `a` _b_ <i>") == "1 2 \\`a\\` \\_b\\_ \\<i\\>"


def test_the_page_is_whole_and_safe() -> None:
    page = conversation_html(TURNS, TEXTS)
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert page.count("<mark>") == 2
    assert page.count("หน้า 2 · ย่อหน้า 4") == 2
    assert not re.search(r'(?:src|href)="(?!#)', page)
