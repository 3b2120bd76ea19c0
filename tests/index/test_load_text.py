"""Plain text and Markdown."""

from index.loaders.text import load_markdown, load_text


def headings(text: str) -> list[str]:
    document = load_markdown(text.encode("utf-8"), "a.md")[0]
    return [document.text[place.start : place.end] for place in document.headings]


def test_text_is_kept_as_it_is() -> None:
    text = "  บรรทัดแรก\n\n# ไม่ใช่หัวข้อ\nสุดท้าย  "
    document = load_text(text.encode("utf-16"), "a.txt")[0]
    assert (document.text, document.headings, document.title) == (text, (), "")


def test_headings_with_marks_and_underlines() -> None:
    text = "# บทนำ #\nเนื้อหา\n\nการสมัคร\n===\n\n### ข้อ ๑\tก\nย่อย\n---\n"
    assert headings(text) == ["บทนำ", "การสมัคร", "ข้อ ๑\tก", "ย่อย"]


def test_what_only_looks_like_a_heading_is_none() -> None:
    fenced = "```sh\n# ติดตั้ง\n~~~\n# ยังอยู่ในโค้ด\n```\n"
    assert headings(fenced + "#ไม่มีช่องว่าง\n\n---\n\n- รายการ\n---\n\n| ก | ข |\n---\n####### เจ็ด\n# จริง") == ["จริง"]


def test_front_matter_gives_title_date_and_fields_and_is_not_text() -> None:
    text = '---\ntitle: "ประกาศน้ำ"\ndate: 2567-12-31\nauthor: กองช่าง\n---\n# หัวข้อ\nเนื้อหา'
    document = load_markdown(text.encode(), "a.md")[0]
    assert document.text == "# หัวข้อ\nเนื้อหา"
    assert (document.title, document.date, document.metadata) == ("ประกาศน้ำ", "2024-12-31", {"author": "กองช่าง"})
    assert document.text[document.headings[0].start : document.headings[0].end] == "หัวข้อ"


def test_rule_at_the_head_is_no_front_matter() -> None:
    assert load_markdown("---\nเนื้อหา\n".encode(), "a.md")[0].text == "---\nเนื้อหา\n"
