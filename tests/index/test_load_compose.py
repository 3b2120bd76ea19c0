"""Clean text, paragraphs and dates."""

import pytest

from index.loaders.compose import Composer, clean, iso_date


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2024-12-31T10:00:00+07:00", "2024-12-31"),
        ("2567-12-31", "2024-12-31"),
        ("31/12/2567", "2024-12-31"),
        ("วันที่ ๓๑ ธันวาคม พ.ศ. ๒๕๖๗", "2024-12-31"),
        ("5 ก.พ. 2568", "2025-02-05"),
        ("D:20241231100000+07'00'", "2024-12-31"),
        ("29 กุมภาพันธ์ 2567", "2024-02-29"),
        ("29 กุมภาพันธ์ 2568", None),
        ("31/31/2567", None),
        ("เมื่อวานนี้", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_as_people_and_programs_write_them(written: str | None, date: str | None) -> None:
    assert iso_date(written) == date


def test_clean_drops_what_cannot_be_shown() -> None:
    assert clean("ก\r\nข\rค\f\0\x1b\x9f\ud800ง\ufffe\tจ") == "ก\nข\nค\nง\tจ"


def test_paragraphs_are_lines_and_headings_stand_where_they_are_said_to() -> None:
    composer = Composer()
    assert composer.add("  \n\0 ") is None
    composer.add(" หัวข้อ  ใหญ่ \n บรรทัดสอง", heading=True)
    place = composer.add("เนื้อหา")
    document = composer.document("a")
    assert document.text == "หัวข้อ ใหญ่\nบรรทัดสอง\nเนื้อหา\n"
    assert place and document.text[place.start : place.end] == "เนื้อหา"
    assert document.title == "หัวข้อ ใหญ่"
    assert [document.text[h.start : h.end] for h in document.headings] == ["หัวข้อ ใหญ่"]
