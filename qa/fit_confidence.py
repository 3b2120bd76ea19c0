"""Learn how sure an answer is: questions with the answering document, without it, without its answering sentences, and
our own questions, among them those that ask near a passage what it does not tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np

import qa
from index.records import Document, Hit
from index.sentences import sentence_spans
from index.thai import has_latin, has_thai
from qa import confidence
from qa.assistant import Assistant
from qa.own_questions import OwnPassage
from qa.questions import Question
from qa.reader_sentences import tree_arrays

# Chosen on own questions (five folds), the seeds' and iapp valid.
SETTINGS: dict[str, Any] = {
    "learning_rate": 0.04,
    "max_iter": 300,
    "max_leaf_nodes": 7,
    "min_samples_leaf": 20,
    "l2_regularization": 5.0,
    "max_features": 0.3,
    "random_state": 0,
    "early_stopping": False,
}
FOLDER = 8  # passages of one folder that our own questions are asked of: a person's folder is small
SHORTEST_REST = 80  # characters that a document keeps without its answering sentences, to be asked


@dataclass(frozen=True, slots=True)
class Row:
    """One question's evidence."""

    evidence: list[float]
    right: bool
    """True where the first passage answers."""
    weight: float
    across: bool


def across_scripts(question: str) -> bool:
    """True for a question in Latin script alone."""
    return has_latin(question) and not has_thai(question)


def answers_here(question: Question, hit: Hit) -> bool:
    """True where ``hit`` is (part of) what the question set names."""
    if hit.source not in question.relevant and not any(place.source in question.relevant for place in hit.also):
        return False
    if question.paragraphs:
        return hit.paragraph in question.paragraphs
    return any(answer in hit.text for answer in question.answers)


def evidence_table(bot: Assistant, questions: Sequence[Question], weight: float) -> list[Row]:
    """What spoke for the first passage, and whether it answers, a row a question."""
    rows = []
    for question in questions:
        if any(char.isalnum() for char in question.question):
            values, hit = bot.evidence(question.question, question.history)
            if hit is not None:
                table = [values[name] for name in confidence.EVIDENCE]
                right = bool(question.answers) and answers_here(question, hit)
                rows.append(Row(table, right, weight, across_scripts(question.question)))
    return rows


def own_rows(passages: Sequence[OwnPassage], answered: float, unanswered: float) -> list[Row]:
    """Our own questions, asked of folders of FOLDER passages of their kind, with the weights of either sort."""
    rows = []
    for _, group in groupby(passages, key=lambda passage: passage.name.split("-")[0]):
        kind = list(group)
        for folder in (kind[at : at + FOLDER] for at in range(0, len(kind), FOLDER)):
            bot = qa.open(documents=[Document(source=one.name, title=one.title, text=one.text) for one in folder])
            asked = [question for one in folder for question in as_questions(one)]
            rows += evidence_table(bot, [question for question in asked if question.answers], answered)
            rows += evidence_table(bot, [question for question in asked if not question.answers], unanswered)
    return rows


def as_questions(passage: OwnPassage) -> Iterator[Question]:
    """Its questions as an evaluation asks them; no answers where the passage does not tell."""
    for number, one in enumerate(passage.questions):
        answers = () if one.answer is None else (one.answer,)
        yield Question(
            f"{passage.name}-{number}", one.question, type=one.kind, answers=answers, relevant={passage.name: 1}
        )


def with_and_without(documents: Sequence[Document], questions: Sequence[Question], weight: float) -> list[Row]:
    """Each question asked of the half of the documents that answers it, and of the half that does not."""
    rows = []
    for half in (documents[::2], documents[1::2]):
        rows += evidence_table(qa.open(documents=half), questions, weight)
    return rows


def without_sentences(documents: Sequence[Document], questions: Sequence[Question], weight: float) -> list[Row]:
    """Each question asked where its document has lost the sentences that hold the answer: close, and yet no answer.

    In rounds, each document losing the answer of one question a round.
    """
    rounds: list[dict[str, tuple[Document, Question]]] = []
    for document, question in _shortened(documents, questions):
        free = next((one for one in rounds if document.source not in one), None)
        if free is None:
            rounds.append(free := {})
        free[document.source] = (document, replace(question, answers=()))
    rows = []
    for one in rounds:
        kept = [one[d.source][0] if d.source in one else d for d in documents]
        rows += evidence_table(qa.open(documents=kept), [question for _, question in one.values()], weight)
    return rows


def _shortened(documents: Sequence[Document], questions: Sequence[Question]) -> Iterator[tuple[Document, Question]]:
    by_source = {document.source: document for document in documents}
    for question in questions:
        document = by_source[next(iter(question.relevant))]
        wanted = [answer.strip() for answer in question.answers]
        pieces = (document.text[place.start : place.end] for place in sentence_spans(document.text))
        rest = "".join(piece for piece in pieces if not any(answer in piece for answer in wanted))
        # An answer over two sentences is still there: no close miss.
        if len(rest) >= SHORTEST_REST and not any(answer in rest for answer in wanted):
            yield replace(document, text=rest, pages=(), headings=()), question


def fit_confidence(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """Boosted trees as arrays, each measurement of EVIDENCE held to its direction."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    weight = np.asarray([row.weight for row in rows])
    model = HistGradientBoostingClassifier(**SETTINGS, monotonic_cst=list(confidence.DIRECTIONS))
    table = np.asarray([row.evidence for row in rows], dtype=np.float32)
    return tree_arrays(model.fit(table, np.asarray([row.right for row in rows]), sample_weight=weight / weight.mean()))
