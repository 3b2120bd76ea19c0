"""Follow-up questions made to stand alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.conversation import resolve, standalone

LEAVE = "ลาพักร้อนได้ปีละกี่วัน"


@pytest.mark.parametrize(
    ("history", "question", "alone"),
    [
        # an asking phrase alone takes the place of the one before
        (["งานหนังสือจัดวันไหน"], "ที่ไหน", "งานหนังสือจัดที่ไหน"),
        (["งานหนังสือจัดวันไหน"], "กี่โมงถึงกี่โมงครับ", "งานหนังสือจัดกี่โมงถึงกี่โมง"),
        (["งานหนังสือจัดในจังหวัดไหน"], "and when?", "งานหนังสือจัดเมื่อไร"),
        (["Where will Xi and Trump meet again?"], "เมื่อไหร่", "When will Xi and Trump meet again?"),
        (["สหรัฐฯ ยินดีที่จะเพิ่มการส่งออกหรือไม่"], "ไปที่ประเทศไหน", "สหรัฐฯ ยินดีที่จะเพิ่มการส่งออกไปที่ประเทศไหน"),
        # X takes the place of what is of its kind
        ([LEAVE], "แล้วลากิจล่ะ", "ลากิจได้ปีละกี่วัน"),
        (["ปี 2567 ร้านกาแฟมีรายได้เท่าไร"], "กำไรล่ะ", "ปี 2567 ร้านกาแฟมีกำไรเท่าไร"),
        (["ปี 2567 ร้านกาแฟมีรายได้เท่าไร"], "แล้วปี ๒๕๖๘ ล่ะคะ", "ปี ๒๕๖๘ ร้านกาแฟมีรายได้เท่าไร"),
        (["โรงเรียนรับ ม.1 กี่คน"], "แล้ว ม.4 ล่ะ", "โรงเรียนรับ ม.4 กี่คน"),
        (["ประธานาธิบดีจีนชื่ออะไร"], "แล้วของสหรัฐฯ ล่ะ", "ประธานาธิบดีสหรัฐฯ ชื่ออะไร"),
        (["สี จิ้นผิง พูดถึงเกาหลีว่าอย่างไร"], "แล้วทรัมป์ว่าไง", "ทรัมป์ พูดถึงเกาหลีว่าอย่างไร"),
        (["What did Xi say about Korea?"], "แล้วทรัมป์ล่ะ", "What did Donald Trump say about Korea?"),
        (["ลาคลอดได้กี่วัน"], "พนักงานชายล่ะ", "พนักงานชาย ลาคลอดได้กี่วัน"),
        (["Can I bring a dog in a taxi?"], "what about a bus?", "Can I bring a dog in a bus?"),
        # pronouns are filled
        (["เรือเทียนยาวเท่าไร"], "มันทำจากอะไร", "เรือเทียนทำจากอะไร"),
        (["ใครเป็นผู้นำสูงสุดเกาหลีเหนือ"], "เขาพบกับใคร", "ผู้นำสูงสุดเกาหลีเหนือพบกับใคร"),
        (["ใครจ่ายค่าส่งพัดลม"], "เขาจ่ายเท่าไร", "คนที่จ่ายค่าส่งพัดลมจ่ายเท่าไร"),
        (["โรงคั่วแห่งที่สองอยู่ที่ไหน"], "ที่นั่นจ้างคนกี่คน", "โรงคั่วแห่งที่สองจ้างคนกี่คน"),
        (["ปัญหาสำคัญของบริษัทคืออะไร"], "ผู้จัดการแก้เรื่องนี้ยังไง", "ผู้จัดการแก้ปัญหาสำคัญของบริษัทยังไง"),
        (["Who is the managing director?"], "where did she study?", "Where did the managing director study?"),
        # too little of its own
        (["โรงเรียนพุดซ้อนวิทยารับสมัครวันไหน"], "สอบวันไหน", "โรงเรียนพุดซ้อนวิทยา สอบวันไหน"),
    ],
)
def test_made_to_stand_alone(history: list[str], question: str, alone: str) -> None:
    assert standalone(question, history) == alone


@pytest.mark.parametrize(
    "question",
    [
        "หอผู้ป่วยทั่วไปเปิดให้เยี่ยมกี่โมง",
        "ผู้นำเกาหลีเหนือชื่ออะไร",
        "G20 จัดที่ประเทศอะไร",
        "ท่านผู้นำโสมแดงคือใคร",
        "ลุงทรัมป์เค้าจะไปเจอเฮียสีที่ไหนง่ะ",
        "Where will the G20 summit take place?",
        "What did each leader say about their personal relationship?",
    ],
)
def test_a_change_of_subject_drags_nothing_along(question: str) -> None:
    standing = resolve(question, [LEAVE, "แล้วลากิจล่ะ"])
    assert standing.text == question
    assert not standing.changed
    assert standing.beside == ""


@pytest.mark.parametrize("opening", ["อีกเรื่องนึง ", "ขอถามเรื่องอื่นหน่อย ", "เปลี่ยนเรื่องนะ ", "By the way, ", "แล้ว"])
def test_an_opening_is_not_searched(opening: str) -> None:
    question = "ค่าสมัครเข้าโรงเรียนมัธยมเท่าไร"
    assert standalone(opening + question, [LEAVE]) == question


def test_a_proviso_keeps_its_topic() -> None:
    text = standalone("ถ้าใช้ไม่หมดล่ะ", ["ลาพักร้อนต้องยื่นล่วงหน้ากี่วัน"])
    assert text.startswith("ลาพักร้อน")
    assert text.endswith(" ถ้าใช้ไม่หมด")


def test_a_chain_is_followed_turn_by_turn() -> None:
    turns = [LEAVE, "แล้วลากิจล่ะ", "ใครอนุมัติ"]
    assert standalone(turns[2], turns[:2]) == "ลากิจ ใครอนุมัติ"
    assert standalone("ที่ไหน", [*turns, "งานหนังสือแห่งชาติจัดวันไหน"]) == "งานหนังสือแห่งชาติจัดที่ไหน"


def test_a_chain_carries_its_topic_and_not_every_turn() -> None:
    turns = ["โรงเรียนพุดซ้อนวิทยารับสมัครวันไหน", "สอบวันไหน"]
    assert standalone("แล้วผลออกเมื่อไหร่", turns) == "โรงเรียนพุดซ้อนวิทยา ผลออกเมื่อไหร่"


def test_what_the_question_says_itself_is_weighed_beside_the_whole() -> None:
    assert resolve("ใครอนุมัติ", [LEAVE]).beside == "ใครอนุมัติ"
    assert resolve("แล้วลากิจล่ะ", [LEAVE]).beside == "ลากิจ"
    assert resolve("ที่ไหน", [LEAVE]).beside == ""  # an asking word alone says nothing of where to look


@pytest.mark.parametrize("question", ["ที่ไหน", "แล้วทรัมป์ล่ะ", "เขาพูดว่าอะไรอีก", "and when?", LEAVE])
def test_without_history_nothing_changes(question: str) -> None:
    assert standalone(question, []) == question


@given(
    st.lists(
        st.sampled_from(
            [
                "แล้ว",
                "ล่ะ",
                "เขา",
                "มัน",
                "ที่ไหน",
                "นี้",
                "เรื่อง",
                "what",
                "about",
                "when?",
                "G20",
                "จีน",
                "ของ",
                "?",
                "ใคร",
                "ลา",
                "5",
            ]
        ),
        max_size=7,
    )
)
def test_any_words_give_some_question(pieces: list[str]) -> None:
    question = "".join(pieces) or "?"
    for history in ([LEAVE], ["?"], ["Who is he?", question], [question, question]):
        standing = resolve(question, history)
        assert standing.text.strip()
        assert standing == resolve(question, history)


def test_a_long_conversation_is_quick_and_stays_short() -> None:
    turns = [LEAVE, *["แล้วลากิจล่ะ", "ใครอนุมัติ", "มันทำยังไง", "ที่ไหน"] * 2]
    resolve("เมื่อไร", turns)  # the lexicon is read once
    begun = time.perf_counter()
    text = standalone("เมื่อไร", turns)
    assert time.perf_counter() - begun < 0.05
    assert len(text) < 200
