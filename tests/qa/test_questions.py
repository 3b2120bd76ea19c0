"""Reading question sets: each format, found by its content, and everything that can be wrong with one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from index.records import UsageError
from qa.question_files import load_questions
from qa.questions import QuestionSetError

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "questions.jsonl"
ASKED = {"id": "a", "question": "พบกันที่ไหน", "source": "one.txt", "paragraphs": [2], "answers": ["จีน"], "type": "where"}


def lines(*records: Any) -> str:
    return "".join((r if isinstance(r, str) else json.dumps(r, ensure_ascii=False)) + "\n" for r in records)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# -- our JSONL


def test_our_own_form(tmp_path: Path) -> None:
    refused = {
        "id": "b",
        "question": "ใครชนะ",
        "history": ["แข่งอะไร"],
        "source": "one.txt",
        "paragraphs": [],
        "answers": [],
    }
    found = load_questions(written(tmp_path, "q", lines(ASKED, "", refused)))
    first, second = found.questions
    assert (found.format, found.level) == ("jsonl", "paragraph")
    assert (first.id, first.answers, first.answerable, first.type) == ("a", ("จีน",), True, "where")
    assert (dict(first.relevant), first.paragraphs, first.where) == ({"one.txt": 1}, (2,), "q:1")
    assert (second.history, second.answerable, dict(second.relevant), second.where) == (("แข่งอะไร",), False, {}, "q:3")


def test_the_seeds_questions_are_read() -> None:
    found = load_questions(SEEDS)
    assert found.level == "paragraph"
    assert {source for q in found.questions for source in q.relevant} == {"xi-trump-phone-call.txt"}
    assert {q.answerable for q in found.questions} == {True, False}


def test_one_question_without_paragraphs_makes_documents_the_level(tmp_path: Path) -> None:
    other = {"question": "เมื่อไร", "source": "two.txt", "answers": ["วันนี้"]}
    found = load_questions(written(tmp_path, "q.jsonl", lines(ASKED, other)))
    assert found.level == "document"
    assert found.questions[1].id == "line 2"


def test_a_question_without_answers_field_says_nothing_about_answering(tmp_path: Path) -> None:
    found = load_questions(written(tmp_path, "q.jsonl", lines({"question": "เมื่อไร", "source": "two.txt"})))
    assert found.questions[0].answerable is None
    assert dict(found.questions[0].relevant) == {"two.txt": 1}


def test_every_malformed_line_is_named(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "q.jsonl",
        lines(
            ASKED,
            '{"question": "ขาด',
            {"id": "c"},
            [1],
            {"question": "  "},
            {"question": "ก", "answers": "จีน"},
            {"question": "ก", "paragraphs": [0], "source": "one.txt"},
            {"question": "ก", "paragraphs": [1]},
            ASKED,
        ),
    )
    with pytest.raises(QuestionSetError) as caught:
        load_questions(path)
    assert [problem.split(": ")[0] for problem in caught.value.problems] == [f"q.jsonl:{n}" for n in range(2, 10)]
    assert "not JSON" in caught.value.problems[0]
    assert 'id "a" is used before, at q.jsonl:1' in caught.value.problems[-1]
    assert "\n" not in str(caught.value)
    assert "8 problems, nothing was asked" in str(caught.value)


# -- SQuAD


def squad(**article: Any) -> str:
    context = {"context": "แมวอยู่บนโต๊ะ", "qas": [{"id": "1", "question": "แมวอยู่ไหน", "answers": [answer("บนโต๊ะ")]}]}
    return json.dumps(
        {"version": "v2", "data": [{"title": "แมว", "paragraphs": [context], **article}]}, ensure_ascii=False
    )


def answer(text: str) -> dict[str, Any]:
    return {"text": text, "answer_start": 7}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("packed", [False, True])
def test_squad_plain_and_packed(tmp_path: Path, indent: int | None, packed: bool) -> None:
    text = json.dumps(json.loads(squad()), ensure_ascii=False, indent=indent)
    path = tmp_path / "any-name"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    found = load_questions(path)
    (document,) = found.documents
    (question,) = found.questions
    assert (found.format, found.level, document.text) == ("squad", "document", "แมวอยู่บนโต๊ะ")
    assert dict(question.relevant) == {document.source: 1}
    assert question.answers == ("บนโต๊ะ",)


def test_squad_two_knows_unanswerable_questions_and_equal_contexts_are_one(tmp_path: Path) -> None:
    refused = {
        "id": "2",
        "question": "หมาอยู่ไหน",
        "is_impossible": True,
        "answers": [],
        "plausible_answers": [answer("โต๊ะ")],
    }
    twice = {"id": "1", "question": "แมวอยู่ไหน", "answers": [answer("บนโต๊ะ"), answer("บนโต๊ะ"), answer("โต๊ะ")]}
    paragraphs = [{"context": "แมวอยู่บนโต๊ะ", "qas": [question]} for question in (refused, twice)]
    found = load_questions(written(tmp_path, "q.json", squad(paragraphs=paragraphs)))
    assert len(found.documents) == 1
    assert [q.answerable for q in found.questions] == [False, True]
    assert dict(found.questions[0].relevant) == {}
    assert found.questions[1].answers == ("บนโต๊ะ", "โต๊ะ")


def test_every_malformed_place_of_squad_is_named(tmp_path: Path) -> None:
    paragraphs = [
        {"qas": []},
        {"context": "ก", "qas": [{"id": "1"}, "x", {"id": "2", "question": "ก", "answers": [{}]}]},
    ]
    with pytest.raises(QuestionSetError) as caught:
        load_questions(written(tmp_path, "q.json", squad(paragraphs=paragraphs)))
    places = [problem.split(": ")[1] for problem in caught.value.problems]
    assert places == ["data[0].paragraphs[0]", *(f"data[0].paragraphs[1].qas[{n}]" for n in range(3))]


def test_broken_squad_names_the_line(tmp_path: Path) -> None:
    broken = json.dumps(json.loads(squad()), indent=2)[:-9]
    with pytest.raises(QuestionSetError, match=r"q\.json:\d\d: not JSON"):
        load_questions(written(tmp_path, "q.json", broken))
    with pytest.raises(QuestionSetError, match='"data" is not a list'):
        load_questions(written(tmp_path, "q.json", '{"data": 3}'))


# -- BEIR


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    written(
        tmp_path, "corpus.jsonl", lines({"_id": "d1", "title": "แมว", "text": "บนโต๊ะ"}, {"_id": "d2", "text": "หมา"})
    )
    written(tmp_path, "queries.jsonl", lines({"_id": "q1", "text": "แมวอยู่ไหน"}, {"_id": "q2", "text": "ไม่ถูกถาม"}))
    written(tmp_path, "qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n")
    return tmp_path


def test_beir_folder(beir: Path) -> None:
    found = load_questions(beir)
    (question,) = found.questions
    assert (found.format, found.level, question.id) == ("beir", "document", "q1")
    assert (dict(question.relevant), question.answerable) == ({"d1": 2, "d2": 0}, None)
    assert [(d.source, d.title, d.text) for d in found.documents] == [("d1", "แมว", "บนโต๊ะ"), ("d2", "", "หมา")]


def test_beir_names_what_is_not_there(beir: Path) -> None:
    written(beir, "qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td9\t1\nq7\td1\t1\nq1 d1\n")
    with pytest.raises(QuestionSetError) as caught:
        load_questions(beir)
    assert caught.value.problems[:2] == (
        'test.tsv:2: document "d9" is not in corpus.jsonl',
        'test.tsv:3: query "q7" is not in queries.jsonl',
    )
    assert caught.value.problems[2].startswith("test.tsv:4:")


def test_a_folder_that_is_not_beir(tmp_path: Path, beir: Path) -> None:
    (beir / "qrels/test.tsv").unlink()
    with pytest.raises(UsageError, match="no judgements"):
        load_questions(beir)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UsageError, match=r"no corpus\.jsonl"):
        load_questions(empty)


# -- CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp874"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_spreadsheets_write_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [["คำถาม", "คำตอบ", "type"], ["แมวอยู่ไหน", "บนโต๊ะ | โต๊ะ", "where"], ["ใครชนะ", "", ""], ["", "", ""]]
    path = tmp_path / "table"
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    first, second = load_questions(path).questions
    assert (first.question, first.answers, first.type) == ("แมวอยู่ไหน", ("บนโต๊ะ", "โต๊ะ"), "where")
    assert (second.answerable, dict(second.relevant)) == (False, {})


def test_csv_can_name_paragraphs(tmp_path: Path) -> None:
    text = 'question,answer,source,paragraph\n"แมว, อยู่ไหน",บนโต๊ะ,one.txt,"2, 3"\n'
    found = load_questions(written(tmp_path, "q.csv", text))
    assert found.level == "paragraph"
    assert (found.questions[0].question, found.questions[0].paragraphs) == ("แมว, อยู่ไหน", (2, 3))


def test_every_malformed_row_of_a_csv_is_named(tmp_path: Path) -> None:
    text = "question,answer,paragraph\nก,ข,สอง\nก,ข\n,ข,\n"
    with pytest.raises(QuestionSetError) as caught:
        load_questions(written(tmp_path, "q.csv", text))
    assert [problem.split(": ")[0] for problem in caught.value.problems] == ["q.csv:2", "q.csv:3", "q.csv:4"]


# -- neither


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("  \n", "is empty"),
        ("just words\nmore\n", "first line reads: just words"),
        ("question,answer\n", "no question"),
    ],
)
def test_what_is_no_question_set(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_questions(written(tmp_path, "q", text))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        load_questions(tmp_path / "absent.jsonl")
    path = tmp_path / "q.json.gz"
    path.write_bytes(gzip.compress(squad().encode())[:40])
    with pytest.raises(UsageError, match="cannot be read"):
        load_questions(path)
    path.write_bytes(b'{"question": "\xff\xfe\xdc"}')
    with pytest.raises(UsageError, match="neither UTF-8 nor Windows-874"):
        load_questions(path)
