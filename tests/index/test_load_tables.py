"""CSV, XLSX and JSONL."""

import io
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from index.loaders import tables
from index.loaders.tables import load_csv, load_jsonl, load_xlsx
from index.records import DocumentError

FORMATS = Path(__file__).parents[1] / "data" / "formats"


@pytest.mark.parametrize(("separator", "encoding"), [(",", "utf-8-sig"), (";", "cp874"), ("\t", "utf-16")])
def test_csv_rows_are_paragraphs_with_labels(separator: str, encoding: str) -> None:
    rows = [["คำถาม", "คำตอบ"], ["เปิดกี่โมง", '"แปดโมง\nครึ่ง"'], ["", ""], ["ปิดวันไหน", "วันจันทร์"]]
    data = "\r\n".join(separator.join(row) for row in rows).encode(encoding)
    text = load_csv(data, "a.csv")[0].text
    assert text == "คำถาม: เปิดกี่โมง; คำตอบ: แปดโมง ครึ่ง\nคำถาม: ปิดวันไหน; คำตอบ: วันจันทร์\n"


def test_csv_of_one_row_and_ragged_rows() -> None:
    assert load_csv("ก,ข".encode(), "a.csv")[0].text == "ก; ข\n"
    assert load_csv("ชื่อ,ราคา\nมะม่วง,20,สุก\n".encode(), "a.csv")[0].text == "ชื่อ: มะม่วง; ราคา: 20; สุก\n"


def test_xlsx_that_libreoffice_wrote() -> None:
    document = load_xlsx((FORMATS / "libreoffice.xlsx").read_bytes(), "a.xlsx")[0]
    lines = document.text.splitlines()
    assert lines[1] == "รายการ: ถ่ายเอกสารขาวดำ; อัตรา (บาท): 1; หน่วย: แผ่น; เริ่มใช้: 2025-01-01"
    assert len(lines) == 5


def test_xlsx_sheets_are_headings_and_hidden_ones_are_left_out() -> None:
    book = Workbook()
    first = book.active
    first.title = "ราคา"
    for row in (["สินค้า", "บาท", "วันที่"], ["ข้าว", 35.0, datetime(2024, 5, 1)], [None, None], ["น้ำ", 7.5, None]):
        first.append(row)
    hidden = book.create_sheet("ซ่อน")
    hidden.append(["ลับ", "มาก"])
    hidden.sheet_state = "hidden"
    book.create_sheet("ติดต่อ").append(["โทร 053-111222"])
    buffer = io.BytesIO()
    book.save(buffer)
    document = load_xlsx(buffer.getvalue(), "a.xlsx")[0]
    assert document.text.splitlines() == [
        "ราคา",
        "สินค้า: ข้าว; บาท: 35; วันที่: 2024-05-01",
        "สินค้า: น้ำ; บาท: 7.5",
        "ติดต่อ",
        "โทร 053-111222",
    ]
    assert [document.text[place.start : place.end] for place in document.headings] == ["ราคา", "ติดต่อ"]


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_CELLS", 100)
    with pytest.raises(DocumentError, match="more than 100 cells"):
        load_csv(b"a,b\n" * 100, "a.csv")


def test_jsonl_lines_are_documents_with_their_fields() -> None:
    lines = (
        '{"id": 7, "text": "เนื้อหา\\u0000หนึ่ง", "title": "ชื่อ", "date": "1 ม.ค. 2567", "metadata": {"k": "ค่า"}}\n'
        '\n{"text": "สอง", "date": "เร็ว ๆ นี้", "url": "https://example.org", "tags": ["ก"]}\n{"id": 7, "text": "สาม"}\n'
    )
    one, two, three = load_jsonl(lines.encode(), "a.jsonl")
    assert (one.source, one.text, one.title, one.date) == ("a.jsonl#7", "เนื้อหาหนึ่ง", "ชื่อ", "2024-01-01")
    assert one.metadata == {"k": "ค่า"}
    assert (two.source, two.date) == ("a.jsonl#3", None)
    assert two.metadata == {"url": "https://example.org", "date": "เร็ว ๆ นี้"}
    assert three.source == "a.jsonl#7~4"


def test_jsonl_tells_lines_that_cannot_be_read() -> None:
    good, deep = '{"text": "ดี"}', "[" * 100_000
    (document,) = load_jsonl(f'{{"text": 1}}\n{good}\n{{"text": \n{deep}\n'.encode(), "a.jsonl")
    assert document.source == "a.jsonl#2"
    assert [warning.split(":")[0] for warning in document.warnings] == ["บรรทัด 1", "บรรทัด 3", "บรรทัด 4"]
    with pytest.raises(DocumentError, match=r"a\.jsonl: no line is an object.*บรรทัด 1"):
        load_jsonl(b"[1]\n", "a.jsonl")
    halves = load_jsonl(b'{"text": "\\ud83d x \\ude00", "title": "\\ud800"}', "a.jsonl")[0]
    assert (halves.text, halves.title) == (" x ", "")
