"""What one browser tab has asked, and the documents that it brought along."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from index.records import Document, Hit, QAError
from qa.answer import Answer, Citation
from qa.texts import Language, Texts, texts_for

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.uploads import Uploads

FOLDER = "folder:"  # begins the scope of one folder
Verdict = Literal["", "good", "bad"]
DEPTH = 200  # passages looked through for those of one folder
RELATED = 3  # passages offered where nothing answers
EXPLAINED = 10  # last questions of which the ranking is kept: it is half of what a session holds
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
            if self.scope.startswith(FOLDER):
                answer, mine = answer_within(shared, self.scope[len(FOLDER) :], question, history), False
            else:
                answer, mine = best_answer(self.assistants(shared), question, history)
            turn = Turn(question, answer, history=tuple(history), mine=mine)
        except QAError as error:
            turn = Turn(question, None, str(error))
        except Exception:
            _log.exception("a question could not be answered")
            turn = Turn(question, None)
        self.turns.append(turn)
        if len(self.turns) > EXPLAINED and (old := self.turns[-EXPLAINED - 1]).answer is not None:
            old.answer = replace(old.answer, hits=())
        return turn

    def cited(self, turn: int, number: int) -> tuple[Turn, Sequence[Citation]] | None:
        """A question with the citations shown for it; None where there is no such question or citation."""
        if not 0 <= turn < len(self.turns) or (answer := self.turns[turn].answer) is None:
            return None
        shown = answer.citations or answer.related[:RELATED]
        return (self.turns[turn], shown) if 1 <= number <= len(shown) else None

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


def hit_behind(answer: Answer, citation: Citation) -> Hit | None:
    """The hit that a citation quotes (which may have been widened to grapheme borders)."""
    found = (h for h in answer.hits if h.source == citation.source and citation.start <= h.start < citation.end)
    return next(found, None)


def best_answer(asked: Sequence[tuple[bool, Assistant]], question: str, history: Sequence[str]) -> tuple[Answer, bool]:
    """The surest answer of those asked; one that answers goes before one that does not."""
    answers = [(bot.ask(question, history), mine) for mine, bot in asked]
    return max(answers, key=lambda pair: (not pair[0].abstained, pair[0].confidence))


def folders(bot: Assistant) -> list[str]:
    """The folders right below the document folder that hold documents."""
    return sorted({head for info in bot.documents() for head, slash, _ in [info.source.partition("/")] if slash})


def answer_within(bot: Assistant, folder: str, question: str, history: Sequence[str]) -> Answer:
    """Answer from the documents of one folder: from the best DEPTH passages, those that lie in it."""
    from qa.assistant import READ_HITS, clean
    from qa.conversation import standalone

    found = bot.retrieve(question, DEPTH, history)
    inside = [hit for hit in found if hit.source.startswith(f"{folder}/")][:READ_HITS]
    searched = standalone(clean(question), [clean(earlier) for earlier in history])
    return replace(bot.read(searched, inside), question=question)
