"""How the files of this folder were made: ``content.json`` set by LibreOffice and Chromium.

    python tests/data/formats/make.py

Needs chromium, soffice (writer and calc) and Thai fonts (Debian: fonts-thai-tlwg). The files are committed,
so that the tests need none of them.
"""

from __future__ import annotations

import base64
import csv
import html
import json
import os
import shutil
import subprocess
import tempfile
import zlib
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

HERE = Path(__file__).parent
FONT = "Garuda"
REPEATS = 3  # times that the sections are set in the PDF files, so that they have several pages


def read_content() -> dict[str, Any]:
    """Title, sections and table that every file holds."""
    content: dict[str, Any] = json.loads((HERE / "content.json").read_text(encoding="utf-8"))
    return content


def as_html(content: dict[str, Any], repeats: int) -> str:
    """The content as a page, its sections ``repeats`` times."""
    out = [
        f'<!doctype html><html lang="th"><meta charset="utf-8"><title>{html.escape(content["title"])}</title>'
        f"<style>body{{font:16px/1.6 {FONT}}}.c2{{column-count:2}}td{{border:1px solid;padding:4px}}"
        "table{border-collapse:collapse}</style>"
        "<nav>หน้าแรก ติดต่อเรา เข้าสู่ระบบ</nav><script>var hidden = 'สคริปต์';</script>"
        f'<h1>{html.escape(content["title"])}</h1><time datetime="2024-12-20">๒๐ ธันวาคม ๒๕๖๗</time>'
    ]
    for section in content["sections"] * repeats:
        inner = "".join(f"<p>{html.escape(text)}</p>" for text in section["paragraphs"])
        out.append(f'<h2>{html.escape(section["heading"])}</h2><div class="c{section["columns"]}">{inner}</div>')
    rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in content["table"])
    out.append("<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table><footer>สงวนลิขสิทธิ์</footer>")
    return "\n".join(out)


def as_fodt(content: dict[str, Any], repeats: int) -> str:
    """The content as flat OpenDocument text."""
    prefix = "urn:oasis:names:tc:opendocument:xmlns:"
    names = [("fo", "xsl-fo-compatible"), ("svg", "svg-compatible"), ("meta", "meta")]
    names += [(name, name) for name in ("office", "text", "table", "style")]
    spaces = " ".join(f'xmlns:{short}="{prefix}{name}:1.0"' for short, name in names)
    font = (
        f'style:font-name="{FONT}" style:font-name-complex="{FONT}" fo:font-size="{{0}}pt" '
        'style:font-size-complex="{0}pt" style:language-complex="th" style:country-complex="TH"'
    )
    out = [
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {spaces} office:version="1.3" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" office:mimetype="application/vnd.oasis.opendocument.text">'
        f"<office:meta><dc:title>{escape(content['title'])}</dc:title><dc:date>2024-12-20T10:00:00</dc:date></office:meta>"
        f'<office:font-face-decls><style:font-face style:name="{FONT}" svg:font-family="{FONT}"/></office:font-face-decls>'
        '<office:styles><style:style style:name="Standard" style:family="paragraph">'
        f"<style:text-properties {font.format(13)}/></style:style>"
        '<style:style style:name="Heading_20_1" style:display-name="Heading 1" style:family="paragraph" '
        'style:parent-style-name="Standard" style:default-outline-level="1">'
        f"<style:text-properties {font.format(18)}/></style:style></office:styles>"
        '<office:automatic-styles><style:style style:name="P" style:family="paragraph" '
        'style:parent-style-name="Standard"><style:paragraph-properties fo:margin-bottom="0.2cm"/></style:style>'
        '<style:style style:name="S2" style:family="section"><style:section-properties><style:columns '
        'fo:column-count="2" fo:column-gap="0.8cm"/></style:section-properties></style:style>'
        "</office:automatic-styles><office:body><office:text>"
        f'<text:h text:style-name="Heading_20_1" text:outline-level="1">{escape(content["title"])}</text:h>'
    ]
    for number, section in enumerate(content["sections"] * repeats):
        inner = "".join(f'<text:p text:style-name="P">{escape(text)}</text:p>' for text in section["paragraphs"])
        if section["columns"] == 2:
            inner = f'<text:section text:style-name="S2" text:name="s{number}">{inner}</text:section>'
        heading = escape(section["heading"])
        out.append(f'<text:h text:style-name="Heading_20_1" text:outline-level="1">{heading}</text:h>{inner}')
    out.append(f'<table:table><table:table-column table:number-columns-repeated="{len(content["table"][0])}"/>')
    for row in content["table"]:
        cells = (f"<table:table-cell><text:p>{escape(cell)}</text:p></table:table-cell>" for cell in row)
        out.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    return "".join(out) + "</table:table></office:text></office:body></office:document>"


def picture_page(content: dict[str, Any]) -> str:
    """A page of text, one of private-use characters, and one that is a picture only."""
    size = 64
    pixels = b"".join(b"\0" + bytes((x * y) % 256 for x in range(size)) for y in range(size))
    png = b"\x89PNG\r\n\x1a\n"
    header = size.to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0))
    for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")):
        png += len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    rubbish = " ".join("".join(chr(0xE000 + (n * m) % 40 + 1) for n in range(1, 9)) for m in range(1, 40))
    return (
        f'<!doctype html><html lang="th"><meta charset="utf-8"><title>scan.pdf</title>'
        f"<style>body{{font:16px/1.6 {FONT}}}div{{break-before:page;padding-top:60px}}</style>"
        f"<p>{html.escape(content['sections'][0]['paragraphs'][0])}</p>"
        f"<div>{rubbish}</div>"
        f'<div><img width=500 height=500 src="data:image/png;base64,{base64.b64encode(png).decode()}"></div>'
    )


def run(command: list[str], home: Path) -> None:
    """Run a program quietly, with a home of its own."""
    subprocess.run(command, env={**os.environ, "HOME": str(home)}, check=True, capture_output=True, timeout=300)


def by_chromium(page: str, out: Path, folder: Path) -> None:
    """Print a page to PDF."""
    source = folder / "page.html"
    source.write_text(page, encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    run([*command, f"--print-to-pdf={out}", source.as_uri()], folder)


def by_libreoffice(source: Path, kind: str, out: Path, folder: Path, *options: str) -> None:
    """Convert a file."""
    target = folder / "converted"
    run(
        ["soffice", "--headless", *options, "--convert-to", kind, "--outdir", str(target), str(source)],
        folder,
    )
    shutil.copyfile(target / f"{source.stem}.{kind}", out)


def main() -> None:
    """Make every file anew."""
    content = read_content()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (HERE / "page.html").write_text(as_html(content, 1), encoding="utf-8")
        by_chromium(as_html(content, REPEATS), HERE / "chromium.pdf", folder)
        by_chromium(picture_page(content), HERE / "scan.pdf", folder)
        flat, long_one = folder / "flat.fodt", folder / "long.fodt"
        flat.write_text(as_fodt(content, 1), encoding="utf-8")
        long_one.write_text(as_fodt(content, REPEATS), encoding="utf-8")
        by_libreoffice(flat, "docx", HERE / "libreoffice.docx", folder)
        by_libreoffice(flat, "odt", HERE / "libreoffice.odt", folder)
        by_libreoffice(long_one, "pdf", HERE / "libreoffice.pdf", folder)
        table = folder / "table.csv"
        with table.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows(content["table"])
        for kind in ("xlsx", "ods", "xls"):
            by_libreoffice(table, kind, HERE / f"libreoffice.{kind}", folder, "--infilter=CSV:44,34,76,1")


if __name__ == "__main__":
    main()
