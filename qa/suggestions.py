"""Questions to begin with, drawn from the documents, each tried first: what is offered is answered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from index.records import QAError, UsageError
from qa.listing import listing

if TYPE_CHECKING:
    from qa.assistant import Assistant

_log = logging.getLogger("qa.chat")

KEPT = 24  # questions kept
LOOKED_AT = 20  # documents that are drawn from
LONGEST = 80  # characters: a longer question is no help to read
_LEANING = ("เขา", "ซึ่ง", "ส่วน", "โดย", "แต่", "และ", "ทั้งนี้", "นอกจาก", "เมื่อ", "ด้าน", "จึง", "เรา")  # on what went before


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question, and the document that answers it."""

    question: str
    source: str


class Suggestions:
    """The questions offered for one assistant, worked out in the background: nobody waits for them."""

    def __init__(self, bot: Assistant) -> None:
        self._found: list[Suggestion] = []
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

    def next(self, count: int, asked: Sequence[str], near: str = "") -> list[str]:
        """The first ``count`` that are not among the questions asked already, those about the document ``near`` first."""
        left = [offered for offered in self._found if offered.question not in asked]
        return [offered.question for offered in sorted(left, key=lambda offered: offered.source != near)[:count]]


def suggestions(bot: Assistant) -> list[Suggestion]:
    """At most KEPT questions that ``bot`` answers; from the seeds' own set where the seeds are asked."""
    chosen: dict[str, Suggestion] = {}
    for question in [*_of_the_seeds(bot), *_drafted(bot)]:
        if len(chosen) == KEPT:
            break
        if question in chosen or len(question) > LONGEST:
            continue
        try:
            answer = bot.ask(question, k=1)
        except QAError:
            continue
        if not answer.abstained:
            chosen[question] = Suggestion(question, answer.citations[0].source)
    return list(chosen.values())


def _of_the_seeds(bot: Assistant) -> list[str]:
    from qa.locations import seeds_folder
    from qa.question_files import load_questions

    try:
        folder = seeds_folder()
        written = load_questions(folder / "questions.jsonl").questions
    except UsageError:  # installed without them
        return []
    known = set()
    for path in folder.iterdir():
        document = bot.document(path.name)
        if document is not None and document.text == path.read_text(encoding="utf-8"):
            known.add(path.name)
    direct = [q.question for q in written if q.type == "direct" and q.relevant.keys() <= known]
    return direct[::2]  # neighbours ask about the same sentence


def _drafted(bot: Assistant) -> list[str]:
    from qa.draft import draft_questions

    documents = [bot.document(info.source) for info in listing(bot).documents[:LOOKED_AT]]
    try:
        drafts = draft_questions((d for d in documents if d is not None), unanswerable=False)
    except UsageError:  # nothing in them can be asked about by rule
        return []
    of: dict[str, list[str]] = {}
    for draft in drafts:
        if draft["type"] != "cloze" and not draft["question"].startswith(_LEANING):
            of.setdefault(draft["source"], []).append(draft["question"])
    # One of each document in turn, so that the first does not take all the places.
    return [question for turn in zip_longest(*of.values()) for question in turn if question is not None]
