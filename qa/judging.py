"""One question put to an assistant: what came back, how far down the right passage was, and why it failed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from index.chunking import paragraph_places
from index.records import Chunk, Document, Hit
from index.sentences import sentence_spans
from qa.answer import Answer, Citation
from qa.metrics import DEPTH, exact_match, holds, ranking_scores, token_f1
from qa.questions import Level, Question
from qa.summary import Found, Row

GOOD_F1 = 0.5  # an answer that shares this much with an accepted one, or whose sentence holds one, is good


class _Named(Protocol):
    """Anything that says which document it is of."""

    @property
    def source(self) -> str: ...


class Answerer(Protocol):
    """What is evaluated: the assistant, or anything that answers like it."""

    @property
    def config(self) -> Mapping[str, Any]:
        """How it is set up; JSON-ready, kept beside the figures."""

    @property
    def passage_count(self) -> int:
        """How many passages it searches."""

    def documents(self) -> Sequence[_Named]:
        """The documents it searches."""

    def document(self, source: str) -> Document | None:
        """One document, whole; None where there is no such document."""

    def retrieve(self, question: str, k: int = 5, history: Sequence[str] = ()) -> list[Hit]:
        """The ``k`` best passages, best first."""

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        """The answer."""

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        """The answer, from these passages and no others."""


def text_of_document(bot: Answerer, source: str) -> str:
    """The text of a document; empty where there is none."""
    document = bot.document(source)
    return document.text if document else ""


@dataclass(frozen=True, slots=True)
class _Reply:
    """What came back for one question, and how long it took."""

    answer: Answer | None
    milliseconds: float


def judged_row(bot: Answerer, question: Question, level: Level, depth: int, gold_passage: bool, *, warm: bool) -> Row:
    reply = _replied(bot, question, level, gold_passage)
    ranking = _ranking(bot, question, level, depth)
    answer = reply.answer
    found = tuple(
        Found(h.source, h.paragraph, h.start, h.end, h.score, is_relevant(h, question, level), h.text) for h in ranking
    )
    rank = next((number for number, item in enumerate(found, start=1) if item.relevant), None)
    first = (answer.citations or answer.related)[:1] if answer else ()
    scores = _ranking_scores(found, rank, question, level) | _answer_scores(bot, question, answer)
    row = Row(
        id=question.id,
        question=question.question,
        history=question.history,
        type=question.type,
        searched=answer.searched if answer else question.question,
        wanted=tuple(source for source, gain in question.relevant.items() if gain > 0),
        paragraphs=question.paragraphs,
        answers=question.answers,
        answerable=question.answerable,
        found=found,
        rank=rank,
        answer=answer.text if answer else None,
        quote=first[0].quote if first else "",
        abstained=answer.abstained if answer else None,
        confidence=answer.confidence if answer else None,
        latency_ms=reply.milliseconds if warm else None,
        scores=scores,
        failure=None,
    )
    return replace(row, failure=failure(row))


def _replied(bot: Answerer, question: Question, level: Level, gold_passage: bool) -> _Reply:
    """Ask, timed; where the set has nothing to compare an answer with, retrieving is what is timed."""
    if gold_passage and question.relevant and question.answers:
        hits = gold_hits(bot, question, level)
        # Reading knows no history: give it the question that the history makes of this one.
        alone = bot.ask(question.question, question.history).searched if question.history else question.question
        begin = time.perf_counter()
        answer = bot.read(alone, hits)
    else:
        begin = time.perf_counter()
        if question.answerable is None:
            bot.retrieve(question.question, DEPTH, question.history)
            answer = None
        else:
            answer = bot.ask(question.question, question.history)
    return _Reply(answer, (time.perf_counter() - begin) * 1000)


def _ranking(bot: Answerer, question: Question, level: Level, depth: int) -> list[Hit]:
    """The best ``depth`` passages; at document level the best passage of each of ``depth`` documents."""
    k = depth if level == "paragraph" else 4 * depth
    while True:
        hits = bot.retrieve(question.question, k, question.history)
        if level == "paragraph":
            return hits[:depth]
        best: dict[str, Hit] = {}
        for hit in hits:
            for source in dict.fromkeys([hit.source, *(place.source for place in hit.also)]):
                best.setdefault(source, hit if source == hit.source else _moved(hit, source))
        if len(best) >= depth or len(hits) < k or k >= bot.passage_count:
            return list(best.values())[:depth]
        k *= 4


def _moved(hit: Hit, source: str) -> Hit:
    """The hit at the first of its other places in ``source``."""
    place = next(place for place in hit.also if place.source == source)
    chunk = replace(hit.chunk, source=source, start=place.start, end=place.end, paragraph=place.paragraph)
    return replace(hit, chunk=chunk, title=place.title, page=place.page, also=())


def is_relevant(hit: Hit, question: Question, level: Level) -> bool:
    """True where the hit is of a relevant document and, at paragraph level, touches a named paragraph."""
    lines = len(paragraph_places(hit.text))
    places = [(hit.source, hit.paragraph), *((place.source, place.paragraph) for place in hit.also)]
    for source, first in places:
        if question.relevant.get(source, 0) > 0 and (
            level == "document" or any(first <= number < first + lines for number in question.paragraphs)
        ):
            return True
    return False


def gold_hits(bot: Answerer, question: Question, level: Level) -> list[Hit]:
    """The passages that are judged to answer: the assistant's own, else the named paragraphs themselves."""
    found = bot.retrieve(question.question, max(bot.passage_count, 1), question.history)
    hits = [hit for hit in found if is_relevant(hit, question, level)]
    return hits or [hit for hit in _paragraph_hits(bot, question) if is_relevant(hit, question, level)]


def _paragraph_hits(bot: Answerer, question: Question) -> Iterator[Hit]:
    for source in question.relevant:
        text = text_of_document(bot, source)
        for number, place in enumerate(paragraph_places(text), start=1):
            chunk = Chunk(source, place.start, place.end, text[place.start : place.end], number)
            yield Hit(-1, chunk, 1.0)


def _ranking_scores(found: Sequence[Found], rank: int | None, question: Question, level: Level) -> dict[str, float]:
    """At document level what is judged is documents; at paragraph level there is one thing to find."""
    if not any(gain > 0 for gain in question.relevant.values()):
        return {}
    if level == "document":
        return ranking_scores([item.source for item in found], question.relevant)
    ranking = [f"{number}" if number != rank else "wanted" for number in range(1, len(found) + 1)]
    return ranking_scores(ranking, {"wanted": 1})


def _answer_scores(bot: Answerer, question: Question, answer: Answer | None) -> dict[str, float]:
    """The scores of one answer; a refusal of an answerable question scores 0."""
    if answer is None:
        return {}
    scores: dict[str, float] = {}
    cited = answer.citations
    if cited:
        valid = (text_of_document(bot, c.source)[c.start : c.end] == c.quote for c in cited)
        scores["citations_valid"] = sum(valid) / len(cited)
    nearest = (cited or answer.related)[:1]
    scores["first_passage"] = float(any(_answers(c, question) for c in nearest))
    if question.answers and answer.abstained:
        scores |= dict.fromkeys(("exact", "f1", "f1_graphemes", "sentence_hit"), 0.0)
    elif question.answers:
        scores["exact"] = exact_match(answer.lead, question.answers)
        scores["f1"] = token_f1(answer.lead, question.answers)
        scores["f1_graphemes"] = token_f1(answer.lead, question.answers, "graphemes")
        scores["sentence_hit"] = float(holds(answer_sentence(answer), question.answers))
    return scores


def _answers(citation: Citation, question: Question) -> bool:
    """True where a cited passage holds an accepted answer, in a document judged relevant where any is."""
    there = not question.relevant or question.relevant.get(citation.source, 0) > 0
    return there and holds(citation.quote, question.answers)


def answer_sentence(answer: Answer) -> str:
    """The sentences of the first citation that hold the answering words; empty for a refusal."""
    if answer.abstained or not answer.citations:
        return ""
    cited = answer.citations[0]
    begin = cited.quote.find(answer.lead)
    marked = next((m for m in cited.marks if cited.quote[m.start - cited.start :].startswith(answer.lead)), None)
    if marked is not None:
        begin = marked.start - cited.start
    end = begin + len(answer.lead)
    touched = [s for s in sentence_spans(cited.quote) if s.start < end and begin < s.end]
    return cited.quote[touched[0].start : touched[-1].end] if touched and begin >= 0 else ""


def failure(row: Row) -> str | None:
    """Why a question failed, the earliest cause first; None where it did not, or nothing is judged.

    ``wrongly refused`` is a refusal although what answers was found; ``ranked low`` and ``wrong span`` are
    answers other than the wanted one, with what answers below the first rank or at it.
    """
    if row.answerable is False:
        return None if row.abstained else "wrongly answered"
    if row.scores.get("sentence_hit", 0) > 0 or row.scores.get("f1", 0) >= GOOD_F1:
        return None
    judged = bool(row.wanted)
    if judged and row.rank is None:
        return "not retrieved"
    if row.abstained:
        return "wrongly refused"
    if judged and row.rank != 1:
        return "ranked low"
    return "wrong span" if row.answers else None
