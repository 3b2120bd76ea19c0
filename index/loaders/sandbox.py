"""A child process that reads files of intricate formats, so that a hostile one costs time and memory of its own.

The parent sends ``{"path", "source"}`` as one line of JSON and gets the documents, or the error, as one line.
A file that takes too long or too much memory costs the child, not the program; the next file gets a new one.
The child ends when its standard input does: with the parent, however that ends.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from index.records import Document, DocumentError, Place

SECONDS = 330.0  # for one file; the PDF loader stops by itself before
MEMORY = 2 << 30  # bytes of address space, where the system can bound it
FILES = 500  # read by one child: then a new one, so that nothing adds up

_lock = threading.Lock()
_child: subprocess.Popen[bytes] | None = None
_read_by_child = 0


def load_apart(path: Path, source: str, seconds: float = SECONDS) -> list[Document]:
    """Load ``path`` in the child process. Raises DocumentError as the loader would, or where it gave no answer."""
    request = json.dumps({"path": str(path), "source": source}) + "\n"
    with _lock:
        child = _start()
        assert child.stdin and child.stdout
        late = threading.Event()

        def end() -> None:
            late.set()
            child.kill()

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
    global _child, _read_by_child
    if _child is not None and (_child.poll() is not None or _read_by_child >= FILES):
        _stop()
    if _child is None:
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
        _child = subprocess.Popen(
            [sys.executable, "-m", "index.documents"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        _read_by_child = 0
    _read_by_child += 1
    return _child


@atexit.register
def _stop() -> None:
    """End the child, if there is one."""
    global _child
    if _child is not None:
        _child.kill()
        _child.wait()
        for stream in (_child.stdin, _child.stdout):
            if stream:
                with contextlib.suppress(OSError):  # what it did not read is lost with it
                    stream.close()
        _child = None


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
    }  # fmt: skip


Read = Callable[[Path, str], list[Document]]


def serve(read: Read) -> None:
    """Be the child: answer requests until standard input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what a library prints is no answer
    _bound_memory()
    for line in sys.stdin.buffer:
        request = json.loads(line)
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
