"""What the page says: which words stand on which component, so that the language can be switched; and errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from index.records import QAError
from qa.error_texts import said
from qa.texts import ENGLISH, Texts

T = TypeVar("T")


class Wording:
    """Components and the texts that they show."""

    def __init__(self) -> None:
        self._said: list[tuple[Any, dict[str, str]]] = []

    def say(self, component: Any, **fields: str) -> Any:
        """Note that ``component``'s property shows a field of :class:`Texts`; the component is given back."""
        unknown = set(fields.values()) - set(Texts.__dataclass_fields__)
        if unknown:
            raise KeyError(f"no such text: {', '.join(sorted(unknown))}")
        self._said.append((component, fields))
        return component

    @property
    def components(self) -> list[Any]:
        return [component for component, _ in self._said]

    def updates(self, texts: Texts) -> list[Any]:
        """An update for each of ``components``."""
        import gradio as gr

        return [gr.update(**{prop: getattr(texts, name) for prop, name in fields.items()}) for _, fields in self._said]


def shown_errors(call: Callable[[], T], texts: Texts = ENGLISH) -> T:
    """The result of ``call``; an error of ours as a message that the person gets to read, in the language of ``texts``."""
    import gradio as gr

    try:
        return call()
    except QAError as error:
        raise gr.Error(said(error, texts), print_exception=False) from error
