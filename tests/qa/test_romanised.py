"""Names in Latin letters meet their Thai spelling; spaces, ๆ and ฯ are typed as everyone likes."""

from __future__ import annotations

import pytest
from support import LINES

import qa
from index.lexicon import bundled_lexicon
from index.records import Document
from index.segmenter import Segmenter
from qa.assistant import Assistant
from qa.romanised import is_latin_word, latin_sounds, skeleton, sounds_like, thai_sounds


@pytest.mark.parametrize(
    ("latin", "thai"),
    [
        ("sukhumvit", "สุขุมวิท"), ("prayut", "ประยุทธ์"), ("prayuth", "ประยุทธ์"), ("siriraj", "ศิริราช"),
        ("chulalongkorn", "จุฬาลงกรณ์"), ("silpakorn", "ศิลปากร"), ("nattawut", "ณัฐวุฒิ"), ("chakri", "จักรี"),
        ("trump", "ทรัมป์"), ("songkhla", "สงขลา"), ("lampang", "ลำปาง"), ("saraburi", "สระบุรี"), ("thaksin", "ทักษิณ"),
    ],
)  # fmt: skip
def test_a_name_sounds_like_its_thai_spelling(latin: str, thai: str, segmenter: Segmenter) -> None:
    assert sounds_like(latin, segmenter)[0] == thai


@pytest.mark.parametrize(
    "word", ["budget", "health", "question", "document", "insurance", "deadline", "it", "a", "aeiou"]
)
def test_other_words_sound_like_none(word: str, segmenter: Segmenter) -> None:
    assert sounds_like(word, segmenter) == ()


def test_sounds_and_skeletons() -> None:
    assert latin_sounds("Ratchathewi") == "racatewi" and skeleton("racatewi") == "rctw"
    assert thai_sounds("เชียงใหม่") == "ceiygim" and thai_sounds("พรรค") == "pank"
    assert is_latin_word("prayut") and not any(map(is_latin_word, ("", "โควิด", "covid-19", "g20", "new york")))


def test_a_name_that_no_lexicon_knows_finds_its_passage() -> None:
    names = {"prayut": "ประยุทธ์", "siriraj": "ศิริราช", "nattawut": "ณัฐวุฒิ", "silpakorn": "ศิลปากร"}
    assert not any(bundled_lexicon().alternatives(name) for name in names)
    texts = [f"{thai} เป็นชื่อที่พบในเอกสารฉบับนี้เพียงฉบับเดียว" for thai in names.values()]
    bot = qa.open(documents=[Document(f"{n}.txt", text) for n, text in enumerate([*texts, *LINES])])
    for number, name in enumerate(names):
        for question in (name, f"Who is {name.title()}?", f"{name.upper()} คืออะไร"):
            assert bot.retrieve(question, 1)[0].source == f"{number}.txt", question


@pytest.fixture(scope="module")
def bot() -> Assistant:
    texts = (
        "กรุงเทพมหานครมีประชากรกว่าห้าล้านคน",
        "เด็กๆ เล่นน้ำในคลองทุกวันเสาร์",
        "โรงพยาบาลส่งเสริมสุขภาพตำบลเปิดรับผู้ป่วยในวันจันทร์",
        "นายสี จิ้นผิง ประธานาธิบดีจีน เดินทางเยือนรัสเซีย",
        "สหรัฐอเมริกาประกาศขึ้นภาษีนำเข้าเหล็ก",
    )
    return qa.open(documents=[Document(f"{n}.txt", text) for n, text in enumerate(texts)])


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("กรุงเทพฯ มีประชากรเท่าไร", 0), ("กรุงเทพ ฯ มีคนกี่คน", 0), ("กทม. มีประชากรเท่าไร", 0), ("กรุงเทพมีคนกี่คน", 0),
        ("เด็ก ๆ เล่นน้ำที่ไหน", 1), ("เด็กๆเล่นน้ำที่ไหน", 1), ("เด็กเด็กเล่นน้ำวันไหน", 1), ("เด็กเล่น น้ำ ที่ ไหน", 1),
        ("โรง พยาบาล เปิด วัน ไหน", 2), ("โรงพยา บาลเปิดวันไหน", 2), ("โ ร ง พ ย า บ า ล เปิดวันไหน", 2), ("รพ. เปิดวันไหน", 2),
        ("สีจิ้นผิงไปประเทศไหน", 3), ("สี จิ้น ผิง ไปเยือนที่ใด", 3), ("Xi Jinping visited which country", 3),
        ("สหรัฐฯ ขึ้นภาษีอะไร", 4), ("สหรัฐ ฯ ขึ้นภาษีอะไร", 4), ("สหรัฐขึ้นภาษีอะไร", 4),
    ],
)  # fmt: skip
def test_spaces_repetition_and_abbreviation_marks(question: str, number: int, bot: Assistant) -> None:
    assert bot.retrieve(question, 1)[0].source == f"{number}.txt"
