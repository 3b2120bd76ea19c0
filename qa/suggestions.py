"""Questions to begin with, drawn from the documents, each tried first: what is offered is answered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.records import QAError, UsageError

if TYPE_CHECKING:
    from qa.assistant import Assistant

_log = logging.getLogger("qa.chat")

OFFERED = 12  # questions kept
LOOKED_AT = 20  # documents that are drawn from
LONGEST = 80  # characters: a longer question is no help to read
_LEANING = ("เขา", "ซึ่ง", "ส่วน", "โดย", "แต่", "และ", "ทั้งนี้", "นอกจาก", "เมื่อ", "ด้าน", "จึง", "เรา")  # on what went before


class Suggestions:
    """The questions offered for one assistant, worked out in the background: nobody waits for them."""

    def __init__(self, bot: Assistant) -> None:
        self._found: list[str] = []
        self._worker = threading.Thread(target=self._work, args=(bot,), daemon=True)
        self._worker.start()

    def _work(self, bot: Assistant) -> None:
        try:
            self._found = suggestions(bot)
        except Exception:  # the chat is whole without them
            _log.exception("no questions to suggest")

    def wait(self, seconds: float) -> None:
        """Give the background at most so long to finish."""
        self._worker.join(seconds)

    def next(self, count: int, asked: Sequence[str]) -> list[str]:
        """The first ``count`` that are not among the questions asked already; fewer where there are fewer."""
        return [question for question in self._found if question not in asked][:count]


def suggestions(bot: Assistant) -> list[str]:
    """At most OFFERED questions that ``bot`` answers; from the seeds' own set where the seeds are asked."""
    chosen: list[str] = []
    for question in [*_of_the_seeds(bot), *_drafted(bot)]:
        if len(chosen) == OFFERED:
            break
        if question in chosen or len(question) > LONGEST:
            continue
        try:
            if not bot.ask(question, k=1).abstained:
                chosen.append(question)
        except QAError:
            continue
    return chosen


def _of_the_seeds(bot: Assistant) -> list[str]:
    from qa.locations import seeds_folder
    from qa.question_files import load_questions

    try:
        folder = seeds_folder()
        written = load_questions(folder / "questions.jsonl").questions
    except UsageError:  # installed without them
        return []
    known = set()
    for info in bot.documents():
        path = folder / info.source
        document = bot.document(info.source) if path.is_file() else None
        if document is not None and document.text == path.read_text(encoding="utf-8"):
            known.add(info.source)
    direct = [q.question for q in written if q.type == "direct" and q.relevant.keys() <= known]
    return direct[::2]  # neighbours ask about the same sentence


def _drafted(bot: Assistant) -> list[str]:
    from qa.draft import draft_questions

    documents = [bot.document(info.source) for info in bot.documents()[:LOOKED_AT]]
    try:
        drafts = draft_questions((d for d in documents if d is not None), unanswerable=False)
    except UsageError:  # nothing in them can be asked about by rule
        return []
    return [d["question"] for d in drafts if d["type"] != "cloze" and not d["question"].startswith(_LEANING)]
