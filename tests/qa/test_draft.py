"""Drafted questions: answers verbatim and in their paragraph, marked as drafts, and never over a person's work."""

from __future__ import annotations

from pathlib import Path

import pytest
from words_bot import WordsBot

from index.chunking import paragraph_places
from index.records import Document, UsageError
from qa.draft import draft_questions, write_draft
from qa.evaluation import evaluate, load_questions

FAIR = Document(
    "fair.txt",
    "วันที่ 5 มีนาคม 2566 เทศบาลตำบลจัดงานแสดงสินค้าพื้นเมืองของชุมชนริมแม่น้ำเป็นครั้งแรก\n\n"
    "ผู้มาเที่ยวงานทั้งหมดในวันนั้นมีประมาณ 1,250 คน มากกว่าที่คณะกรรมการคาดไว้แต่แรก\n"
    "นายสมชาย ใจดี กล่าวว่าปีหน้าจะจัดงานอีกครั้งและจะเพิ่มร้านค้าให้มากขึ้นกว่าเดิม\n"
    "คณะนักดนตรีเดินทางมาแสดงเปิดงานด้วยรถไฟขบวนพิเศษจากประเทศลาว\n"
    "บรรยากาศโดยรอบคึกคักและเต็มไปด้วยเสียงหัวเราะของเด็กเล็กที่วิ่งเล่นอยู่ตามสนามหญ้า\n",
)


def test_questions_of_each_kind_by_hand() -> None:
    found = {record["type"]: record for record in draft_questions([FAIR])}
    when = found["when"]
    assert when["question"] == "เทศบาลตำบลจัดงานแสดงสินค้าพื้นเมืองของชุมชนริมแม่น้ำเป็นครั้งแรก เมื่อไร"
    assert (when["answers"], when["paragraphs"]) == (["5 มีนาคม 2566"], [1])
    many = found["how many"]
    assert many["question"].startswith("ผู้มาเที่ยวงานทั้งหมดในวันนั้นมีประมาณ กี่คน")
    assert (many["answers"], many["paragraphs"]) == (["1,250"], [2])
    who = found["who"]
    assert who["question"] == "ใครกล่าวว่าปีหน้าจะจัดงานอีกครั้งและจะเพิ่มร้านค้าให้มากขึ้นกว่าเดิม"
    assert (who["answers"], who["paragraphs"]) == (["นายสมชาย ใจดี"], [3])
    assert found["cloze"]["question"].count("____") == 1
    assert found["unanswerable"]["answers"] == []


def test_every_answer_stands_in_its_paragraph_and_all_are_marked(tmp_path: Path) -> None:
    seed = Path(__file__).resolve().parents[2] / "seeds" / "xi-trump-phone-call.txt"
    document = Document("seed.txt", seed.read_text(encoding="utf-8"))
    places = paragraph_places(document.text)
    records = draft_questions([document], per_document=30, unanswerable=False)
    assert len(records) > 8
    assert {"when", "who", "where", "cloze"} <= {record["type"] for record in records}
    for record in records:
        place = places[record["paragraphs"][0] - 1]
        assert record["answers"][0] in document.text[place.start : place.end]
        assert record["answers"][0] not in record["question"] or record["type"] == "cloze"
        assert record["draft"] is True
    four = draft_questions([document], per_document=4, unanswerable=False)
    assert sorted(record["type"] for record in four) == ["cloze", "when", "where", "who"]  # dealt in turn
    assert [record["paragraphs"] for record in four] == sorted(record["paragraphs"] for record in four)


def test_a_date_that_is_one_end_of_a_range_is_not_asked_for() -> None:
    text = "โครงการนี้เปิดรับสมัครตั้งแต่วันที่ 1 มกราคม 2566 - 31 มีนาคม 2566 ณ ที่ทำการไปรษณีย์ทุกแห่ง\n"
    assert "when" not in {record["type"] for record in draft_questions([Document("a", text)])}


def test_drafts_can_be_asked_and_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "draft.jsonl"
    records = draft_questions([FAIR])
    write_draft(records, path)
    report = evaluate(WordsBot([FAIR]), load_questions(path))
    assert report.level == "paragraph"
    assert report.drafts == len(records) == len(report.results)
    assert report.figures["retrieval"]["recall@1"] == (1.0, (1.0, 1.0))


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("my own questions", encoding="utf-8")
    with pytest.raises(UsageError, match="is there already"):
        write_draft(draft_questions([FAIR]), path)
    assert path.read_text(encoding="utf-8") == "my own questions"
    with pytest.raises(UsageError, match="cannot be written"):
        write_draft([], tmp_path / "no" / "such.jsonl")


def test_documents_that_give_nothing() -> None:
    with pytest.raises(UsageError, match="no question could be drafted"):
        draft_questions([Document("a", "สั้น\n")])
    with pytest.raises(UsageError, match="at least 1"):
        draft_questions([FAIR], per_document=0)
