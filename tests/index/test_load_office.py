"""Word and OpenDocument files, beyond what LibreOffice's sample holds."""

import io
import zipfile

import pytest

from index.loaders import office
from index.loaders.office import load_docx, load_odt
from index.records import Document, DocumentError

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def package(parts: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def word(body: str, head: str = "", **parts: str) -> Document:
    document = f"{head}<w:document {W} {MC}><w:body>{body}</w:body></w:document>"
    extra = {f"word/{name}.xml": text for name, text in parts.items()}
    return load_docx(package({"word/document.xml": document, **extra}), "a.docx")[0]


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_insertions_links_and_controls_are_read_and_deletions_are_not() -> None:
    body = (
        f"<w:p>{run('ก ')}<w:ins>{run('ข')}</w:ins><w:del><w:r><w:delText>ลบ</w:delText></w:r></w:del>"
        f"<w:hyperlink>{run('ค')}</w:hyperlink><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
        f"<w:sdt><w:sdtContent><w:p>{run('ง')}<w:r><w:tab/><w:br/></w:r>{run('จ')}</w:p></w:sdtContent></w:sdt>"
    )
    assert word(body).text == "ก ขค\nง\nจ\n"


def test_text_box_is_read_once() -> None:
    box = f"<w:txbxContent><w:p>{run('กล่อง')}</w:p></w:txbxContent>"
    choice = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    paragraph = f"<w:p>{run('นอก')}<w:r>{choice}</w:r></w:p>"
    assert word(paragraph).text == "นอก\nกล่อง\n"
    assert word(f"<w:tbl><w:tr><w:tc>{paragraph}</w:tc></w:tr></w:tbl>").text == "นอก กล่อง\n"


def test_nested_table_is_part_of_its_cell() -> None:
    def table(cells: list[str]) -> str:
        return "<w:tbl><w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr></w:tbl>"

    inner = table([f"<w:p>{run('ข')}</w:p>", f"<w:p>{run('ค')}</w:p>"])
    assert word(table([f"<w:p>{run('ก')}</w:p>", inner])).text == "ก | ข ค\n"


def test_heading_by_style_name_base_or_outline_level_and_footnotes() -> None:
    styles = (
        f"<w:styles {W}><w:style w:styleId='a1'><w:name w:val='heading 1'/></w:style>"
        "<w:style w:styleId='a2'><w:name w:val='ของเรา'/><w:basedOn w:val='a1'/></w:style></w:styles>"
    )
    body = (
        f"<w:p><w:pPr><w:pStyle w:val='a1'/></w:pPr>{run('หนึ่ง')}</w:p>"
        f"<w:p><w:pPr><w:pStyle w:val='a2'/></w:pPr>{run('สอง')}</w:p>"
        f"<w:p><w:pPr><w:outlineLvl w:val='2'/></w:pPr>{run('สาม')}</w:p><w:p>{run('เนื้อ')}</w:p>"
    )
    notes = f"<w:footnotes {W}><w:footnote><w:p>{run('เชิงอรรถ')}</w:p></w:footnote></w:footnotes>"
    document = word(body, styles=styles, footnotes=notes)
    assert document.text == "หนึ่ง\nสอง\nสาม\nเนื้อ\nเชิงอรรถ\n"
    assert [document.text[place.start : place.end] for place in document.headings] == ["หนึ่ง", "สอง", "สาม"]
    assert document.title == "หนึ่ง"


def test_odt_spaces_tabs_and_tracked_changes() -> None:
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "text"))
    content = (
        f"<office:document-content {spaces}><office:body><office:text><text:tracked-changes><text:p>ลบ</text:p>"
        "</text:tracked-changes><text:p>ก\n  ข<text:s text:c='999999999'/>ค<text:span>ง</text:span>จ"
        "<text:tab/>ฉ<text:line-break/>ช</text:p></office:text></office:body></office:document-content>"
    )
    assert load_odt(package({"content.xml": content}), "a.odt")[0].text == "ก ข คงจ\tฉ\nช\n"


def test_entity_bomb_expands_to_nothing() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "บึ้ม"><!ENTITY f SYSTEM "file:///etc/passwd">{entities}]>'
    try:
        text = word(f"<w:p>{run('ก&e11;&f;')}</w:p>", head=bomb).text
    except DocumentError:
        return
    assert text == "ก\n"


def test_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(DocumentError, match=r"a\.docx: unpacks to 300 MB"):
        load_docx(package({"word/document.xml": b" " * 300_000_000}), "a.docx")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"PK\x03\x04 cut", "damaged or not what its name says"),
        (package({"other.xml": "<a/>"}), r"has no word/document\.xml"),
        (package({"word/document.xml": "<a>"}), "its XML is damaged"),
    ],
)
def test_damage_is_told(data: bytes, problem: str) -> None:
    with pytest.raises(DocumentError, match=problem):
        load_docx(data, "a.docx")


def test_more_paragraphs_than_anybody_wrote_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MOST_PARAGRAPHS", 10)
    with pytest.raises(DocumentError, match="more than 10 paragraphs"):
        word("<w:p/>" * 11)
