"""The SQLite file of a store folder: connections, transactions, and what its errors mean to a person."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.lock import write_lock
from index.records import QAError, StoreDamaged, StoreError, printable

# What SQLite says of a file that is not as it was written; of anything else the disk or a permission is to blame.
_SIGNS_OF_DAMAGE = ("malformed", "not a database", "no such", "decode to UTF-8", "encoding")

PAGE_BYTES = 16_384  # a passage with its vector takes about 3,000: a page of 4,096 would hold one, and air


class _Connection(sqlite3.Connection):
    """One that is closed when its thread ends."""

    def __del__(self) -> None:
        self.close()


class _Held(threading.local):
    connection: _Connection | None = None


class Database:
    """The SQLite file in ``folder``; a connection a thread."""

    def __init__(self, folder: Path, *, writable: bool) -> None:
        self.folder = folder
        self.path = folder / "store.sqlite"
        self.writable = writable
        self._held = _Held()

    def _connection(self) -> sqlite3.Connection:
        connection = self._held.connection
        if connection is None:
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode={self._mode()}",
                uri=True,
                timeout=30,  # seconds; only writers wait for one another
                factory=_Connection,
                isolation_level=None,
                check_same_thread=False,
            )
            self._held.connection = connection
            if self.writable:
                connection.execute(f"PRAGMA page_size={PAGE_BYTES}")  # says nothing to a file that has pages
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
        return connection

    def _mode(self) -> str:
        if self.writable:
            return "rwc"
        # A folder that cannot be written cannot be given a write-ahead log. Where another user's process
        # keeps one, it is read along; else the file is read as it stands.
        log = Path(f"{self.path}-wal")
        return "ro" if log.exists() and log.stat().st_size else "ro&immutable=1"

    def close(self) -> None:
        """Close this thread's connection."""
        connection, self._held.connection = self._held.connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _damage(self, what: object) -> str:
        said = printable(" ".join(str(what).split()))[:200]
        return f"{self.path}: damaged ({said}); qa build --rebuild makes it anew from the documents"

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn SQLite's errors into one line that says what to do."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            text = str(error)
            if any(sign in text for sign in _SIGNS_OF_DAMAGE):
                raise StoreDamaged(self._damage(text)) from error
            raise StoreError(f"{self.path}: {text}; check free space and write access, or name --store") from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """The connection to read from; what cannot be understood as it was written is damage."""
        try:
            with self._guard():
                yield self._connection()
        except QAError:
            raise
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
            raise StoreDamaged(self._damage(error)) from error

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """All that is read inside, through this store and in this thread, is of one moment; nothing is waited for."""
        with self._guard():
            connection = self._connection()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                with suppress(sqlite3.Error):
                    connection.execute("COMMIT")

    @property
    def in_snapshot(self) -> bool:
        """True inside :meth:`snapshot` or :meth:`writing`, in this thread."""
        return self._held.connection is not None and self._held.connection.in_transaction

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction under the write lock. Raises StoreLocked where another process writes."""
        with write_lock(self.folder), self._guard():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'sequence'")
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise


def can_write(folder: Path) -> bool:
    """True where a file can really be made in ``folder`` (permission bits do not tell of a read-only disk)."""
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=".can-write-"):
            return True
    except OSError:
        return False
