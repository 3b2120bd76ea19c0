"""The records of a question set, and our own JSONL form of it (``qa.question_files`` reads the others)."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from index.records import Document, UsageError

Level = Literal["document", "paragraph"]


class QuestionSetError(UsageError):
    """A question set that cannot be used as it is.

    Attributes:
        problems: one line for each malformed place, all of them, with file and line.
    """

    def __init__(self, path: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"
        super().__init__(f"{path}: {count}, nothing was asked: {'; '.join(self.problems)}")


@dataclass(frozen=True, slots=True)
class Question:
    """One question and what its set says about it."""

    id: str
    question: str
    history: tuple[str, ...] = ()
    """Earlier questions of the conversation, oldest first."""
    type: str = ""
    answers: tuple[str, ...] = ()
    """Accepted answers; empty where the documents do not answer, or where the set does not say."""
    answerable: bool | None = None
    """None where the set does not say."""
    relevant: Mapping[str, int] = field(default_factory=dict)
    """Document -> gain (above 0: it answers); empty where nothing is judged."""
    paragraphs: tuple[int, ...] = ()
    """1-based numbers of the non-empty paragraphs that answer; any one of them is enough."""
    where: str = ""
    """File and line, for messages."""
    draft: bool = False
    """True for a question that was drafted by a machine and not yet looked at by a person."""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions, and the documents where the set brings its own."""

    name: str
    format: Literal["jsonl", "squad", "beir", "csv"]
    questions: tuple[Question, ...]
    documents: tuple[Document, ...] = ()

    @property
    def level(self) -> Level:
        """What is judged: a paragraph where every judged question names its paragraphs, else a document."""
        judged = [q for q in self.questions if q.relevant]
        return "paragraph" if judged and all(q.paragraphs for q in judged) else "document"


def text_of(path: Path) -> str:
    """The text of a file, unpacked where it is gzipped, in UTF-8 or (spreadsheets) in Windows-874."""
    try:
        data = path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file or folder; name a question set (JSONL, SQuAD, BEIR or CSV)") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        try:
            return data.decode("cp874")
        except UnicodeDecodeError:
            line = data[: error.start].count(b"\n") + 1
            raise UsageError(f"{path}:{line}: neither UTF-8 nor Windows-874: save the file as UTF-8") from None


class Malformed(ValueError):
    """What is wrong with one line."""


def objects_of(path: Path, text: str, problems: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(file and line, object) of each line that holds one; the others go to ``problems``."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path.name}:{number}"
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            problems.append(f"{where}: not JSON: {error.msg} at column {error.colno}")
            continue
        if isinstance(value, dict):
            yield where, value
        else:
            problems.append(f"{where}: a JSON object is wanted, not {type(value).__name__}")


def jsonl(path: Path, text: str) -> QuestionSet:
    problems: list[str] = []
    questions: list[Question] = []
    for where, value in objects_of(path, text, problems):
        try:
            questions.append(question_of(value, where))
        except Malformed as error:
            problems.append(f"{where}: {error}")
    check(path, questions, problems)
    return QuestionSet(path.name, "jsonl", tuple(questions))


def question_of(value: Mapping[str, Any], where: str) -> Question:
    question = string_of(value, "question", required=True)
    source = string_of(value, "source")
    paragraphs = value.get("paragraphs") or []
    if not isinstance(paragraphs, list) or not all(type(p) is int and p > 0 for p in paragraphs):
        raise Malformed('"paragraphs" must be a list of numbers from 1')
    if paragraphs and not source:
        raise Malformed('"paragraphs" without "source": name the document they are in')
    answers = strings_of(value, "answers")
    return Question(
        id=string_of(value, "id") or f"line {where.rpartition(':')[2]}",
        question=question,
        history=strings_of(value, "history"),
        type=string_of(value, "type"),
        answers=answers,
        answerable=bool(answers) if value.get("answers") is not None else None,
        # A question that the documents do not answer may still name the document it was written for.
        relevant={source: 1} if source and (answers or paragraphs or value.get("answers") is None) else {},
        paragraphs=tuple(paragraphs),
        where=where,
        draft=value.get("draft") is True,
    )


def string_of(value: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    found = value.get(name)
    if found is None and not required:
        return ""
    if isinstance(found, int) and name == "id":
        return str(found)
    if not isinstance(found, str) or (required and not found.strip()):
        raise Malformed(f'"{name}" must be text' + (", and not blank" if required else ""))
    return found.strip()


def strings_of(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = value.get(name) or []
    if not isinstance(found, list) or not all(isinstance(item, str) and item.strip() for item in found):
        raise Malformed(f'"{name}" must be a list of texts, none blank')
    return tuple(found)


def check(path: Path, questions: list[Question], problems: list[str]) -> None:
    """Raise what was gathered, with identifiers that are used twice."""
    first: dict[str, str] = {}
    for question in questions:
        if question.id in first:
            problems.append(f'{question.where}: id "{question.id}" is used before, at {first[question.id]}')
        first.setdefault(question.id, question.where)
    if problems:
        raise QuestionSetError(str(path), problems)
