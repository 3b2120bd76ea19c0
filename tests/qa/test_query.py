"""What a person meant to type, and what else says the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import qa
from index.records import Document
from index.segmenter import bundled_segmenter
from qa.query import first_forms, understand, year_forms

SEGMENTER = bundled_segmenter()


def stands_in(text: str) -> object:
    held = SEGMENTER.words_only(SEGMENTER.raw_ids([text])[0]).tolist()

    def stands(tokens: Sequence[int]) -> bool:
        wanted = list(tokens)
        return any(held[at : at + len(wanted)] == wanted for at in range(len(held)))

    return stands


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ประชุมวันที่ 1/11/2561", "ประชุมวันที่ 1 พฤศจิกายน 2561"),
        ("ประชุมวันที่ ๑/๑๑", "ประชุมวันที่ 1 พฤศจิกายน"),
        ("แบ่งให้ 40/60", "แบ่งให้ 40/60"),  # no date
        ("xitmumg]", "xitmumg]"),  # the other keyboard gives no words
        ("โรงพยาบาลอยู่ที่ไหน", "โรงพยาบาลอยู่ที่ไหน"),
        ("โรงพยายบาลอยู่ที่ไหน", "โรงพยาบาลอยู่ที่ไหน"),
        ("l;ylfu", "สวัสดี"),
    ],
)
def test_what_was_mistyped_is_mended_and_told(typed: str, meant: str) -> None:
    found = understand(typed, SEGMENTER, stands_in("โรงพยาบาลอยู่ริมคลอง"))
    assert found.text == meant
    assert bool(found.notes) is (meant != typed and "/" not in typed)


@pytest.mark.parametrize(("form", "other"), [("2561", ("2018",)), ("2018", ("2561",)), ("214", ()), ("ปี", ())])
def test_a_year_in_the_other_era(form: str, other: tuple[str, ...]) -> None:
    assert year_forms(form) == other


@pytest.mark.parametrize(
    ("form", "others"),
    [
        ("ครั้งที่ 1", ("ครั้งแรก", "ครั้งที่หนึ่ง")),
        ("คนที่1", ("คนแรก", "คนที่ 1", "คนที่หนึ่ง")),
        ("รุ่นแรก", ("รุ่นที่ 1", "รุ่นที่หนึ่ง")),
        ("ครั้งที่ 12", ()),
        ("วันที่ 1", ()),  # a day of a month
    ],
)
def test_the_first_of_things(form: str, others: tuple[str, ...]) -> None:
    assert first_forms(form) == others


def test_the_first_of_things_is_found_in_other_words() -> None:
    texts = {"1.txt": "งานวัดครั้งแรกจัดที่ริมคลองบางหลวง", "2.txt": "งานวัดปีนี้จัดที่สนามโรงเรียน มีคนมามากกว่าปีก่อน"}
    bot = qa.open(documents=[Document(name, text) for name, text in texts.items()])
    for question in ("งานวัดครั้งที่ 1 จัดที่ไหน", "งานวัดครั้งที่ ๑ จัดที่ไหน"):
        hit = bot.retrieve(question)[0]
        assert hit.source == "1.txt" and hit.channels["meaning"] > bot.retrieve(question)[1].channels["meaning"]
        assert bot.evidence(question)[0]["figure_missing"] == 0.0
