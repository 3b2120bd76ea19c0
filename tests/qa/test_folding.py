"""One passage in several places is one hit; passages side by side are quoted as one, with exact offsets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qa
from index.records import Document, Place
from qa.answer import Citation
from qa.assistant import Assistant
from qa.folding import LONGEST_JOINED, joined
from qa.judging import is_relevant
from qa.questions import Question

RULE = "พนักงานที่ทำงานครบหนึ่งปีมีสิทธิลาพักร้อนได้ปีละ 10 วันทำการ โดยต้องแจ้งหัวหน้างานล่วงหน้าอย่างน้อย 7 วัน"
SAME = {
    "same.txt": RULE,
    "thai-digits.txt": RULE.replace("10", "๑๐").replace("7", "๗"),
    "spaced.txt": RULE.replace(" โดย", "   โดย").replace("10 วัน", "10 วัน "),
    "quoted.txt": f"“{RULE}”",
    "dated.txt": f"31 พฤษภาคม\n{RULE}",
}
OTHER = {
    "other-number.txt": RULE.replace("10", "15"),
    "not.txt": RULE.replace("มีสิทธิ", "ไม่มีสิทธิ"),
    "other-share.txt": RULE.replace("10", "1.0"),
    "not-in-front.txt": f"ไม่ใช่ {RULE}",
    "other-name.txt": RULE.replace("พนักงาน", "ผู้จัดการ"),
    "longer.txt": f"{RULE} ทั้งนี้ให้เป็นไปตามประกาศของฝ่ายทรัพยากรบุคคลที่ออกในแต่ละปี และสะสมวันลาไปปีถัดไปไม่ได้",
}
QUESTION = "ลาพักร้อนได้ปีละกี่วัน"


def opened(texts: dict[str, str], **options: Any) -> Assistant:
    return qa.open(documents=[Document(source, text) for source, text in texts.items()], **options)


@pytest.mark.parametrize("options", [{}, {"rescore": False}, {"mode": "words"}, {"mode": "dense"}])
def test_the_same_passage_is_one_hit_with_all_its_places(options: dict[str, Any]) -> None:
    hits = opened({**SAME, **OTHER}, **options).retrieve(QUESTION, 20)
    assert len(hits) == 1 + len(OTHER)
    (kept,) = [hit for hit in hits if hit.also]
    assert {kept.source, *(place.source for place in kept.also)} == set(SAME)
    for place in kept.also:
        assert SAME[place.source][place.start : place.end].strip() and place.paragraph == 1


def test_as_many_distinct_passages_as_wanted_are_found_behind_many_copies() -> None:
    copies = {f"copy-{number}.txt": RULE for number in range(150)}
    others = {
        f"other-{number}.txt": f"ระเบียบการลาพักร้อนของแผนก {number + 20} ได้ปีละ {number + 20} วัน" for number in range(6)
    }
    hits = opened({**copies, **others}).retrieve(QUESTION, 5)
    assert len(hits) == 5 and len({hit.text for hit in hits}) == 5
    assert sum(len(hit.also) for hit in hits) > 50
    assert len(opened(copies).retrieve(QUESTION, 5)) == 1


def test_passages_under_headings_of_their_own_stay_apart() -> None:
    headed = {"office.txt": f"สำนักงาน\n{RULE}", "factory.txt": f"โรงงาน\n{RULE}"}
    assert len(opened(headed).retrieve(QUESTION, 5)) == 2


def test_the_answer_names_the_other_places() -> None:
    bot = opened({"a.txt": RULE, "b.txt": RULE}, min_confidence=0.0)
    (citation,) = bot.ask(QUESTION).citations
    assert [place.source for place in citation.also] == ["b.txt" if citation.source == "a.txt" else "a.txt"]
    told = bot.ask(QUESTION).as_dict()["citations"][0]["also"]
    assert told == [
        {"source": citation.also[0].source, "title": "", "paragraph": 1, "page": None, "start": 0, "end": len(RULE)}
    ]


def test_a_passage_that_was_folded_away_still_counts_as_found() -> None:
    (hit,) = opened({"a.txt": RULE, "b.txt": "นำ\n" + RULE}).retrieve(QUESTION, 5)
    assert len(hit.also) == 1
    for source, number in ((hit.source, hit.paragraph), (hit.also[0].source, hit.also[0].paragraph)):
        asked = Question("1", QUESTION, relevant={source: 1.0}, paragraphs=(number,))
        assert is_relevant(hit, asked, "document") and is_relevant(hit, asked, "paragraph")
    assert not is_relevant(hit, Question("1", QUESTION, relevant={"c.txt": 1.0}, paragraphs=(1,)), "document")


TEXT = "หนึ่งสอง\n\nสามสี่ ห้าหก\nเจ็ดแปด" + "ก" * 2_000 + "ท้าย"


def citation(start: int, end: int, score: float = 1.0, source: str = "a.txt") -> Citation:
    mark = Place(start, min(end, start + 3))
    return Citation(9, source, "", 1, None, start, end, TEXT[start:end], (mark,), score)


def test_neighbours_become_one_quotation() -> None:
    texts = {"a.txt": TEXT, "b.txt": TEXT}
    first, second, third = citation(10, 16), citation(0, 8, 0.9), citation(17, 22, 0.88)
    one, other = joined([first, second, third], texts)
    assert (one.start, one.end, one.quote, one.number) == (10, 22, TEXT[10:22], 1)
    assert (other.start, other.end, other.number) == (0, 8, 2)  # another paragraph
    assert one.marks == first.marks and one.score == 1.0
    for apart in (
        [first, citation(0, 8, 0.5)],  # found much less well
        [first, citation(0, 8, source="b.txt")],
        [first, citation(17, 22)],  # ห้าหก stands between
        [citation(10, 30), citation(30, 30 + LONGEST_JOINED)],
    ):
        if apart[1].start == 17:
            apart[0] = citation(10, 15)
        assert [c.number for c in joined(apart, texts)] == [1, 2], apart
    assert joined([first, second], texts, apart=2) == joined([first, second], texts, apart=1)
    assert len(joined([first, second, third], texts, apart=2)) == 3


@given(st.lists(st.tuples(st.integers(0, 39), st.floats(0.1, 1.0)), max_size=12))
def test_whatever_is_joined_is_quoted_exactly(picked: list[tuple[int, float]]) -> None:
    scored = sorted(((50 * number, score) for number, score in dict(picked).items()), key=lambda pair: -pair[1])
    given_ = [citation(start, start + 50, score) for start, score in scored]
    out = joined(given_, {"a.txt": TEXT})
    assert [c.number for c in out] == list(range(1, len(out) + 1))
    assert sum(c.end - c.start for c in out) == 50 * len(given_)
    for c in out:
        assert TEXT[c.start : c.end] == c.quote and len(c.quote) <= LONGEST_JOINED
        assert all(c.start <= mark.start < mark.end <= c.end for mark in c.marks)
    assert [c.score for c in out] == sorted((c.score for c in out), reverse=True)


def test_a_long_paragraph_cut_in_two_is_quoted_whole(seeds_store: Path) -> None:
    bot = qa.open(store=seeds_store, min_confidence=0.0)
    text = next(iter(bot.documents())).source
    document = bot.document(text)
    assert document is not None
    shown = [c for q in ("สองผู้นำคุยเรื่องเกาหลีเหนือ", "จีนกับสหรัฐฯ ค้าขายกันอย่างไร") for c in bot.ask(q).citations]
    assert all(document.text[c.start : c.end] == c.quote for c in shown)
