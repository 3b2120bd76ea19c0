"""How the chat is served: ports, passwords, proxies, MCP, those who watch it, and nothing reached but this machine."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from chat import LEFT_OPEN, QUESTION, UNANSWERABLE, sweep
from support import ROOT, free_port

import qa
import ui
from qa.assistant import Assistant

pytestmark = LEFT_OPEN


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What a test of this file leaves open is collected before the next file runs."""
    yield
    sweep()


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return qa.open(store=tmp_path_factory.mktemp("store"))


def test_a_taken_port_is_said_in_one_line(bot: Assistant) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(qa.UsageError, match=f"port {port}"):
            ui.start(bot, port=port)


def test_names_and_passwords_are_asked_for_and_kept_out_of_the_page(bot: Assistant) -> None:
    from gradio_client import Client

    port = free_port()
    app = ui.start(bot, port=port, auth=[("somchai", "s3cret-word")])
    try:
        address = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(address, timeout=20) as reply:
            page = reply.read().decode("utf-8")
        assert "s3cret-word" not in page
        call = urllib.request.Request(f"{address}/gradio_api/call/documents", b'{"data": []}', method="POST")
        call.add_header("Content-Type", "application/json")
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(call, timeout=20)
        assert caught.value.code == 401
        caught.value.close()
        client = Client(address, auth=("somchai", "s3cret-word"), verbose=False)
        assert client.predict(api_name="/documents")
    finally:
        app.close(verbose=False)


def test_a_path_of_a_proxy_stands_before_every_address(bot: Assistant) -> None:
    port = free_port()
    app = ui.start(bot, port=port, root_path="/office/qa")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/config", timeout=20) as reply:
            assert json.loads(reply.read())["root"].endswith("/office/qa")
    finally:
        app.close(verbose=False)


def test_shared_uploads_need_a_folder(bot: Assistant) -> None:
    with pytest.raises(qa.UsageError, match="--docs"):
        ui.start(bot, port=free_port(), shared_uploads=True)


def test_mcp_offers_ask_and_retrieve_and_nothing_else(bot: Assistant) -> None:
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    import anyio
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def tools_and_answer(address: str) -> tuple[set[str], str]:
        async with (
            streamablehttp_client(f"{address}/gradio_api/mcp/") as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            tools = {tool.name for tool in (await session.list_tools()).tools}
            said = await session.call_tool("ask", {"question": QUESTION})
            return tools, said.content[0].text

    port = free_port()
    app = ui.start(bot, port=port, mcp=True)
    try:
        with ThreadPoolExecutor(1) as beside:  # a browser of other tests may keep a loop in this thread
            tools, said = beside.submit(anyio.run, tools_and_answer, f"http://127.0.0.1:{port}").result()
    finally:
        app.close(verbose=False)
    assert tools == {"ask", "retrieve"}
    assert "อาร์เจนตินา" in said


def read_json(address: str) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(address, timeout=20) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_a_watcher_is_told_whether_the_store_can_be_read(tmp_path: Path) -> None:
    bot, port = qa.open(store=tmp_path / "store"), free_port()
    app = ui.start(bot, port=port, auth=[("somchai", "s3cret-word")])  # a watcher has no password
    try:
        assert read_json(f"http://127.0.0.1:{port}/healthz") == (200, {"status": "ok", "found": 1})
        with pytest.raises(urllib.error.HTTPError) as caught:  # figures are told only where they are asked for
            urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20)
        caught.value.close()
        with sqlite3.connect(bot.store.path) as connection:
            connection.execute("DROP TABLE chunks")
        connection.close()
        assert read_json(f"http://127.0.0.1:{port}/healthz") == (503, {"status": "the store cannot be read"})
    finally:
        app.close(verbose=False)


def test_metrics_count_questions_by_what_came_of_them(bot: Assistant) -> None:
    parser = pytest.importorskip("prometheus_client.parser", reason="the extra metrics is not installed")
    from gradio_client import Client

    port = free_port()
    app = ui.start(bot, port=port, metrics=True)
    try:
        client = Client(f"http://127.0.0.1:{port}", verbose=False)
        for question in (QUESTION, QUESTION, UNANSWERABLE):
            client.predict(question, api_name="/ask")
        with pytest.raises(Exception, match="empty"):
            client.predict("", api_name="/ask")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as reply:
            page = reply.read().decode("utf-8")
    finally:
        app.close(verbose=False)
    samples = [s for family in parser.text_string_to_metric_families(page) for s in family.samples]
    found = {(s.name, *(value for _, value in sorted(s.labels.items()))): s.value for s in samples}
    assert {key[1]: value for key, value in found.items() if key[0] == "qa_questions_total"} == {
        "answered": 2,
        "refused": 1,
        "failed": 1,
    }
    assert found["qa_question_seconds_count", "api"] == 4
    assert found["qa_passages",] == bot.passage_count
    assert found["qa_questions_running",] == 0
    assert QUESTION not in page


def test_metrics_that_are_not_installed_name_the_extra(bot: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(qa.MissingExtra, match=r"\[metrics\]"):
        ui.start(bot, port=free_port(), metrics=True)


def test_mcp_that_is_not_installed_names_the_extra(bot: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui, "find_spec", lambda name: None)
    with pytest.raises(qa.MissingExtra, match=r"\[mcp\]"):
        ui.start(bot, port=free_port(), mcp=True)


GUARDED = """
import sys
reached = []
def guard(event, args):
    if event in ("socket.connect", "socket.sendto"):
        host = args[1][0] if isinstance(args[1], tuple) else "unix"
        if host not in ("127.0.0.1", "::1", "unix"):
            reached.append(f"{event} {host}"); raise OSError("no network")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        if args[0] not in (None, "", "127.0.0.1", "localhost", "::1", b"127.0.0.1", b"localhost"):
            reached.append(f"{event} {args[0]}"); raise OSError("no network")
sys.addaudithook(guard)
import json, threading, urllib.request
import qa, ui
bot = qa.open(store=sys.argv[1])
app = ui.start(bot, port=int(sys.argv[2]))
base = f"http://127.0.0.1:{sys.argv[2]}"
page = urllib.request.urlopen(base, timeout=30).read()
body = json.dumps({"question": sys.argv[3]}).encode()
call = urllib.request.Request(base + "/gradio_api/call/v2/ask", body, {"Content-Type": "application/json"})
event = json.loads(urllib.request.urlopen(call, timeout=30).read())["event_id"]
said = urllib.request.urlopen(base + "/gradio_api/call/v2/ask/" + event, timeout=30).read().decode()
app.close(verbose=False)
for beside in threading.enumerate():  # who looks something up does so beside the server
    if beside is not threading.current_thread():
        beside.join(1)
print(json.dumps({"reached": reached, "page": len(page), "answered": "citations" in said}))
"""


def test_nothing_but_loopback_is_reached(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GRADIO_", "HF_"))}
    # Where a proxy is set, Gradio's look at its own address must not go through it.
    environment |= {
        "HTTP_PROXY": "http://192.0.2.1:9",
        "http_proxy": "http://192.0.2.1:9",
        "NO_PROXY": "",
        "no_proxy": "",
    }
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, str(tmp_path / "store"), str(free_port()), QUESTION],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told["reached"] == []
    assert told["page"] > 0
    assert told["answered"]
