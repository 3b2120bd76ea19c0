"""A session's own documents answer for it alone, until they are removed or the session ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import qa
from index.documents import load
from qa import uploads
from qa.assistant import Assistant
from qa.session import Session
from qa.uploads import Uploads

DOCUMENTS = Path(__file__).parents[1] / "data" / "docs"
LEAVE, WARRANTY = DOCUMENTS / "office-leave-rules.txt", DOCUMENTS / "fan-warranty.txt"
ABOUT_LEAVE, ABOUT_SEED = "ลาพักร้อนได้กี่วัน", "ผู้นำสูงสุดเกาหลีเหนือชื่ออะไร"


def silent(done: int, total: int, name: str) -> None:
    """No progress wanted."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return qa.open(store=tmp_path_factory.mktemp("store"))


@pytest.fixture
def session(shared: Assistant) -> Iterator[Session]:
    held = Session()
    held.uploads = Uploads(shared)
    yield held
    held.close()


def test_own_and_shared_documents_answer_side_by_side(shared: Assistant, session: Session) -> None:
    assert session.uploads is not None
    told: list[tuple[int, int, str]] = []
    outcomes = session.uploads.add([LEAVE, WARRANTY], lambda *step: told.append(step))
    assert [(o.name, o.documents, o.problem) for o in outcomes] == [(LEAVE.name, 1, ""), (WARRANTY.name, 1, "")]
    assert told == [(0, 2, LEAVE.name), (1, 2, WARRANTY.name)]
    own, common = session.ask(shared, ABOUT_LEAVE), session.ask(shared, ABOUT_SEED)
    assert own.answer is not None
    assert own.mine
    assert own.answer.citations[0].source == LEAVE.name
    assert common.answer is not None
    assert not common.mine
    assert common.answer.citations[0].source == "xi-trump-phone-call.txt"


def test_the_scope_says_who_is_asked(shared: Assistant, session: Session) -> None:
    assert session.uploads is not None
    session.uploads.add([LEAVE], silent)
    session.scope = "shared"
    assert [mine for mine, _ in session.assistants(shared)] == [False]
    session.scope = "mine"
    assert [mine for mine, _ in session.assistants(shared)] == [True]
    session.uploads.remove([LEAVE.name])
    assert [mine for mine, _ in session.assistants(shared)] == [False]  # with none of one's own, the shared ones


def test_what_is_removed_answers_no_more(shared: Assistant, session: Session) -> None:
    assert session.uploads is not None
    session.uploads.add([LEAVE, WARRANTY], silent)
    session.uploads.remove([LEAVE.name])
    answer = session.ask(shared, ABOUT_LEAVE).answer
    assert answer is not None
    assert LEAVE.name not in {citation.source for citation in (*answer.citations, *answer.related)}
    assert session.document(shared, LEAVE.name, True) is None
    assert session.document(shared, WARRANTY.name, True) == load(WARRANTY, WARRANTY.name)


def test_a_file_that_cannot_be_read_spoils_no_other(tmp_path: Path, session: Session) -> None:
    assert session.uploads is not None
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    outcomes = session.uploads.add([tmp_path / "empty.txt", LEAVE, tmp_path / "picture.png"], silent)
    assert [bool(o.problem) for o in outcomes] == [True, False, True]
    assert [info.source for info in session.uploads.documents()] == [LEAVE.name]


def test_the_same_name_again_replaces(tmp_path: Path, session: Session) -> None:
    assert session.uploads is not None
    path = tmp_path / "note.txt"
    for text in ("ฉบับแรกของบันทึก", "ฉบับที่สองของบันทึก"):
        path.write_text(text, encoding="utf-8")
        session.uploads.add([path], silent)
    document = session.uploads.document("note.txt")
    assert document is not None
    assert document.text == "ฉบับที่สองของบันทึก"
    assert len(session.uploads.documents()) == 1


def test_limits_are_said(monkeypatch: pytest.MonkeyPatch, session: Session) -> None:
    assert session.uploads is not None
    monkeypatch.setattr(uploads, "MOST_DOCUMENTS", 1)
    outcomes = session.uploads.add([LEAVE, WARRANTY], silent)
    assert "more than 1 documents" in outcomes[1].problem
    monkeypatch.setattr(uploads, "MOST_DOCUMENTS", 10)
    monkeypatch.setattr(uploads, "LONGEST", 100)
    assert "more than 100 characters" in session.uploads.add([WARRANTY], silent)[0].problem


def test_the_end_of_a_session_deletes_everything(session: Session) -> None:
    assert session.uploads is not None
    folder = session.uploads.folder
    session.uploads.add([LEAVE], silent)
    assert any(folder.iterdir())
    session.close()
    assert not folder.exists()
    session.close()
