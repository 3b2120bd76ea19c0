"""The records that travel between modules, and the tree of exceptions.

QAError                 everything this project raises on purpose; its text is one line for a person
├── UsageError          the request cannot be carried out as put (no folder, empty question); exit code 2
├── DocumentError       a document that cannot be read; names the file, and the line or page where known
├── EncoderError        an encoder that is neither a folder nor reachable, or does not fit the store
├── MissingExtra        an optional dependency is not installed; names the extra to install
└── StoreError          the store on disk cannot serve
    ├── StoreLocked     another process is writing; names it
    ├── StoreDamaged    a file of the store does not verify; names the command that mends it
    └── StoreMismatch   written by another version, encoder or segmenter; names the command that rebuilds it
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field


def printable(name: str) -> str:
    """``name`` (of a file) on one line and in its own order: line breaks and bidi marks as escapes."""
    return "".join(
        char if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else f"\\u{ord(char):04x}"
        for char in name
    )


class QAError(Exception):
    """Base of all errors of this project; ``str(error)`` is one line that says what to do."""


class UsageError(QAError):
    """The request itself cannot be carried out."""


class DocumentError(QAError):
    """A document that cannot be read.

    Attributes:
        source: the file, as it was named.
        problem: what is wrong with it, and what to do.
    """

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{printable(source)}: {printable(problem)}")
        self.source = source
        self.problem = problem


class EncoderError(QAError):
    """The named encoder cannot be used."""


class MissingExtra(QAError):
    """An optional dependency is missing."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs {package}: pip install 'thai-docs-qa[{extra}]'")


class StoreError(QAError):
    """The store on disk cannot serve."""


class StoreLocked(StoreError):
    """Another process holds the write lock."""


class StoreDamaged(StoreError):
    """A file of the store does not verify."""


class StoreMismatch(StoreError):
    """The store was written by another version, encoder or segmenter."""


@dataclass(frozen=True, slots=True)
class Place:
    """A half-open range of characters of one document: ``document.text[start:end]``."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Place) -> bool:
        """True when the two share at least one character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Document:
    """One source text, whole, as the person wrote it."""

    source: str
    """Path of the file below the document folder, with forward slashes; unique in a store."""
    text: str
    """The text that offsets count in, in characters (code points)."""
    title: str = ""
    """A title found in the file, or empty."""
    date: str | None = None
    """ISO 8601 date found in the file, or None."""
    pages: tuple[int, ...] = ()
    """Start offset of each page, ascending, first page first; empty where there are no pages."""
    headings: tuple[Place, ...] = ()
    """Places of the headings, in order."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Further fields of the file that filters can ask for."""
    warnings: tuple[str, ...] = ()
    """What a person should know about how the text was read ("หน้า 3: ...")."""
    rows: bool = False
    """True where the paragraphs are rows of a table, each to be found by itself. Says how to cut it; not stored."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage small enough to be one vector; ``document.text[start:end] == text``."""

    source: str
    start: int
    end: int
    text: str
    paragraph: int
    """1-based number, among the non-empty paragraphs of the document, of the first one it touches."""
    heading: str = ""
    """The nearest heading above, or the document's title: context for search, not part of ``text``."""

    @property
    def place(self) -> Place:
        return Place(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Location:
    """Where else the words of a passage stand."""

    source: str
    title: str
    paragraph: int
    page: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MatchedWord:
    """An expression of the question that a passage meets."""

    asked: str
    """As the question has it."""
    met: str
    """As the passage has it: the same, or what means the same."""
    places: tuple[Place, ...]
    """Where it stands in the document; empty where it stands in the passage's heading alone."""
    weight: float
    """How much the expression counts in the question (idf)."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a passage was found, and why it stands above the next."""

    matched: tuple[MatchedWord, ...]
    """The question's expressions that the passage meets, heaviest first."""
    channels: Mapping[str, float]
    """What each channel that proposed the passage gave it: "words" (BM25), "dense" (cosine)."""
    contributions: Mapping[str, float]
    """Each feature's share of the score, weight x value, largest first; they sum to the score."""
    ahead: Mapping[str, float]
    """Each feature's contribution less the next passage's, largest difference first; empty for the last passage."""
    reason: str
    """One line on ``ahead`` for a person, in the question's language."""

    def as_dict(self) -> dict[str, object]:
        """Plain JSON-ready values."""
        return {
            "matched": [
                {
                    "asked": word.asked,
                    "met": word.met,
                    "places": [[place.start, place.end] for place in word.places],
                    "weight": round(word.weight, 4),
                }
                for word in self.matched
            ],
            "channels": {name: round(score, 4) for name, score in self.channels.items()},
            "contributions": {name: round(value, 4) for name, value in self.contributions.items()},
            "ahead": {name: round(value, 4) for name, value in self.ahead.items()},
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found; higher ``score`` is better, everywhere."""

    chunk_id: int
    chunk: Chunk
    score: float
    title: str = ""
    page: int | None = None
    """1-based page the passage starts on, where the document has pages."""
    channels: Mapping[str, float] = field(default_factory=dict)
    """Score of each channel that voted ("words", "dense", ...), before weighting."""
    matched: tuple[str, ...] = ()
    """The question's words that stand in the passage, heaviest first."""
    explanation: Explanation | None = None
    """Why it stands where it does, where that was asked for."""
    also: tuple[Location, ...] = ()
    """Where else the same passage stands, best first."""

    @property
    def source(self) -> str:
        return self.chunk.source

    @property
    def text(self) -> str:
        return self.chunk.text

    @property
    def start(self) -> int:
        return self.chunk.start

    @property
    def end(self) -> int:
        return self.chunk.end

    @property
    def paragraph(self) -> int:
        return self.chunk.paragraph
