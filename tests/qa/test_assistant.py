"""ask and retrieve on the seeds with the real parts: every citation verifies, every answer is quotation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from support import LINES, SEEDS, hard_text
from toy import ToyEncoder

import qa
from index.build import add_documents
from index.records import Document, Place, StoreDamaged, UsageError
from index.store import Store
from index.thai import is_border
from qa.answer import Answer, Citation
from qa.assistant import LONGEST_QUESTION, REFUSAL, REFUSAL_ENGLISH, Assistant, clean

ROWS: list[dict[str, Any]] = [json.loads(line) for line in (SEEDS / "questions.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def bot(seeds_store: Path) -> Assistant:
    return qa.open(store=seeds_store)


def verify(citation: Citation, text: str) -> None:
    assert text[citation.start : citation.end] == citation.quote != ""
    assert is_border(text, citation.start) and is_border(text, citation.end)
    assert citation.marks
    for mark in citation.marks:
        assert citation.start <= mark.start < mark.end <= citation.end
        assert text[mark.start : mark.end].strip()


@pytest.fixture(scope="module")
def answered(bot: Assistant) -> list[tuple[dict[str, Any], Answer]]:
    """Every question of the seeds with its answer."""
    return [(row, bot.ask(row["question"], row.get("history", []))) for row in ROWS]


def test_all_shown_citations_of_the_seed_questions_verify(answered: list[tuple[dict[str, Any], Answer]]) -> None:
    text = (SEEDS / "xi-trump-phone-call.txt").read_text(encoding="utf-8")
    paragraphs = [line for line in text.split("\n") if line.strip()]
    shown = 0
    for _, answer in answered:
        for citation in (*answer.citations, *answer.related):
            verify(citation, text)
            shown += 1
            if citation.number == 1:
                place = citation.marks[0]
                assert text[place.start : place.end].split("\n")[0] in paragraphs[citation.paragraph - 1]
        assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
        assert answer.abstained == (not answer.citations) and 0 <= answer.confidence <= 1
        if answer.abstained:
            assert answer.text in (REFUSAL, REFUSAL_ENGLISH)
        else:
            for said, citation in zip(answer.parts or (answer.text,), answer.citations, strict=False):
                assert said in citation.quote and said in answer.text and said.strip()
        assert json.loads(json.dumps(answer.as_dict()))["text"] == answer.text
    assert shown > len(answered)


def test_the_right_passage_comes_first_for_nine_in_ten(answered: list[tuple[dict[str, Any], Answer]]) -> None:
    asked = [(row, answer) for row, answer in answered if row["answers"] and row["type"] != "english"]
    wrong = []
    for row, answer in asked:
        best = answer.hits[0]
        touched = range(best.paragraph, best.paragraph + 1 + best.text.count("\n"))
        if not set(touched) & set(row["paragraphs"]):
            wrong.append(row["id"])
    assert len(wrong) <= len(asked) / 10, wrong


def test_what_is_found_is_ordered_and_says_why(bot: Assistant) -> None:
    hits = bot.retrieve("สองผู้นำคุยเรื่องเกาหลีเหนือว่าอย่างไร", k=4)
    assert len(hits) == 4
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all({"words", "dense"} <= set(hit.channels) for hit in hits)
    assert len({hit.chunk_id for hit in hits}) == 4


def test_the_same_question_gets_the_same_answer(bot: Assistant, seeds_store: Path) -> None:
    again = qa.open(store=seeds_store)
    for row in ROWS[::20]:
        assert bot.ask(row["question"]).as_dict() == again.ask(row["question"]).as_dict()


def test_the_door(bot: Assistant) -> None:
    assert [hit.text for hit in qa.retrieve(ROWS[0]["question"], k=2)] == [
        hit.text for hit in bot.retrieve(ROWS[0]["question"], k=2)
    ]
    assert isinstance(bot.ask(ROWS[0]["question"]), Answer)
    assert [info.source for info in bot.documents()] == ["xi-trump-phone-call.txt"]


DOCUMENTS = [Document(f"{number}.txt", line) for number, line in enumerate(LINES, start=1)]


def test_built_in_steps_with_removals_ranks_as_built_at_once(tmp_path: Path, folder: Path) -> None:
    from index.derived import write_generation

    steps = qa.open(folder, store=tmp_path / "steps")
    write_generation(steps.store)
    for number in range(20):
        (folder / f"x{number}.txt").write_text(f"{LINES[number % 5]} ฉบับที่ {number}", encoding="utf-8")
        if number % 4 == 0:
            qa.open(folder, store=tmp_path / "steps")
    for number in range(0, 20, 3):
        (folder / f"x{number}.txt").unlink()
    steps = qa.open(folder, store=tmp_path / "steps")
    once = qa.open(folder, store=tmp_path / "once")
    assert steps.store.dead() and not once.store.dead()
    for question in (*LINES, "แมวอยู่ที่ไหน", "ทำหนังสือเดินทางเสียเงินเท่าไร", "train to the north"):
        ranked = [
            [(hit.source, hit.start, pytest.approx(hit.score, abs=1e-5)) for hit in found.retrieve(question, 10)]
            for found in (steps, once)
        ]
        assert [row[:2] for row in ranked[0]] == [row[:2] for row in ranked[1]]
        assert steps.ask(question).text == once.ask(question).text


def test_documents_without_a_folder_and_an_encoder_of_one_s_own() -> None:
    bot = qa.open(documents=DOCUMENTS, encoder=ToyEncoder(), min_confidence=0.0)
    assert bot.config["encoder"] == "toy"
    assert bot.retrieve("แมวดำนอนบนหลังคา", 1)[0].source == "1.txt"
    assert bot.ask("แมวดำนอนบนหลังคา").citations[0].source == "1.txt"
    place = bot.store.folder
    assert place.is_dir()
    bot.store.close()
    del bot
    assert not place.exists()


@pytest.mark.parametrize("mode", ["words", "dense", "hybrid"])
def test_each_channel_alone(mode: Any) -> None:
    bot = qa.open(documents=DOCUMENTS, mode=mode, rescore=False)
    hits = bot.retrieve("รถไฟสายเหนือออกกี่โมง", 3)
    assert hits[0].source == "4.txt"
    assert set(hits[0].channels) == ({"words", "dense"} if mode == "hybrid" else {mode})


@settings(max_examples=15)
@given(hard_text(200))
def test_any_document_can_be_asked_anything(text: str) -> None:
    bot = qa.open(documents=[Document("hard", text), DOCUMENTS[0]], min_confidence=0.0)
    question = "แมวดำนอนที่ไหน " + text[:40]
    answer = bot.ask(question)
    for citation in (*answer.citations, *answer.related):
        source = text if citation.source == "hard" else LINES[0]
        assert source[citation.start : citation.end] == citation.quote
        assert all(citation.start <= mark.start <= mark.end <= citation.end for mark in citation.marks)
    bot.store.close()


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\0\x07", "?!…", "\u200b", "👩", "\udc80"])
def test_a_question_without_a_word_is_said_to_be_empty(question: str) -> None:
    with pytest.raises(UsageError, match="the question is empty"):
        clean(question)


def test_a_question_is_cleaned_or_refused() -> None:
    assert clean(" สี\0\x1b[31m  จิ้นผิง\n?") == "สี [31m จิ้นผิง ?"
    assert clean("ก" * LONGEST_QUESTION)
    with pytest.raises(UsageError, match="100,000 characters; ask in at most 2,000"):
        clean("ก" * 100_000)


def test_a_passage_that_is_not_in_its_text_is_never_shown(tmp_path: Path, folder: Path) -> None:
    bot = qa.open(folder, store=tmp_path / "s", min_confidence=0.0)
    hits = bot.retrieve(LINES[0], 1)
    with bot.store.writing() as connection:
        connection.execute("UPDATE documents SET lead = 'x' || lead")
    with pytest.raises(StoreDamaged, match="qa build --rebuild"):
        bot.read(LINES[0], hits)


def test_an_opened_assistant_follows_what_others_write(tmp_path: Path, folder: Path) -> None:
    bot = qa.open(folder, store=tmp_path / "s")
    (folder / "new.txt").write_text("ปลาทองว่ายน้ำในโหลแก้ว", encoding="utf-8")
    qa.open(folder, store=tmp_path / "s")
    assert bot.retrieve("ปลาทองว่ายน้ำที่ไหน", 1)[0].source == "new.txt"
    (folder / "new.txt").unlink()
    qa.open(folder, store=tmp_path / "s")
    assert all(hit.source != "new.txt" for hit in bot.retrieve("ปลาทองว่ายน้ำที่ไหน", 5))


def test_an_answer_is_of_one_moment_whatever_is_written_meanwhile(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every document is replaced by another process between the search and the reading of what was found."""
    bot = qa.open(folder, store=tmp_path / "s", min_confidence=0.0)
    expected = bot.ask(LINES[0]).as_dict()
    read = bot.store.chunks

    def replaced_meanwhile(ids: Any) -> Any:
        other = Store.open(bot.store.folder)
        add_documents(other, [Document(f"{n}.txt", "อย่างอื่น") for n in range(1, 6)], bot.encoder, bot.segmenter)
        return read(ids)

    monkeypatch.setattr(bot.store, "chunks", replaced_meanwhile)
    assert bot.ask(LINES[0]).as_dict() == expected
    monkeypatch.undo()
    assert {hit.text for hit in bot.retrieve(LINES[0], 5)} == {"อย่างอื่น"}


def test_an_empty_folder_and_a_folder_of_nothing_readable(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    with pytest.raises(UsageError, match="no document that can be read"):
        qa.open(tmp_path / "docs")
    (tmp_path / "docs" / "a.txt").write_bytes(bytes(range(256)) * 9)
    with pytest.raises(UsageError, match=r"a\.txt: is not text") as caught:
        qa.open(tmp_path / "docs")
    assert "\n" not in str(caught.value)


def test_places_count_in_the_document_not_in_the_passage(tmp_path: Path) -> None:
    text = "ย่อหน้าแรกว่าด้วยเรื่องอื่น " * 30 + "\n\n" + LINES[2]
    bot = qa.open(documents=[Document("d", text)], min_confidence=0.0)
    first = bot.ask("ค่าธรรมเนียมหนังสือเดินทางกี่บาท").citations[0]
    assert (first.paragraph, text[first.start : first.end]) == (2, LINES[2])
    assert first.marks[0].overlaps(Place(text.index("1,000"), text.index("1,000") + 5))
