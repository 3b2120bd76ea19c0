"""The order of passages that were read, and the first one read again with what stands around it."""

from __future__ import annotations

from measured import SEGMENTER, question

from index.records import Chunk, Hit
from qa.passage_order import REACH, around, in_order, read_again
from qa.reader import Reading, glance, read
from qa.rerank import Question

FIRST = "โรงเรียนบ้านหนองแวงเปิดสอนตั้งแต่ชั้นอนุบาลถึงชั้นมัธยมศึกษาปีที่สาม นักเรียนส่วนใหญ่เป็นบุตรหลานของเกษตรกรในหมู่บ้าน"
SECOND = "โรงเรียนก่อตั้งขึ้นเมื่อวันที่ 12 พฤษภาคม พ.ศ. 2478 โดยนายบุญมี ศรีสุข"
TEXT = f"{FIRST} {SECOND}"


def hit(part: str, text: str = TEXT, source: str = "a.txt", score: float = 1.0) -> Hit:
    start = text.index(part)
    return Hit(1, Chunk(source, start, start + len(part), part, 1), score)


def readings(asked: Question, hits: list[Hit]) -> list[Reading]:
    return [read(asked, one, SEGMENTER, None) for one in hits]


def test_the_passage_with_the_words_that_answer_goes_first() -> None:
    asked = question("โรงเรียนบ้านหนองแวงก่อตั้งเมื่อใด")
    hits = [hit(FIRST), hit(SECOND)]
    found, read_in = read_again(asked, hits, readings(asked, hits), TEXT, SEGMENTER, None)
    assert [one.text for one in found] == [SECOND, FIRST]
    assert "12 พฤษภาคม พ.ศ. 2478" in TEXT[read_in[0].span.start : read_in[0].span.end]
    assert found[0].start <= read_in[0].place.start < read_in[0].place.end <= found[0].end


def test_words_outside_all_passages_that_were_found_are_not_cited() -> None:
    asked = question("โรงเรียนบ้านหนองแวงก่อตั้งเมื่อใด")
    hits = [hit(FIRST), hit(SECOND, SECOND, "b.txt")]  # what stands beside the first was not found
    found, read_in = read_again(asked, hits, readings(asked, hits), TEXT, SEGMENTER, None)
    assert [one.source for one in found] == ["a.txt", "b.txt"]
    assert read_in[0].place.end <= len(FIRST)


def test_a_passage_with_nothing_around_it_is_as_it_was_read() -> None:
    asked = question("โรงเรียนก่อตั้งเมื่อใด")
    hits = [hit(SECOND, SECOND)]
    before = readings(asked, hits)
    assert read_again(asked, hits, before, SECOND, SEGMENTER, None) == (hits, before)


def test_search_and_reader_speak_together() -> None:
    asked = question("โรงเรียนบ้านหนองแวงก่อตั้งเมื่อใด")
    near, far = [hit(FIRST, score=0.4), hit(SECOND, score=0.3)], [hit(FIRST, score=40.0), hit(SECOND, score=0.3)]
    read_in = readings(asked, near)
    assert in_order(asked.text, near, read_in)[0][0].text == SECOND
    assert in_order(asked.text, far, read_in)[0][0].text == FIRST


def test_around_reaches_so_far_and_cuts_at_spaces() -> None:
    text = "ก่อน " * 400 + SECOND + " หลัง" * 400
    wide = around(hit(SECOND, text), text)
    assert text[wide.start : wide.end] == wide.text and SECOND in wide.text
    assert text[wide.start - 1] == " " and text[wide.end] == " "
    assert len(SECOND) + 2 * REACH - 12 <= len(wide.text) <= len(SECOND) + 2 * REACH


def test_a_glance_marks_the_sentence_that_meets_most_of_the_question() -> None:
    asked = question("โรงเรียนบ้านหนองแวงก่อตั้งเมื่อใด")
    text = f"{FIRST}\n{SECOND}"
    one = glance(asked, hit(text, text), SEGMENTER, None)
    assert text[one.place.start : one.place.end] == FIRST == text[one.span.start : one.span.end]
    assert one.score > 0 == one.probability == one.answering
    assert [text[place.start : place.end] for place in one.matched][:2] == ["โรงเรียน", "บ้าน"]
    moved = glance(asked, hit(text, "ก่อน\n" + text), SEGMENTER, None)
    assert moved.place.start == one.place.start + 5
