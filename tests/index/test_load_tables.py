"""CSV, XLSX and JSONL."""

import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from index.documents import load
from index.loaders import tables
from index.loaders.tables import load_csv, load_jsonl, load_sheets, load_xlsx
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


@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_ods_and_xls_that_libreoffice_wrote_say_what_the_xlsx_says(kind: str) -> None:
    document = load_sheets((FORMATS / f"libreoffice.{kind}").read_bytes(), f"a.{kind}")[0]
    xlsx = load_xlsx((FORMATS / "libreoffice.xlsx").read_bytes(), "a.xlsx")[0]
    assert document.text.splitlines()[1:] == xlsx.text.splitlines()[1:]  # the sheet is named after the file
    assert [len(place) > 0 for place in document.headings] == [True]


def test_hidden_sheets_are_left_out_and_a_workbook_under_another_name_is_read() -> None:
    book = Workbook()
    book.active.append(["โทร 053-111222"])
    hidden = book.create_sheet("ซ่อน")
    hidden.append(["ลับ", "มาก"])
    hidden.sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    assert load_sheets(buffer.getvalue(), "a.xls")[0].text == "Sheet\nโทร 053-111222\n"  # saved as .xls, as people do


def spreadsheet(rows: int, columns: int) -> bytes:
    """An ODS file of one cell, said to be repeated."""
    space = "urn:oasis:names:tc:opendocument:xmlns"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{space}:manifest:1.0"/>')
        package.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
            f'xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet><table:table table:name="ก">'
            f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell office:value-type="string" '
            f'table:number-columns-repeated="{columns}"><text:p>ข</text:p></table:table-cell></table:table-row>'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return buffer.getvalue()


def test_a_cell_said_to_be_repeated_a_billion_times_is_refused_or_bounded() -> None:
    assert load_sheets(spreadsheet(3, 2), "a.ods")[0].text == "ก\nข: ข; ข: ข\nข: ข; ข: ข\n"
    with pytest.raises(DocumentError, match="workbook"):
        load_sheets(spreadsheet(1_000_000, 1_000), "a.ods")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), b"text"])
def test_what_is_no_workbook_is_named(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"^a\.xls: "):
        load_sheets(data, "a.xls")


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


@pytest.mark.parametrize("name", ["libreoffice.xlsx", "libreoffice.ods", "a.csv"])
def test_tables_say_that_their_paragraphs_are_rows(name: str, tmp_path: Path) -> None:
    path = FORMATS / name
    if name == "a.csv":
        path = tmp_path / name
        path.write_text("ชื่อ,ราคา\nปากกา,8\nดินสอ,5\n", encoding="utf-8")
    assert load(path, name).rows
