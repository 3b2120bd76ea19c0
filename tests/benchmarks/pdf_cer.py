"""Character error rate of Thai text read from PDF files that Chromium and LibreOffice made.

Long documents are set from news items of ``--data`` (JSONL, packed or not, with title, text and date): six
fonts, headings, tables, one column and two. What the PDF loader gives is compared with what was set:

- ``letters``: Levenshtein distance / length, white space left out;
- ``all``: the same with every run of white space as one space, so that wrongly joined or parted words count;
- ``paragraphs``: share of the paragraphs that come back whole, on one line, letter for letter.

    python tests/benchmarks/pdf_cer.py --data thaigov.jsonl.xz [--documents 30] [--skip 0] [--keep FOLDER] [--ocr]

With ``--ocr`` each page is a picture of itself, at 200 and at 300 dots per inch, and each news item is a file of its
own: one column, no tables. There is no goal for these.

Needs chromium, soffice and Thai fonts (Debian: chromium libreoffice-writer fonts-thai-tlwg), for ``--ocr`` the extra
``ocr`` too (Debian: tesseract-ocr tesseract-ocr-tha).
"""

from __future__ import annotations

import argparse
import html
import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from index.documents import load_here

FONTS = ("Garuda", "Norasi", "Loma", "Laksaman", "Waree", "Kinnari")
GOAL = 0.005
Block = tuple[str, list[str]]
"""("h", [heading]), ("1" or "2" for the number of columns, paragraphs), ("row", cells)."""
Maker = Callable[[list[dict[str, str]], Path], Path]


def blocks(items: list[dict[str, str]]) -> Iterator[tuple[int, Block]]:
    """The document to set: (number of the item, block)."""
    for number, item in enumerate(items):
        yield number, ("h", [" ".join(item["title"].split())])
        lines = [" ".join(line.split()) for line in item["text"].splitlines() if line.strip()]
        yield number, ("2" if number % 3 == 1 else "1", lines)
        if number % 3 == 2:
            yield number, ("row", ["ลำดับ", "เรื่อง", "วันที่"])
            for row, other in enumerate(items[:8], 1):
                yield (
                    number,
                    ("row", [str(row), " ".join(other["title"].split())[:70].strip(), str(other["date"])]),
                )


def as_html(items: list[dict[str, str]]) -> str:
    """The document for Chromium."""
    out = [
        "<!doctype html><html lang=th><meta charset=utf-8><style>body{font-size:14px;line-height:1.6}"
        ".c2{column-count:2;column-gap:24px}table{width:100%;border-collapse:collapse}td{border:1px solid;padding:4px}"
        "</style>"
    ]
    for number, (kind, texts) in blocks(items):
        font = f"font-family:{FONTS[number % len(FONTS)]}"
        if kind == "h":
            out.append(f'<h1 style="{font}">{html.escape(texts[0])}</h1>')
        elif kind == "row":
            cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in texts)
            out.append(f'<table style="{font}"><tr>{cells}</tr></table>')
        else:
            inner = "".join(f"<p>{html.escape(text)}</p>" for text in texts)
            out.append(f'<div class=c{kind} style="{font}">{inner}</div>')
    return "\n".join(out)


def as_fodt(items: list[dict[str, str]]) -> str:
    """The document for LibreOffice, as flat OpenDocument text."""
    names = {
        "office": "office", "text": "text", "table": "table", "style": "style",
        "fo": "xsl-fo-compatible", "svg": "svg-compatible",
    }  # fmt: skip
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for prefix, name in names.items()
    )
    faces = "".join(f'<style:font-face style:name="{font}" svg:font-family="{font}"/>' for font in FONTS)
    styles = "".join(
        f'<style:style style:name="{name}{n}" style:family="paragraph"><style:paragraph-properties '
        f'fo:margin-bottom="0.2cm" fo:text-align="{"justify" if n % 2 else "start"}"/><style:text-properties '
        f'style:font-name="{font}" style:font-name-complex="{font}" fo:font-size="{size}pt" '
        f'style:font-size-complex="{size}pt" fo:language="th" style:language-complex="th" '
        f'style:country-complex="TH"/></style:style>'
        for n, font in enumerate(FONTS)
        for name, size in (("P", 12), ("H", 18))
    )
    two = (
        '<style:style style:name="S2" style:family="section"><style:section-properties><style:columns '
        'fo:column-count="2" fo:column-gap="0.8cm"/></style:section-properties></style:style>'
    )
    out = [
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {spaces} office:version="1.3" '
        f'office:mimetype="application/vnd.oasis.opendocument.text"><office:font-face-decls>{faces}'
        f"</office:font-face-decls><office:automatic-styles>{styles}{two}</office:automatic-styles>"
        "<office:body><office:text>"
    ]
    for number, (kind, texts) in blocks(items):
        n = number % len(FONTS)
        if kind == "h":
            out.append(f'<text:h text:style-name="H{n}" text:outline-level="1">{escape(texts[0])}</text:h>')
        elif kind == "row":
            cells = "".join(
                f'<table:table-cell><text:p text:style-name="P{n}">{escape(cell)}</text:p></table:table-cell>'
                for cell in texts
            )
            out.append(
                f'<table:table><table:table-column table:number-columns-repeated="{len(texts)}"/>'
                f"<table:table-row>{cells}</table:table-row></table:table>"
            )
        else:
            inner = "".join(f'<text:p text:style-name="P{n}">{escape(text)}</text:p>' for text in texts)
            section = f'<text:section text:style-name="S2" text:name="s{number}">{inner}</text:section>'
            out.append(section if kind == "2" else inner)
    return "".join(out) + "</office:text></office:body></office:document>"


def run(command: list[str], home: Path) -> None:
    """Run a program quietly, with a home of its own."""
    environment = {**os.environ, "HOME": str(home)}
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=600)


def by_chromium(items: list[dict[str, str]], folder: Path) -> Path:
    """The document as Chromium's PDF."""
    page, out = folder / "chromium.html", folder / "chromium.pdf"
    page.write_text(as_html(items), encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    run([*command, f"--print-to-pdf={out}", page.as_uri()], folder)
    return out


def by_libreoffice(items: list[dict[str, str]], folder: Path) -> Path:
    """The document as LibreOffice's PDF."""
    flat = folder / "libreoffice.fodt"
    flat.write_text(as_fodt(items), encoding="utf-8")
    run(["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(flat)], folder)
    return folder / "libreoffice.pdf"


def distance(one: str, other: str) -> int:
    """Levenshtein distance, bit-parallel (Hyyrö 2003, after Myers 1999), with Python's long integers as vectors."""
    if not one:
        return len(other)
    where: dict[str, int] = {}
    for position, char in enumerate(one):
        where[char] = where.get(char, 0) | 1 << position
    every, top = (1 << len(one)) - 1, 1 << (len(one) - 1)
    plus, minus, score = every, 0, len(one)
    for char in other:
        equal = where.get(char, 0)
        vertical = equal | minus
        horizontal = (((equal & plus) + plus) ^ plus) | equal
        up, down = minus | ~(horizontal | plus) & every, plus & horizontal
        score += 1 if up & top else -1 if down & top else 0
        up, down = (up << 1 | 1) & every, down << 1 & every
        plus, minus = down | ~(vertical | up) & every, up & vertical
    return score


def measure(pdf: Path, items: list[dict[str, str]]) -> dict[str, float]:
    """The figures of one PDF file."""
    began = time.monotonic()
    document = load_here(pdf, pdf.name)[0]
    seconds = time.monotonic() - began
    wanted = [text for _, (_, texts) in blocks(items) for text in texts]
    prose = [text for _, (kind, texts) in blocks(items) if kind != "row" for text in texts]
    lines = set(document.text.split("\n"))
    letters = "".join("".join(wanted).split()), "".join(document.text.split())
    spaced = " ".join(" ".join(wanted).split()), " ".join(document.text.split())
    return {
        "pages": len(document.pages),
        "characters": len(letters[0]),
        "letters": distance(*letters) / len(letters[0]),
        "all": distance(*spaced) / len(spaced[0]),
        "paragraphs": sum(text in lines for text in prose) / len(prose),
        "warnings": len(document.warnings),
        "seconds": seconds,
    }


def as_pictures(pdf: Path, resolution: int) -> Path:
    """The same pages as grey pictures of ``resolution`` dots per inch, without text."""
    import pypdfium2

    out = pdf.with_name(f"{pdf.stem}-{resolution}.pdf")
    with pypdfium2.PdfDocument(pdf) as file:
        images = [page.render(scale=resolution / 72, grayscale=True).to_pil() for page in file]
    images[0].save(out, save_all=True, append_images=images[1:], resolution=resolution)
    return out


def measure_pictures(make: Maker, items: list[dict[str, str]], resolution: int, folder: Path) -> dict[str, float]:
    """The figures of a file of pictures for each item: sums, and rates over all of them."""
    found = [measure(as_pictures(make([item], folder), resolution), [item]) for item in items]
    totals = {name: sum(one[name] for one in found) for name in ("pages", "characters", "warnings", "seconds")}
    rates = {
        name: sum(one[name] * one["characters"] for one in found) / totals["characters"] for name in ("letters", "all")
    }
    return {**totals, **rates}


def read_items(path: Path, count: int, skip: int) -> list[dict[str, str]]:
    """``count`` news items of the file, ``skip`` passed over."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, skip, skip + count)]


def main() -> int:
    """Print a line of JSON for each program; 1 where one is over the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=24)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder to leave the files in")
    parser.add_argument("--ocr", action="store_true", help="measure pictures of the pages")
    options = parser.parse_args()
    items = read_items(options.data, options.documents, options.skip)
    folder = options.keep or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    makers: dict[str, Maker] = {
        "chromium": by_chromium,
        "libreoffice": by_libreoffice,
    }
    worst = 0.0
    try:
        for name, make in makers.items():
            for resolution in (200, 300) if options.ocr else ():
                pictures = measure_pictures(make, items, resolution, folder)
                rounded = {key: round(value, 5) for key, value in pictures.items()}
                print(json.dumps({"made by": name, "resolution": resolution, **rounded}), flush=True)
            if options.ocr:
                continue
            figures = measure(make(items, folder), items)
            worst = max(worst, figures["letters"], figures["all"])
            print(json.dumps({"made by": name, **{key: round(value, 5) for key, value in figures.items()}}))
    finally:
        if options.keep is None:
            shutil.rmtree(folder)
    return int(worst > GOAL)


if __name__ == "__main__":
    raise SystemExit(main())
