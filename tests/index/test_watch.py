"""A folder is followed: changes are told once, when they have come to rest; a folder that is gone is waited for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from index import watch
from index.documents import scan
from index.watch import changes


class Stop(Exception):
    """The script of steps is over."""


def run(folder: Path, *steps: Callable[[], object]) -> list[tuple[int, list[str]]]:
    """What was told, with the number of the look before which the last step was done; a step a pause."""
    told: list[tuple[int, list[str]]] = []
    done = 0

    def sleep(seconds: float) -> None:
        nonlocal done
        assert seconds >= watch.PAUSE
        if done == len(steps):
            raise Stop
        steps[done]()
        done += 1

    with pytest.raises(Stop):
        for found in changes(folder, scan(folder), sleep):
            told.append((done, list(found.files)))
    return told


def nothing() -> None:
    """A pause in which nothing happens."""


def test_a_change_is_told_once_when_it_rests(folder: Path) -> None:
    def add() -> None:
        (folder / "6.txt").write_text("ก")

    names = [f"{number}.txt" for number in range(1, 7)]
    assert run(folder, nothing, nothing) == []
    assert run(folder, add, nothing, nothing, nothing) == [(2, names)]
    assert run(folder, (folder / "6.txt").unlink, nothing, nothing) == [(2, names[:5])]
    assert run(folder, lambda: (folder / "1.txt").rename(folder / "0.txt"), nothing)[0][1][0] == "0.txt"
    assert run(folder, lambda: (folder / "picture.png").write_text("x"), nothing, nothing) == []


def test_a_file_that_grows_is_waited_for(folder: Path) -> None:
    def grow() -> None:
        with (folder / "1.txt").open("a") as handle:
            handle.write("ก")

    assert [look for look, _ in run(folder, grow, grow, grow, nothing, nothing)] == [4]


def test_but_not_for_ever(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10**6, 2))
    monkeypatch.setattr(watch.time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(watch, "SHARE", 0.5)
    sizes = iter(range(100))

    def grow() -> None:
        (folder / "1.txt").write_text("ก" * next(sizes))

    assert len(run(folder, *[grow] * 12)) == 2


def test_a_folder_that_is_gone_is_waited_for(folder: Path) -> None:
    away = folder.with_name("away")
    told = run(folder, lambda: folder.rename(away), nothing, nothing, lambda: away.rename(folder), nothing, nothing)
    assert told == []


def test_pauses_grow_with_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 3.0])
    monkeypatch.setattr(watch.time, "monotonic", lambda: next(clock))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        raise Stop

    with pytest.raises(Stop):
        next(changes(folder, scan(folder), sleep))
    assert slept == [60.0]
