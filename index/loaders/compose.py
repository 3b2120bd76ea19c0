"""What every loader needs: clean text put together paragraph by paragraph, and the dates people write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from index.records import Document, Place
from index.thai import arabic_digits

# Control characters but tab and line ends, and halves of surrogate pairs: none can be shown or stored.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"[\n\u2028\u2029]+")
_SPACES = re.compile(r"[ \u00a0]{2,}")

MOST_HEADINGS = 100_000  # of one document; what comes after is text

_MONTHS = (
    "มกราคม|ม.ค. กุมภาพันธ์|ก.พ. มีนาคม|มี.ค. เมษายน|เม.ย. พฤษภาคม|พ.ค. มิถุนายน|มิ.ย. "
    "กรกฎาคม|ก.ค. สิงหาคม|ส.ค. กันยายน|ก.ย. ตุลาคม|ต.ค. พฤศจิกายน|พ.ย. ธันวาคม|ธ.ค."
)
_MONTH_NUMBERS = {name: n for n, names in enumerate(_MONTHS.split(), 1) for name in names.split("|")}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?:D:)?(\d{4})(\d{2})(\d{2})")  # as PDF files write it
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?!\d)")
_WORDED = re.compile(rf"(\d{{1,2}})\s*({'|'.join(map(re.escape, _MONTH_NUMBERS))})\s*(?:พ\.ศ\.\s*)?(\d{{4}})")
_BUDDHIST = 543  # years between the Buddhist and the Christian era


def clean(text: str) -> str:
    """``text`` with line ends as ``\\n`` and without characters that can be neither shown nor stored."""
    return _UNSHOWABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n"))


class Composer:
    """Puts a document's text together; each added paragraph is one line of it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._headings: list[Place] = []
        self.length = 0

    def add(self, text: str, *, heading: bool = False) -> Place | None:
        """Append one paragraph (several where ``text`` has line breaks); None where nothing is left of it."""
        lines = (line.strip() for line in _LINE_END.split(_SPACES.sub(" ", clean(text))))
        text = "\n".join(line for line in lines if line)
        if not text:
            return None
        place = Place(self.length, self.length + len(text))
        self._parts.append(text + "\n")
        self.length = place.end + 1
        if heading and len(self._headings) < MOST_HEADINGS:
            self._headings.append(Place(place.start, place.start + len(text.split("\n", 1)[0])))
        return place

    def document(
        self,
        source: str,
        *,
        title: str = "",
        date: str | None = None,
        metadata: Mapping[str, str] | None = None,
        warnings: tuple[str, ...] = (),
        rows: bool = False,
    ) -> Document:
        """The document; its title is the first heading where none is given."""
        text = "".join(self._parts)
        if not title and self._headings:
            title = text[self._headings[0].start : self._headings[0].end]
        title = " ".join(clean(title).split())
        headings = tuple(self._headings)
        return Document(source, text, title, date, (), headings, dict(metadata or {}), warnings, rows)


def iso_date(value: str | None) -> str | None:
    """The first date in ``value`` as ISO 8601, or None: ISO, 31/12/2567, 31 ธันวาคม 2567, PDF's D:20241231.

    Years from 2400 on are Buddhist.
    """
    if not value:
        return None
    text = arabic_digits(value[:200])
    if match := _ISO.search(text) or _COMPACT.match(text):
        year, month, day = match.groups()
    elif match := _SLASHED.search(text):
        day, month, year = match.groups()
    elif match := _WORDED.search(text):
        day, month, year = match[1], str(_MONTH_NUMBERS[match[2]]), match[3]
    else:
        return None
    try:
        christian = int(year) - (_BUDDHIST if int(year) >= 2400 else 0)
        return date(christian, int(month), int(day)).isoformat()
    except ValueError:
        return None
