"""Question sets on disk, told apart by content, not by file name; a file may be gzipped.

==================  ================================================  =====================
our JSONL           one object a line, see ``seeds/questions.jsonl``  paragraph or document
CSV                 columns question and answer, perhaps more         paragraph or document
SQuAD 1.1 and 2.0   each context is a document                        document
BEIR folder         corpus.jsonl, queries.jsonl, qrels                document
==================  ================================================  =====================

Everything malformed is gathered first and named in one error.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from index.records import Document, UsageError
from qa.questions import (
    Malformed,
    Question,
    QuestionSet,
    QuestionSetError,
    check,
    jsonl,
    objects_of,
    question_of,
    string_of,
    text_of,
)


def load_questions(path: str | Path) -> QuestionSet:
    """Read a question set: a file in JSONL, CSV or SQuAD form, or a folder in BEIR form.

    Raises:
        QuestionSetError: something in it is malformed; names every file and line.
        UsageError: it is not there, is empty, or is of no known format.
    """
    path = Path(path)
    if path.is_dir():
        return _beir(path)
    text = text_of(path)
    start = text.lstrip()[:400]
    if not start:
        raise UsageError(f"{path}: the question set is empty: write one question a line, or `qa questions draft`")
    if not start.startswith(("{", "[")):
        found = _csv(path, text)
    elif re.match(r'[{]\s*"(data|version)"\s*:', start) or start.split("\n", 1)[0].strip() == "{":
        found = _squad(path, text)
    else:
        found = jsonl(path, text)
    if not found.questions:
        raise UsageError(f"{path}: the question set holds no question")
    return found


# -- CSV ---------------------------------------------------------------------------------------------------

COLUMNS = {
    "question": ("question", "คำถาม"),
    "answers": ("answer", "answers", "คำตอบ"),
    "id": ("id",),
    "type": ("type", "ประเภท"),
    "source": ("source", "document", "เอกสาร"),
    "paragraphs": ("paragraph", "paragraphs", "ย่อหน้า"),
}


def _csv(path: Path, text: str) -> QuestionSet:
    """A table with a heading: question and answer, perhaps id, type, source and paragraph.

    An empty answer says that the documents do not answer; several answers are parted by ``|``.
    """
    heading = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    problems: list[str] = []
    questions: list[Question] = []
    try:
        names = [cell.strip().lower() for cell in next(reader)]
        columns = {key: names.index(n) for key, known in COLUMNS.items() for n in known if n in names}
        if not {"question", "answers"} <= columns.keys():
            raise UsageError(
                f"{path}: neither JSONL, SQuAD nor a table with the columns question and answer; "
                f"its first line reads: {heading[:80].strip()}"
            )
        for row in reader:
            where = f"{path.name}:{reader.line_num}"
            if not any(cell.strip() for cell in row):
                continue
            try:
                questions.append(_csv_question(row, len(names), columns, where))
            except (Malformed, ValueError) as error:
                problems.append(f"{where}: {error}")
    except csv.Error as error:
        problems.append(f"{path.name}:{reader.line_num}: {error}")
    check(path, questions, problems)
    return QuestionSet(path.name, "csv", tuple(questions))


def _csv_question(row: list[str], width: int, columns: Mapping[str, int], where: str) -> Question:
    if len(row) != width:
        raise Malformed(f"{len(row)} cells where the heading has {width}: put cells with the delimiter in quotes")
    cells = {key: row[column].strip() for key, column in columns.items()}
    numbers = re.split(r"[\s,|]+", cells["paragraphs"]) if cells.get("paragraphs") else []
    if not all(number.isdigit() for number in numbers):
        raise Malformed(f'paragraph "{cells["paragraphs"]}" is not a number')
    value = {key: text for key, text in cells.items() if text and key not in ("answers", "paragraphs")}
    answers = [answer.strip() for answer in cells["answers"].split("|") if answer.strip()]
    return question_of({**value, "answers": answers, "paragraphs": [int(n) for n in numbers]}, where)


# -- SQuAD -------------------------------------------------------------------------------------------------


def _squad(path: Path, text: str) -> QuestionSet:
    """SQuAD 1.1 or 2.0: equal contexts are one document, named after the article and counted.

    The article's title is not made the document's: titles name the answer's subject, and published figures
    on these sets search contexts alone.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise QuestionSetError(str(path), [f"{path.name}:{error.lineno}: not JSON: {error.msg}"]) from error
    problems: list[str] = []
    questions: list[Question] = []
    sources: dict[str, str] = {}
    titles: dict[str, str] = {}
    for where, title, paragraph in _contexts(path.name, data, problems):
        context = paragraph["context"]
        source = sources.setdefault(context, f"{title or 'context'}/{len(sources) + 1:05d}")
        titles[source] = title
        for number, entry in enumerate(paragraph["qas"]):
            try:
                questions.append(_squad_question(entry, source, f"{where}.qas[{number}]"))
            except (Malformed, AttributeError, KeyError, TypeError) as error:
                problem = str(error) if isinstance(error, Malformed) else "not a SQuAD question"
                problems.append(f"{where}.qas[{number}]: {problem}")
    check(path, questions, problems)
    documents = (Document(s, context, metadata={"title": titles[s]}) for context, s in sources.items())
    return QuestionSet(path.name, "squad", tuple(questions), tuple(documents))


def _contexts(name: str, data: Any, problems: list[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    articles = data.get("data") if isinstance(data, dict) else None
    if not isinstance(articles, list):
        problems.append(f'{name}: "data" is not a list: neither SQuAD nor one question a line')
        return
    for i, article in enumerate(articles):
        paragraphs = article.get("paragraphs") if isinstance(article, dict) else None
        if not isinstance(paragraphs, list):
            problems.append(f"{name}: data[{i}]: no list of paragraphs")
            continue
        for j, paragraph in enumerate(paragraphs):
            where = f"{name}: data[{i}].paragraphs[{j}]"
            whole = isinstance(paragraph, dict) and isinstance(paragraph.get("context"), str)
            if whole and paragraph["context"].strip() and isinstance(paragraph.get("qas"), list):
                yield where, str(article.get("title") or ""), paragraph
            else:
                problems.append(f"{where}: needs a context and a list of qas")


def _squad_question(entry: Mapping[str, Any], source: str, where: str) -> Question:
    answers = tuple(dict.fromkeys(answer["text"] for answer in entry.get("answers", ())))
    impossible = bool(entry.get("is_impossible")) or not answers
    return Question(
        id=string_of(entry, "id") or where,
        question=string_of(entry, "question", required=True),
        type=string_of(entry, "type") or ("unanswerable" if impossible else ""),
        answers=() if impossible else answers,
        answerable=not impossible,
        relevant={} if impossible else {source: 1},
        where=where,
    )


# -- BEIR --------------------------------------------------------------------------------------------------


def _beir(folder: Path) -> QuestionSet:
    """A folder in the form of BEIR (Thakur et al. 2021); of several splits, test is read."""
    corpus, queries = _member(folder, "corpus.jsonl"), _member(folder, "queries.jsonl")
    problems: list[str] = []
    documents = []
    for where, value in objects_of(corpus, text_of(corpus), problems):
        try:
            name, body = string_of(value, "_id", required=True), string_of(value, "text")
            documents.append(Document(name, body, title=string_of(value, "title")))
        except Malformed as error:
            problems.append(f"{where}: {error}")
    asked: dict[str, tuple[str, str]] = {}
    for where, value in objects_of(queries, text_of(queries), problems):
        try:
            asked[string_of(value, "_id", required=True)] = (string_of(value, "text", required=True), where)
        except Malformed as error:
            problems.append(f"{where}: {error}")
    judged = _qrels(_qrels_file(folder), {d.source for d in documents}, set(asked), problems)
    if problems:
        raise QuestionSetError(str(folder), problems)
    questions = (Question(i, asked[i][0], relevant=gains, where=asked[i][1]) for i, gains in judged.items())
    kept = tuple(q for q in questions if any(gain > 0 for gain in q.relevant.values()))
    if not kept:
        raise UsageError(f"{folder}: no query has a document judged relevant to it")
    return QuestionSet(folder.resolve().name, "beir", kept, tuple(documents))


def _member(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise UsageError(f"{folder}: no {name}: a folder of questions must be in the form of BEIR")


def _qrels_file(folder: Path) -> Path:
    names = ("qrels/test.tsv", "qrels/dev.tsv", "qrels/train.tsv", "qrels.tsv")
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise UsageError(f"{folder}: no judgements: one of {', '.join(names)} is wanted")


def _qrels(path: Path, documents: set[str], queries: set[str], problems: list[str]) -> dict[str, dict[str, int]]:
    """Query -> document -> gain, from lines of query, document and gain (or trec's, with a 0 between)."""
    judged: dict[str, dict[str, int]] = {}
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        fields = line.split("\t") if "\t" in line else line.split()
        if not fields or (number == 1 and not fields[-1].lstrip("-").isdigit()):
            continue  # a blank line, or the header
        where = f"{path.name}:{number}"
        if len(fields) not in (3, 4) or not fields[-1].strip().lstrip("-").isdigit():
            problems.append(f"{where}: query, document and a whole number are wanted, with tabs between")
        elif fields[0] not in queries:
            problems.append(f'{where}: query "{fields[0]}" is not in queries.jsonl')
        elif fields[-2] not in documents:
            problems.append(f'{where}: document "{fields[-2]}" is not in corpus.jsonl')
        else:
            judged.setdefault(fields[0], {})[fields[-2]] = int(fields[-1])
    return judged
