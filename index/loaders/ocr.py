"""Optional: the lines of a page that is a picture, read by Tesseract (extra ``ocr``, and the program with Thai).

Tesseract gives Thai letter by letter, and the spaces of its own text fall inside words. Here a space is a wide gap
between two letters, as for text that is drawn (``index.loaders.pdf_layout``), and between Thai letters only where
a word ends. Lengths are in points of the page; y grows upwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from statistics import mean, median
from typing import Any

from index.loaders.pdf_layout import CELL_GAP, Line
from index.loaders.pdf_paragraphs import WIDEST_SPACING
from index.pdf_repair import mend
from index.thai import has_thai, word_spans

RESOLUTION = 200  # dots per inch that the page is drawn at
MOST_PIXELS = 16_000_000  # of one page: A2 at the resolution
PAGE_SECONDS = 60.0
LEAST_CONFIDENCE = 50.0  # of 100, mean of a line's letters: below are specks, and marks taken for a line
THAI_GAP = 0.3  # of the type size: a wider gap between two Thai letters is a space, where a word ends
OTHER_GAP = 0.2  # likewise where a digit, a sign or a Latin letter is beside it
SAME_SIZE = 0.3  # of the usual type size: lines that differ by less are of that size
SAME_STEP = 0.2  # likewise of the usual distance of two baselines
LEAST_SIZE = 0.5  # of the usual type size: smaller lines are marks that were torn off their letters
# Least height of a line in heights of a letter. By Tesseract's own 1.25 the tone marks make a line of their own.
_LINE_HEIGHT = "-c textord_min_linesize=2.0"
_LANGUAGE = "tha"

_BOX = re.compile(r"bbox (-?\d+) (-?\d+) (-?\d+) (-?\d+)")
_BASELINE = re.compile(r"baseline (-?[\d.]+) (-?[\d.]+)")
_SIZE = re.compile(r"x_size ([\d.]+)")
_CONFIDENCE = re.compile(r"x_wconf (\d+)")
_BETWEEN_THAI = re.compile(r"(?<=[\u0e01-\u0e3a\u0e40-\u0e4e]) (?=[\u0e01-\u0e3a\u0e40-\u0e4e])")
_LINES = ("ocr_line", "ocr_caption", "ocr_header", "ocr_textfloat")


@lru_cache(maxsize=1)
def languages() -> str:
    """The languages that pages are read in, as Tesseract wants them; empty where it cannot read Thai here."""
    try:
        import pytesseract
    except ImportError:
        return ""
    try:
        known = pytesseract.get_languages()
    except (pytesseract.TesseractError, OSError):  # the program is not there, or does not run
        return ""
    if _LANGUAGE not in known:
        return ""
    return f"{_LANGUAGE}+eng" if "eng" in known else _LANGUAGE


def read_picture(page: Any, seconds: float = PAGE_SECONDS) -> list[Line]:
    """The lines of a pypdfium2 ``page`` as Tesseract sees them, in reading order.

    Raises TimeoutError where it took longer than ``seconds``, OSError where Tesseract failed.
    """
    import pytesseract

    width, height = page.get_size()
    scale = min(RESOLUTION / 72, (MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    image = page.render(scale=scale, grayscale=True).to_pil()
    config = f"--dpi {max(70, round(scale * 72))} {_LINE_HEIGHT}"
    try:
        found = pytesseract.image_to_pdf_or_hocr(
            image, lang=languages(), config=config, extension="hocr", timeout=seconds
        )
    except pytesseract.TesseractError as error:
        raise OSError(str(error)) from error
    except RuntimeError as error:  # what the library makes of a timeout
        raise TimeoutError(str(error)) from error
    return _regular(list(_lines(found, scale, height)))


def _lines(hocr: bytes, scale: float, height: float) -> Iterator[Line]:
    """The lines of hOCR, the form that Tesseract gives positions in."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    for element in etree.fromstring(hocr, parser).iterfind(".//{*}span"):
        if element.get("class") in _LINES and (line := _line(element, scale, height)) is not None:
            yield line


def _line(element: Any, scale: float, height: float) -> Line | None:
    """One line; None for what is no text by Tesseract's own confidence."""
    title = element.get("title", "")
    box, size = _BOX.search(title), _SIZE.search(title)
    if box is None or size is None or float(size[1]) <= 0:
        return None
    left, _, right, bottom = map(int, box.groups())
    slope, offset = map(float, found.groups()) if (found := _BASELINE.search(title)) else (0.0, 0.0)
    text, certain = _text(element, float(size[1]))
    if certain < LEAST_CONFIDENCE:
        return None
    baseline = bottom + offset + slope * (right - left) / 2
    return Line(text, left / scale, right / scale, height - baseline / scale, float(size[1]) / scale)


def _text(element: Any, size: float) -> tuple[str, float]:
    """The text of a line of hOCR whose type is ``size`` pixels high, and the mean confidence of its pieces."""
    text, end = "", 0
    confidences: list[int] = []
    for word in element.iterfind("{*}span"):
        piece, title = "".join(word.itertext()).strip(), word.get("title", "")
        box, confidence = _BOX.search(title), _CONFIDENCE.search(title)
        if not piece or box is None or confidence is None:
            continue
        gap = int(box[1]) - end
        thai = has_thai(text[-1:]) and has_thai(piece[0])
        if text and gap > (THAI_GAP if thai else OTHER_GAP) * size:
            text += "\t" if gap > CELL_GAP * size else " "
        text += piece
        end = max(end, int(box[3]))
        confidences.append(int(confidence[1]))
    return _without_false_spaces(mend(text)), mean(confidences) if confidences else 0.0


def _without_false_spaces(text: str) -> str:
    """``text`` without the spaces between Thai letters that fall inside a word."""
    parts = _BETWEEN_THAI.split(text)
    if len(parts) == 1:
        return text
    ends = {place.end for place in word_spans("".join(parts))}
    out, position = parts[0], len(parts[0])
    for part in parts[1:]:
        out += (" " if position in ends else "") + part
        position += len(part)
    return out


def _regular(lines: list[Line]) -> list[Line]:
    """The same lines without specks; sizes and distances that are about the usual are exactly that.

    A picture gives them to a pixel or three, and paragraphs are told by how lines differ.
    """
    usual = median(line.size for line in lines for _ in line.text) if lines else 0.0
    kept = [
        replace(line, size=usual) if abs(line.size - usual) <= SAME_SIZE * usual else line
        for line in lines
        if line.size >= LEAST_SIZE * usual
    ]
    steps = [above.baseline - below.baseline for above, below in pairwise(kept)]
    steps = [step for step in steps if 0 < step <= WIDEST_SPACING * usual]
    usual_step = median(steps) if steps else 0.0
    out: list[Line] = []
    for number, line in enumerate(kept):
        step = kept[number - 1].baseline - line.baseline if number else 0.0
        if number and abs(step - usual_step) <= SAME_STEP * usual_step:
            line = replace(line, baseline=out[-1].baseline - usual_step)
        out.append(line)
    return out
