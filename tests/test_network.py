"""Building and asking with every socket blocked but those of this machine, and every name look-up."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from support import environment, python

# Audit hooks see every socket call of the interpreter, whatever library makes it; they cannot be taken off again.
BLOCK = """
import sys

def refuse(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        if arguments[0] not in (None, "", "localhost", "127.0.0.1", "::1", b"localhost"):
            raise ConnectionError(f"network used: {event} {arguments[0]!r}")
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise ConnectionError(f"network used: {event} {address!r}")

sys.addaudithook(refuse)
"""


def blocked(script: str, *arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    """Run ``script`` where no network is, and with a home folder that holds nothing downloaded."""
    return subprocess.run(
        python("-c", BLOCK + script, *map(str, arguments)),
        capture_output=True,
        text=True,
        env=environment(HOME=str(home), XDG_CACHE_HOME=str(home / "cache"), HF_HOME=str(home / "hf")),
        check=False,
    )


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
        "import socket; socket.getaddrinfo('example.com', 80)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "import urllib.request; urllib.request.urlopen('http://example.com')",
    ],
)
def test_the_block_blocks(attempt: str, tmp_path: Path) -> None:
    done = blocked(attempt, home=tmp_path)
    assert done.returncode == 1 and "network used" in done.stderr


def test_build_and_ask_need_no_network(tmp_path: Path) -> None:
    command = "\nfrom qa.cli import main\nsys.exit(main(sys.argv[1:]))"
    built = blocked(command, "build", home=tmp_path)
    assert built.returncode == 0 and "1 documents" in built.stdout
    asked = blocked(command, "ask", "สองผู้นำจะพบกันที่ไหน", "--json", home=tmp_path)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert json.loads(asked.stdout)["citations"]
