"""Learn how sure an answer is: questions with the answering document, without it, and without its answering sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

import qa
from index.records import Document, Hit
from index.sentences import sentence_spans
from index.thai import has_latin, has_thai
from qa import confidence
from qa.assistant import Assistant
from qa.questions import Question

RIDGE = 1e-3  # on standardised evidence
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


def fit_confidence(rows: Sequence[Row]) -> dict[str, float]:
    """Weights of EVIDENCE of a logistic regression, ridge on the standardised evidence."""
    from scipy.optimize import minimize

    table = np.asarray([row.evidence for row in rows])
    right = np.asarray([row.right for row in rows], dtype=np.float64)
    weight = np.asarray([row.weight for row in rows])
    bias = confidence.EVIDENCE.index("bias")
    mean, scale = table.mean(axis=0), table.std(axis=0) + 1e-6
    mean[bias], scale[bias] = 0.0, 1.0
    standard = (table - mean) / scale
    held = np.full(table.shape[1], RIDGE)
    held[bias] = 0.0

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logit = standard @ weights
        chance = 1.0 / (1.0 + np.exp(-logit))
        value = float((weight * (np.logaddexp(0.0, logit) - right * logit)).sum() / weight.sum())
        slope = standard.T @ (weight * (chance - right)) / weight.sum()
        return value + float(held @ weights**2), slope + 2 * held * weights

    best = minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B").x / scale
    best[bias] -= float(best @ np.where(np.arange(len(best)) == bias, 0.0, mean))
    return {name: round(float(value), 3) for name, value in zip(confidence.EVIDENCE, best, strict=True)}
