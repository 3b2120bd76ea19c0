"""What programs may ask of the chat's server: named endpoints that answer in JSON."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from index.records import Hit, UsageError
from qa.answer import location_dict
from qa.filters import Filter
from qa.monitoring import Monitor, Result, counted
from qa.wording import shown_errors

if TYPE_CHECKING:
    from index.store import DocumentInfo
    from qa.assistant import Assistant

MOST_PASSAGES = 100


def add_endpoints(bot: Assistant, mcp: bool, monitor: Monitor | None = None) -> None:
    """``ask``, ``retrieve`` and ``documents`` as JSON, for programs; every documented one becomes a tool of MCP."""
    import gradio as gr

    def ask(
        question: str,
        history: list[str] | None = None,
        k: int = 5,
        within: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        metadata: dict[str, Any] | None = None,
        explain: bool = False,
    ) -> dict[str, Any]:
        """Answer a question by quotation from the documents, or say that they do not answer.

        Args:
            question: what is wanted to be known, in Thai or English.
            history: earlier questions of the conversation, oldest first.
            k: how many passages may be cited, 1 to 100.
            within: files and folders to answer from, below the document folder.
            since: first day that documents may be of: 2024, 2024-05, 2024-05-31.
            until: last day that they may be of.
            metadata: fields that they must have, each with its value or a list of values.
            explain: tell why each passage stands where it does.
        """
        return shown_errors(
            lambda: _ask(bot, question, history, k, _filter(within, since, until, metadata), bool(explain))
        )

    def retrieve(
        question: str,
        k: int = 5,
        history: list[str] | None = None,
        within: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        metadata: dict[str, Any] | None = None,
        explain: bool = False,
    ) -> list[dict[str, Any]]:
        """Find the passages of the documents that answer a question best, best first.

        Args:
            question: what is wanted to be known, in Thai or English.
            k: how many passages to give, 1 to 100.
            history: earlier questions of the conversation, oldest first.
            within: files and folders to look in, below the document folder.
            since: first day that documents may be of: 2024, 2024-05, 2024-05-31.
            until: last day that they may be of.
            metadata: fields that they must have, each with its value or a list of values.
            explain: tell why each passage stands where it does.
        """
        return shown_errors(
            lambda: _retrieve(bot, question, history, k, _filter(within, since, until, metadata), bool(explain))
        )

    def documents() -> list[dict[str, Any]]:
        """The documents that can answer."""
        return shown_errors(lambda: [document_dict(info) for info in bot.documents()])

    @wraps(ask)  # its signature and text are the endpoint's
    def ask_counted(*args: Any, **named: Any) -> dict[str, Any]:
        return counted(monitor, "api", lambda: ask(*args, **named), _result)

    gr.api(ask_counted, api_name="ask")
    gr.api(retrieve, api_name="retrieve")
    gr.api(documents, api_name="documents", api_visibility="undocumented" if mcp else "public")


def _ask(
    bot: Assistant, question: object, history: object, k: object, filters: Filter, explain: bool
) -> dict[str, Any]:
    """:meth:`Assistant.ask`. Raises UsageError for what cannot be asked so."""
    asked = _text(question), _questions(history), _count(k)
    return bot.ask(*asked, filters=filters, explain=explain).as_dict()


def _retrieve(
    bot: Assistant, question: object, history: object, k: object, filters: Filter, explain: bool
) -> list[dict[str, Any]]:
    """:meth:`Assistant.retrieve`. Raises UsageError for what cannot be asked so."""
    asked = _text(question), _count(k), _questions(history)
    return [hit_dict(hit) for hit in bot.retrieve(*asked, filters=filters, explain=explain)]


def _filter(within: Any, since: Any, until: Any, metadata: Any) -> Filter:
    """The documents that a program asks. Raises UsageError for what is no filter."""
    return Filter(within or (), since or None, until or None, metadata or {})


def _result(answer: dict[str, Any]) -> Result:
    return "refused" if answer["abstained"] else "answered"


def hit_dict(hit: Hit) -> dict[str, Any]:
    """A hit as JSON-ready values."""
    values = {
        "source": hit.source,
        "title": hit.title,
        "paragraph": hit.paragraph,
        "page": hit.page,
        "start": hit.start,
        "end": hit.end,
        "text": hit.text,
        "score": round(hit.score, 4),
        "channels": {name: round(score, 4) for name, score in hit.channels.items()},
        "matched": list(hit.matched),
        "also": [location_dict(place) for place in hit.also],
    }
    if hit.explanation is not None:
        values["explanation"] = hit.explanation.as_dict()
    return values


def document_dict(info: DocumentInfo) -> dict[str, Any]:
    """A line of the list of documents as JSON-ready values."""
    return {
        "source": info.source,
        "title": info.title,
        "date": info.date,
        "characters": info.characters,
        "passages": info.passages,
        "warnings": list(info.warnings),
        "metadata": dict(info.metadata),
    }


def _text(question: object) -> str:
    if not isinstance(question, str):
        raise UsageError("the question must be text")
    return question


def _count(k: object) -> int:
    if isinstance(k, float) and k.is_integer():  # JSON does not tell 5 from 5.0
        k = int(k)
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= MOST_PASSAGES:
        raise UsageError(f"k is the number of passages: a whole number from 1 to {MOST_PASSAGES}")
    return k


def _questions(history: object) -> list[str]:
    if history is None:
        return []
    if not isinstance(history, list) or not all(isinstance(item, str) for item in history):
        raise UsageError("history is the list of earlier questions, oldest first")
    return history
