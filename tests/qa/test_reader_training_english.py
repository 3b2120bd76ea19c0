"""English questions are found again in a list whose rows are not in step."""

from __future__ import annotations

from pathlib import Path

from index.encoder import StaticEncoder
from qa.reader_training.english import english_paragraphs


def test_each_question_takes_its_own_english_whatever_row_it_stands_in(tmp_path: Path) -> None:
    rows = [
        ("th", "en", "en_paraphrase", "origin"),
        ("เมืองหลวงของประเทศญี่ปุ่นคือเมืองอะไร?.", "How many islands does New Zealand have?", "Who?", "iapp-train"),
        ("ประเทศนิวซีแลนด์มีกี่เกาะ?", "Which city is the capital of Japan?", "Why is the sky blue?", "iapp-train"),
        ("บิดาของคลีโอพัตราเป็นใคร", "Who is the father of Cleopatra?", "Who was Cleopatra's father?", "tydiqa"),
    ]
    (tmp_path / "pairs").mkdir()
    lines = "".join("\t".join(row) + "\n" for row in rows)
    (tmp_path / "pairs" / "question_pairs.en-th.tsv").write_text(lines, encoding="utf-8")
    answers = [{"text": "โตเกียว", "answer_start": 0}]
    japan = {"question": "เมืองหลวงของประเทศญี่ปุ่นคือเมืองอะไร", "answers": answers}
    islands = {"question": "ประเทศนิวซีแลนด์มีกี่เกาะ", "answers": []}
    father = {"question": "บิดาของคลีโอพัตราเป็นใคร", "answers": []}
    paragraphs = [{"context": "โตเกียว", "qas": [japan, father]}, {"context": "นิวซีแลนด์", "qas": [islands]}]
    first, second = english_paragraphs(tmp_path, paragraphs, StaticEncoder())
    assert first == {
        "context": "โตเกียว",
        "qas": [{"question": "Which city is the capital of Japan?", "answers": answers}],
    }, "another source's questions are not taken, and answers stay with their passage"
    assert second["qas"] == [{"question": "How many islands does New Zealand have?", "answers": []}]
