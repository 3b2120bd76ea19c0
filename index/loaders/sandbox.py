"""A child process that reads files of intricate formats, so that a hostile one costs time and memory of its own.

The parent sends ``{"path", "source", "seconds"}`` as one line of JSON and gets the documents, or the error, as one line.
A file that takes too long or too much memory costs the child, not the program; the next file gets a new one.
A program that the child runs (Tesseract) has the same bound on its memory, and ends with the child.
The child ends when its standard input does: with the parent, however that ends.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from index.records import Document, DocumentError, Place

SECONDS = 330.0  # for one file; the PDF loader stops by itself before
MEMORY = 2 << 30  # bytes of address space, where the system can bound it
PREFIX = "qa-read-"  # of the folder of what a child leaves behind; then the process that it reads for
FILES = 500  # read by one child: then a new one, so that nothing adds up

_lock = threading.Lock()
_child: subprocess.Popen[bytes] | None = None
_read_by_child = 0
_scratch: tempfile.TemporaryDirectory[str] | None = None  # what the child leaves behind goes with it
_until = math.inf  # in the child: when it will be ended


def load_apart(path: Path, source: str, seconds: float = SECONDS) -> list[Document]:
    """Load ``path`` in the child process. Raises DocumentError as the loader would, or where it gave no answer."""
    request = json.dumps({"path": str(path), "source": source, "seconds": seconds}) + "\n"
    with _lock:
        child = _start()
        assert child.stdin and child.stdout
        late = threading.Event()

        def end() -> None:
            late.set()
            _kill(child)

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            child.stdin.write(request.encode("ascii"))
            child.stdin.flush()
            answer = child.stdout.readline()
        except OSError:  # the child is gone
            answer = b""
        except BaseException:  # Ctrl-C: an answer may still come, for a question nobody remembers
            _stop()
            raise
        finally:
            timer.cancel()
        if not answer.endswith(b"\n"):
            _stop()
            if late.is_set():
                raise DocumentError(
                    source, f"was not read within {seconds:.0f} s; split it or save it in another format"
                )
            raise DocumentError(
                source, f"is damaged, or takes more than {MEMORY >> 30} GB of memory to read; save it again"
            )
        return _documents(json.loads(answer), source)


def _start() -> subprocess.Popen[bytes]:
    global _child, _read_by_child, _scratch
    if _child is not None and (_child.poll() is not None or _read_by_child >= FILES):
        _stop()
    if _child is None:
        _scratch = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True)
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "OMP_NUM_THREADS": "1",
            "OMP_THREAD_LIMIT": "1",
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), _scratch.name),
        }
        _child = subprocess.Popen(
            [sys.executable, "-m", "index.documents"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            start_new_session=True,  # a group of its own: what it runs is ended with it
        )  # fmt: skip
        _read_by_child = 0
    _read_by_child += 1
    return _child


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and the programs that it runs."""
    if sys.platform == "win32":
        child.kill()  # a program that reads one page for it ends by itself
    elif child.returncode is None:  # else its number may be another's by now
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


@atexit.register
def _stop() -> None:
    """End the child, if there is one."""
    global _child, _scratch
    if _child is not None:
        _kill(_child)
        _child.wait()
        for stream in (_child.stdin, _child.stdout):
            if stream:
                with contextlib.suppress(OSError):  # what it did not read is lost with it
                    stream.close()
        _child = None
    if _scratch is not None:
        _scratch.cleanup()
        _scratch = None


def time_left() -> float:
    """Seconds until the file that is read would be given up; infinite outside the child."""
    return _until - time.monotonic()


def _documents(answer: dict[str, Any], source: str) -> list[Document]:
    if "problem" in answer:
        raise DocumentError(answer.get("source", source), answer["problem"])
    documents: list[Document] = []
    for fields in answer["documents"]:
        fields["pages"] = tuple(fields["pages"])
        fields["headings"] = tuple(Place(*place) for place in fields["headings"])
        fields["warnings"] = tuple(fields["warnings"])
        documents.append(Document(**fields))
    return documents


def _fields(document: Document) -> dict[str, Any]:
    return {
        "source": document.source, "text": document.text, "title": document.title, "date": document.date,
        "pages": document.pages, "headings": [(place.start, place.end) for place in document.headings],
        "metadata": dict(document.metadata), "warnings": document.warnings,
        "rows": document.rows,
    }  # fmt: skip


Read = Callable[[Path, str], list[Document]]


def serve(read: Read) -> None:
    """Be the child: answer requests until standard input ends."""
    global _until
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what a library prints is no answer
    _bound_memory()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _until = time.monotonic() + request["seconds"]
        answer = _answer(read, Path(request["path"]), request["source"])
        answers.write(json.dumps(answer).encode("ascii") + b"\n")
        answers.flush()


def _answer(read: Read, path: Path, source: str) -> dict[str, Any]:
    try:
        return {"documents": [_fields(document) for document in read(path, source)]}
    except DocumentError as error:
        return {"source": error.source, "problem": error.problem}
    except MemoryError:
        return {"problem": f"needs more than {MEMORY >> 30} GB of memory to read; split it"}
    except RecursionError:
        return {"problem": "is nested too deeply to be read"}
    except Exception as error:  # the formats' libraries raise what they like on damaged files
        return {"problem": f"cannot be read ({type(error).__name__}: {str(error)[:120]}); save it again"}


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows: time alone is bounded
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
