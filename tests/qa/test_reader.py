"""The words that answer: where they are cut, that they stand in the document, and that they answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import SEGMENTER, question

from index.records import Chunk, EncoderError, Hit, Place
from index.thai import is_border
from qa.meaning import Unit
from qa.metrics import token_f1
from qa.reader import _chances, in_own_words, read
from qa.reader_features import WIDTH, features
from qa.reader_network import LONGEST_SPAN, NONE
from qa.reader_sentences import Trees, among, sentence_features
from qa.reader_text import asked, cut_passage, most_in, stripped
from qa.reader_weights import FOLDER, load_model

PASSAGE = (
    "โรงเรียนบ้านหนองแวงก่อตั้งขึ้นเมื่อวันที่ 12 พฤษภาคม พ.ศ. 2478 โดยนายบุญมี ศรีสุข ซึ่งเป็นผู้ใหญ่บ้านในขณะนั้น "
    "ปัจจุบันโรงเรียนตั้งอยู่ที่อำเภอเมือง จังหวัดร้อยเอ็ด ใกล้กับสถานีรถไฟสายใหม่ที่เพิ่งเปิดใช้งาน "
    "นอกจากนี้โรงเรียนมีนักเรียนทั้งหมด 248 คน และมีครูประจำการ 17 คน ดูแลห้องสมุดและแปลงผักของหมู่บ้าน"
)


def hit(text: str, start: int = 0) -> Hit:
    return Hit(1, Chunk("a.txt", start, start + len(text), text, 1), 1.0)


@pytest.mark.parametrize(
    ("asks", "answer"),
    [
        ("โรงเรียนบ้านหนองแวงก่อตั้งเมื่อใด", "12 พฤษภาคม พ.ศ. 2478"),
        ("ใครเป็นผู้ก่อตั้งโรงเรียนบ้านหนองแวง", "นายบุญมี ศรีสุข"),
        ("โรงเรียนบ้านหนองแวงตั้งอยู่ที่ไหน", "อำเภอเมือง จังหวัดร้อยเอ็ด"),
        ("โรงเรียนมีนักเรียนกี่คน", "248 คน"),
        ("โรงเรียนมีครูกี่คน", "17 คน"),
    ],
)
def test_the_span_answers(asks: str, answer: str) -> None:
    reading = read(question(asks), hit(PASSAGE), SEGMENTER, None)
    found = PASSAGE[reading.span.start : reading.span.end]
    assert token_f1(found, [answer]) >= 0.66, found
    assert answer in PASSAGE[reading.place.start : reading.place.end]


def test_places_count_in_the_document() -> None:
    here = read(question("โรงเรียนมีนักเรียนกี่คน"), hit(PASSAGE), SEGMENTER, None)
    there = read(question("โรงเรียนมีนักเรียนกี่คน"), hit(PASSAGE, start=1000), SEGMENTER, None)
    assert (there.span.start, there.span.end) == (here.span.start + 1000, here.span.end + 1000)
    assert (there.place.start, there.place.end) == (here.place.start + 1000, here.place.end + 1000)
    assert [place.start - 1000 for place in there.matched] == [place.start for place in here.matched]


def test_an_answered_question_is_surer_than_one_about_something_else() -> None:
    sure = read(question("โรงเรียนบ้านหนองแวงก่อตั้งเมื่อใด"), hit(PASSAGE), SEGMENTER, None)
    unsure = read(question("ดาวพฤหัสบดีมีดวงจันทร์กี่ดวง"), hit(PASSAGE), SEGMENTER, None)
    assert sure.probability > unsure.probability and sure.answering > unsure.answering


MARKED = st.text(alphabet="กขเแำิ์้่ๆ ฯ(\"')“”0๑1aZ.,-\n😀", max_size=80)


@settings(max_examples=60, deadline=None)
@given(asks=MARKED, text=MARKED)
def test_any_text_is_cut_on_borders_inside_the_sentence(asks: str, text: str) -> None:
    reading = read(question(asks), hit(text), SEGMENTER, None)
    assert 0 <= reading.place.start <= reading.span.start <= reading.span.end <= reading.place.end <= len(text)
    assert is_border(text, reading.span.start) and is_border(text, reading.span.end)
    assert 0.0 <= reading.probability <= 1.0 and 0.0 <= reading.answering <= 1.0
    assert all(reading.place.start <= m.start and m.end <= reading.place.end for m in reading.matched)


def test_a_sentence_that_answered_before_is_looked_into_again() -> None:
    dull = "เรื่องเล่าของหมู่บ้านมีอีกมากมาย ผู้คนไปมาหาสู่กันเสมอ "
    texts = [PASSAGE, *(f"โรงเรียนมีนักเรียน {number} คน และมีครูสอนอยู่หลายคนในปีนั้น" for number in range(40, 46)), dull]
    text = "\n".join(texts)
    passage = cut_passage(text, load_model().cutter.tokens(text))
    wanted = asked("โรงเรียนมีนักเรียนกี่คน", load_model().cutter.tokens("โรงเรียนมีนักเรียนกี่คน"))
    last = passage.sentence_at(text.index(dull))
    assert passage.sentences[last].start <= text.index(dull) < passage.sentences[last].end
    for found, seen in (((), False), ({last}, True)):
        chances = _chances(wanted, passage, load_model(), found)[2]
        assert bool(chances[passage.owner == last].any()) is seen
    assert passage.sentence_at(0) == 0 and passage.sentence_at(len(text)) == len(passage.sentences) - 1


def test_the_same_question_gives_the_same_reading() -> None:
    first, second = (read(question("โรงเรียนมีครูกี่คน"), hit(PASSAGE), SEGMENTER, None) for _ in range(2))
    assert first == second


def test_features_are_a_row_a_word_whatever_stands_there() -> None:
    segmenter = load_model().cutter
    text = cut_passage(PASSAGE, segmenter.tokens(PASSAGE))
    asks = asked("โรงเรียนมีครูกี่คน", segmenter.tokens("โรงเรียนมีครูกี่คน"))
    measured = features(asks, text, load_model().words)
    assert measured.shape == (len(text.ids), WIDTH)
    assert np.isfinite(measured).all()
    said = {segmenter.text_of(int(word)) for word in text.ids[measured[:, 0] == 1]}
    assert {"โรงเรียน", "ครู"} <= said


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(-9, 9, width=32)), max_size=12), st.sampled_from([-9.0, 0.0, 2.0])
)
def test_the_highest_of_each_sentence(rows: list[tuple[int, float]], least: float) -> None:
    owner = np.sort(np.asarray([number for number, _ in rows], dtype=np.int64))
    values = np.asarray([[value, -value] for _, value in rows], dtype=np.float32).reshape(-1, 2)
    expected = np.full((6, 2), least, dtype=np.float32)
    np.maximum.at(expected, owner, values)
    assert np.array_equal(most_in(owner, values, 6, least), expected)


def test_trees_follow_their_thresholds() -> None:
    arrays = {
        "feature": np.asarray([[1, 0, 0]]),
        "threshold": np.asarray([[0.5, np.inf, np.inf]]),
        "left": np.asarray([[1, 1, 2]]),
        "right": np.asarray([[2, 1, 2]]),
        "value": np.asarray([[0.0, -2.0, 3.0]]),
        "start": np.asarray([1.0]),
    }
    assert Trees(arrays).score(np.asarray([[9.0, 0.5], [0.0, 0.6]])).tolist() == [-1.0, 4.0]


def test_a_sentence_is_told_how_far_the_best_one_meets_the_question() -> None:
    cutter = load_model().cutter
    text = cut_passage(PASSAGE, cutter.tokens(PASSAGE))
    asks = asked("โรงเรียนมีครูกี่คน", cutter.tokens("โรงเรียนมีครูกี่คน"))
    rows = sentence_features(features(asks, text, load_model().words), text)
    wider = among(rows)
    assert (wider[:, :-4] == rows).all() and (wider[:, -4:] == wider[0, -4:]).all()
    assert 0 < wider[0, -1] <= 1 and len(rows) == len(text.sentences) > 1


def test_a_span_never_leaves_its_sentence() -> None:
    model = load_model()
    ids = np.asarray(model.cutter.ids([PASSAGE])[0])
    owner = np.arange(len(ids)) // 10
    width = WIDTH + 5
    around = model.context.states(ids)
    scores = model.networks.spans(ids[:4], ids, np.zeros((len(ids), width), np.float32), around, owner)
    assert scores.shape == (5, len(ids), LONGEST_SPAN)
    ends = np.arange(len(ids))[:, None] + np.arange(LONGEST_SPAN)
    inside = (ends < len(ids)) & (np.minimum(ends, len(ids) - 1) // 10 == owner[:, None])
    assert ((scores > NONE / 2) == inside[None]).all()


def test_expressions_are_cut_as_the_reader_cuts() -> None:
    asks, means = "ครู", "อาจารย์"
    cutter = load_model().cutter
    unit = Unit(tuple(SEGMENTER.ids(asks)), (tuple(SEGMENTER.ids(means)),), 1.0)
    (own,) = in_own_words([unit], SEGMENTER, cutter)
    assert [cutter.text_of(word) for word in (*own.tokens, *own.alternatives[0])] == [asks, means]
    assert own.weight == unit.weight


def test_missing_weights_are_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="install the package again"):
        load_model(tmp_path)


def test_no_torch_at_run_time() -> None:
    program = "import qa.reader, sys; print('torch' in sys.modules, 'sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_model_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 20_000_000


def test_white_space_is_stripped_but_for_what_a_mark_stands_on() -> None:
    assert stripped("  กข \n", Place(0, 6)) == Place(2, 4)
    assert stripped(" \u0e33 ก", Place(0, 4)) == Place(0, 4)  # SARA AM on a space: one cluster
    assert stripped("   ", Place(0, 3)) == Place(3, 3)
