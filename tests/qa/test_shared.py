"""Shared uploads and folders: what everybody sees, and what is asked of one folder alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import qa
from qa.assistant import Assistant
from qa.listing import listing
from qa.session import Session
from qa.shared import SharedFolder

DOCUMENTS = Path(__file__).parents[1] / "data" / "docs"
LEAVE, WARRANTY = DOCUMENTS / "office-leave-rules.txt", DOCUMENTS / "fan-warranty.txt"
ABOUT_LEAVE = "ลาพักร้อนได้กี่วัน"


def silent(done: int, total: int, name: str) -> None:
    """No progress wanted."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    (made / "บ้าน").mkdir(parents=True)
    shutil.copy(WARRANTY, made / "บ้าน")
    return made


@pytest.fixture
def bot(folder: Path, tmp_path: Path) -> Assistant:
    return qa.open(folder, store=tmp_path / "store")


def test_an_upload_answers_everybody_until_it_is_removed(bot: Assistant, folder: Path) -> None:
    shared = SharedFolder(bot, folder, uploads=True)
    assert bot.document_count == 1
    assert [outcome.problem for outcome in shared.add([LEAVE], silent)] == [""]
    assert bot.retrieve(ABOUT_LEAVE)[0].source == f"uploads/{LEAVE.name}"
    assert [info.source for info in shared.documents()] == [f"uploads/{LEAVE.name}"]
    shared.remove([f"uploads/{LEAVE.name}"])
    assert bot.retrieve(ABOUT_LEAVE)[0].source != f"uploads/{LEAVE.name}"
    assert not (folder / "uploads" / LEAVE.name).exists()


def test_only_uploads_can_be_removed(bot: Assistant, folder: Path) -> None:
    shared = SharedFolder(bot, folder, uploads=True)
    shared.remove([f"บ้าน/{WARRANTY.name}", "../outside.txt"])
    assert (folder / "บ้าน" / WARRANTY.name).exists()
    assert bot.document_count == 1


def test_a_file_that_cannot_be_read_is_not_kept(bot: Assistant, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text(" ")
    outcome = SharedFolder(bot, folder, uploads=True).add([tmp_path / "empty.txt"], silent)[0]
    assert "empty.txt" in outcome.problem
    assert not (folder / "uploads" / "empty.txt").exists()


def test_the_folder_is_read_again(bot: Assistant, folder: Path) -> None:
    shutil.copy(LEAVE, folder)
    report = SharedFolder(bot, folder, uploads=False).read_again()
    assert (report.added, report.removed, report.unchanged) == (1, 0, 1)
    assert bot.retrieve(ABOUT_LEAVE)[0].source == LEAVE.name


def test_one_folder_is_asked_alone(bot: Assistant, folder: Path) -> None:
    (folder / "งาน").mkdir()
    shutil.copy(LEAVE, folder / "งาน")
    SharedFolder(bot, folder, uploads=False).read_again()
    assert listing(bot).folders == ("งาน", "บ้าน")
    for scope, source in (("folder:งาน", f"งาน/{LEAVE.name}"), ("folder:บ้าน", f"บ้าน/{WARRANTY.name}")):
        answer = Session(scope=scope).ask(bot, ABOUT_LEAVE).answer
        assert answer is not None
        assert {citation.source for citation in answer.citations or answer.related} == {source}
        assert answer.question == ABOUT_LEAVE
