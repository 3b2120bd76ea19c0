"""The command line on disks that are full or cannot be written: it answers where it can, and else says so in one line."""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import LINES, Run, one_line

QUESTION = "แมวดำนอนที่ไหน"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def set_read_only(place: Path) -> None:
    gc.collect()  # a disk with a file open for writing cannot be set so
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)


def test_documents_on_a_read_only_disk_are_indexed_elsewhere(run: Run, folder: Path, disk: Path) -> None:
    (disk / "1.txt").write_text(LINES[0], encoding="utf-8")
    set_read_only(disk)
    code, out, err = run("ask", QUESTION, "--docs", disk, "--min-confidence", 0)
    assert (code, err) == (0, "") and "1.txt" in out


def test_a_store_on_a_read_only_disk_serves_or_says_so(run: Run, folder: Path, disk: Path) -> None:
    store = disk / "store"
    expected = run("ask", QUESTION, "--docs", folder, "--store", store)
    set_read_only(disk)
    assert expected[0] == 0
    assert run("ask", QUESTION, "--docs", folder, "--store", store) == expected
    os.utime(folder / "1.txt", ns=(1, 1))  # a copy with other times, and the same content
    assert run("ask", QUESTION, "--docs", folder, "--store", store) == expected
    (folder / "new.txt").write_text("ใหม่", encoding="utf-8")
    for arguments in (["ask", QUESTION], ["build"], ["build", "--rebuild"]):
        code, out, err = run(*arguments, "--docs", folder, "--store", store)
        assert (code, out) == (1, "") and one_line(err) and "name another place with --store" in err
    code, out, err = run("ask", QUESTION, "--docs", folder, "--store", disk / "new")
    assert (code, out) == (1, "") and one_line(err) and "--store" in err


def test_a_store_left_by_a_killed_writer_is_read_on_a_read_only_disk(run: Run, folder: Path, disk: Path) -> None:
    import qa

    store = disk / "store"
    expected = run("ask", QUESTION, "--docs", folder, "--store", store)
    bot = qa.open(folder, store=store)
    bot.store.touch({"1.txt": bot.store.files()["1.txt"]})  # the change lies in the log
    copied = {path.name: path.read_bytes() for path in store.iterdir() if path.is_file()}
    bot.store.close()
    for name, data in copied.items():
        (store / name).write_bytes(data)
    set_read_only(disk)
    assert run("ask", QUESTION, "--docs", folder, "--store", store) == expected
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)


@pytest.mark.parametrize("free", [0, 40_000, 150_000])
def test_a_full_disk_is_one_line_and_code_1(free: int, run: Run, folder: Path, disk: Path) -> None:
    for number in range(60):
        (folder / f"more-{number}.txt").write_text("\n".join(LINES * 12) + str(number), encoding="utf-8")
    left = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    (disk / "ballast").write_bytes(b"x" * (left - free))
    code, out, err = run("build", "--docs", folder, "--store", disk / "store")
    assert (code, out) == (1, "") and one_line(err) and "--store" in err
    (disk / "ballast").unlink()
    assert run("build", "--docs", folder, "--store", disk / "store")[0] == 0


def test_a_disk_that_is_full_afterwards_still_answers(run: Run, folder: Path, disk: Path) -> None:
    expected = run("ask", QUESTION, "--docs", folder, "--store", disk / "store")
    left = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    (disk / "ballast").write_bytes(b"x" * left)
    code, out, err = run("ask", QUESTION, "--docs", folder, "--store", disk / "store")
    assert (code, out, err) == expected or (code == 1 and one_line(err))
