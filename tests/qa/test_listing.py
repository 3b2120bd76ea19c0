"""What is told of the documents is read once for each state of the store, and follows it."""

from __future__ import annotations

from pathlib import Path

import pytest

import qa
from qa import listing as listing_module
from qa.assistant import Assistant
from qa.listing import listing
from qa.shared import SharedFolder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    for name in ("ก.txt", "งาน/ข.txt", "งาน/เก่า/ลึก/ค.txt", "uploads/ง.txt"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(f"ข้อความของ {name}", encoding="utf-8")
    (made / "งาน/ถามตอบ").mkdir()
    lines = '{"text": "หนึ่ง/สอง"}\n{"text": "สาม"}\n'
    (made / "งาน/ถามตอบ/faq.jsonl").write_text(lines, encoding="utf-8")
    return made


@pytest.fixture
def bot(folder: Path, tmp_path: Path) -> Assistant:
    return qa.open(folder, store=tmp_path / "store")


def test_folders_are_told_at_every_depth(bot: Assistant) -> None:
    there = listing(bot)
    assert there.folders == ("uploads", "งาน", "งาน/ถามตอบ", "งาน/เก่า", "งาน/เก่า/ลึก")
    assert [info.source for info in there.uploaded] == ["uploads/ง.txt"]
    assert (there.document_count, there.passage_count) == (bot.document_count, bot.passage_count)
    assert list(there.documents) == bot.documents()


def test_it_is_read_again_when_the_store_changed(bot: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = listing(bot)
    monkeypatch.setattr(listing_module, "MOST_LISTED", 2)
    assert listing(bot) is first
    (folder / "ก.txt").unlink()
    SharedFolder(bot, folder, uploads=False).read_again()
    now = listing(bot)
    assert now.document_count == first.document_count - 1
    assert [info.source for info in now.documents] == [info.source for info in bot.documents()][:2]
