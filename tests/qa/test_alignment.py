"""How a question lies on a passage, and how sure that makes an answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import qa
from index.records import Document
from qa import alignment, confidence
from qa.assistant import Assistant

SCHOOL = (
    "โรงเรียนบ้านหนองแวงก่อตั้งเมื่อปี พ.ศ. 2481 โดยนายบุญมี ศรีสุข มีนักเรียนทั้งหมด 214 คน "
    "ตั้งอยู่ในอำเภอเมือง จังหวัดขอนแก่น และเปิดสอนตั้งแต่ชั้นอนุบาลถึงชั้นมัธยมศึกษาตอนต้น"
)
RIVER = "แม่น้ำยมยาวประมาณ 735 กิโลเมตร ไหลผ่านจังหวัดพะเยา แพร่ สุโขทัย และพิจิตร ก่อนไปรวมกับแม่น้ำน่าน"


@pytest.fixture(scope="module")
def bot() -> Assistant:
    school = Document(source="school.txt", title="โรงเรียนบ้านหนองแวง", text=SCHOOL)
    return qa.open(documents=[school, Document(source="river.txt", title="แม่น้ำยม", text=RIVER)])


def measured(bot: Assistant, question: str) -> dict[str, float]:
    return bot.evidence(question)[0]


def test_every_measurement_is_there_finite_and_has_a_direction(bot: Assistant) -> None:
    values = measured(bot, "โรงเรียนบ้านหนองแวงมีนักเรียนกี่คน")
    assert set(values) == set(confidence.EVIDENCE) and len(values) == len(confidence.EVIDENCE)
    assert np.isfinite(list(values.values())).all()
    assert not alignment.FOR & alignment.AGAINST
    assert set(alignment.ALIGNMENT) >= alignment.FOR | alignment.AGAINST


def test_what_the_passage_lacks_is_a_gap(bot: Assistant) -> None:
    told = measured(bot, "โรงเรียนบ้านหนองแวงมีนักเรียนกี่คน")
    untold = measured(bot, "โรงเรียนบ้านหนองแวงมีคอมพิวเตอร์กี่เครื่อง")
    assert told["met_new_passage"] > untold["met_new_passage"]
    assert told["gap_met_new_passage"] < untold["gap_met_new_passage"]
    assert told["letters_missing"] < untold["letters_missing"]


def test_a_figure_that_only_the_question_says_is_missing(bot: Assistant) -> None:
    assert measured(bot, "โรงเรียนบ้านหนองแวงก่อตั้งในปี 2481 โดยใคร")["figure_missing"] == 0.0
    assert measured(bot, "โรงเรียนบ้านหนองแวงได้รางวัลอะไรในปี 2533")["figure_missing"] == 1.0
    assert measured(bot, "โรงเรียนบ้านหนองแวงมีนักเรียน ๒๑๔ คนหรือไม่")["figure_missing"] == 0.0  # the same in other digits
    assert measured(bot, "ใครก่อตั้งโรงเรียนบ้านหนองแวงใน ค.ศ. 1938")["figure_missing"] == 0.0  # and in the other era


def test_a_passage_with_nothing_of_the_kind(bot: Assistant) -> None:
    text = "สวนแห่งนี้มีต้นไม้ใหญ่ร่มรื่น ผู้คนมาพักผ่อนกันเสมอ มีม้านั่งและทางเดินรอบสวน"
    without = Document(source="plain.txt", title="สวน", text=text)
    alone = qa.open(documents=[without])
    assert measured(alone, "สวนแห่งนี้มีต้นไม้กี่ต้น")["kind_passage"] == 0.0
    assert measured(bot, "โรงเรียนบ้านหนองแวงมีนักเรียนกี่คน")["kind_passage"] == 1.0


def test_the_parts_are_cut_where_they_were_read(bot: Assistant) -> None:
    question = "โรงเรียนบ้านหนองแวงก่อตั้งโดยใคร"
    hit = bot.retrieve(question, 1)[0]
    reading = bot.reader.read(bot._retriever.measure(question), hit, bot.segmenter, bot._retriever.rows)
    parts = alignment.pieces(hit, reading, bot.segmenter)
    assert set(parts.sentence) <= set(parts.passage) and len(parts.near) <= len(parts.passage)
    assert parts.passage.tolist() == list(bot.segmenter.words_of(hit.text))
    shifted = replace(hit, chunk=replace(hit.chunk, start=hit.start + 7, end=hit.end + 7))
    moved = alignment.pieces(shifted, replace(reading, place=shifted.chunk.place), bot.segmenter)
    assert moved.sentence.tolist() == parts.passage.tolist()


def test_more_that_speaks_for_an_answer_never_makes_it_less_sure(bot: Assistant) -> None:
    values = measured(bot, "โรงเรียนบ้านหนองแวงมีนักเรียนกี่คน")
    sure = confidence.probability(values, across=False)
    for name, way in zip(confidence.EVIDENCE, confidence.DIRECTIONS, strict=True):
        for step in (0.1, 1.0):
            if way:
                more = confidence.probability(values | {name: values[name] + way * step}, across=False)
                assert more >= sure - 1e-5, name  # weights are written to five places


def test_what_is_asked_in_the_text_is_answered_and_what_is_not_is_refused(bot: Assistant) -> None:
    assert not bot.ask("โรงเรียนบ้านหนองแวงมีนักเรียนกี่คน").abstained
    assert bot.ask("แม่น้ำโขงมีปลาบึกกี่ตัว").abstained


def test_the_seeds_keep_their_answers() -> None:
    bot = qa.open()
    assert bot.ask("ผู้นำสองประเทศคุยกันเมื่อไร").text == "วันที่ 1 พฤศจิกายน"
    assert not bot.ask("ประธานาธิบดีสหรัฐฯ คือใคร").abstained
    assert bot.ask("ทรัมป์อายุเท่าไร").abstained
