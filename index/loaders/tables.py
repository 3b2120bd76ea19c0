"""Tables and records: CSV, XLSX, ODS and XLS, a row a paragraph with the header as labels; JSONL, a line a document."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from typing import Any

from index.loaders.compose import Composer, clean, iso_date
from index.loaders.package import open_package
from index.loaders.text import decode
from index.records import Document, DocumentError

MOST_CELLS = 3_000_000  # of one file
MOST_DOCUMENTS = 200_000  # of one JSONL file
MOST_WARNINGS = 20  # lines of a JSONL file that are told one by one
_SEPARATORS = ",;\t|"


def load_csv(data: bytes, source: str) -> list[Document]:
    """One paragraph a row: ``header: value; header: value``."""
    text = decode(data, source)
    csv.field_size_limit(10_000_000)
    composer = Composer()
    try:
        _add_rows(composer, csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)), source)
    except csv.Error as error:
        raise DocumentError(source, f"is not a table that can be read ({error}); save it again as CSV") from error
    return [composer.document(source, rows=True)]


def _separator(text: str) -> str:
    """What parts the cells: what the first line, quoted cells left out, has most of."""
    head = "".join(text.lstrip("\n").split("\n", 1)[0].split('"')[::2])
    return max(_SEPARATORS, key=head.count)


def load_xlsx(data: bytes, source: str) -> list[Document]:
    """One document; each visible sheet under its name as heading, one paragraph a row."""
    from openpyxl import load_workbook

    open_package(data, source).close()  # refuses what unpacks to too much
    composer = Composer()
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()  # what the file claims may be far too large or too small
                composer.add(sheet.title, heading=True)
                _add_rows(composer, sheet.iter_rows(values_only=True), source)
        properties = book.properties
        title, date = properties.title or "", _day(properties.modified)
        return [composer.document(source, title=title, date=date, rows=True)]
    except (DocumentError, MemoryError):
        raise
    except Exception as error:  # openpyxl raises whatever its parts do
        raise DocumentError(source, f"is not an XLSX file that can be read ({_kind(error)}); save it again") from error


def load_sheets(data: bytes, source: str) -> list[Document]:
    """As :func:`load_xlsx`, of the workbooks of OpenDocument (ODS) and of Excel before 2007 (XLS)."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    if data[:2] == b"PK":
        open_package(data, source).close()
    composer = Composer()
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for sheet in book.sheets_metadata:
            if sheet.visible == SheetVisibleEnum.Visible:
                composer.add(sheet.name, heading=True)
                _add_rows(composer, book.get_sheet_by_name(sheet.name).iter_rows(), source)
    except (DocumentError, MemoryError):
        raise
    except BaseException as error:
        # What the library does not expect ends in a PanicException, which is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise DocumentError(source, f"is not a workbook that can be read ({_kind(error)}); save it again") from error
    return [composer.document(source, rows=True)]


def _add_rows(composer: Composer, rows: Iterable[Sequence[Any]], source: str) -> None:
    header: list[str] | None = None
    cells = 0
    for row in rows:
        cells += len(row) + 1
        if cells > MOST_CELLS:
            raise DocumentError(source, f"has more than {MOST_CELLS:,} cells; split the file")
        values = [_shown(value) for value in row]
        filled = [value for value in values if value]
        if not filled:
            continue
        if header is None and len(filled) > 1:
            header = values
            continue
        composer.add("; ".join(_labelled(header or [], values)))
    if header and not composer.length:
        composer.add("; ".join(value for value in header if value))  # a table of one row


def _labelled(header: Sequence[str], values: Sequence[str]) -> Iterator[str]:
    for number, value in enumerate(values):
        if value:
            label = header[number] if number < len(header) else ""
            yield f"{label}: {value}" if label else value


def _shown(value: Any) -> str:
    """A cell as a person would see it, on one line."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return " ".join(clean(str(value)).split())


def _day(moment: Any) -> str | None:
    return moment.date().isoformat() if isinstance(moment, datetime) else None


def _kind(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".split("\n", 1)[0][:120]


def load_jsonl(data: bytes, source: str) -> list[Document]:
    """One document a line: an object with ``text``, and ``id``, ``title``, ``date``, ``metadata`` where known.

    Sources are ``file.jsonl#id`` (the line number where there is no id). Lines that cannot be read are told in the
    warnings of the first document; DocumentError where no line can be.
    """
    documents: list[Document] = []
    problems: list[str] = []
    taken: set[str] = set()
    for number, line in enumerate(decode(data, source).split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            documents.append(_record(record, source, number, taken))
        except (ValueError, RecursionError) as error:
            problems.append(f"บรรทัด {number}: {_kind(error)}")
        if len(documents) > MOST_DOCUMENTS:
            raise DocumentError(source, f"holds more than {MOST_DOCUMENTS:,} documents; split the file")
    if not documents:
        first = problems[0] if problems else "empty"
        raise DocumentError(source, f'no line is an object with "text" ({first})')
    if len(problems) > MOST_WARNINGS:
        problems[MOST_WARNINGS:] = [f"และอีก {len(problems) - MOST_WARNINGS} บรรทัด"]
    if problems:
        first_one = documents[0]
        documents[0] = Document(
            first_one.source, first_one.text, first_one.title, first_one.date, metadata=first_one.metadata,
            warnings=tuple(problems),
        )  # fmt: skip
    return documents


def _record(record: Any, source: str, number: int, taken: set[str]) -> Document:
    """One line's object as a document. Raises ValueError, which says what it lacks."""
    if not isinstance(record, dict) or not isinstance(record.get("text"), str) or not record["text"].strip():
        raise ValueError('no object with "text"')
    name = _shown(record.get("id")) or str(number)
    if name in taken:
        name = f"{name}~{number}"
    taken.add(name)
    given = record.get("date")
    date = iso_date(given) if isinstance(given, str) else None
    metadata = dict(_fields(record.get("metadata")))
    metadata.update(_fields({key: value for key, value in record.items() if key not in _KNOWN}))
    if given and not date:
        metadata["date"] = _shown(given)
    return Document(f"{source}#{name}", clean(record["text"]), _shown(record.get("title")), date, metadata=metadata)


_KNOWN = {"id", "text", "title", "date", "metadata"}


def _fields(value: Any) -> Iterator[tuple[str, str]]:
    """The plain fields of an object, as text."""
    if isinstance(value, dict):
        for key, field in value.items():
            if isinstance(field, str | int | float | bool):
                yield clean(key), _shown(field)
