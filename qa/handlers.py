"""What the chat page does on each event: values for its components, one method an event."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from index.records import QAError
from qa.documents_panel import documents_shown
from qa.error_texts import said
from qa.feedback import Feedback
from qa.listing import listing
from qa.monitoring import Monitor, Result, counted
from qa.presenter import conversation, escaped, title_html
from qa.presenter_export import conversation_html, conversation_markdown
from qa.presenter_source import View, source_html
from qa.session import Session, Turn
from qa.shared import SharedFolder
from qa.suggestions import Suggestions
from qa.wording import Wording, shown_errors

if TYPE_CHECKING:
    from qa.assistant import Assistant

OFFERED = 3  # suggested questions shown at a time


class Handlers:
    """The events of the page; ``held`` is the session of the tab, None before its first event."""

    def __init__(
        self,
        bot: Assistant,
        shared: SharedFolder | None,
        feedback: Feedback,
        wording: Wording,
        monitor: Monitor | None = None,
    ) -> None:
        self._bot, self._shared, self._feedback, self._wording = bot, shared, feedback, wording
        self._monitor = monitor
        self._suggestions = Suggestions(bot)

    def painted(self, held: Session) -> list[Any]:
        """Values for the session, the chat and the suggested questions."""
        import gradio as gr

        asked = [turn.question for turn in held.turns]
        answer = held.turns[-1].answer if held.turns else None
        near = answer.citations[0].source if answer is not None and answer.citations else ""
        offered = self._suggestions.next(OFFERED, asked, near)
        buttons = [gr.update(value=question, visible=True) for question in offered]
        buttons += [gr.update(value="", visible=False)] * (OFFERED - len(offered))
        return [held, conversation(held), *buttons]

    def send(self, question: str, held: Session | None) -> list[Any]:
        """A question was sent."""
        held = held or Session()
        if question.strip():
            counted(self._monitor, "chat", lambda: held.ask(self._bot, question), _result)
        return ["", *self.painted(held)]

    def begin(self, held: Session | None) -> list[Any]:
        """A new conversation; the session's documents stay."""
        held = held or Session()
        held.turns.clear()
        return ["", *self.painted(held)]

    def opened(self, told: str, held: Session | None) -> str:
        """A citation or a document was chosen."""
        return self.viewer(held or Session(), picked(told))

    def viewer(self, held: Session, pick: dict[str, Any]) -> str:
        """The source viewer for what was picked; empty where that is nothing."""
        around, found = whole(pick, "around"), None
        if "doc" in pick:
            source, mine = str(pick["doc"]), pick.get("mine") is True
            view = View(paragraph=whole(pick, "p"), mine=mine, around=max(around, 0))
        elif found := held.cited(whole(pick, "turn"), whole(pick, "citation")):
            turn, shown = found
            citation = shown[whole(pick, "citation") - 1]
            source, mine = citation.source, turn.mine
            view = View(citation.paragraph, mine, citation, whole(pick, "turn"), len(shown), max(around, 0))
        else:
            return ""
        try:
            document = held.document(self._bot, source, mine)
        except QAError as error:
            return f'<section class="qa-source"><p class="qa-problem">{escaped(said(error, held.texts))}</p></section>'
        if document is not None and view.citation is not None:
            cited = view.citation
            if document.text[cited.start : cited.end] != cited.quote:
                document = None  # it was read again meanwhile, and says something else there
        hit = None
        if document is not None and found is not None and view.citation is not None:
            with suppress(QAError):  # the document can be read without it
                hit = held.explained(self._bot, found[0], view.citation)
        return source_html(document, view, held.texts, hit)

    def judge(self, told: str, held: Session | None) -> list[Any]:
        """An answer was called right or wrong."""
        import gradio as gr

        held, pick = held or Session(), picked(told)
        number, verdict = whole(pick, "turn"), pick.get("verdict")
        if verdict not in ("good", "bad") or not 0 <= number < len(held.turns):
            return [held, conversation(held), gr.update()]
        turn = held.turns[number]
        if turn.answer is None:
            return [held, conversation(held), gr.update()]
        if turn.record:
            shown_errors(lambda: self._feedback.change(turn.record, verdict == "good"), held.texts)
        else:
            answer = turn.answer
            turn.record = shown_errors(lambda: self._feedback.add(answer, verdict == "good", turn.history), held.texts)
        turn.verdict, held.noting = verdict, turn.record
        return [held, conversation(held), gr.update(value="", visible=True)]

    def noted(self, text: str, held: Session | None) -> Any:
        """A note on the answer judged last."""
        import gradio as gr

        if held and held.noting and text.strip():
            shown_errors(lambda: self._feedback.annotate(held.noting, text), held.texts)
            gr.Info(held.texts.thanks)
        return gr.update(value="", visible=False)

    def arrived(self, told: str, held: Session | None) -> list[Any]:
        """The page was opened, perhaps by a link to a place in a document."""
        held, arrival = held or Session(), picked(told)
        place = arrival.get("open")
        self._suggestions.wait(2)
        self._speak(held, str(arrival.get("language")))
        return [self.viewer(held, place) if isinstance(place, dict) else "", *self._spoken(held)]

    def switched(self, held: Session | None) -> list[Any]:
        """The other language was asked for."""
        held = held or Session()
        self._speak(held, "th" if held.language == "en" else "en")
        return self._spoken(held)

    def _speak(self, held: Session, language: str) -> None:
        held.language = "en" if language.lower().startswith("en") else "th"

    def _spoken(self, held: Session) -> list[Any]:
        texts, there = held.texts, listing(self._bot)
        title = title_html(there.document_count, there.passage_count, texts)
        words = self._wording.updates(texts)
        return [held.language, title, *self.painted(held), *documents_shown(self._bot, self._shared, held), *words]

    def saved(self, held: Session | None, kind: str) -> str:
        """The conversation as a file ("md" or "html"), for the page's script to save."""
        held = held or Session()
        made = conversation_markdown if kind == "md" else conversation_html
        mime = "text/markdown" if kind == "md" else "text/html"
        return file_told(f"conversation.{kind}", mime, made(held.turns, held.texts))


def _result(turn: Turn) -> Result:
    if turn.answer is None:
        return "failed"
    return "refused" if turn.answer.abstained else "answered"


def file_told(name: str, mime: str, text: str) -> str:
    """A file for the page's script to save."""
    return json.dumps({"name": name, "type": mime, "text": text}, ensure_ascii=False)


def picked(told: str | None) -> dict[str, Any]:
    """What the page's script said; nothing where it is not an object."""
    try:
        value = json.loads(told or "")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def whole(pick: dict[str, Any], name: str) -> int:
    """A whole number of what the page said; -1 where it is none."""
    value = pick.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
