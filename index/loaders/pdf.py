"""PDF: every page read by PDFium with positions; where that looks broken, by pypdf too, and the healthier kept."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from index.loaders.compose import Composer, iso_date
from index.loaders.ocr import PAGE_SECONDS, languages, read_picture
from index.loaders.pdf_layout import Line, page_lines
from index.loaders.pdf_paragraphs import Paragraph, paragraphs
from index.loaders.sandbox import time_left
from index.pdf_repair import Health, health, mend
from index.records import Document, DocumentError
from index.thai import has_thai, thai_words, words

SECONDS = 220.0  # for the pages of one file; what is not reached is told
REST_SECONDS = 110.0  # of the sandbox's limit: the rest of it puts the pages together
MOST_PAGES = 20_000
UNKNOWN_WORDS = 0.5  # of the Thai letters that a picture gave stand in them: from here on they are none
SAMPLE = 3_000  # characters of a page that its words are looked up of
_NO_TITLE = re.compile(
    r"(?i)^(?:untitled|microsoft |document\d*$|slide \d|.*\.(?:docx?|odt|pdf|indd|html?|pptx?)$|https?:)"
)

BROKEN = "ตัวอักษรไทยอ่านได้ไม่ครบถ้วน ควรตรวจกับต้นฉบับ"
RUBBISH = "อ่านตัวอักษรไม่ออก จึงไม่ได้นำมาค้น"
PICTURE = "เป็นภาพ ไม่มีตัวอักษรให้อ่าน"
UNREADABLE = "อ่านไม่ได้"
FROM_PICTURE = "อ่านจากภาพด้วย OCR ควรตรวจกับต้นฉบับก่อนอ้างอิง"
PICTURE_UNREAD = "เป็นภาพที่ OCR อ่านไม่ออก"
PICTURE_TOO_SLOW = "เป็นภาพที่อ่านด้วย OCR ไม่เสร็จในเวลาที่กำหนด"
NOT_REACHED = "ยังไม่ได้อ่าน เพราะไฟล์ยาวเกินเวลาที่กำหนด"
_ADVICE = "run OCR on it first, or install the extra ocr and Tesseract with Thai"
WAITING = (PICTURE, _ADVICE)  # what is told of pages that Tesseract could not be asked about


def load_pdf(data: bytes, source: str) -> list[Document]:
    """One document with the offset of each page; pages that could not be read well are told in its warnings."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        file = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = "assword" in str(error)
        problem = (
            "is locked with a password; save a copy without" if locked else f"is not a PDF that can be read ({error})"
        )
        raise DocumentError(source, problem) from error
    try:
        pages, notes = _read_pages(file, data, raw)
        properties = _properties(file)
    finally:
        file.close()
    if not any(pages) and notes and set(notes.values()) <= {PICTURE, PICTURE_UNREAD}:
        advice = _ADVICE if PICTURE in notes.values() else "Tesseract reads none in them: scan it more clearly"
        raise DocumentError(source, f"has {len(pages)} pages that are pictures (a scan) and no text; {advice}")
    title = properties.get("Title", "").strip()
    date = iso_date(properties.get("CreationDate")) or iso_date(properties.get("ModDate"))
    return [_compose(source, pages, "" if _NO_TITLE.match(title) else mend(title), date, _warnings(notes))]


def _properties(file: Any) -> dict[str, str]:
    """Title and dates; none where a spoilt file does not write them as text."""
    try:
        return dict(file.get_metadata_dict())
    except ValueError:
        return {}


def _read_pages(file: Any, data: bytes, raw: Any) -> tuple[list[list[Line]], dict[int, str]]:
    """The lines of every page, and what is to be told of pages (by 0-based number)."""
    pages: list[list[Line]] = []
    notes: dict[int, str] = {}
    second = _Second(data)
    until = time.monotonic() + min(SECONDS, time_left() - REST_SECONDS)
    for number in range(len(file)):
        if number >= MOST_PAGES or time.monotonic() > until:
            notes.update(dict.fromkeys(range(number, len(file)), NOT_REACHED))
            break
        lines, note = _read_page(file, number, raw, second)
        pages.append(lines)
        if note:
            notes[number] = note
    _read_pictures(file, pages, notes, until)
    return pages, notes


def _read_pictures(file: Any, pages: list[list[Line]], notes: dict[int, str], until: float) -> None:
    """Where Tesseract reads Thai here: fill in the pages that gave no text, after all that did."""
    waiting = [number for number, note in notes.items() if note in (PICTURE, RUBBISH)]
    if not waiting or not languages():
        return
    for number in waiting:
        left = until - time.monotonic()
        if left <= 0:
            notes[number] = NOT_REACHED if notes[number] == PICTURE else RUBBISH
            continue
        page = file[number]
        try:
            lines = read_picture(page, min(left, PAGE_SECONDS))
        except TimeoutError:
            notes[number] = PICTURE_TOO_SLOW if notes[number] == PICTURE else RUBBISH
            continue
        except (OSError, ValueError):
            lines = []
        finally:
            page.close()
        found = _health(lines)
        if lines and not found.hopeless and found.unknown <= UNKNOWN_WORDS:  # a drawing gives letters too
            pages[number], notes[number] = lines, FROM_PICTURE
        elif notes[number] == PICTURE:
            notes[number] = PICTURE_UNREAD


def _read_page(file: Any, number: int, raw: Any, second: _Second) -> tuple[list[Line], str]:
    from pypdfium2 import PdfiumError

    try:
        page = file[number]
    except PdfiumError:
        return [], UNREADABLE
    try:
        lines = [replace(line, text=mend(line.text)) for line in page_lines(page, raw)]
        if not lines:
            return [], PICTURE if _has_picture(page, raw) else ""
    except (PdfiumError, ValueError):
        return [], UNREADABLE
    finally:
        page.close()
    found = _health(lines)
    if found.suspect:
        other = second.page(number)
        theirs = _health(other)
        if other and theirs.illness < found.illness and _letters(other) > _letters(lines) // 2:
            lines, found = other, theirs
    if found.hopeless:
        return [], RUBBISH
    return lines, BROKEN if found.bad else ""


def _letters(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _health(lines: Sequence[Line]) -> Health:
    return health("\n".join(line.text for line in lines), _unknown_share)


def _unknown_share(text: str) -> float:
    thai = [word for word in words(text[:SAMPLE]) if has_thai(word)]
    total = sum(map(len, thai))
    return sum(len(word) for word in thai if not _is_word(word)) / total if total >= 50 else 0.0


@lru_cache(maxsize=20_000)
def _is_word(word: str) -> bool:
    return len(word) > 1 and word in thai_words()


def _has_picture(page: Any, raw: Any) -> bool:
    kinds = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING)
    count = min(raw.FPDFPage_CountObjects(page), 1000)
    return any(raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page, number)) in kinds for number in range(count))


class _Second:
    """The same file read by pypdf, opened when the first page asks for it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._reader: Any = None

    def page(self, number: int) -> list[Line]:
        """The lines of a page, without positions; none where pypdf cannot read it."""
        try:
            if self._reader is None:
                import logging

                from pypdf import PdfReader

                logging.getLogger("pypdf").setLevel(logging.CRITICAL)
                self._reader = PdfReader(io.BytesIO(self._data))
            text = self._reader.pages[number].extract_text()
        except MemoryError:
            raise
        except Exception:  # a second opinion, from a library that raises whatever its parts do
            return []
        texts = [mend(line) for line in text.split("\n") if line.strip()]
        return [Line(line, 0.0, 0.0, -20.0 * n, 10.0) for n, line in enumerate(texts)]


def _compose(source: str, pages: list[list[Line]], title: str, date: str | None, warnings: tuple[str, ...]) -> Document:
    composer = Composer()
    starts: list[int] = []
    for paragraph in paragraphs(pages):
        _add(composer, paragraph, starts)
    starts += [composer.length] * (len(pages) - len(starts))
    document = composer.document(source, title=title, date=date, warnings=warnings)
    return replace(document, pages=tuple(starts))


def _add(composer: Composer, paragraph: Paragraph, starts: list[int]) -> None:
    """Append a paragraph and note the offsets of the pages that begin with it or in it."""
    starts += [composer.length] * (paragraph.page + 1 - len(starts))
    begin = composer.length
    composer.add(paragraph.text, heading=paragraph.heading)
    for page, position in paragraph.breaks:
        starts += [begin + position] * (page + 1 - len(starts))


def _warnings(notes: dict[int, str]) -> tuple[str, ...]:
    """One line for each thing to tell, with the pages it is true of: "หน้า 3, 5-9: ..."."""
    told: dict[str, list[int]] = {}
    for number, note in sorted(notes.items()):
        told.setdefault(note, []).append(number + 1)
    return tuple(f"หน้า {_ranges(numbers)}: {note}" for note, numbers in told.items())


def _ranges(numbers: list[int]) -> str:
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    shown = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges[:20])
    return shown + (" ..." if len(ranges) > 20 else "")
