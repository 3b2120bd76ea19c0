"""Follows a folder: says when its files have changed and come to rest.

It asks the folder as a build does, by size and time of each file: that works on network drives too, needs no
handle a folder, and nothing that a build would see is missed. A scan of 40,000 files takes a few tenths of a
second of processor time; the pauses grow with it, so that watching costs at most a twentieth of one core.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from index.documents import Scan, scan
from index.records import UsageError

PAUSE = 1.0  # seconds between two looks, at least
SHARE = 20.0  # pauses are at least this many times as long as a look
LONGEST_UNREST = 15.0  # seconds that a folder in which files keep changing is waited for


def changes(folder: Path, seen: Scan, sleep: Callable[[float], None] = time.sleep) -> Iterator[Scan]:
    """What lies below ``folder``, each time that it is other than ``seen`` (then: than last yielded) and at rest.

    A file that is being copied changes from look to look: it is waited for, but not for ever. A folder that is
    gone (a drive that was taken off) is waited for too.
    """
    before, restless_since = seen, 0.0
    while True:
        began = time.monotonic()
        now = _look(folder)
        looked = time.monotonic()
        if now is not None and now != seen:
            if now == before or (restless_since and looked - restless_since > LONGEST_UNREST):
                seen, restless_since = now, 0.0
                yield now
            elif not restless_since:
                restless_since = looked
        if now is not None:
            before = now
        sleep(max(PAUSE, SHARE * (looked - began)))


def _look(folder: Path) -> Scan | None:
    try:
        return scan(folder)
    except UsageError:
        return None
