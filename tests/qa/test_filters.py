"""Filters: what they mean, what they leave, and that what they name is really there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

import qa
from index.build import add_documents
from index.records import Document, UsageError
from index.store import Store
from qa import Filter
from qa.assistant import Assistant

LEAVE = "พนักงานลาพักร้อนได้ปีละ {} วัน"
DOCUMENTS = [
    Document(
        "reports/2023/leave.txt", LEAVE.format("สิบ"), date="2023-05-31", metadata={"type": "report", "ฝ่าย": "บุคคล"}
    ),
    Document("reports/2024/leave.txt", LEAVE.format("สิบสอง"), date="2024-01-15", metadata={"type": "Report"}),
    Document("reports/2024-draft.txt", LEAVE.format("สิบสาม"), date="2024"),
    Document("faq.jsonl#1", LEAVE.format("แปด"), date="2022-12", metadata={"type": "faq"}),
    Document("faq.jsonl#2", "รถไฟออกเวลาแปดโมงเช้า", metadata={"type": "faq"}),
]
QUESTION = "ลาพักร้อนได้กี่วัน"


@pytest.fixture(scope="module")
def bot() -> Assistant:
    return qa.open(documents=DOCUMENTS, min_confidence=0.0)


def found(bot: Assistant, **named: Any) -> set[str]:
    return {hit.source for hit in bot.retrieve(QUESTION, 10, filters=Filter(**named))}


REPORTS = {"reports/2023/leave.txt", "reports/2024/leave.txt", "reports/2024-draft.txt"}


@pytest.mark.parametrize(
    ("named", "left"),
    [
        ({}, {document.source for document in DOCUMENTS}),
        ({"within": "reports"}, REPORTS),
        ({"within": "./reports/"}, REPORTS),
        ({"within": "reports\\2024"}, {"reports/2024/leave.txt"}),
        ({"within": "reports/2024"}, {"reports/2024/leave.txt"}),
        ({"within": "faq.jsonl"}, {"faq.jsonl#1", "faq.jsonl#2"}),
        ({"within": ["faq.jsonl#2", "reports/2023"]}, {"faq.jsonl#2", "reports/2023/leave.txt"}),
        ({"since": "2024"}, {"reports/2024/leave.txt", "reports/2024-draft.txt"}),
        ({"since": "2567"}, {"reports/2024/leave.txt", "reports/2024-draft.txt"}),
        ({"since": "๒๕๖๗"}, {"reports/2024/leave.txt", "reports/2024-draft.txt"}),
        ({"until": "2023"}, {"reports/2023/leave.txt", "faq.jsonl#1"}),
        ({"since": "2023-05", "until": "2023-05"}, {"reports/2023/leave.txt"}),
        ({"since": "พฤษภาคม 2566", "until": "พ.ค. 2566"}, {"reports/2023/leave.txt"}),
        ({"since": "31 พฤษภาคม 2566", "until": date(2023, 12, 31)}, {"reports/2023/leave.txt"}),
        ({"since": datetime(2023, 6, 1, 8, 0), "until": "2024-01-14"}, {"reports/2024-draft.txt"}),
        ({"until": "2022-12-15"}, {"faq.jsonl#1"}),
        ({"since": "2025"}, set()),
        ({"metadata": {"type": "report"}}, {"reports/2023/leave.txt", "reports/2024/leave.txt"}),
        ({"metadata": {"type": ["faq", "nothing"]}, "within": "faq.jsonl#1"}, {"faq.jsonl#1"}),
        ({"metadata": {"type": "report", "ฝ่าย": "บุคคล"}}, {"reports/2023/leave.txt"}),
    ],
)
def test_what_is_left(bot: Assistant, named: dict[str, Any], left: set[str]) -> None:
    assert found(bot, **named) == left


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"within": "report"}, "within 'report': no document of that name or folder; did you mean 'reports'"),
        ({"within": "เอกสารลับ"}, "no document of that name or folder; qa status lists them"),
        ({"within": "../etc"}, "by its path below the document folder"),
        ({"within": "/etc/passwd"}, "by its path below the document folder"),
        ({"within": " "}, "by its path below the document folder"),
        ({"within": 7}, "within names files or folders"),
        ({"within": [7]}, "within names files or folders"),
        ({"since": "yesterday"}, "since: 'yesterday' is no date; write 2024"),
        ({"until": "2024-13"}, "until: '2024-13' is no date"),
        ({"since": "31 กุมภาพันธ์ 2567"}, "is no date"),
        ({"since": 2024}, "is no date"),
        ({"since": "2024", "until": "2023-12-31"}, "since 2024-01-01 is after until 2023-12-31"),
        ({"metadata": {"kind": "faq"}}, "metadata 'kind': no document has such a field; there are type, ฝ่าย"),
        ({"metadata": {"type": 3}}, "metadata 'type': give a value"),
        ({"metadata": {"type": []}}, "metadata 'type': give a value"),
        ({"metadata": ["type"]}, "metadata is fields with their values"),
    ],
)
def test_what_cannot_be_meant_is_said(bot: Assistant, named: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        bot.retrieve(QUESTION, filters=Filter(**named))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_an_answer_is_from_what_the_filter_leaves(bot: Assistant) -> None:
    for within, days in (("reports/2023", "สิบ"), ("reports/2024", "สิบสอง"), ("faq.jsonl", "แปด")):
        answer = bot.ask(QUESTION, filters=Filter(within=within))
        assert answer.citations[0].quote == LEAVE.format(days)
        assert all(citation.source.startswith(within) for citation in answer.citations)
    nothing = bot.ask(QUESTION, filters=Filter(since="2030"))
    assert nothing.abstained and not nothing.citations and not nothing.related


def test_a_passage_of_a_small_folder_is_found_among_thousands_that_fit_better() -> None:
    many = [Document(f"all/{number}.txt", f"{LEAVE.format('สิบ')} ฉบับที่ {number}") for number in range(3_000)]
    wanted = Document("archive/note.txt", "ปีหนึ่งหยุดพักผ่อนได้หกวัน")
    bot = qa.open(documents=[*many[:1_500], wanted, *many[1_500:]])
    assert "archive/note.txt" not in {hit.source for hit in bot.retrieve(QUESTION, 100)}
    assert [hit.source for hit in bot.retrieve(QUESTION, 5, filters=Filter(within="archive"))] == ["archive/note.txt"]
    few = Filter(within=[f"all/{number}.txt" for number in range(0, 3_000, 100)])
    assert len({hit.source for hit in bot.retrieve(QUESTION, 30, filters=few)}) == 30


def test_equal_filters_are_one_and_one_that_names_nothing_is_none() -> None:
    assert Filter(within="a/", since="2567").key == Filter(within=["a"], since=date(2024, 1, 1)).key
    assert not Filter() and not Filter(within=[]) and Filter(until="2024")


def test_a_filter_follows_what_is_written(make_store: Callable[[str], Store], toy: Any, segmenter: Any) -> None:
    store = make_store("filtered")
    add_documents(store, DOCUMENTS[:1], toy, segmenter)
    bot = Assistant(store, toy, segmenter)
    assert found(bot, within="reports") == {"reports/2023/leave.txt"}
    other = Store.open(store.folder)
    add_documents(other, DOCUMENTS[1:2], toy, segmenter)
    assert found(bot, within="reports") == {"reports/2023/leave.txt", "reports/2024/leave.txt"}
    other.put([], ["reports/2023/leave.txt"])
    assert found(bot, within="reports") == {"reports/2024/leave.txt"}
    with pytest.raises(UsageError, match="no document of that name"):
        found(bot, within="reports/2023")


@pytest.mark.parametrize("mode", ["words", "dense", "hybrid"])
def test_each_channel_is_narrowed(mode: Any, tmp_path: Path) -> None:
    bot = qa.open(documents=DOCUMENTS, mode=mode, rescore=False)
    assert {hit.source for hit in bot.retrieve(QUESTION, 10, filters=Filter(within="faq.jsonl"))} <= {
        "faq.jsonl#1",
        "faq.jsonl#2",
    }
