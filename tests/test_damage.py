"""Deleting or damaging any file of a built store gives a mended or a refused store: never another answer, never a
traceback. Real parts throughout: the seed document, the bundled encoder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import SEEDS

import qa
from index.records import QAError

QUESTIONS = ("สี จิ้นผิง พูดคุยทางโทรศัพท์กับใคร", "จะพบกันที่ไหน")
FILES = (
    "store.sqlite",
    "writer.lock",
    "derived-1/manifest.json",
    "derived-1/vectors.ids.npy",
    "derived-1/words/meta.json",
    "derived-1/words/.managed.json",
    "derived-1/words/*.fast",
    "derived-1/words/*.fieldnorm",
    "derived-1/words/*.idx",
    "derived-1/words/*.pos",
    "derived-1/words/*.store",
    "derived-1/words/*.term",
)


def flip(share: float) -> Callable[[Path], None]:
    """Turn all bits of the byte that stands at this share of the file's length."""

    def damage(path: Path) -> None:
        data = bytearray(path.read_bytes())
        if data:
            data[int(share * (len(data) - 1))] ^= 0xFF
        path.write_bytes(bytes(data))

    return damage


def replace(path: Path) -> None:
    path.write_bytes(np.random.default_rng(1).bytes(max(100, path.stat().st_size)))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], None]] = {
    "deleted": Path.unlink,
    "emptied": lambda path: path.write_bytes(b"") and None,
    "truncated": truncate,
    "lengthened": lambda path: path.write_bytes(path.read_bytes() + b"\n x") and None,
    "random": replace,
    "folder": folder_instead,
    "flipped first": flip(0.0),
    "flipped early": flip(0.07),
    "flipped middle": flip(0.5),
    "flipped last": flip(1.0),
}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    shutil.copy(SEEDS / "xi-trump-phone-call.txt", folder)
    (folder / "other.txt").write_text("แมวดำนอนบนหลังคา\nรถไฟออกเวลา ๑๘.๑๐ น.", encoding="utf-8")
    return folder


def answers(documents: Path, store: Path) -> list[dict[str, Any]]:
    bot = qa.open(documents, store=store)
    try:
        return [bot.ask(question).as_dict() for question in QUESTIONS]
    finally:
        bot.store.close()


@pytest.fixture(scope="module")
def whole(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A built store, and what it answers."""
    store = tmp_path_factory.mktemp("whole") / "store"
    expected = answers(documents, store)
    assert not expected[0]["abstained"]
    there = {path.relative_to(store) for path in store.rglob("*") if path.is_file()}
    lock_files = {path for path in there if path.name.startswith(".tantivy")}
    assert {path for pattern in FILES for path in there if path.match(pattern)} == there - lock_files
    return store, expected


def same_or_refused(documents: Path, store: Path, expected: list[dict[str, Any]]) -> bool:
    """True where the store was mended, False where it was refused in one line."""
    try:
        assert answers(documents, store) == expected
    except QAError as error:
        assert "\n" not in str(error) and len(str(error)) > 20
        return False
    return True


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_never_changes_an_answer(
    file: str, damage: str, documents: Path, whole: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(whole[0], store)
    (path,) = store.glob(file)
    DAMAGES[damage](path)
    mended = same_or_refused(documents, store, whole[1])
    assert mended or file == "writer.lock"  # a lock that cannot be taken is for a person to look at
    assert not mended or answers(documents, store) == whole[1]  # and stays mended


def test_bytes_flipped_all_over_the_truth(
    documents: Path, whole: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    data = (whole[0] / "store.sqlite").read_bytes()
    random = np.random.default_rng(3)
    for position in [*range(16, 100, 12), *random.integers(0, len(data), 12).tolist()]:
        shutil.rmtree(tmp_path / "store", ignore_errors=True)
        shutil.copytree(whole[0], tmp_path / "store")
        changed = bytearray(data)
        changed[position] ^= 1 << int(random.integers(8))
        (tmp_path / "store" / "store.sqlite").write_bytes(bytes(changed))
        same_or_refused(documents, tmp_path / "store", whole[1])


@pytest.mark.parametrize("kept", [("store.sqlite",), ("derived-1",), ("store.sqlite", "store.sqlite-wal"), ()])
def test_whatever_is_left_of_a_store_it_is_made_whole(
    kept: tuple[str, ...], documents: Path, whole: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    for name in kept:
        if name == "derived-1":
            shutil.copytree(whole[0] / name, store / name)
        elif name.endswith("-wal"):
            (store / name).write_bytes(b"left by another database" * 100)
        else:
            shutil.copy(whole[0] / name, store)
    assert same_or_refused(documents, store, whole[1])


@pytest.mark.parametrize("lost", ["-wal", "-shm", "both", "damaged -wal", "damaged -shm"])
def test_the_log_of_a_killed_writer_may_be_lost(
    lost: str, documents: Path, whole: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    live, store = tmp_path / "live", tmp_path / "store"
    bot = qa.open(documents, store=live)  # its connection is open: the log is not yet in the database
    bot.store.touch({"other.txt": bot.store.files()["other.txt"]})
    shutil.copytree(live, store)
    assert (store / "store.sqlite-wal").stat().st_size > 0
    for end in ("-wal", "-shm") if lost == "both" else (lost[-4:],):
        path = store / f"store.sqlite{end}"
        if lost.startswith("damaged"):
            replace(path)
        else:
            path.unlink()
    assert same_or_refused(documents, store, whole[1])
    bot.store.close()


def test_a_store_of_something_else_is_left_as_it_is(documents: Path, tmp_path: Path) -> None:
    """A folder named by mistake: what is not ours is not removed."""
    (tmp_path / "derived-data").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "store.sqlite").write_bytes(b"\0" * 5000)
    qa.open(documents, store=tmp_path).store.close()
    assert (tmp_path / "derived-data").is_dir() and (tmp_path / "notes.txt").read_text() == "mine"
