"""The child process that hostile files are read in."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.loaders import sandbox
from index.loaders.sandbox import load_apart
from index.records import DocumentError

FORMATS = Path(__file__).parents[1] / "data" / "formats"
ROOT = Path(__file__).parents[2]


def child() -> subprocess.Popen[bytes]:
    assert sandbox._child is not None
    return sandbox._child


def test_child_that_dies_or_dawdles_costs_one_file(tmp_path: Path) -> None:
    path = FORMATS / "libreoffice.docx"
    documents = load_apart(path, "ก.docx")
    first = child()
    assert load_apart(path, "ก.docx") == documents and child() is first
    first.kill()
    first.wait()
    assert load_apart(path, "ก.docx") == documents and child() is not first
    with pytest.raises(DocumentError, match=r"ก\.docx: was not read within 0 s"):
        load_apart(FORMATS / "chromium.pdf", "ก.docx", seconds=0.01)
    assert load_apart(path, "ก.docx") == documents


def test_odd_paths_and_sources_travel(tmp_path: Path) -> None:
    path = tmp_path / "ก\nข\u202e.html"
    path.write_text("<p>เนื้อหา 😀", encoding="utf-8")
    (document,) = load_apart(path, path.name)
    assert (document.source, document.text) == (path.name, "เนื้อหา 😀\n")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is bounded on Linux")
def test_memory_is_bounded(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from index.loaders import sandbox\n"
        "sandbox._bound_memory()\n"
        "def read(path, source): return bytearray(sandbox.MEMORY)\n"
        "print(sandbox._answer(read, Path('a'), 'a')['problem'])\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(ROOT)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("needs more than 2 GB of memory")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
def test_child_ends_with_its_parent() -> None:
    script = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from index.loaders import sandbox\n"
        "sandbox.load_apart(Path(sys.argv[2]), 'a.docx')\n"
        "print(sandbox._child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", script, str(ROOT), str(FORMATS / "libreoffice.docx")]
    pid = int(subprocess.run(command, capture_output=True, text=True).stdout)
    until = time.monotonic() + 10
    while is_running(pid):
        assert time.monotonic() < until, "the child outlived its parent"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    status = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(status) and not status.startswith("Z")
