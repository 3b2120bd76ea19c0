"""What a person gets back: an answer that is always quotation, with its citations."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from index.records import Hit, Location, Place


@dataclass(frozen=True, slots=True)
class Citation:
    """One quoted passage; ``quote`` is exactly ``source text[start:end]``, verified before it is shown."""

    number: int
    """1-based, as printed in ``[1]``."""
    source: str
    title: str
    paragraph: int
    """1-based number among the non-empty paragraphs of the document."""
    page: int | None
    start: int
    end: int
    quote: str
    marks: tuple[Place, ...]
    """Places (in the document, inside start..end) of the words that answer, or that matched."""
    score: float
    also: tuple[Location, ...] = ()
    """Where else the same passage stands."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question."""

    question: str
    searched: str
    """The stand-alone question that was searched (the question itself where nothing was added)."""
    text: str
    """The answering words, verbatim from the citations (a line for each of ``parts`` where there are several); the plain
    refusal where ``abstained``."""
    citations: tuple[Citation, ...]
    """Passages that answer, best first; empty where ``abstained``."""
    abstained: bool
    confidence: float
    """Probability that the first citation answers, 0..1."""
    related: tuple[Citation, ...] = ()
    """Where ``abstained``: the nearest passages, offered as "อาจเกี่ยวข้อง"."""
    notes: tuple[str, ...] = ()
    """What the person should know of how the question was read ("ค้นหาด้วยคำว่า ... แทน")."""
    hits: tuple[Hit, ...] = field(default=(), repr=False)
    """The ranking behind the answer."""
    parts: tuple[str, ...] = ()
    """What the first citations say, one each, where the question asks for more than one place; else empty."""

    @property
    def lead(self) -> str:
        """The answering words of the first citation alone."""
        return self.parts[0] if self.parts else self.text

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON-ready values; of the ranking its explanations alone, where they were asked for."""
        explained = [hit for hit in self.hits if hit.explanation is not None]
        values = {
            "question": self.question,
            "searched": self.searched,
            "text": self.text,
            "parts": list(self.parts),
            "abstained": self.abstained,
            "confidence": round(self.confidence, 4),
            "citations": [_citation_dict(c) for c in self.citations],
            "related": [_citation_dict(c) for c in self.related],
            "notes": list(self.notes),
        }
        if explained:
            values["explanations"] = [
                {"source": hit.source, "start": hit.start, "end": hit.end, **hit.explanation.as_dict()}
                for hit in explained
                if hit.explanation is not None
            ]
        return values


def merged(places: Sequence[Place], start: int = 0, end: int = sys.maxsize) -> list[Place]:
    """Places cut to start..end and put in order, those that touch or overlap joined."""
    out: list[Place] = []
    for place in sorted(places, key=lambda p: (p.start, p.end)):
        begin, stop = max(place.start, start), min(place.end, end)
        if begin >= stop:
            continue
        if out and begin <= out[-1].end:
            out[-1] = Place(out[-1].start, max(out[-1].end, stop))
        else:
            out.append(Place(begin, stop))
    return out


def location_dict(place: Location) -> dict[str, Any]:
    """Where a passage stands, as JSON-ready values."""
    return {name: getattr(place, name) for name in ("source", "title", "paragraph", "page", "start", "end")}


def _citation_dict(citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "source": citation.source,
        "title": citation.title,
        "paragraph": citation.paragraph,
        "page": citation.page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "marks": [[m.start, m.end] for m in citation.marks],
        "score": round(citation.score, 4),
        "also": [location_dict(place) for place in citation.also],
    }
