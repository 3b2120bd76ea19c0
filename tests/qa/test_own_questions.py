"""The project's own questions: whole, and each answer stands in its passage."""

from __future__ import annotations

from collections import Counter

import pytest
from support import ROOT

from qa.own_questions import FILES, own_passages, passages_of

DATA = ROOT.parent / "shared" / "data"

KINDS = {"plain", "para", "en", "none", "none_en"}


@pytest.mark.skipif(not DATA.is_dir(), reason="the data folder is not here")
def test_every_answer_is_a_quotation_of_its_passage() -> None:
    passages = own_passages(DATA)
    assert len({passage.name for passage in passages}) == len(passages) > 1_200
    kinds: Counter[str] = Counter()
    for passage in passages:
        assert passage.questions and passage.text, passage.name
        for question in passage.questions:
            kinds[question.kind] += 1
            assert (question.answer is None) == question.kind.startswith("none"), question
            assert question.answer is None or question.answer in passage.text, question
    assert set(kinds) == KINDS and sum(kinds.values()) > 8_000
    assert 0.15 < sum(passage.held_out for passage in passages) / len(passages) < 0.25


def test_our_own_passages_need_no_data_folder() -> None:
    passages = [passage for file in FILES[2:] for passage in passages_of(file, {})]
    assert len(passages) == 196 + 617 and sum(passage.held_out for passage in passages) == 39 + 121
    asked = [(passage, question) for passage in passages for question in passage.questions]
    assert len(asked) == 1_020 + 5_967
    assert len({question.question for _, question in asked}) > 6_900
    assert all(question.answer is None or question.answer in passage.text for passage, question in asked)
