"""The chat, served for real on a free port of this machine."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from chat import LEFT_OPEN, QUESTION, UNANSWERABLE, sweep
from support import ROOT, free_port

import qa
import ui
from qa.assistant import Assistant
from qa.presenter import conversation
from qa.session import Session
from qa.texts import texts_for

pytestmark = LEFT_OPEN


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What a test of this file leaves open is collected before the next file runs."""
    yield
    sweep()


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return qa.open(store=tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def address(bot: Assistant) -> Iterator[str]:
    port = free_port()
    app = ui.start(bot, port=port)
    yield f"http://127.0.0.1:{port}"
    app.close(verbose=False)
    sweep()


@pytest.fixture(scope="module")
def client(address: str):
    from gradio_client import Client

    return Client(address, verbose=False)


def test_importing_ui_imports_nothing_heavy() -> None:
    code = "import sys, ui; print([m for m in ('gradio', 'torch', 'sentence_transformers') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_ask_endpoint_says_what_the_assistant_says(client, bot: Assistant) -> None:
    assert client.predict(QUESTION, api_name="/ask") == json.loads(json.dumps(bot.ask(QUESTION).as_dict()))


def test_ask_endpoint_passes_the_history_on(client, bot: Assistant) -> None:
    history = ["สี จิ้นผิง คุยโทรศัพท์กับใคร"]
    follow_up = "แล้วคุยกันวันไหน"
    said = client.predict(follow_up, history, 3, api_name="/ask")
    assert said["searched"] == bot.ask(follow_up, history).searched != follow_up
    assert len(said["citations"] or said["related"]) <= 3


def test_retrieve_endpoint_gives_the_ranking(client, bot: Assistant) -> None:
    found = client.predict(QUESTION, 2, api_name="/retrieve")
    assert [(hit["source"], hit["start"]) for hit in found] == [
        (hit.source, hit.start) for hit in bot.retrieve(QUESTION, 2)
    ]


def test_endpoints_narrow_and_explain(client, bot: Assistant) -> None:
    source = bot.documents()[0].source
    found = client.predict(QUESTION, 2, None, [source], explain=True, api_name="/retrieve")
    assert [hit["explanation"] for hit in found] == json.loads(
        json.dumps([hit.explanation.as_dict() for hit in bot.retrieve(QUESTION, 2, explain=True)])
    )
    said = client.predict(QUESTION, within=[source], explain=True, api_name="/ask")
    assert said["citations"][0]["source"] == source and said["explanations"][0]["reason"]
    assert client.predict(QUESTION, since="2567", api_name="/ask")["abstained"]  # the seed document has no date


def test_documents_endpoint_lists_what_can_answer(client, bot: Assistant) -> None:
    listed = client.predict(api_name="/documents")
    assert [(d["source"], d["passages"]) for d in listed] == [(d.source, d.passages) for d in bot.documents()]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("",), "empty"),
        (("ก" * 100_000,), "characters"),
        ((QUESTION, None, 0), "1 to 100"),
        ((QUESTION, [1]), "history"),
        ((QUESTION, [], 5, ["nowhere/"]), "no document of that name"),
        ((QUESTION, [], 5, [3]), "within names files"),
        ((QUESTION, [], 5, [], "soon"), "is no date"),
        ((QUESTION, [], 5, [], None, None, ["type"]), "metadata is fields"),
    ],
)
def test_endpoint_errors_are_one_line_for_people(client, arguments: tuple[object, ...], told: str) -> None:
    with pytest.raises(Exception, match=told) as caught:
        client.predict(*arguments, api_name="/ask")
    assert "Traceback" not in str(caught.value)


def test_only_the_named_endpoints_are_public(client) -> None:
    assert set(client.view_api(return_format="dict")["named_endpoints"]) == {"/ask", "/retrieve", "/documents"}


def test_the_page_carries_its_own_font_and_names_no_other_host(address: str) -> None:
    with urllib.request.urlopen(address, timeout=20) as reply:
        page = reply.read().decode("utf-8")
    assert "data:font/woff2;base64," in page
    for elsewhere in ("fonts.googleapis", "cdnjs", "cdn.jsdelivr", "unpkg"):
        assert elsewhere not in page
    assert str(ROOT) not in page


def test_a_conversation_shows_answers_refusals_and_errors(bot: Assistant) -> None:
    session = Session()
    for question in (QUESTION, UNANSWERABLE, "   ?  ", "ก" * 5_000):
        session.ask(bot, question)
    shown = conversation(session)
    assert [message["role"] for message in shown] == ["user", "assistant"] * 4
    answer, refusal, empty, endless = (message["content"] for message in shown[1::2])
    assert "<mark>" in answer
    assert "ย่อหน้า 2" in answer
    assert "ไม่พบคำตอบในเอกสาร" in refusal
    assert "อาจเกี่ยวข้อง" in refusal
    assert "qa-error" in empty
    assert "5,000" in endless
    assert session.history() == [QUESTION, UNANSWERABLE]  # what could not be asked is nothing to lean on


def test_an_unforeseen_failure_is_a_message_too(bot: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot, "ask", lambda *_: 1 / 0)
    session = Session("en")
    session.ask(bot, QUESTION)
    reply = conversation(session)[1]["content"]
    assert texts_for("en").broken in reply
    assert "ZeroDivision" not in reply


def test_fifty_ask_at_once(address: str, bot: Assistant) -> None:
    def one(number: int) -> bool:
        body = json.dumps({"question": QUESTION if number % 2 else UNANSWERABLE}).encode()
        call = urllib.request.Request(f"{address}/gradio_api/call/v2/ask", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(call, timeout=60) as reply:
            event = json.loads(reply.read())["event_id"]
        with urllib.request.urlopen(f"{address}/gradio_api/call/v2/ask/{event}", timeout=60) as reply:
            said = reply.read().decode("utf-8")
        return said.startswith("event: complete") and ("อาร์เจนตินา" in json.loads(said.split("data: ", 1)[1])[0]["text"])

    with ThreadPoolExecutor(50) as pool:
        answered = list(pool.map(one, range(50)))
    assert answered == [bool(number % 2) for number in range(50)]
