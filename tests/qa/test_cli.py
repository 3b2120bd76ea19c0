"""The command line: what it prints, its exit codes, and bad input as one line on standard error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import LINES, Run, environment, one_line, python

from index.records import StoreError
from index.store import Store

QUESTION = "แมวดำนอนที่ไหน"


def test_an_answer_with_its_place(run: Run, folder: Path) -> None:
    code, out, err = run("ask", QUESTION, "--docs", folder, "--min-confidence", 0)
    assert (code, err) == (0, "")
    assert "[1] 1.txt ย่อหน้า 1 (0-30)" in out and "«" in out and "\033" not in out


def test_as_json_and_as_hits(run: Run, folder: Path) -> None:
    code, out, _ = run("ask", QUESTION, "--docs", folder, "--json", "-k", 2, "--min-confidence", 0)
    answer = json.loads(out)
    assert code == 0 and answer["question"] == QUESTION and len(answer["citations"]) <= 2
    first = answer["citations"][0]
    assert LINES[0][first["start"] : first["end"]] == first["quote"]
    code, out, _ = run("ask", QUESTION, "--docs", folder, "--hits", "-k", 3)
    assert code == 0 and out.startswith("1. 1.txt ย่อหน้า 1") and len(out.strip().split("\n\n")) == 3


def test_earlier_questions_are_leant_on(run: Run, folder: Path) -> None:
    code, out, _ = run("ask", "แล้วออกกี่โมง", "--history", "รถไฟสายเหนือออกจากที่ไหน", "--docs", folder, "--hits", "-k", 1)
    assert code == 0 and "4.txt" in out


def test_why_and_from_which_documents(run: Run, folder: Path) -> None:
    (folder / "notes").mkdir()
    (folder / "notes" / "cat.txt").write_text("แมวดำนอนในครัว", encoding="utf-8")
    (folder / "faq.jsonl").write_text(
        '{"text": "แมวดำนอนบนเตียง", "date": "2567-05-31", "type": "faq"}', encoding="utf-8"
    )
    narrowed = {
        ("--within", "notes/"): "notes/cat.txt",
        ("--since", "2024-05", "--until", "31 พ.ค. 2567"): "faq.jsonl#1",
        ("--metadata", "type=FAQ", "--metadata", "type=none"): "faq.jsonl#1",
    }
    for options, source in narrowed.items():
        code, out, err = run("ask", QUESTION, "--docs", folder, "--min-confidence", 0, *options)
        assert (code, err) == (0, "") and f"[1] {source} " in out and "[2]" not in out
    for shown in ([], ["--hits"]):
        code, out, _ = run("ask", QUESTION, "--docs", folder, "--explain", "--min-confidence", 0, *shown)
        assert code == 0 and "คำที่ตรงกับคำถาม: " in out and "characters" in out and "สูงกว่าลำดับถัดไป" in out
        assert "สูงกว่าลำดับถัดไป" not in run("ask", QUESTION, "--docs", folder, *shown)[1]
    told = json.loads(run("ask", QUESTION, "--docs", folder, "--explain", "--json")[1])
    assert {"matched", "channels", "contributions", "ahead", "reason"} <= told["explanations"][0].keys()


def test_build_and_status(run: Run, folder: Path) -> None:
    code, out, _ = run("status", "--docs", folder)
    assert code == 0 and "no index yet" in out
    code, out, err = run("build", "--docs", folder)
    assert (
        (code, err) == (0, "")
        and "5 documents, 5 passages" in out
        and "read 5, renamed 0, removed 0, unchanged 0" in out
    )
    assert "unchanged 5" in run("build", "--docs", folder)[1]
    assert "read 5" in run("build", "--docs", folder, "--rebuild")[1]
    (folder / "bad.txt").write_bytes(bytes(range(256)) * 9)
    code, out, err = run("build", "--docs", folder)
    assert code == 0 and err.startswith("not read: bad.txt: is not text") and err.count("\n") == 1
    code, out, _ = run("status", "--docs", folder)
    assert code == 0 and "5 documents, 5 passages" in out and "not read: bad.txt" in out
    found = json.loads(run("status", "--docs", folder, "--json")[1])
    assert (found["built"], found["documents"], len(found["files"])) == (True, 5, 5)


def test_every_command_has_help_in_plain_words(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0 and all(name in out for name in ("ask", "build", "chat", "status", "eval"))
    for name in ("ask", "build", "chat", "status", "eval"):
        code, out, _ = run(name, "--help")
        assert code == 0 and "--docs" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", QUESTION, "--docs", "{tmp}/none"], "no such folder"),
        (["build", "--docs", "{tmp}/none"], "no such folder"),
        (["status", "--docs", "{tmp}/none"], "no such folder"),
        (["ask", QUESTION, "--docs", "{tmp}/empty"], "no document that can be read"),
        (["ask", QUESTION, "--docs", "{tmp}/unreadable"], "is not text"),
        (["ask", QUESTION, "--docs", "{tmp}/docs/1.txt"], "is a file, not a folder"),
        (["ask", QUESTION, "--docs", "x" * 100_000], "not a folder"),
        (["ask", "", "--docs", "{tmp}/docs"], "the question is empty"),
        (["ask", " \t ", "--docs", "{tmp}/docs"], "the question is empty"),
        (["ask", "\x01\x1b\x7f", "--docs", "{tmp}/docs"], "the question is empty"),
        (["ask", "ก" * 100_000, "--docs", "{tmp}/docs"], "ask in at most 2,000"),
        (["ask", QUESTION, "--docs", "{tmp}/docs", "--within", "2.text"], "did you mean '2.txt'?"),
        (["ask", QUESTION, "--docs", "{tmp}/docs", "--since", "soon"], "since: 'soon' is no date"),
        (["ask", QUESTION, "--docs", "{tmp}/docs", "--metadata", "type"], "write it as field=value"),
        (["ask", QUESTION, "--docs", "{tmp}/docs", "--metadata", "type=faq"], "the documents have none"),
    ],
)
def test_a_request_that_cannot_be_carried_out_is_one_line_and_code_2(
    arguments: list[str], said: str, run: Run, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "unreadable").mkdir()
    (tmp_path / "unreadable" / "photo.txt").write_bytes(bytes(range(256)) * 20)
    code, out, err = run(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert (code, out) == (2, "") and one_line(err) and said in err
    assert len(err) < 1_000


@pytest.mark.parametrize(
    "question", ["สี\x00 \x1b[2Jแมวดำ\u202eนอน\x07ที่ไหน", "แมวดำ " + "\u0e48" * 500, "👩‍👩‍👧 แมวดำ?", "\udc80แมวดำ"]
)
def test_strange_questions_are_asked_all_the_same(question: str, run: Run, folder: Path) -> None:
    code, out, err = run("ask", question, "--docs", folder, "--min-confidence", 0)
    assert (code, err) == (0, "") and "1.txt" in out
    assert not {char for char in out if ord(char) < 0x20 or char == "\u202e"} - {"\n", "\t"}


@pytest.mark.parametrize(
    "arguments",
    [[], ["fly"], ["ask"], ["ask", "ก", "-k", "0"], ["ask", "ก", "-k", "many"], ["ask", "ก", "--min-confidence", "2"]],
)
def test_a_command_that_is_none_is_code_2_and_names_help(arguments: list[str], run: Run) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "") and err.startswith("usage: qa") and "Traceback" not in err


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_store_that_cannot_be_written_is_one_line_and_code_1(
    place: str, run: Run, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    code, out, err = run("ask", QUESTION, "--docs", folder, "--store", tmp_path / place)
    assert (code, out) == (1, "") and one_line(err) and "--store" in err


def test_an_encoder_that_cannot_be_had_says_what_works(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code, out, err = run("ask", QUESTION, "--docs", folder, "--encoder", "no/such-model")
    assert (code, out) == (1, "") and one_line(err.splitlines(keepends=True)[-1]) and "bundled encoder" in err


def test_a_reader_that_cannot_be_had_says_what_works(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.encoder.reachable", lambda name: False)
    code, out, err = run("ask", QUESTION, "--docs", folder, "--reader", "no/such-model")
    assert (code, out) == (1, "") and one_line(err.splitlines(keepends=True)[-1]) and "bundled reader" in err


def test_a_store_made_with_another_encoder_is_refused(run: Run, folder: Path, built: object, tmp_path: Path) -> None:
    code, _, err = run("ask", QUESTION, "--docs", folder, "--store", tmp_path / "store")
    assert code == 1 and one_line(err) and "made with the encoder toy" in err and "--rebuild" in err


def test_a_damaged_store_is_mended_without_a_word(run: Run, folder: Path) -> None:
    expected = run("ask", QUESTION, "--docs", folder)
    (file,) = folder.glob(".qa/*/store.sqlite")
    file.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    assert run("ask", QUESTION, "--docs", folder) == expected


def test_a_reader_that_went_away_is_no_error(folder: Path) -> None:
    """``qa ask ... | head -1``: no message, no traceback."""
    command = python("-m", "qa.cli", "ask", QUESTION, "--docs", str(folder), "--min-confidence", "0")
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=environment(), check=False)
    os.close(writing)
    assert done.stderr == b""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent as a POSIX signal")
def test_ctrl_c_keeps_what_is_done(run: Run, tmp_path: Path) -> None:
    folder, place = tmp_path / "many", tmp_path / "store"
    folder.mkdir()
    for number in range(3_000):
        (folder / f"{number}.txt").write_text("\n".join(f"{line} {number}" for line in LINES), encoding="utf-8")
    command = python("-m", "qa.cli", "build", "--docs", str(folder), "--store", str(place))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        while process.poll() is None and kept(place) == 0:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"") and err == b"qa: stopped; what was done is kept\n"
    before = kept(place)
    assert 0 < before < 3_000
    code, said, _ = run("build", "--docs", folder, "--store", place)
    assert code == 0 and f"read {3_000 - before}, renamed 0, removed 0, unchanged {before};" in said


def kept(place: Path) -> int:
    """How many documents are committed in a store."""
    try:
        return Store.open(place).counts()[0]
    except StoreError:  # not made yet
        return 0
