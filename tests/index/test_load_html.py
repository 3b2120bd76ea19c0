"""Web pages."""

import pytest

from index.loaders.html import load_html
from index.records import Document


def page(text: str, encoding: str = "utf-8") -> Document:
    return load_html(text.encode(encoding), "a.html")[0]


@pytest.mark.parametrize(("name", "encoding"), [("tis-620", "cp874"), ("windows-874", "cp874"), ("utf-8", "utf-8")])
def test_encoding_is_what_the_page_says(name: str, encoding: str) -> None:
    assert page(f'<meta charset="{name}"><p>น้ำใจ', encoding).text == "น้ำใจ\n"


def test_only_what_a_reader_reads() -> None:
    document = page(
        "<title>หน้า</title><style>p{}</style><nav>เมนู</nav><script>x='สคริปต์'</script><!-- หมายเหตุ -->"
        "<p hidden>ซ่อน</p><p style='display: none'>ซ่อน</p><main>เนื้อหา<button>กด</button></main><footer>ท้าย</footer>"
    )
    assert (document.title, document.text) == ("หน้า", "เนื้อหา\n")


def test_blocks_are_paragraphs_and_inline_elements_are_not() -> None:
    text = page("<div>ก<b>ข</b>\n  ค<p>ง<br>จ</p>ฉ</div><ul><li>ช<li>ซ</ul><pre>ฌ\n  ญ</pre>").text
    assert text == "กข ค\nง\nจ\nฉ\nช\nซ\nฌ\nญ\n"


def test_rows_are_paragraphs_but_tables_for_layout_are_not() -> None:
    data = "<table><tr><th>ชื่อ<th>ราคา<tr><td>มะม่วง<td><p>๒๐</p><p>บาท</p></table>"
    assert page(data).text == "ชื่อ | ราคา\nมะม่วง | ๒๐ บาท\n"
    layout = f"<table><tr><td>ข้าง<td><h2>หัวข้อ</h2><p>หนึ่ง<p>สอง{data}</table>"
    document = page(layout)
    assert document.text == "ข้าง\nหัวข้อ\nหนึ่ง\nสอง\nชื่อ | ราคา\nมะม่วง | ๒๐ บาท\n"
    assert [document.text[place.start : place.end] for place in document.headings] == ["หัวข้อ"]


def test_date_from_what_the_page_says_of_itself() -> None:
    assert page('<meta property="article:published_time" content="2024-05-01T08:00Z"><p>ก').date == "2024-05-01"
    assert page('<p>ก<time datetime="2024-05-02">').date == "2024-05-02"


def test_deep_nesting_and_entities_are_harmless() -> None:
    assert page("<div>" * 200 + "ลึก" + "</div>" * 200).text == "ลึก\n"
    assert "บน" in page("<p>บน</p>" + "<div>" * 100_000 + "ลึกไป" + "</div>" * 100_000).text
    bomb = '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    text = page(f"{bomb}<p>เริ่ม&b;&x;&amp;จบ").text
    assert "root:" not in text and "haha" not in text and text.endswith("&จบ\n")
