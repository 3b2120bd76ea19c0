"""Asking a part of the documents: a folder, a file, a stretch of time, a field of their metadata."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from index.loaders.compose import iso_date
from index.records import UsageError, printable
from index.serving import PassageStore, catalogue
from index.store_rows import DocumentInfo
from index.thai import arabic_digits

KEPT = 8  # selections held ready: a conversation asks the same part of the documents again

_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")


@dataclass(frozen=True)
class Filter:
    """Which documents are asked; what is not named narrows nothing. Raises UsageError for what cannot be meant."""

    within: str | Sequence[str] = ()
    """Files and folders, by their path below the document folder: "reports/2023", "faq.jsonl"; one of them."""
    since: str | date | None = None
    """First day: 2023, 2023-05, 2023-05-31, or as Thai writes it, "31 พฤษภาคม 2566"; the documents' own date counts."""
    until: str | date | None = None
    """Last day; of a year or a month its last one."""
    metadata: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    """Field -> its value, or one of several; capitals count for nothing."""

    def __post_init__(self) -> None:
        paths = [self.within] if isinstance(self.within, str) else self.within
        if not isinstance(paths, Sequence) or not all(isinstance(path, str) for path in paths):
            raise UsageError("within names files or folders, as text")
        fields = self.metadata
        if not isinstance(fields, Mapping) or not all(isinstance(name, str) for name in fields):
            raise UsageError('metadata is fields with their values: {"type": "faq"}')
        since, until = _day(self.since, "since", last=False), _day(self.until, "until", last=True)
        if since and until and since > until:
            raise UsageError(f"since {since} is after until {until}; no document is of such a day")
        object.__setattr__(self, "within", tuple(_path(path) for path in paths))
        object.__setattr__(self, "since", since)
        object.__setattr__(self, "until", until)
        object.__setattr__(self, "metadata", {name: _values(name, fields[name]) for name in sorted(fields)})

    def __bool__(self) -> bool:
        """True where it narrows anything."""
        return bool(self.within or self.since or self.until or self.metadata)

    @property
    def key(self) -> tuple[object, ...]:
        """What equal filters have in common."""
        return self.within, self.since, self.until, tuple(self.metadata.items())

    def takes(self, info: DocumentInfo) -> bool:
        """True where the document is one of those asked. One without a date is of no day."""
        if self.within and not _above(info.source).intersection(self.within):
            return False
        for name, values in self.metadata.items():
            if info.metadata.get(name, "").strip().casefold() not in values:
                return False
        since, until, day = str(self.since or ""), str(self.until or ""), (info.date or "")[:10]
        if (since or until) and not day:
            return False
        # A date may be no more than a year or a month: then that much of the bounds is compared.
        return since[: len(day)] <= day and (not until or day <= until[: len(day)])


def _above(source: str) -> set[str]:
    """All that ``source`` lies in: itself, its file, and the folders above."""
    return {source, *(source[: found.start()] for found in re.finditer("[/#]", source))}


def _path(path: str) -> str:
    kept = path.replace("\\", "/").removeprefix("./").rstrip("/")
    if not kept.strip() or kept == "." or kept.startswith("/") or ".." in kept.split("/"):
        raise UsageError(f"within {printable(path)!r}: name a file or folder by its path below the document folder")
    return kept


def _values(name: str, given: object) -> tuple[str, ...]:
    values = [given] if isinstance(given, str) else given
    if not isinstance(values, Sequence) or not values or not all(isinstance(value, str) for value in values):
        raise UsageError(f"metadata {printable(name)!r}: give a value, or a list of values, as text")
    return tuple(sorted({value.strip().casefold() for value in values}))


def _day(value: object, name: str, *, last: bool) -> str | None:
    """The first (or ``last``) day of what ``value`` names, ISO 8601."""
    if value is None:
        return None
    if isinstance(value, date):
        return value.isoformat()[:10]
    text = value.strip() if isinstance(value, str) else ""
    text = arabic_digits(text)
    if _YEAR.fullmatch(text):
        found = iso_date(f"{text}-12-31" if last else f"{text}-01-01")
    elif month := _MONTH.fullmatch(text):
        found = _of_month(iso_date(f"{month[1]}-{month[2]}-01"), last)
    else:
        found = iso_date(text) or _of_month(iso_date(f"1 {text}"), last)
    if found is None:
        said = printable(str(value))[:40]
        raise UsageError(f"{name}: {said!r} is no date; write 2024, 2024-05, 2024-05-31 or 31 พฤษภาคม 2567")
    return found


def _of_month(first: str | None, last: bool) -> str | None:
    if first is None or not last:
        return first
    year, month = int(first[:4]), int(first[5:7])
    return f"{first[:8]}{calendar.monthrange(year, month)[1]:02d}"


class Narrowing:
    """The selections that filters make of one store, kept while it stays as it is."""

    def __init__(self, store: PassageStore) -> None:
        self._store = store
        self._table: tuple[int, list[DocumentInfo], Callable[[np.ndarray], Any]] | None = None
        self._made: dict[tuple[object, ...], Any] = {}

    def selection(self, asked: Filter | None) -> Any:
        """The passages that ``asked`` leaves; None where it narrows nothing.

        Raises UsageError for a file, folder or field that no document has: most likely mistyped.
        """
        if not asked:
            return None
        sequence, documents, select = self._current()
        key = (sequence, *asked.key)
        found = self._made.get(key)
        if found is None:
            _check(asked, documents)
            taken = np.asarray([asked.takes(info) for info in documents], dtype=bool)
            found = select(taken)
            kept = list(self._made.items())[1 - KEPT :]
            self._made = {**dict(kept), key: found}
        return found

    def _current(self) -> tuple[int, list[DocumentInfo], Callable[[np.ndarray], Any]]:
        table = self._table
        if table is None or table[0] != self._store.sequence:
            with self._store.snapshot():
                table = (self._store.sequence, *catalogue(self._store))
            self._table, self._made = table, {}
        return table


def _check(asked: Filter, documents: Sequence[DocumentInfo]) -> None:
    known_paths = {path for info in documents for path in _above(info.source)} if asked.within else set()
    for path in asked.within:
        if path not in known_paths:
            near = _near(path, known_paths)
            raise UsageError(f"within {printable(path)!r}: no document of that name or folder{near}")
    for name in asked.metadata:
        if not any(name in info.metadata for info in documents):
            known = sorted({field for info in documents for field in info.metadata})
            there = f"; there are {printable(', '.join(known))[:200]}" if known else "; the documents have none"
            raise UsageError(f"metadata {printable(name)!r}: no document has such a field{there}")


def _near(path: str, known: set[str]) -> str:
    from rapidfuzz import fuzz, process

    near = process.extractOne(path, sorted(known), scorer=fuzz.ratio, score_cutoff=60)
    return f"; did you mean {printable(near[0])!r}?" if near else "; qa status lists them"
