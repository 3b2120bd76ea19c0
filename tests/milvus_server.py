"""milvus-lite served over TCP on loopback: Milvus' own protocol, another engine behind it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from support import environment, free_port, python

MISSING = "needs milvus-lite and pymilvus: pip install -e '.[test]'"


def available() -> bool:
    return find_spec("milvus_lite") is not None and find_spec("pymilvus") is not None


def start(folder: Path, port: int, seconds: float = 60.0) -> subprocess.Popen[bytes]:
    """A server over the data in ``folder``, answering when this returns."""
    code = "import sys; from milvus_lite.cmdline import main; sys.exit(main())"
    arguments = ["server", "--data-dir", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with (folder.parent / f"{folder.name}.log").open("ab") as log:
        server = subprocess.Popen(python("-c", code, *arguments), stdout=log, stderr=log, env=environment())
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        with socket.socket() as tried:
            tried.settimeout(1.0)
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.1)
    stop(server)
    raise RuntimeError(f"milvus-lite did not start; see {log.name}")


def stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """``milvus://127.0.0.1:PORT`` of a server over ``folder``, while inside."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    server = start(folder, port)
    try:
        yield f"milvus://127.0.0.1:{port}"
    finally:
        stop(server)
