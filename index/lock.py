"""One writer at a time: a lock file that names its holder and dies with its process."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.records import StoreError, StoreLocked

WAIT = 10.0  # seconds a second writer waits before it says who holds the lock
_held: dict[Path, int] = {}
_inside = threading.RLock()


@contextmanager
def write_lock(folder: Path, wait: float = WAIT) -> Iterator[None]:
    """Hold ``folder``'s write lock; may be taken again by the thread that holds it.

    The operating system lets go of it when the process ends, however it ends. Raises StoreLocked after
    ``wait`` seconds, StoreError where the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    with _inside:  # threads of one process queue here, processes at the file
        path = (folder / "writer.lock").absolute()
        if path in _held:
            yield
            return
        holder = folder / "writer.pid"
        lock = FileLock(path)
        try:
            lock.acquire(timeout=wait)
        except Timeout as error:
            raise StoreLocked(
                f"{folder}: {_name(holder)} is writing to this store; try again when it is done"
            ) from error
        except OSError as error:
            raise StoreError(
                f"{folder}: cannot be written ({error.strerror}); name another place with --store"
            ) from error
        try:
            _held[path] = os.getpid()
            holder.write_text(str(os.getpid()), encoding="ascii")
            yield
        finally:
            del _held[path]
            holder.unlink(missing_ok=True)
            lock.release()


def _name(holder: Path) -> str:
    try:
        return f"process {int(holder.read_text(encoding='ascii'))}"
    except (OSError, ValueError):
        return "another process"
