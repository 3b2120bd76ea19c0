"""A server that is away, slow, old or not Milvus at all is said in one line and in bounded time."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import milvus_server
import pytest
from support import free_port
from toy import ToyEncoder, identity_of

from index import milvus_client
from index.build import silent
from index.milvus import MilvusStore
from index.milvus_address import parse_address
from index.milvus_build import build_collection
from index.milvus_client import Cluster
from index.records import MissingExtra, StoreError, StoreMismatch
from index.segmenter import bundled_segmenter

needs_library = pytest.mark.skipif(not milvus_server.available(), reason=milvus_server.MISSING)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONNECT_SECONDS", "READ_SECONDS", "WRITE_SECONDS"):
        monkeypatch.setattr(milvus_client, name, 1.0)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """One that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(20)
        yield listening.getsockname()[1]


@pytest.fixture
def chatty_port() -> Iterator[int]:
    """One where something else answers: HTTP/1."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(20)

        def answer() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def refused(port: int) -> str:
    """The one line that says that there is no Milvus at ``port``, said within a few seconds."""
    began = time.monotonic()
    with pytest.raises(StoreError) as caught:
        Cluster(parse_address(f"milvus://127.0.0.1:{port}/n"))
    assert time.monotonic() - began < 15
    said = str(caught.value)
    assert said.startswith(f"milvus://127.0.0.1:{port}/n: ") and "\n" not in said and len(said) < 300
    return said


@needs_library
def test_nobody_there(impatient: None) -> None:
    assert "no Milvus answers there; check that it runs and the address is right" in refused(free_port())


@needs_library
def test_one_that_never_answers(impatient: None, silent_port: int) -> None:
    assert "no Milvus answers there" in refused(silent_port)


@needs_library
def test_something_else_is_there(impatient: None, chatty_port: int) -> None:
    assert "no Milvus answers there" in refused(chatty_port)


def test_too_old(milvus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milvus_client, "OLDEST", (99, 0))
    with pytest.raises(StoreMismatch, match=r"Milvus milvus_lite-\S+ is too old; 99.0 or newer is needed"):
        Cluster(parse_address(f"{milvus}/n"))


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(MissingExtra, match=r"milvus://h:19530/n needs pymilvus: pip install 'thai-docs-qa\[milvus\]'"):
        Cluster(parse_address("milvus://h/n"))


@needs_library
def test_one_that_goes_away_and_comes_back(impatient: None, tmp_path: Path, folder: Path) -> None:
    data, port, toy = tmp_path / "lite", free_port(), ToyEncoder()
    data.mkdir()
    server = milvus_server.start(data, port)
    try:
        cluster = Cluster(parse_address(f"milvus://127.0.0.1:{port}/n"))
        build_collection(cluster, folder, toy, bundled_segmenter(), silent)
        store = MilvusStore(cluster, identity_of(toy, bundled_segmenter()), tmp_path, poll=0)
        vector = toy.encode(["แมว"], role="query")[0]
        before = store.index().nearest(vector, 5)
        assert len(before) == 5
        server.kill()
        server.wait()
        began = time.monotonic()
        with pytest.raises(StoreError, match=r"no Milvus answers there|did not answer in time"):
            store.index().nearest(vector, 5)
        assert time.monotonic() - began < 15
        server = milvus_server.start(data, port)
        end = time.monotonic() + 60
        while True:  # what was committed is there again; the connection mends itself
            try:
                assert store.index().nearest(vector, 5) == before
                break
            except StoreError:
                assert time.monotonic() < end
    finally:
        milvus_server.stop(server)
