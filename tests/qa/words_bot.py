"""A small assistant that really answers: BM25 over words, the best sentence read out, refusing what shares nothing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from index.chunking import chunk_document
from index.records import Document, Hit, Place
from index.sentences import sentence_spans
from index.thai import words
from qa.answer import Answer, Citation
from qa.questions import Question, QuestionSet

K1, B = 1.2, 0.75


class WordsBot:
    """Answers from documents in memory; follows a question on by putting the history before it."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = {document.source: document for document in documents}
        self._chunks = [chunk for document in documents for chunk in chunk_document(document)]
        self._bags = [Counter(words(chunk.text)) for chunk in self._chunks]
        self._mean = sum(bag.total() for bag in self._bags) / max(len(self._bags), 1)
        self.retrieved: list[int] = []
        """Every k that was asked for."""

    @property
    def config(self) -> dict[str, Any]:
        return {"encoder": None, "words": "newmm"}

    @property
    def passage_count(self) -> int:
        return len(self._chunks)

    def documents(self) -> list[Document]:
        return list(self._documents.values())

    def document(self, source: str) -> Document | None:
        return self._documents.get(source)

    def retrieve(self, question: str, k: int = 5, history: Sequence[str] = ()) -> list[Hit]:
        self.retrieved.append(k)
        asked = set(words(" ".join([*history, question])))
        scored = ((self._score(asked, bag), number) for number, bag in enumerate(self._bags))
        best = sorted((-score, number) for score, number in scored if score > 0)[:k]
        return [Hit(number, self._chunks[number], -score, channels={"words": -score}) for score, number in best]

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        return self._answer(question, " ".join([*history, question]), self.retrieve(question, 3, history))

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        return self._answer(question, question, hits)

    def _score(self, asked: set[str], bag: Counter[str]) -> float:
        total = 0.0
        for word in asked & bag.keys():
            holding = sum(word in other for other in self._bags)
            idf = math.log(1 + (len(self._bags) - holding + 0.5) / (holding + 0.5))
            total += idf * bag[word] * (K1 + 1) / (bag[word] + K1 * (1 - B + B * bag.total() / self._mean))
        return total

    def _answer(self, question: str, searched: str, hits: Sequence[Hit]) -> Answer:
        asked = set(words(searched))
        if not hits:
            return Answer(question, searched, "ไม่พบคำตอบในเอกสาร", (), True, 0.0)
        best = hits[0]
        spans = sentence_spans(best.text)
        span = max(spans, key=lambda s: len(asked & set(words(best.text[s.start : s.end]))))
        text = best.text[span.start : span.end].strip()
        share = len(asked & set(words(best.text))) / len(asked)
        mark = Place(best.start + span.start, best.start + span.start + len(text))
        cited = tuple(
            Citation(n, h.source, "", h.paragraph, None, h.start, h.end, h.text, (mark,) if n == 1 else (), h.score)
            for n, h in enumerate(hits, start=1)
        )
        if share < 0.3:
            return Answer(question, searched, "ไม่พบคำตอบในเอกสาร", (), True, share, cited)
        return Answer(question, searched, text, cited, False, share)


HALL = Document(
    "hall.txt",
    "หอประชุมหลังเก่าสร้างเมื่อ พ.ศ. 2480 โดยช่างไม้ในหมู่บ้าน ใช้เวลาสร้างทั้งหมดสองปีจึงเสร็จสมบูรณ์ดี\n"
    "\n"
    "ปัจจุบันหอประชุมเป็นห้องสมุด เปิดให้ประชาชนยืมหนังสือได้ทุกวัน ยกเว้นวันจันทร์และวันหยุดนักขัตฤกษ์ของทางราชการ\n",
)
BOAT = Document("boat.txt", "เรือข้ามฟากออกจากท่าน้ำวัดใหม่ทุกสิบห้านาที ค่าโดยสารคนละห้าบาท เด็กเล็กไม่ต้องเสียค่าโดยสาร\n")
RICE = Document("rice.txt", "ชาวนาในตำบลปลูกข้าวหอมมะลิปีละครั้ง เก็บเกี่ยวในเดือนพฤศจิกายนของทุกปี แล้วขายให้สหกรณ์การเกษตร\n")
DOCUMENTS = (HALL, BOAT, RICE)


def asked(*questions: Question, **more: Any) -> QuestionSet:
    return QuestionSet("set.jsonl", "jsonl", questions, **more)


BUILT = Question(
    "built", "หอประชุมหลังเก่าสร้างเมื่อใด", type="when", answers=("พ.ศ. 2480",), answerable=True,
    relevant={"hall.txt": 1}, paragraphs=(1,), where="set.jsonl:1",
)  # fmt: skip
FARE = Question(
    "fare", "ค่าโดยสารเรือข้ามฟากเท่าไร", type="how many", answers=("ห้าบาท",), answerable=True,
    relevant={"boat.txt": 1}, paragraphs=(1,), where="set.jsonl:2",
)  # fmt: skip
MOON = Question("moon", "ยานอวกาศลงจอดดวงจันทร์วันไหน", type="unanswerable", answerable=False, where="set.jsonl:3")
LOST = Question(
    "lost", "หอประชุมหลังเก่าสร้างเมื่อใด", type="when", answers=("เดือนพฤศจิกายน",), answerable=True,
    relevant={"rice.txt": 1}, paragraphs=(1,), where="set.jsonl:4",
)  # fmt: skip
