"""Our own questions as the reader learns from them: answered ones alone, held-out passages apart, the right place of several."""

from __future__ import annotations

import pytest
from support import ROOT

from qa.own_questions import own_passages
from qa.reader_training.own import _answer, near_misses, own_paragraphs

DATA = ROOT.parent / "shared" / "data"


def test_of_several_places_the_one_that_the_question_describes_is_learned() -> None:
    text = "เมืองหลวงเดิมคือลพบุรี ต่อมาย้ายไปอยุธยา " + "ก" * 120 + " ผู้คนนับหมื่นอพยพหนีสงครามมายังลพบุรี"
    assert text.count("ลพบุรี") == 2
    assert _answer(text, "เมืองหลวงเดิมคือเมืองใด", "ลพบุรี")["answer_start"] == text.index("ลพบุรี")
    assert _answer(text, "ผู้คนอพยพหนีสงครามไปที่ไหน", "ลพบุรี")["answer_start"] == text.rindex("ลพบุรี")


@pytest.mark.skipif(not DATA.is_dir(), reason="the data folder is not here")
def test_answered_questions_alone_and_no_held_out_passage_among_those_learned_from() -> None:
    learned, held = own_paragraphs(DATA), own_paragraphs(DATA, held_out=True)
    passages = own_passages(DATA)
    assert {p["name"] for p in held} == {passage.name for passage in passages if passage.held_out}
    assert len(learned) + len(held) == len(passages) and not {p["name"] for p in learned} & {p["name"] for p in held}
    near, kept = near_misses(DATA), near_misses(DATA, held_out=True)
    assert [p["name"] for p in near] == [p["name"] for p in learned] and not any(
        r["answers"] for p in near for r in p["qas"]
    )
    assert sum(len(p["qas"]) for p in near + kept) == sum(q.answer is None for p in passages for q in p.questions) > 500
    rows = [(p["context"], row) for p in learned + held for row in p["qas"]]
    assert len(rows) == sum(row.answer is not None for passage in passages for row in passage.questions) > 1_000
    for context, row in rows:
        (answer,) = row["answers"]
        assert context[answer["answer_start"] :].startswith(answer["text"]), row
