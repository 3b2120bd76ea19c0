"""Questions written for this project, to learn from: answerable in the text's words and in others, in English, and none at all.

Files of lines: a passage, then its questions. ``government`` asks about paragraphs of thaigov, ``wikipedia`` about
passages of iapp train (both are read from the data folder), the others about passages of our own: ``encyclopedia``, ``science``
and ``society`` in the manner of translated encyclopedias, ``world`` and ``local`` in that of news, ``office`` in that of
rules, notices and manuals (facts from memory, people and places made up: they teach language, not history). Kinds of questions: ``plain``; ``para``, in
other words than the text's; ``en``, in English; ``none`` and ``none_en``, near the passage but not answered by it.
"""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
FILES = ("government", "wikipedia", "encyclopedia", "science", "society", "world", "local", "office")
HELD_OUT = 5  # every so many-th passage is not learned from, but measured on


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question and the words of its passage that answer it, None where none do."""

    kind: str
    question: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class OwnPassage:
    """A passage and its questions."""

    name: str
    title: str
    text: str
    questions: tuple[OwnQuestion, ...]
    held_out: bool


def own_passages(data: Path) -> list[OwnPassage]:
    """All passages, file by file; ``data`` holds iapp/ and thaigov/. Raises OSError, or KeyError where it lacks one."""
    texts = {**_government(data, _wanted("government")), **_wikipedia(data)}
    return [passage for file in FILES for passage in passages_of(file, texts)]


def passages_of(file: str, texts: Mapping[tuple[str, int], tuple[str, str]]) -> Iterator[OwnPassage]:
    """The passages of one file; ``texts`` gives title and text of (document, paragraph) where the file does not."""
    for number, (head, questions) in enumerate(_groups(file)):
        title, text = (head["title"], head["text"]) if "text" in head else texts[head["document"], head["paragraph"]]
        yield OwnPassage(f"{file}-{number}", title, text, questions, number % HELD_OUT == HELD_OUT - 1)


def _groups(file: str) -> Iterator[tuple[dict[str, Any], tuple[OwnQuestion, ...]]]:
    head: dict[str, Any] = {}
    questions: list[OwnQuestion] = []
    for line in (FOLDER / f"{file}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "kind" in row:
            questions.append(OwnQuestion(row["kind"], row["question"], row.get("answer")))
            continue
        if head:
            yield head, tuple(questions)
        head, questions = row, []
    yield head, tuple(questions)


def _wanted(file: str) -> set[str]:
    return {head["document"] for head, _ in _groups(file)}


def _government(data: Path, wanted: set[str]) -> dict[tuple[str, int], tuple[str, str]]:
    found: dict[tuple[str, int], tuple[str, str]] = {}
    with lzma.open(data / "thaigov" / "thaigov.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["id"] in wanted:
                for number, paragraph in enumerate(row["text"].split("\n")):
                    found[row["id"], number] = (row["title"], paragraph)
    return found


def _wikipedia(data: Path) -> dict[tuple[str, int], tuple[str, str]]:
    found: dict[tuple[str, int], tuple[str, str]] = {}
    articles = json.loads(gzip.decompress((data / "iapp" / "iapp.train.json.gz").read_bytes()))["data"]
    for article in articles:
        for number, paragraph in enumerate(article["paragraphs"]):
            found.setdefault((article["title"], number), (article["title"], paragraph["context"]))
    return found
