"""A Milvus server or cluster, asked with deadlines; its errors in our words. The only importer of pymilvus.

Whatever is written here can be written again (rows go under keys of ours), so pymilvus' own retry of calls that
found nobody at the other end is safe; it ends with the deadline.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from index.milvus_address import TOKEN, Address
from index.records import MissingExtra, StoreError, StoreMismatch

CONNECT_SECONDS = 8.0
READ_SECONDS = 20.0
WRITE_SECONDS = 120.0
OLDEST = (2, 5)  # sparse vectors were new in 2.4
ROWS_AT_ONCE = 1_000  # rows of one write: a few megabytes, Milvus takes 64
IDS_AT_ONCE = 5_000  # keys of one request; Milvus answers at most 16,384 rows
_ABSENT = (4, 100, 1600)  # Milvus' codes: no such collection (old and new), no such alias
_NOT_LOADED = 101
# pymilvus asks an idle connection every ten seconds whether it lives, which gRPC's own servers (milvus-lite's) answer
# by closing it in the end. Our calls have deadlines.
_PINGS = {"grpc.keepalive_time_ms": 60_000, "grpc.keepalive_permit_without_calls": False}
_EXISTS = "already exist"

Row = dict[str, Any]
T = TypeVar("T")


class Cluster:
    """One connection; safe to use from several threads."""

    def __init__(self, address: Address) -> None:
        """Connect. Raises MissingExtra, StoreError (nobody there, not let in) or StoreMismatch (too old)."""
        self.address = address
        try:
            import pymilvus
        except ImportError as error:
            raise MissingExtra("pymilvus", "milvus", f"{address}") from error
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # what goes wrong is said once, by us
        self._library = pymilvus
        options: dict[str, Any] = {"db_name": address.database} if address.database else {}
        self._client = self._guarded(
            lambda: pymilvus.MilvusClient(
                uri=address.uri,
                token=os.environ.get(TOKEN, ""),
                timeout=CONNECT_SECONDS,
                grpc_options=_PINGS,
                **options,
            )
        )
        self.version: str = self._guarded(lambda: self._client.get_server_version(timeout=CONNECT_SECONDS))
        number = re.search(r"(\d+)\.(\d+)", self.version)
        if number is None or (int(number[1]), int(number[2])) < OLDEST:
            self.close()
            wanted = ".".join(map(str, OLDEST))
            raise StoreMismatch(f"{address}: Milvus {self.version or '?'} is too old; {wanted} or newer is needed")

    def close(self) -> None:
        """Let go of the connection; harmless a second time."""
        self._client.close()

    def _guarded(self, call: Callable[[], T]) -> T:
        """Run one call; what Milvus or the network says becomes one line that names the address."""
        import grpc

        try:
            return call()
        except (self._library.MilvusException, grpc.RpcError, grpc.FutureTimeoutError, OSError, ValueError) as error:
            raise StoreError(f"{self.address}: {_told(error)}") from error

    # -- collections and aliases

    def target(self, alias: str) -> str | None:
        """The collection that ``alias`` stands for; None where there is no such alias."""

        def ask() -> str | None:
            try:
                return str(self._client.describe_alias(alias, timeout=READ_SECONDS)["collection_name"])
            except self._library.MilvusException as error:
                if error.code in _ABSENT:
                    return None
                raise

        return self._guarded(ask)

    def point(self, alias: str, collection: str) -> None:
        """Let ``alias`` stand for ``collection`` from now on; in one step where it stood for another."""
        known = self.target(alias)
        if known == collection:
            return
        change = self._client.create_alias if known is None else self._client.alter_alias
        try:
            self._guarded(lambda: change(collection, alias, timeout=WRITE_SECONDS))
        except StoreError:
            if self.target(alias) != collection:  # unless another builder has just done the same
                raise

    def collections(self) -> list[str]:
        """Names of all collections."""
        return list(self._guarded(lambda: self._client.list_collections(timeout=READ_SECONDS)))

    def create(self, name: str, schema: Sequence[Row], indexes: Sequence[Row], shards: int = 1) -> None:
        """Make a collection, indexed and loaded; one that is there already (another builder's) is left as it is.

        Args:
            schema: arguments of ``add_field``, the type by its name.
            indexes: arguments of ``add_index``.
        """
        made, wanted = self._client.create_schema(enable_dynamic_field=False), self._client.prepare_index_params()
        for field in schema:
            kinds = [key for key in ("datatype", "element_type") if key in field]
            typed = {key: getattr(self._library.DataType, field[key]) for key in kinds}
            made.add_field(**(field | typed))
        for index in indexes:
            wanted.add_index(**index)

        options = {"num_shards": shards, "timeout": WRITE_SECONDS}
        # Session: a process sees what it wrote itself; readers wait for nobody.
        self._made(partial(self._client.create_collection, name, schema=made, consistency_level="Session", **options))
        # Without sync=False pymilvus looks half a second later whether the index of nothing is done.
        self._made(partial(self._client.create_index, name, wanted, sync=False, timeout=WRITE_SECONDS))
        self._guarded(partial(self._client.load_collection, name, timeout=WRITE_SECONDS))

    def _made(self, make: Callable[[], object]) -> None:
        """Run ``make``; where another builder was quicker that is as good."""

        def run() -> None:
            try:
                make()
            except self._library.MilvusException as error:
                if _EXISTS not in str(error.message):
                    raise

        self._guarded(run)

    def drop(self, name: str) -> None:
        """Delete a collection; harmless where there is none."""
        self._guarded(lambda: self._client.drop_collection(name, timeout=WRITE_SECONDS))

    # -- rows

    def _read(self, name: str, call: Callable[[], T]) -> T:
        """Run one call that reads ``name``, which is loaded first where the server has let go of it."""

        def run() -> T:
            try:
                return call()
            except self._library.MilvusException as error:
                if error.code != _NOT_LOADED and "released" not in str(error.message):
                    raise
            self._client.load_collection(name, timeout=WRITE_SECONDS)
            return call()

        return self._guarded(run)

    def upsert(self, name: str, rows: Iterable[Row]) -> None:
        """Write rows, replacing those under the same key. Rows of one call of at most ROWS_AT_ONCE are seen together."""
        for batch in _batches(rows, ROWS_AT_ONCE):
            self._guarded(partial(self._client.upsert, name, batch, timeout=WRITE_SECONDS))

    def delete(self, name: str, ids: Iterable[int]) -> None:
        """Remove the rows under these keys."""
        for batch in _batches(ids, IDS_AT_ONCE):
            self._guarded(partial(self._client.delete, name, ids=batch, timeout=WRITE_SECONDS))

    def settle(self, name: str) -> None:
        """Have what was written indexed now, not when there is enough of it. Raises StoreError where it cannot be."""
        self._guarded(partial(self._client.flush, name, timeout=WRITE_SECONDS))

    def get(self, name: str, ids: Iterable[int | str], fields: Sequence[str], *, newest: bool = False) -> list[Row]:
        """The rows under these keys that are there, in any order; ``newest`` waits for what others have just written."""
        level = {"consistency_level": "Strong"} if newest else {}
        found: list[Row] = []
        for batch in _batches(ids, IDS_AT_ONCE):
            options = {"ids": batch, "output_fields": list(fields), "timeout": READ_SECONDS, **level}
            rows = self._read(name, partial(self._client.query, name, **options))
            found.extend(rows)
        return found

    def select(self, name: str, condition: str, fields: Sequence[str], batch: int = ROWS_AT_ONCE) -> Iterator[Row]:
        """All rows that meet ``condition``, streamed, with what others have just written."""
        iterator = self._read(
            name,
            lambda: self._client.query_iterator(
                name,
                batch_size=batch,
                filter=condition,
                output_fields=list(fields),
                timeout=READ_SECONDS,
                consistency_level="Strong",
            ),
        )
        try:
            while rows := self._guarded(iterator.next):
                yield from rows
        finally:
            iterator.close()

    def search(
        self, name: str, field: str, vector: np.ndarray | Mapping[int, float], k: int, params: Row, condition: str = ""
    ) -> list[tuple[int, float]]:
        """Up to ``k`` (id, inner product) pairs of rows that meet ``condition``, best first, ties by id."""
        asked = vector.tolist() if isinstance(vector, np.ndarray) else dict(vector)
        (found,) = self._read(
            name,
            lambda: self._client.search(
                name,
                data=[asked],
                anns_field=field,
                limit=k,
                filter=condition,
                search_params={"metric_type": "IP", "params": params},
                timeout=READ_SECONDS,
            ),
        )
        pairs = [(int(hit["id"]), float(hit["distance"])) for hit in found]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _told(error: BaseException) -> str:
    """What went wrong, and what to do about it."""
    text = " ".join(str(getattr(error, "message", "") or error).split())
    low = text.lower()
    if any(sign in low for sign in ("unavailable", "fail connecting", "failed to connect", "connection refused")):
        return "no Milvus answers there; check that it runs and the address is right"
    if any(sign in low for sign in ("deadline", "timeout", "timed out")):
        return "Milvus did not answer in time; check its load, then try again"
    if any(sign in low for sign in ("auth", "permission", "privilege")):
        return f"Milvus lets nobody in without the right {TOKEN} ({text[:150]})"
    return f"Milvus says: {text[:200]}"
