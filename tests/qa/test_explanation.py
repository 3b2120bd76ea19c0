"""Explanations: the shares make up the score, the words stand where they are said to, the line names what decided."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import LINES, SEEDS

import qa
from index.records import Document, Hit
from qa import explanation
from qa.assistant import Assistant
from qa.rerank import FEATURES

QUESTIONS = (
    "สองผู้นำคุยเรื่องเกาหลีเหนือว่าอย่างไร",
    "เจ้าของแดนปลาดิบจะมาไหม",
    "What did the leaders say about North Korea?",
    "จี20 จัดที่ไหน",
)


@pytest.fixture(scope="module")
def bot(seeds_store: Path) -> Assistant:
    return qa.open(store=seeds_store)


def explained(bot: Assistant, question: str, k: int = 4, **more: Any) -> list[Hit]:
    hits = bot.retrieve(question, k, explain=True, **more)
    assert len(hits) == k and all(hit.explanation is not None for hit in hits)
    return hits


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_changes_nothing_and_is_absent_unasked(bot: Assistant, question: str) -> None:
    plain = bot.retrieve(question, 4)
    assert all(hit.explanation is None for hit in plain)
    asked = explained(bot, question)
    assert [(hit.chunk_id, hit.score, hit.channels) for hit in plain] == [
        (hit.chunk_id, hit.score, hit.channels) for hit in asked
    ]


def test_nothing_is_computed_unasked(bot: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explanation, "matched_words", lambda *_: pytest.fail("computed"))
    bot.ask(QUESTIONS[0])


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_shares_sum_to_the_score_and_the_differences_to_the_lead(bot: Assistant, question: str) -> None:
    hits = explained(bot, question)
    for hit, following in zip(hits, [*hits[1:], None], strict=True):
        why = hit.explanation
        assert why is not None
        assert set(why.contributions) <= set(FEATURES)
        assert sum(why.contributions.values()) == pytest.approx(hit.score, abs=1e-4)
        sizes = [abs(value) for value in why.ahead.values()]
        assert sizes == sorted(sizes, reverse=True)
        if following is not None:
            assert sum(why.ahead.values()) == pytest.approx(hit.score - following.score, abs=1e-4)
            assert f"{hit.score - following.score:.2f}" in why.reason
            first = next(iter(why.ahead))
            assert any(label in why.reason for label in explanation.LABELS[first])
        assert "\n" not in why.reason and why.reason


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_words_stand_where_they_are_said_to(bot: Assistant, question: str) -> None:
    text = (SEEDS / "xi-trump-phone-call.txt").read_text(encoding="utf-8")
    for hit in explained(bot, question):
        assert hit.explanation is not None
        weights = [word.weight for word in hit.explanation.matched]
        assert weights == sorted(weights, reverse=True)
        for word in hit.explanation.matched:
            for place in word.places:
                assert hit.start <= place.start < place.end <= hit.end
            if word.places:
                assert text[word.places[0].start : word.places[0].end] == word.met


def test_other_words_for_the_same_are_named(bot: Assistant) -> None:
    first = explained(bot, QUESTIONS[2])[0].explanation
    assert first is not None
    assert {"north korea": "เกาหลีเหนือ", "leaders": "ผู้นำ"}.items() <= {w.asked: w.met for w in first.matched}.items()
    assert first.reason.endswith(tuple("0123456789")) and "above the next" in first.reason


def test_channels_are_what_each_index_said() -> None:
    documents = [Document(f"{number}.txt", line) for number, line in enumerate(LINES)]
    for mode in ("words", "dense"):
        alone = {h.source: h.score for h in qa.open(documents=documents, mode=mode).retrieve("รถไฟสายเหนือออกกี่โมง", 5)}
        both = qa.open(documents=documents).retrieve("รถไฟสายเหนือออกกี่โมง", 3, explain=True)
        if mode == "dense":  # alone, the word channel is asked without other words for the same
            for hit in both:
                assert hit.explanation is not None
                assert hit.explanation.channels["dense"] == pytest.approx(alone[hit.source])


@pytest.mark.parametrize("mode", ["words", "dense", "hybrid"])
def test_without_the_rescorer_the_channels_explain(mode: Any) -> None:
    documents = [Document(f"{number}.txt", line) for number, line in enumerate(LINES)]
    bot = qa.open(documents=documents, mode=mode, rescore=False)
    for hit in bot.retrieve("รถไฟสายเหนือออกกี่โมง", 3, explain=True):
        assert hit.explanation is not None
        assert set(hit.explanation.contributions) <= ({"words", "dense"} if mode == "hybrid" else {mode})
        assert sum(hit.explanation.contributions.values()) == pytest.approx(hit.score, abs=1e-5)


def test_a_follow_up_is_explained_by_both_questions(bot: Assistant) -> None:
    for hit in explained(bot, "แล้วจะพบกันที่ไหน", history=["สี จิ้นผิง คุยกับใคร"]):
        assert hit.explanation is not None
        assert sum(hit.explanation.contributions.values()) == pytest.approx(hit.score, abs=1e-4)


def test_the_last_one_and_the_answer_as_json(bot: Assistant) -> None:
    bot_of_one = qa.open(documents=[Document("1.txt", LINES[0])], min_confidence=0.0)
    (only,) = bot_of_one.retrieve(LINES[0], 5, explain=True)
    assert only.explanation is not None and not only.explanation.ahead and "ลำดับสุดท้าย" in only.explanation.reason
    told = json.loads(json.dumps(bot.ask(QUESTIONS[0], explain=True).as_dict()))
    assert told["explanations"][0]["matched"][0]["asked"] == "เกาหลีเหนือ"
    assert "explanations" not in bot.ask(QUESTIONS[0]).as_dict()


def test_every_feature_has_a_name_in_both_languages() -> None:
    assert set(FEATURES) <= explanation.LABELS.keys()
    assert all(thai and english for thai, english in explanation.LABELS.values())
