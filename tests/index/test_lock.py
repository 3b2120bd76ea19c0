"""One writer at a time, in a thread and across processes."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest
from support import environment, python

from index.lock import write_lock
from index.records import StoreError, StoreLocked

HOLD = """
import sys
from pathlib import Path
from index.lock import write_lock
with write_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        python("-c", HOLD, str(folder)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_another_process_is_named_and_its_death_frees_the_lock(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with (
            pytest.raises(StoreLocked, match=f"process {process.pid} is writing to this store; try again"),
            write_lock(tmp_path, wait=0.05),
        ):
            pass
        process.kill()
    with write_lock(tmp_path, wait=5):
        assert (tmp_path / "writer.pid").read_text() == str(os.getpid())
    assert not (tmp_path / "writer.pid").exists()


def test_the_same_thread_may_take_it_again_another_may_not(tmp_path: Path) -> None:
    said: list[str] = []

    def other() -> None:
        try:
            with write_lock(tmp_path, wait=0.05):
                said.append("entered")
        except StoreLocked as error:
            said.append(str(error))

    with write_lock(tmp_path), write_lock(tmp_path):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(said) == 1 and "this process is writing" in said[0]
    other()
    assert said[1] == "entered"


def test_a_failure_inside_lets_go(tmp_path: Path) -> None:
    with pytest.raises(KeyError), write_lock(tmp_path):
        raise KeyError("inside")
    with holder(tmp_path) as process:
        process.communicate("")
        assert process.returncode == 0


@pytest.mark.parametrize("make", ["file for a folder", "folder for a file"])
def test_a_place_that_cannot_be_locked_is_one_line(tmp_path: Path, make: str) -> None:
    place = tmp_path / "place"
    if make == "folder for a file":
        (place / "writer.lock").mkdir(parents=True)
    else:
        place.write_text("")
    with pytest.raises(StoreError, match="name another place with --store") as caught, write_lock(place, wait=0.05):
        pass
    assert "\n" not in str(caught.value)


def test_a_name_that_cannot_be_written_hinders_nobody(tmp_path: Path) -> None:
    (tmp_path / "writer.pid").mkdir()
    with write_lock(tmp_path):
        pass
