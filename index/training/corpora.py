"""Readers of the training data: each yields plain strings and names the file and line where one is bad."""

from __future__ import annotations

import csv
import gzip
import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from index.records import DocumentError, UsageError
from index.thai import normalise

LEXICON = Path(__file__).parent / "lexicon"
_AFTER_QUESTION = re.compile(r"\?[^?]{0,12}$")  # particles and slips that the question file carries after "?"


@dataclass(frozen=True, slots=True)
class Article:
    """One news item."""

    title: str
    text: str
    """Paragraphs separated by newlines."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the passage that answers it."""

    text: str
    passage: int
    """Index into the list of passages it came with."""
    start: int
    """Character of the passage at which the answer begins, -1 where not given."""


@dataclass(frozen=True, slots=True)
class Parallel:
    """One question in Thai and twice in English."""

    thai: str
    english: str
    paraphrase: str
    origin: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Forms that mean the same: Thai ones, and English ones (none on a Thai-only line)."""

    thai: tuple[str, ...]
    english: tuple[str, ...]


def need(path: Path) -> Path:
    """``path`` if it is there; UsageError naming it otherwise."""
    if not path.exists():
        raise UsageError(f"{path} is missing: give the folder that holds thaigov/, iapp/ and pairs/ with --data")
    return path


def read_articles(data: Path, limit: int | None = None) -> Iterator[Article]:
    """The news items of ``thaigov/thaigov.jsonl.xz``, in file order (already shuffled)."""
    path = need(data / "thaigov" / "thaigov.jsonl.xz")
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(islice(lines, limit), 1):
            try:
                item = json.loads(line)
                yield Article(item["title"], item["text"])
            except (json.JSONDecodeError, KeyError) as error:
                raise DocumentError(f"{path}:{number}", f"not a news item ({error}): fetch the file again") from error


def read_squad(path: Path) -> tuple[list[str], list[Question]]:
    """Passages (each once) and questions of a file in SQuAD form, gzipped or plain."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(need(path), "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    places: dict[str, int] = {}
    questions: list[Question] = []
    for article in articles:
        for paragraph in article["paragraphs"]:
            passage = places.setdefault(paragraph["context"], len(places))
            for qa in paragraph["qas"]:
                start = qa["answers"][0]["answer_start"] if qa["answers"] else -1
                questions.append(Question(qa["question"], passage, start))
    return list(places), questions


def read_parallel(data: Path) -> list[Parallel]:
    """The question pairs of ``pairs/question_pairs.en-th.tsv``."""
    path = need(data / "pairs" / "question_pairs.en-th.tsv")
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    for number, row in enumerate(rows, 2):
        if len(row) != 4:
            raise DocumentError(f"{path}:{number}", f"{len(row)} columns, not 4: th, en, en_paraphrase, origin")
    return [Parallel(_AFTER_QUESTION.sub("", row[0]), *row[1:]) for row in rows]


def question_key(text: str) -> str:
    """What is equal for two spellings of one question: normalised letters up to the question mark."""
    return re.sub(r"[\s?\u200b.]", "", normalise(_AFTER_QUESTION.sub("", text)).text)


def read_transliterations(data: Path) -> list[Entry]:
    """English words in Thai letters: the checked rows of ``pairs/transliteration.tsv``."""
    path = need(data / "pairs" / "transliteration.tsv")
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return [Entry((row[0],), (row[1],)) for row in rows if len(row) == 3 and row[2] == "True"]


def read_synonyms(data: Path) -> list[Entry]:
    """Thai words of one meaning, from ``pairs/synonyms.csv``."""
    with need(data / "pairs" / "synonyms.csv").open(encoding="utf-8", newline="") as file:
        return [Entry((row["word"], *row["synonym"].split("|")), ()) for row in csv.DictReader(file)]


def read_lexicon(folder: Path = LEXICON) -> list[Entry]:
    """Every line of the ``*.tsv`` files: Thai forms by ``|``, a tab, English forms by ``|`` (may be empty).

    Lines that start with ``#`` and blank ones are comments.
    """
    entries = []
    for path in sorted(folder.glob("*.tsv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            columns = line.split("\t")
            thai = tuple(form.strip() for form in columns[0].split("|") if form.strip())
            english = tuple(form.strip() for form in "|".join(columns[1:2]).split("|") if form.strip())
            if not thai or len(columns) > 2:
                raise DocumentError(f"{path}:{number}", "expected: Thai forms by |, a tab, English forms by |")
            entries.append(Entry(thai, english))
    return entries


_GLOSS = re.compile(
    r"([\u0e00-\u0e7f][\u0e00-\u0e7f ]{2,40})\((?:[\u0e00-\u0e7f]{2,12}: ?)?([A-Za-z][A-Za-z .'&:,-]{2,60})\)"
)


def glosses(text: str) -> list[tuple[str, str]]:
    """English in brackets and the Thai words before it, at most 40 characters: ("soft power", "ซอฟต์พาวเวอร์")."""
    return [(english, thai.strip()) for thai, english in _GLOSS.findall(text)]


def split_passage(text: str, size: int = 360) -> list[tuple[int, str]]:
    """``text`` in pieces of about ``size`` characters, cut at white space, each with the place it starts at."""
    pieces = []
    start = 0
    while start < len(text):
        end = start + size
        if end + size // 3 < len(text):
            cut = max(text.rfind(" ", start + size // 2, end), text.rfind("\n", start + size // 2, end))
            end = cut if cut > 0 else end
        else:
            end = len(text)
        pieces.append((start, text[start:end]))
        start = end
    return pieces
