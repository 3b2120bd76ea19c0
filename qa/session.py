"""What one browser tab has asked, and the documents that it brought along."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from index.records import Document, Hit, QAError
from qa.answer import Answer, Citation
from qa.filters import Filter
from qa.texts import Language, Texts, texts_for

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.uploads import Uploads

FOLDER = "folder:"  # begins the scope of one folder
Verdict = Literal["", "good", "bad"]
RELATED = 3  # passages offered where nothing answers
EXPLAINED = 20  # passages looked through for the one to be explained
_log = logging.getLogger("qa.chat")


@dataclass(slots=True)
class Turn:
    """One question of a conversation and what came of it."""

    question: str
    answer: Answer | None
    error: str = ""
    """Why there is no answer, as it was raised; nothing where the program failed."""
    history: tuple[str, ...] = ()
    mine: bool = False
    """True where the answer stands in the session's own documents."""
    within: str = ""
    """The folder that was asked; all of them where empty."""
    verdict: Verdict = ""
    record: int = 0
    """Number of the feedback kept, 0 for none."""


@dataclass(slots=True)
class Session:
    """The state of one browser tab; ``close`` forgets its documents."""

    language: Language = "th"
    scope: str = "all"
    """Who is asked: "all", "shared", "mine", or "folder:" and the name of a folder of the shared documents."""
    turns: list[Turn] = field(default_factory=list)
    uploads: Uploads | None = None
    noting: int = 0
    """Number of the feedback that a note would go to, 0 for none."""

    @property
    def texts(self) -> Texts:
        return texts_for(self.language)

    def history(self) -> list[str]:
        """The earlier questions, oldest first."""
        return [turn.question for turn in self.turns if turn.answer is not None]

    def assistants(self, shared: Assistant) -> list[tuple[bool, Assistant]]:
        """Who is asked, each with whether it holds the session's own documents."""
        own = self.uploads.bot if self.uploads else None
        if own is None or self.scope.startswith(FOLDER):
            return [(False, shared)]
        both = [(False, shared), (True, own)]
        return both if self.scope == "all" else [both[self.scope == "mine"]]

    def ask(self, shared: Assistant, question: str) -> Turn:
        """Ask, and note the turn. What goes wrong becomes its error; what should not have is logged whole."""
        history = self.history()
        try:
            within = self.scope[len(FOLDER) :] if self.scope.startswith(FOLDER) else ""
            if within:
                answer, mine = shared.ask(question, history, filters=Filter(within)), False
            else:
                answer, mine = best_answer(self.assistants(shared), question, history)
            # The ranking is half of what an answer holds; it is made again where somebody asks why.
            turn = Turn(question, replace(answer, hits=()), history=tuple(history), mine=mine, within=within)
        except QAError as error:
            turn = Turn(question, None, str(error))
        except Exception:
            _log.exception("a question could not be answered")
            turn = Turn(question, None)
        self.turns.append(turn)
        return turn

    def cited(self, turn: int, number: int) -> tuple[Turn, Sequence[Citation]] | None:
        """A question with the citations shown for it; None where there is no such question or citation."""
        if not 0 <= turn < len(self.turns) or (answer := self.turns[turn].answer) is None:
            return None
        shown = answer.citations or answer.related[:RELATED]
        return (self.turns[turn], shown) if 1 <= number <= len(shown) else None

    def explained(self, shared: Assistant, turn: Turn, citation: Citation) -> Hit | None:
        """The hit behind a citation with its explanation; None where it is found no more."""
        bot = shared if not turn.mine else self.uploads.bot if self.uploads else None
        if bot is None:
            return None
        filters = Filter(turn.within) if turn.within else None
        hits = bot.retrieve(turn.question, EXPLAINED, turn.history, filters=filters, explain=True)
        return hit_behind(hits, citation)

    def document(self, shared: Assistant, source: str, mine: bool) -> Document | None:
        """A document of the shared ones or of the session's own."""
        if not mine:
            return shared.document(source)
        return self.uploads.document(source) if self.uploads else None

    def close(self) -> None:
        """Forget the session's own documents."""
        if self.uploads is not None:
            self.uploads.close()
            self.uploads = None


def hit_behind(hits: Sequence[Hit], citation: Citation) -> Hit | None:
    """The hit that a citation quotes (which may have been widened to grapheme borders)."""
    found = (h for h in hits if h.source == citation.source and citation.start <= h.start < citation.end)
    return next(found, None)


def best_answer(asked: Sequence[tuple[bool, Assistant]], question: str, history: Sequence[str]) -> tuple[Answer, bool]:
    """The surest answer of those asked; one that answers goes before one that does not."""
    answers = [(bot.ask(question, history), mine) for mine, bot in asked]
    return max(answers, key=lambda pair: (not pair[0].abstained, pair[0].confidence))
