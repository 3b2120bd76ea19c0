"""What a terminal is shown, and what it is spared."""

from __future__ import annotations

import io
import itertools
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Chunk, Hit, Place
from qa.answer import Answer, Citation
from qa.terminal import Bar, coloured, merged, printed_answer, printed_hits, safe_output, visible


def citation(quote: str = "แมวดำนอน", marks: tuple[Place, ...] = (Place(13, 15),), start: int = 10) -> Citation:
    return Citation(1, "a.txt", "", 2, 3, start, start + len(quote), quote, marks, 0.5)


def answer(*citations: Citation, **fields: object) -> Answer:
    values = {
        "question": "ถ",
        "searched": "ถ",
        "text": "ดำ",
        "abstained": False,
        "confidence": 0.9,
        "citations": citations,
    }
    return Answer(**{**values, **fields})  # type: ignore[arg-type]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_an_answer_without_colours() -> None:
    assert printed_answer(answer(citation())) == "ดำ\n\n[1] a.txt หน้า 3 ย่อหน้า 2 (10-18)\nแมว«ดำ»นอน"
    assert printed_answer(answer(searched="ถาม", notes=("อ่านว่า ถาม",))).splitlines() == [
        "ดำ",
        "(ค้นหา: ถาม)",
        "อ่านว่า ถาม",
    ]


def test_a_refusal_shows_what_is_near() -> None:
    shown = printed_answer(answer(abstained=True, text="ไม่พบ", related=(citation(),)))
    assert shown.splitlines()[:3] == ["ไม่พบ", "", "อาจเกี่ยวข้อง:"]


def test_colours_only_on_a_terminal_that_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert coloured()
    assert "\033[30;43mดำ\033[0m" in printed_answer(answer(citation()))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not coloured()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not coloured()


def test_a_document_cannot_redraw_the_terminal() -> None:
    hostile = "ก\033[2J\u202eข\x9bm\r\x07"
    assert visible(hostile) == "ก [2J ข m  "
    assert "\033" not in printed_answer(
        answer(citation(hostile, marks=()), text=hostile, notes=(hostile,), searched=hostile)
    )
    hit = Hit(1, Chunk(hostile, 0, 5, hostile, 1), 0.25, channels={"words": 1.5})
    assert "\033" not in printed_hits([hit]) and "0.250  words=1.500" in printed_hits([hit])


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10)), max_size=8))
def test_merged_places_cover_the_same_and_keep_apart(pairs: list[tuple[int, int]]) -> None:
    places = [Place(start, start + length) for start, length in pairs]
    joined = merged(places)
    assert {p for place in joined for p in range(place.start, place.end)} == {
        p for place in places for p in range(place.start, place.end)
    }
    assert all(one.end < two.start for one, two in itertools.pairwise(joined))


@given(st.text(min_size=1, max_size=30), st.lists(st.tuples(st.integers(0, 29), st.integers(1, 29)), max_size=4))
def test_marks_never_lose_or_repeat_a_letter(quote: str, pairs: list[tuple[int, int]]) -> None:
    quote = quote.replace("«", "").replace("»", "") or "ก"
    marks = tuple(Place(10 + a, 10 + min(a + b, len(quote))) for a, b in pairs if a < len(quote))
    shown = printed_answer(answer(citation(quote, marks))).split("(10-", 1)[1].split("\n", 1)[1]
    assert shown.replace("«", "").replace("»", "") == visible(quote)


def test_thai_is_written_whatever_the_locale_says(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    safe_output()
    print("ไทย \udc80", flush=True)
    assert raw.getvalue() == "ไทย ?\n".encode()


def test_a_bar_only_on_a_terminal_and_only_for_work_that_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Bar() as bar:
        bar("documents", 1, 2)
    assert capsys.readouterr().err == ""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Bar() as bar:
        bar("documents", 0, 2)
        assert terminal.getvalue() == ""
        monkeypatch.setattr("qa.terminal._QUIET_SECONDS", 0.0)
        bar("documents", 1, 2)
        bar("documents", 2, 2)
        bar("index", 0, 1)
        bar("index", 1, 1)
    shown = terminal.getvalue()
    assert "documents" in shown and "2/2" in shown and "/s" in shown and "left" in shown and "index" in shown
