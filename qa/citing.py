"""A hit that was read -> a citation: a slice of the source, checked before it is shown."""

from __future__ import annotations

from index.records import Document, Hit, Place, StoreDamaged
from index.thai import border_at
from qa.answer import Citation
from qa.reader import Reading

# Probability from which the span alone is shown, not its sentence; low, as words around the passage share the chance.
SURE_SPAN = 0.25


def cite(number: int, hit: Hit, reading: Reading, document: Document | None, *, whole: bool = False) -> Citation:
    """The hit as it is cited; ``whole`` marks the sentence that answers, not the words in it alone.

    Raises StoreDamaged where the passage is not what stands in its document.
    """
    if document is None or document.text[hit.start : hit.end] != hit.text:
        raise StoreDamaged(f"a passage of {hit.source} is not in its text; run qa build --rebuild")
    # Law 1: a slice of the source, cut on grapheme borders, checked before it is shown.
    start, end = border_at(document.text, hit.start), border_at(document.text, hit.end, forward=True)
    return Citation(
        number=number,
        source=hit.source,
        title=hit.title,
        paragraph=_paragraph(document, hit, reading.place),
        page=hit.page,
        start=start,
        end=end,
        quote=document.text[start:end],
        marks=(reading.place if whole else _answering(reading),),
        score=hit.score,
        also=hit.also,
    )


def said_by(citation: Citation) -> str:
    """The marked words of a citation."""
    mark = citation.marks[0]
    return citation.quote[mark.start - citation.start : mark.end - citation.start]


def _answering(reading: Reading) -> Place:
    """The words that answer: the span where the reader is sure of it, else its sentence."""
    return reading.span if reading.probability >= SURE_SPAN else reading.place


def _paragraph(document: Document, hit: Hit, place: Place) -> int:
    """The paragraph that the answering sentence stands in: a passage may join several short ones."""
    lines = document.text[hit.start : place.start].splitlines(keepends=True)
    ended = sum(1 for line in lines if line.strip() and line.endswith(("\n", "\r", "\f")))
    return hit.paragraph + ended
