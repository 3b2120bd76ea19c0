"""``qa eval`` and ``qa questions draft`` on the command line."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from test_evaluation import DOCUMENTS
from words_bot import WordsBot

from index.records import Document, UsageError
from qa import eval_cli
from qa.tables import _width

ASKED = [
    {"id": "fare", "question": "ค่าโดยสารเรือข้ามฟากเท่าไร", "source": "boat.txt", "paragraphs": [1], "answers": ["ห้าบาท"], "type": "ราคา"},
    {"id": "rice", "question": "ชาวนาปลูกข้าวอะไร", "source": "rice.txt", "paragraphs": [1], "answers": ["ข้าวหอมมะลิ"], "type": "อะไร"},
    {"id": "moon", "question": "ยานอวกาศลงจอดดวงจันทร์วันไหน", "answers": [], "type": "ไม่มีคำตอบ"},
]  # fmt: skip


class Opening:
    """Opens the small assistant and keeps how it was asked to."""

    def __init__(self) -> None:
        self.options: list[dict[str, Any]] = []

    def __call__(self, **options: Any) -> WordsBot:
        self.options.append(options)
        return WordsBot(options.get("documents") or DOCUMENTS)


def command(*words: str, opening: Any = None) -> int:
    parser = argparse.ArgumentParser()
    eval_cli.add_arguments(parser.add_subparsers(dest="command", required=True))
    return eval_cli.run(parser.parse_args(words), opening or Opening())


@pytest.fixture
def questions(tmp_path: Path) -> str:
    path = tmp_path / "set.jsonl"
    path.write_text("".join(json.dumps(q, ensure_ascii=False) + "\n" for q in ASKED), encoding="utf-8")
    return str(path)


def test_figures_rows_and_page_are_written(questions: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = [str(tmp_path / name) for name in ("a.json", "rows.jsonl", "a.html")]
    assert command("eval", questions, "--docs", "x", "--json", out[0], "--rows", out[1], "--report", out[2]) == 0
    printed = capsys.readouterr().out
    assert "found = the right paragraph" in printed
    assert "recall@1   " in printed
    assert "[1.000, 1.000]" in printed
    assert "by question type" in printed
    assert "ราคา" in printed
    assert json.loads(Path(out[0]).read_text(encoding="utf-8"))["retrieval"]["recall@1"] == 1.0
    rows = [json.loads(line) for line in Path(out[1]).read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["fare", "rice", "moon"]
    assert "</html>" in Path(out[2]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {"folder": None, "documents": None, "mode": "hybrid", "rescore": True}),
        (["--docs", "mine"], {"folder": "mine", "documents": None, "mode": "hybrid", "rescore": True}),
        (["--encoder-only"], {"folder": None, "documents": None, "mode": "dense", "rescore": True}),
        (["--words-only", "--no-rescore"], {"folder": None, "documents": None, "mode": "words", "rescore": False}),
    ],
)
def test_how_the_assistant_is_opened(questions: str, words: list[str], expected: dict[str, Any]) -> None:
    opening = Opening()
    command("eval", questions, *words, opening=opening)
    assert opening.options == [expected]


def test_a_set_that_brings_its_contexts_is_asked_over_them(tmp_path: Path) -> None:
    context = {
        "context": DOCUMENTS[1].text,
        "qas": [{"id": "1", "question": "ค่าโดยสารเท่าไร", "answers": [{"text": "ห้าบาท"}]}],
    }
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": [{"title": "เรือ", "paragraphs": [context]}]}), encoding="utf-8")
    opening = Opening()
    assert command("eval", str(path), "--gold-passage", "-k", "12", opening=opening) == 0
    (document,) = opening.options[0]["documents"]
    assert isinstance(document, Document)
    assert document.text == DOCUMENTS[1].text


def test_two_runs_are_compared(questions: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = str(tmp_path / "a.json"), str(tmp_path / "b.json")
    command("eval", questions, "--json", first)
    command("eval", questions, "--json", second)
    capsys.readouterr()
    assert command("eval", "--compare", first, second) == 0
    printed = capsys.readouterr().out
    assert "3 questions in both" in printed
    assert "the settings are the same" in printed
    assert "gained: 0" in printed


def test_all_problems_are_printed_before_stopping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"question": 1}\n{\n', encoding="utf-8")
    with pytest.raises(UsageError, match="nothing was asked"):
        command("eval", str(path))
    assert [line.split(": ")[0] for line in capsys.readouterr().err.splitlines()] == ["bad.jsonl:1", "bad.jsonl:2"]


def test_a_place_that_cannot_be_written_is_said_before_asking(questions: str, tmp_path: Path) -> None:
    opening = Opening()
    with pytest.raises(UsageError, match="its folder does not exist"):
        command("eval", questions, "--json", str(tmp_path / "no" / "a.json"), opening=opening)
    assert opening.options == []


def test_interrupted_it_prints_what_it_has(questions: str, capsys: pytest.CaptureFixture[str]) -> None:
    class Stopped(WordsBot):
        def ask(self, question: str, history: Any = ()) -> Any:
            if len(self.retrieved) > 1:
                raise KeyboardInterrupt
            return super().ask(question, history)

    assert command("eval", questions, opening=lambda **options: Stopped(DOCUMENTS)) == 130
    assert "interrupted: 1 of 3 questions were asked" in capsys.readouterr().out


def test_a_draft_is_written_and_can_be_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "draft.jsonl"
    assert command("questions", "draft", "--docs", "x", "--out", str(path), "--per-document", "2") == 0
    assert "read each" in capsys.readouterr().out
    assert command("eval", str(path)) == 0
    assert "are drafts that nobody has looked at yet" in capsys.readouterr().out


def test_columns_line_up_under_thai() -> None:
    assert _width("ที่นี่") == _width("ทน") == 2
    assert _width("น้ำ") == 2  # SARA AM takes a column of its own
