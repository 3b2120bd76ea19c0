"""The project's own questions as paragraphs of a SQuAD file, beside iapp's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qa.own_questions import own_passages
from qa.reader_text import counted, squeezed

AROUND = 100  # characters on each side of words that are found several times
GRAM = 3


def own_paragraphs(data: Path, *, held_out: bool = False) -> list[dict[str, Any]]:
    """``context`` and ``qas`` of each own passage that is learned from, or of those held out.

    Questions without an answer are left out: what the reader learns is where an answer stands. Raises as ``own_passages``.
    """
    made = []
    for passage in own_passages(data):
        if passage.held_out == held_out:
            rows = [
                {
                    "question": row.question,
                    "kind": row.kind,
                    "answers": [_answer(passage.text, row.question, row.answer)],
                }
                for row in passage.questions
                if row.answer is not None
            ]
            made.append({"context": passage.text, "name": passage.name, "qas": rows})
    return made


def near_misses(data: Path, *, held_out: bool = False) -> list[dict[str, Any]]:
    """The same passages with the questions that they do not answer (``answers`` empty). Raises as ``own_passages``."""
    return [
        {
            "context": passage.text,
            "name": passage.name,
            "qas": [
                {"question": row.question, "kind": row.kind, "answers": []}
                for row in passage.questions
                if row.answer is None
            ],
        }
        for passage in own_passages(data)
        if passage.held_out == held_out
    ]


def _answer(text: str, question: str, answer: str) -> dict[str, Any]:
    """The answer in SQuAD's form; where it stands several times, the place around which most of the question's letters do."""
    places = [start for start in range(len(text)) if text.startswith(answer, start)]
    asked = counted(squeezed(question), GRAM)

    def shared(start: int) -> int:
        before, after = text[max(0, start - AROUND) : start], text[start + len(answer) :][:AROUND]
        return len(asked & counted(squeezed(before + " " + after), GRAM))

    return {"text": answer, "answer_start": max(places, key=shared)}
