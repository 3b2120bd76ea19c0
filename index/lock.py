"""One writer at a time: a lock file that names its holder and dies with its process."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.records import StoreError, StoreLocked

WAIT = 10.0  # seconds a second writer waits before it says who holds the lock
_held: set[Path] = set()
_inside = threading.RLock()


@contextmanager
def write_lock(folder: Path, wait: float = WAIT) -> Iterator[None]:
    """Hold ``folder``'s write lock; may be taken again by the thread that holds it.

    The operating system lets go of it when the process ends, however it ends. Raises StoreLocked after
    ``wait`` seconds, StoreError where the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    path, holder = (folder / "writer.lock").absolute(), folder / "writer.pid"
    busy = f"{folder}: %s is writing to this store; try again when it is done"
    if not _inside.acquire(timeout=wait):  # threads of one process queue here, processes at the file
        raise StoreLocked(busy % "this process")
    try:
        if path in _held:
            yield
            return
        lock = FileLock(path)
        try:
            lock.acquire(timeout=wait)
        except Timeout as error:
            raise StoreLocked(busy % _name(holder)) from error
        except OSError as error:
            raise StoreError(
                f"{folder}: cannot be written ({error.strerror}); name another place with --store"
            ) from error
        try:
            _held.add(path)
            with suppress(OSError):  # the name is a courtesy; on a full disk there is none
                holder.write_text(str(os.getpid()), encoding="ascii")
            yield
        finally:
            _held.discard(path)
            with suppress(OSError):
                holder.unlink()
            lock.release()
    finally:
        _inside.release()


def held_by(folder: Path) -> str:
    """Who holds ``folder``'s write lock at this moment; empty where nobody does, or nobody can."""
    try:
        with write_lock(folder, wait=0.05):
            return ""
    except StoreLocked:
        return _name(folder / "writer.pid")
    except StoreError:
        return ""


def _name(holder: Path) -> str:
    try:
        return f"process {int(holder.read_text(encoding='ascii'))}"
    except (OSError, ValueError):
        return "another process"
