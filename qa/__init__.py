"""Ask Thai documents, and be quoted the words that answer.

    import qa
    hits = qa.retrieve("ผู้นำสองประเทศคุยกันเมื่อไร", k=5)
    bot = qa.open("my-docs/")
    answer = bot.ask("แล้วจะพบกันที่ไหน", history=["สี จิ้นผิง คุยกับใคร"])

Importing this package is cheap: what is heavy is imported by the call that needs it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from index.records import (
    DocumentError,
    EncoderError,
    Hit,
    MissingExtra,
    QAError,
    StoreError,
    UsageError,
)
from qa.answer import Answer, Citation

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.filters import Filter
    from qa.summary import Report

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Citation",
    "DocumentError",
    "EncoderError",
    "Filter",
    "Hit",
    "MissingExtra",
    "QAError",
    "StoreError",
    "UsageError",
    "evaluate",
    "open",
    "retrieve",
]


def open(folder: Any = None, **options: Any) -> Assistant:
    """Open a folder of documents, the seeds where none is named; see :func:`qa.opening.open_assistant`."""
    from qa.opening import open_assistant

    return open_assistant(folder, **options)


def retrieve(
    question: str, k: int = 5, folder: Any = None, *, filters: Filter | None = None, explain: bool = False
) -> list[Hit]:
    """The ``k`` passages that answer best, best first, from ``folder`` (the seeds where none is named).

    ``filters`` narrows the documents (:class:`qa.Filter`), ``explain`` tells why (``hit.explanation``).
    """
    return _opened(None if folder is None else str(folder)).retrieve(question, k, filters=filters, explain=explain)


def evaluate(bot: Assistant, questions: Any, **options: Any) -> Report:
    """Measure ``bot`` with a question set, a path or a loaded one; see :func:`qa.evaluation.evaluate`."""
    from qa.evaluation import evaluate as measure

    return measure(bot, questions, **options)


def __getattr__(name: str) -> Any:
    if name == "Filter":  # its module is not as light as this one
        from qa.filters import Filter

        globals()[name] = Filter
        return Filter
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@lru_cache(maxsize=4)
def _opened(folder: str | None) -> Assistant:
    return open(folder)
