"""Evaluation with a question set: how good is the assistant on these documents, and what fails and why.

report = evaluate(bot, load_questions("questions.jsonl"))
report.figures, report.rows, report.as_dict()
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from index.chunking import paragraph_places
from index.records import UsageError
from qa.compare import Comparison, compare, load_report
from qa.judging import Answerer, judged_row, text_of_document
from qa.metrics import DEPTH
from qa.question_files import load_questions
from qa.questions import Question, QuestionSet, QuestionSetError
from qa.summary import Report, Row

__all__ = [
    "Answerer",
    "Comparison",
    "Question",
    "QuestionSet",
    "QuestionSetError",
    "Report",
    "Row",
    "compare",
    "evaluate",
    "load_questions",
    "load_report",
]


def evaluate(
    bot: Answerer,
    questions: QuestionSet | str | Path,
    *,
    depth: int = DEPTH,
    gold_passage: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Ask every question and judge what comes back.

    Args:
        depth: ranks kept a question (documents or passages, by the set's level), at least 10.
        gold_passage: read the answers from the passages that are judged to hold them; retrieval is
            measured as ever.
        progress: called with (done, all) after each question.

    Interrupted (Ctrl-C), it returns the report of the questions done, ``report.partial`` true.

    Raises:
        UsageError: a question names a document or a paragraph that is not there; names all of them.
    """
    if not isinstance(questions, QuestionSet):
        questions = load_questions(questions)
    if depth < DEPTH:
        raise UsageError(f"depth must be at least {DEPTH}: the figures look that far, not {depth}")
    asked = _resolved(bot, questions)
    rows: list[Row] = []
    try:
        for question in asked:
            # The first call loads what is loaded on demand: its time is not the assistant's.
            rows.append(judged_row(bot, question, questions.level, depth, gold_passage, warm=bool(rows)))
            if progress is not None:
                progress(len(rows), len(asked))
    except KeyboardInterrupt:
        pass  # what is done is worth keeping; ``partial`` says that it is not all
    return Report(
        name=questions.name,
        level=questions.level,
        documents=len(bot.documents()),
        passages=bot.passage_count,
        results=tuple(rows),
        config={**bot.config, "gold_passage": gold_passage, "depth": depth},
        asked=len(asked),
        drafts=sum(question.draft for question in asked),
    )


# -- does the set fit the documents? -----------------------------------------------------------------------


def _resolved(bot: Answerer, questions: QuestionSet) -> tuple[Question, ...]:
    """The questions with the documents that they name looked up.

    A set that brings its contexts, asked over other documents, means the document that holds the context.
    """
    there = {document.source for document in bot.documents()}
    brought = {document.source: document.text.strip() for document in questions.documents}
    texts: dict[str, str] = {}
    names: dict[str, str] = {}
    problems: list[str] = []
    resolved = []
    for question in questions.questions:
        for source in question.relevant:
            if source in there or source in names:
                continue
            if source in brought and questions.format == "squad":
                texts = texts or {name: text_of_document(bot, name) for name in sorted(there)}
                holding = next((name for name, text in texts.items() if brought[source] in text), None)
                if holding is not None:
                    names[source] = holding
                    continue
            problems.append(f'{question.where}: document "{source}" is not there{_nearest(source, there)}')
        gains = {names.get(source, source): gain for source, gain in question.relevant.items()}
        resolved.append(replace(question, relevant=gains))
    if not problems and questions.level == "paragraph":
        problems = list(_beyond(bot, resolved))
    if problems:
        raise QuestionSetError(questions.name, problems)
    return tuple(resolved)


def _nearest(source: str, there: set[str]) -> str:
    close = difflib.get_close_matches(source, there, n=1)
    return f'; is "{close[0]}" meant?' if close else ""


def _beyond(bot: Answerer, questions: Sequence[Question]) -> Iterator[str]:
    """A line for each question that names a paragraph past the end of its document."""
    counts: dict[str, int] = {}
    for question in questions:
        for source in question.relevant:
            if source not in counts:
                counts[source] = len(paragraph_places(text_of_document(bot, source)))
            for number in question.paragraphs:
                if number > counts[source]:
                    yield f'{question.where}: "{source}" has {counts[source]} paragraphs, no number {number}'
