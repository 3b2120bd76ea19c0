"""How often the first passage answers a follow-up question: ``python tests/benchmarks/followups.py [more.jsonl ...]``.

One index over the seeds and tests/data/docs. A follow-up counts where the paragraph that the first citation
quotes from is one that answers. Beside it stand the question searched as it was typed (what no conversation
costs), the earlier question put in front of it, the stand-alone text alone, and the stand-alone question as a
person wrote it. First questions are asked too, with another conversation before them: nothing may be lost.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import qa
from index.records import Document
from qa import conversation

ROOT = Path(__file__).parents[2]
CONVERSATIONS = ROOT / "tests" / "data" / "conversations.jsonl"
SEED_QUESTIONS = ROOT / "seeds" / "questions.jsonl"
NEVER_MIND = ("ลาพักร้อนได้ปีละกี่วัน", "แล้วลากิจล่ะ")  # a conversation about something else

Row = dict[str, Any]


def documents() -> Iterable[Document]:
    """The seeds and the documents of the tests."""
    for folder in (ROOT / "seeds", ROOT / "tests" / "data" / "docs"):
        for path in sorted(folder.glob("*.txt")):
            yield Document(path.name, path.read_text(encoding="utf-8"), title=path.stem)


def rows_of(path: Path) -> list[Row]:
    """A question file, one JSON object a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def first_paragraph(bot: qa.Assistant, question: str, history: Sequence[str]) -> tuple[str, int]:
    """Source and paragraph that the first citation quotes from."""
    answer = bot.ask(question, history, k=3)
    citation = (answer.citations or answer.related)[0]
    return citation.source, citation.paragraph


def right(bot: qa.Assistant, row: Row, question: str, history: Sequence[str] = ()) -> bool:
    """True where the first citation stands in a paragraph that answers ``row``."""
    source, paragraph = first_paragraph(bot, question, history)
    return source == row["source"] and paragraph in row["paragraphs"]


Asked = tuple[str, Sequence[str]]  # a question and its history
WAYS: dict[str, Callable[[Row], Asked]] = {
    "as typed": lambda row: (row["question"], ()),
    "joined": lambda row: (" ".join([*row["history"][-1:], row["question"]]), ()),
    "stand-alone text": lambda row: (conversation.standalone(row["question"], row["history"]), ()),
    "as asked": lambda row: (row["question"], row["history"]),
    "by hand": lambda row: (row.get("standalone", "") or BY_HAND.get(row["id"], ""), ()),
}
# The seed follow-ups as a person would ask them first.
BY_HAND = {
    "f01": "ทรัมป์พูดเรื่องคาบสมุทรเกาหลีว่าอย่างไร",
    "f02": "ผู้นำจีนกับสหรัฐฯ จะพบกันอีกครั้งในการประชุมที่ไหน",
    "f03": "ประธานาธิบดีจีนคุยโทรศัพท์กับทรัมป์เมื่อไร",
    "f04": "งานแสดงสินค้าของจีนที่ทรัมป์สนับสนุนให้บริษัทสหรัฐฯ ไปร่วมจะจัดเมื่อไร",
    "f05": "การพบปะเชิงประวัติศาสตร์ที่จีนชื่นชมช่วยขับเคลื่อนอะไร",
    "f06": "จีนเองจะทำอะไรเรื่องคาบสมุทรเกาหลี",
    "f07": "ทรัมป์พูดอะไรอีกเรื่องการเจรจากับเกาหลีเหนือ",
    "f08": "ประธานาธิบดีสหรัฐฯ ชื่ออะไร",
    "f09": "ใครเป็นผู้นำเกาหลีเหนือ",
    "f10": "ใครได้รับผลกระทบจากความขัดแย้งของจีนกับสหรัฐฯ",
    "f11": "จีนว่าอย่างไรกับความขัดแย้งกับสหรัฐฯ ที่มีผู้ได้รับผลกระทบ",
    "f12": "When did Xi and Trump speak on the phone?",
    "f13": "ทรัมป์พูดเรื่องคาบสมุทรเกาหลีว่าอย่างไร",
    "f14": "แก่นแท้ของความร่วมมือทางการค้าคืออะไร",
    "f15": "ทีมงานเศรษฐกิจของสองประเทศต้องทำอะไร",
    "f16": "สหรัฐฯ ยินดีที่จะเพิ่มการส่งออกไปที่ประเทศไหน",
    "f17": "งานแสดงสินค้านานาชาติครั้งแรกของจีนแสดงให้เห็นอะไร",
    "f18": "ใครไปร่วมงานแสดงสินค้านานาชาติครั้งแรกของจีนบ้าง",
}


def measure(bot: qa.Assistant, rows: list[Row], verbose: bool) -> dict[str, dict[str, list[bool]]]:
    """For each way, right or wrong of each answerable row, by type and in all; ways that a row lacks are left out."""
    found: dict[str, dict[str, list[bool]]] = {way: defaultdict(list) for way in WAYS}
    for row in (row for row in rows if row["paragraphs"]):
        verdicts = {way: right(bot, row, *make(row)) for way, make in WAYS.items() if make(row)[0]}
        for way, verdict in verdicts.items():
            found[way][row["type"]].append(verdict)
            found[way]["all"].append(verdict)
        if verbose:
            sign = "".join("+" if verdicts[way] else "-" for way in verdicts)
            print(f"{sign:4} {row['id']:5} {' | '.join(row['history'])} | {row['question']}")
            print(f"           {WAYS['stand-alone text'](row)[0]}   ({WAYS['by hand'](row)[0]})")
    return found


def speed(rows: list[Row]) -> tuple[float, float]:
    """Median and worst milliseconds to make one question stand alone, the first call left out."""
    taken = []
    for row in rows[:3]:  # what is read once is read now
        conversation.standalone(row["question"], row["history"])
    for row in rows:
        begun = time.perf_counter()
        conversation.standalone(row["question"], row["history"])
        taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken), max(taken)


def show(name: str, found: dict[str, dict[str, list[bool]]]) -> None:
    """One table: a line a type, a column a way."""
    print(f"\n{name:18}" + "".join(f"{way:>18}" for way in found))
    for kind in found["as typed"]:
        cells = (found[way].get(kind, []) for way in found)
        shares = (f"{sum(cell)}/{len(cell)} {100 * sum(cell) / len(cell):5.1f}%" if cell else "" for cell in cells)
        print(f"{kind:18}" + "".join(f"{share:>18}" for share in shares))


def first_questions(bot: qa.Assistant) -> None:
    """Questions that stand alone, asked after an unrelated conversation: what is lost against no history."""
    rows = [row for row in rows_of(SEED_QUESTIONS) if row["paragraphs"] and not row.get("history")]
    changed = [row for row in rows if conversation.resolve(row["question"], NEVER_MIND).changed]
    alone = sum(right(bot, row, row["question"]) for row in rows)
    after = sum(right(bot, row, row["question"], NEVER_MIND) for row in rows)
    print(f"\nfirst questions ({len(rows)}): {alone} right alone, {after} after an unrelated conversation")
    for row in changed:
        print(f"  changed: {row['id']} {row['question']} -> {conversation.standalone(row['question'], NEVER_MIND)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="more question files with histories")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every question and what was searched")
    chosen = parser.parse_args()
    bot = qa.open(documents=documents())
    seeds = [row for row in rows_of(SEED_QUESTIONS) if row.get("history")]
    sets = {"conversations": rows_of(CONVERSATIONS), "seed follow-ups": seeds}
    sets |= {path.stem: rows_of(path) for path in chosen.files}
    for name, rows in sets.items():
        show(name, measure(bot, rows, chosen.verbose))
    median, worst = speed([row for rows in sets.values() for row in rows])
    first_questions(bot)
    print(f"\ntime to make a question stand alone: median {median:.2f} ms, worst {worst:.2f} ms")


if __name__ == "__main__":
    sys.exit(main())
