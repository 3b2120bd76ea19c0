"""A trial run of this program that notes every attempt to reach another machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from index.records import QAError

SECONDS = 120.0  # that the trial may take on a slow machine
_ROOT = Path(__file__).resolve().parents[1]
_HERE = ("", "localhost", "127.0.0.1", "::1")

# Audit hooks see every socket call of the interpreter, whatever library makes it.
_TRIAL = """
import json, sys
from pathlib import Path
left, here = [], {here!r}
def note(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host is not None and host not in here:
        left.append(str(host))
        raise ConnectionError("no network in a trial run")
sys.addaudithook(note)
import qa
folder = Path(sys.argv[1])
(folder / "trial.txt").write_text("แมวดำนอนบนหลังคา", encoding="utf-8")
answer = qa.open(folder, encoder="bundled", store=folder / "store").ask("แมวดำนอนที่ไหน")
assert answer.hits and answer.hits[0].source == "trial.txt"
print(json.dumps(sorted(set(left))))
"""


def attempts_to_leave() -> list[str]:
    """The machines that building and asking tried to reach, none of which it did. Raises QAError where the run fails."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    with tempfile.TemporaryDirectory(prefix="qa-trial-") as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-c", _TRIAL.replace("{here!r}", repr(_HERE)), folder],
                capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=False,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"},
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise QAError(f"{error}") from error
    if done.returncode:
        raise QAError((done.stderr.strip().splitlines() or ["it said nothing"])[-1][:300])
    return list(json.loads(done.stdout.splitlines()[-1]))
