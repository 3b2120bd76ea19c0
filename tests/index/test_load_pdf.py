"""PDF files that Chromium and LibreOffice made, and lines put together from pieces."""

import json
import re
from pathlib import Path

import pytest

from index.documents import load
from index.loaders import pdf
from index.loaders.ocr import languages
from index.loaders.pdf_layout import Line, Run, _lines
from index.loaders.pdf_paragraphs import paragraphs
from index.records import Document, DocumentError

FORMATS = Path(__file__).parents[1] / "data" / "formats"
CONTENT = json.loads((FORMATS / "content.json").read_text(encoding="utf-8"))
REPEATS = 3


def wanted() -> list[str]:
    """Every paragraph of the PDF files, tables left out."""
    sections = [[section["heading"], *section["paragraphs"]] for section in CONTENT["sections"]]
    return [CONTENT["title"], *(text for section in sections * REPEATS for text in section)]


@pytest.fixture(scope="module", params=["chromium.pdf", "libreoffice.pdf"])
def document(request: pytest.FixtureRequest) -> Document:
    return load(FORMATS / request.param, request.param)


def letters(text: str) -> str:
    return "".join(text.split())


def test_every_letter_and_mark_comes_back(document: Document) -> None:
    text = letters(document.text)
    position = 0
    for paragraph in wanted():
        position = text.index(letters(paragraph), position)  # in the order that they were set
    for row in CONTENT["table"]:
        assert letters("".join(row)) in text


def test_most_paragraphs_come_back_whole(document: Document) -> None:
    """A space that fell on the end of a line cannot be known; nothing else may part or join a paragraph."""
    lines = document.text.split("\n")
    without_spaces = {letters(line) for line in lines}
    assert all(letters(paragraph) in without_spaces for paragraph in wanted())
    whole = sum(paragraph in lines for paragraph in wanted())
    assert whole / len(wanted()) > 0.6


def test_headings_title_and_pages(document: Document) -> None:
    headings = [document.text[place.start : place.end] for place in document.headings]
    assert headings == [CONTENT["title"], *[section["heading"] for section in CONTENT["sections"]] * REPEATS]
    assert document.title == CONTENT["title"]
    assert len(document.pages) == 3 and document.pages[0] == 0
    assert document.warnings == ()


def test_pages_that_cannot_be_read_are_told() -> None:
    document = load(FORMATS / "scan.pdf", "scan.pdf")
    picture = pdf.PICTURE_UNREAD if languages() else pdf.PICTURE
    assert document.warnings == (f"หน้า 2: {pdf.RUBBISH}", f"หน้า 3: {picture}")
    assert document.text.startswith("ห้องสมุดเปิดให้บริการทุกวันอังคาร")
    assert not any("\ue000" <= char <= "\uf8ff" for char in document.text)
    assert document.pages == (0, len(document.text), len(document.text))
    assert document.title == ""  # "scan.pdf" says nothing


def test_time_that_runs_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_PAGES", 1)
    (document,) = pdf.load_pdf((FORMATS / "libreoffice.pdf").read_bytes(), "a.pdf")
    assert document.warnings == (f"หน้า 2-3: {pdf.NOT_REACHED}",)
    assert len(document.pages) == 1


def test_locked_damaged_and_scanned_files_are_named(tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    locked, scanned = PdfWriter(), PdfWriter()
    locked.append(PdfReader(FORMATS / "libreoffice.pdf"))
    locked.encrypt("ความลับ1", algorithm="RC4-128")
    scanned.add_page(PdfReader(FORMATS / "scan.pdf").pages[2])
    cut = (FORMATS / "libreoffice.pdf").read_bytes()[:2000]
    for name, problem in [
        ("locked", "locked with a password"),
        ("scanned", "1 page.*(run OCR|scan it more clearly)"),
        ("cut", "not a PDF"),
    ]:
        path = tmp_path / f"{name}.pdf"
        if name == "cut":
            path.write_bytes(cut)
        else:
            (locked if name == "locked" else scanned).write(path)
        with pytest.raises(DocumentError, match=problem):
            load(path, path.name)


def run(text: str, left: float, right: float, baseline: float = 0.0) -> Run:
    return Run(text, left, right, baseline, 10.0)


def test_pieces_of_a_line_are_put_in_order_and_marks_on_their_letters() -> None:
    pieces = [run("ตั", 0, 10), run("งแต", 10, 30), run("้", 10, 10), run("่", 30, 30), run(" ใช้", 34, 50)]
    quote = [run("กล่าว", 0, 30, -20), run("ไป", 38, 50, -20), run("“", 33, 38, -20), run("บาท", 90, 110, -20)]
    assert [line.text for line in _lines(iter(pieces + quote))] == ["ตั้งแต่ ใช้", "กล่าว “ไป\tบาท"]


def test_a_justified_line_whose_letters_are_parted_has_the_spaces_that_are_wider() -> None:
    """Type of 10 points: letters 2.5 apart, words 5; where one gap alone is small, it is a space."""
    letters = [run(char, 8.5 * number, 8.5 * number + 6) for number, char in enumerate("นายจตุพล".replace("ตุ", "ต"))]
    assert [line.text for line in _lines(iter([*letters, run("ศรี", 68, 80)]))] == ["นายจตพล ศรี"]
    assert [line.text for line in _lines(iter([run("ตรวจ", 0, 20), run("พื้นที่", 22.5, 40)]))] == ["ตรวจ พื้นที่"]


def line(text: str, right: float, baseline: float, left: float = 0.0, size: float = 10.0) -> Line:
    return Line(text, left, right, baseline, size)


def test_wrapped_lines_are_joined_as_thai_is_written() -> None:
    page = [
        line("หัวข้อใหญ่", 60, 300, size=16),
        line("ผู้ว่าราชการจัง", 100, 270),
        line("หวัดลงพื้นที่ใน", 98, 255),
        line("Chiang", 96, 240),
        line("Mai", 30, 225),
        line("ย่อหน้าใหม่หลังบรรทัดสั้น", 99, 210),
        line("๑. ข้อหนึ่ง", 97, 195),
        line("ต่อข้อหนึ่ง", 95, 180, left=8),
    ]
    texts = [paragraph.text for paragraph in paragraphs([page])]
    assert texts == [
        "หัวข้อใหญ่",
        "ผู้ว่าราชการจังหวัดลงพื้นที่ใน Chiang Mai",
        "ย่อหน้าใหม่หลังบรรทัดสั้น",
        "๑. ข้อหนึ่งต่อข้อหนึ่ง",
    ]
    assert [paragraph.heading for paragraph in paragraphs([page])] == [True, False, False, False]


def test_paragraph_runs_on_over_pages_and_running_heads_are_left_out() -> None:
    def page(number: int) -> list[Line]:
        body = [line("บรรทัดเต็มของหน้านี้ที่ยาว", 100, 700 - 15 * n) for n in range(6)]
        return [line("ระเบียบฉบับร่าง", 50, 780), *body, line(f"หน้า {number}", 30, 20)]

    found = paragraphs([page(number) for number in range(1, 6)])
    assert len(found) == 1
    assert "ร่าง" not in found[0].text and "หน้า 1" not in found[0].text
    assert [where for where, _ in found[0].breaks] == [1, 2, 3, 4]
    position = found[0].breaks[0][1]
    assert found[0].text[position:].startswith("บรรทัดเต็ม") and position == len(found[0].text) // 5


def test_pages_that_are_all_the_same_are_not_running_heads() -> None:
    found = paragraphs([[line("สวัสดี", 50, 700)] for _ in range(8)])
    assert "".join(paragraph.text for paragraph in found) == "สวัสดี" * 8


def test_a_title_that_is_no_text_costs_the_title_only(tmp_path: Path) -> None:
    data = (FORMATS / "chromium.pdf").read_bytes()
    title = re.search(rb"/Title <FEFF([0-9A-F]+)>", data)
    assert title is not None
    path = tmp_path / "a.pdf"
    path.write_bytes(data.replace(title[1], b"D800" * (len(title[1]) // 4)))  # halves of surrogate pairs
    document, sound = load(path, "a.pdf"), load(FORMATS / "chromium.pdf", "a.pdf")
    assert document.text == sound.text and document.date is None
