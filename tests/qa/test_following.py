"""qa build --watch, as a person runs it: a line for each change, questions answered from it, a clean end."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest
from support import environment, python

import qa
from index.build import update
from index.records import StoreLocked
from qa import following

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent as a POSIX signal")


@pytest.fixture
def watcher(folder: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Queue[str]]]:
    command = python("-m", "qa.cli", "build", "--watch", "--docs", str(folder), "--store", str(tmp_path / "store"))
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", env=environment()
    )
    lines: Queue[str] = Queue()
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout or ()])
    reader.start()
    yield process, lines
    process.kill()
    process.wait()
    reader.join()
    process.stdout.close()


def until(lines: Queue[str], wanted: str) -> list[str]:
    """The lines up to one that holds ``wanted``."""
    seen = []
    while not seen or wanted not in seen[-1]:
        try:
            seen.append(lines.get(timeout=60))
        except Empty:
            pytest.fail(f"no {wanted!r} after {seen}")
    return seen


def test_follows_until_it_is_stopped(
    watcher: tuple[subprocess.Popen[str], Queue[str]], folder: Path, tmp_path: Path
) -> None:
    process, lines = watcher
    until(lines, "watching")
    (folder / "6.txt").write_text("สะพานไม้มอญยาวแปดร้อยห้าสิบเมตร", encoding="utf-8")
    (line,) = until(lines, "read 1, renamed 0, removed 0; 1 passages encoded")
    assert "now 6 documents, 6 passages" in line
    bot = qa.open(folder, store=tmp_path / "store")
    assert bot.retrieve("สะพานไม้มอญยาวเท่าไร", 1)[0].source == "6.txt"
    (folder / "1.txt").rename(folder / "แมว.txt")
    (folder / "6.txt").write_bytes(bytes(range(256)) * 8)
    assert "renamed 1" in until(lines, "renamed 1, removed 0; 0 passages encoded")[0]
    until(lines, "not read: 6.txt: is not text")
    assert [hit.source for hit in bot.retrieve("แมวดำนอนที่ไหน", 1)] == ["แมว.txt"]
    process.send_signal(signal.SIGINT)
    assert "stopped" in until(lines, "stopped")[-1] and process.wait(timeout=60) == 0


def test_what_fails_is_said_once_and_tried_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bot = qa.open(folder, store=tmp_path / "store")
    results = iter([StoreLocked("locked"), StoreLocked("locked"), None])

    def sometimes(*arguments: object) -> object:
        problem = next(results)
        if problem:
            raise problem
        return update(bot.store, folder, bot.encoder, bot.segmenter)

    monkeypatch.setattr(following, "AGAIN", 0.0)
    monkeypatch.setattr(following, "bring_up_to_date", sometimes)
    (folder / "6.txt").write_text("ใหม่", encoding="utf-8")
    assert following._updated(bot, folder).added == 1
    assert capsys.readouterr().err.count("locked") == 1
