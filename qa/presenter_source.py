"""A document -> HTML for the viewer beside the chat: paragraphs numbered, the cited words marked."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass

from index.chunking import paragraph_number, paragraph_places
from index.records import Document, Hit, MatchedWord, Place
from qa.answer import Citation
from qa.explanation import LABELS
from qa.presenter import escaped, marked
from qa.texts import Texts

MOST_CHARACTERS = 60_000  # shown at once: more makes a browser slow; the rest is a click away
MOST_PARAGRAPHS = 800


@dataclass(frozen=True, slots=True)
class View:
    """What of a document is looked at, and from where."""

    paragraph: int = 1
    """1-based: what is scrolled to."""
    mine: bool = False
    citation: Citation | None = None
    turn: int = -1
    """Number of the question in the conversation, -1 for none."""
    citations: int = 0
    """How many citations that question has."""
    around: int = 0
    """1-based paragraph to show instead of the one cited, 0 for that one."""


def pressed(label: str, pick: dict[str, object], title: str = "", extra: str = "") -> str:
    """A button that sends ``pick`` to the page's script (chat.js)."""
    told = html.escape(json.dumps(pick, ensure_ascii=False), quote=True)
    name = f' title="{escaped(title)}" aria-label="{escaped(title)}"' if title else ""
    return f'<button type="button" class="qa-button" data-qa="{told}"{name}{extra}>{escaped(label)}</button>'


def source_html(document: Document | None, view: View, texts: Texts, hit: Hit | None = None) -> str:
    """The viewer: a bar of buttons, why the passage was found, and the text with its paragraph numbers.

    Args:
        hit: the passage as it was found, with its explanation; nothing is told of the finding where None.
    """
    if document is None:
        close = pressed("✕", {"close": True}, texts.close)
        return f'<section class="qa-source"><div class="qa-bar">{close}</div><p>{escaped(texts.gone)}</p></section>'
    paragraphs = paragraph_places(document.text)
    target = view.paragraph if view.citation is None else paragraph_number(paragraphs, _first_mark(view.citation))
    target = min(max(target, 1), max(len(paragraphs), 1))
    first, last = window(paragraphs, min(max(view.around or target, 1), len(paragraphs)))
    title = f'<h2 tabindex="-1" id="qa-source-title"><bdi>{escaped(document.source)}</bdi></h2>'
    parts = [
        f'<section class="qa-source" aria-label="{escaped(texts.source)}">{_bar(document, view, target, texts)}{title}'
    ]
    if document.title and document.title != document.source:
        parts.append(f'<p class="qa-note"><bdi>{escaped(document.title)}</bdi></p>')
    parts.append(_why(hit, texts))
    parts.append('<div class="qa-paragraphs">')
    if first > 1:
        parts.append(_more(document, view, first - 1, texts.more_before))
    parts += _lines(document, paragraphs, range(first, last + 1), target, view, texts)
    if last < len(paragraphs):
        parts.append(_more(document, view, last + 1, texts.more_after))
    return "".join(parts) + "</div></section>"


def window(paragraphs: Sequence[Place], target: int) -> tuple[int, int]:
    """First and last (1-based) paragraph to show around ``target``: as many as fit, on both sides alike."""
    first = last = target
    if not paragraphs:
        return 1, 0
    left = MOST_CHARACTERS - len(paragraphs[target - 1])
    while last - first + 1 < MOST_PARAGRAPHS:
        sides = [n for n in (first - 1, last + 1) if 1 <= n <= len(paragraphs) and len(paragraphs[n - 1]) <= left]
        if not sides:
            break
        for number in sides:
            if len(paragraphs[number - 1]) > left:
                continue
            left -= len(paragraphs[number - 1])
            first, last = min(first, number), max(last, number)
    return first, last


def _first_mark(citation: Citation) -> int:
    return min((mark.start for mark in citation.marks), default=citation.start)


def _bar(document: Document, view: View, target: int, texts: Texts) -> str:
    buttons = []
    if view.citation is not None and view.citations > 1:
        number = view.citation.number
        for label, step, title in (("‹", -1, texts.previous), ("›", 1, texts.next)):
            to = (number - 1 + step) % view.citations + 1
            buttons.append(pressed(label, {"open": {"turn": view.turn, "citation": to}}, title))
        buttons.insert(1, f'<span class="qa-count">[{number}] / {view.citations}</span>')
    if not view.mine:  # a private document has no address that another could open
        buttons.append(pressed(texts.copy_link, {"link": {"doc": document.source, "p": target}}))
    buttons.append(pressed("✕", {"close": True}, texts.close))
    return f'<div class="qa-bar">{"".join(buttons)}</div>'


def _why(hit: Hit | None, texts: Texts) -> str:
    """What speaks for the passage: the words met, what each channel found, and what the score is made of."""
    if hit is None or (why := hit.explanation) is None:
        return ""
    met = [_met(word, texts) for word in why.matched]
    channels = [f"{escaped(_named(name, texts))} {value:.3g}" for name, value in why.channels.items()]
    rows = "".join(
        f'<tr><th scope="row">{escaped(_named(name, texts))}</th><td>{value:+.2f}</td></tr>'
        for name, value in why.contributions.items()
    )
    return (
        f'<details class="qa-why"><summary>{escaped(texts.why)}</summary>'
        f"<p>{escaped(texts.matched)}: {', '.join(met) or '–'}</p>"
        f"<p>{escaped(texts.channels)}: {' · '.join(channels) or '–'}</p>"
        f"<table><caption>{escaped(texts.scores)}: {hit.score:.2f}</caption>{rows}</table>"
        f'<p class="qa-note"><bdi>{escaped(why.reason)}</bdi></p></details>'
    )


def _met(word: MatchedWord, texts: Texts) -> str:
    """An expression of the question, with the words of the passage that mean the same where they differ."""
    asked = f"<b><bdi>{escaped(word.asked)}</bdi></b>"
    return asked if word.met == word.asked else f"{asked} ({escaped(texts.met_as)} <bdi>{escaped(word.met)}</bdi>)"


def _named(name: str, texts: Texts) -> str:
    thai, english = LABELS.get(name, (name, name))
    return english if texts.language == "en" else thai


def _more(document: Document, view: View, around: int, label: str) -> str:
    if view.turn >= 0 and view.citation is not None:
        pick: dict[str, object] = {"turn": view.turn, "citation": view.citation.number, "around": around}
    else:
        pick = {"doc": document.source, "p": view.paragraph, "mine": view.mine, "around": around}
    return f'<p class="qa-more">{pressed(label, {"open": pick})}</p>'


def _lines(
    document: Document, paragraphs: Sequence[Place], shown: range, target: int, view: View, texts: Texts
) -> list[str]:
    """One block a paragraph, with page breaks and blank lines between them as in the document."""
    marks = view.citation.marks if view.citation else ()
    cited = Place(view.citation.start, view.citation.end) if view.citation else Place(0, 0)
    lines = []
    before = paragraphs[shown[0] - 2].end if shown and shown[0] > 1 else 0
    for number in shown:
        place = paragraphs[number - 1]
        for page, begin in enumerate(document.pages, start=1):
            if (before < begin or (before == begin == 0 and number == 1)) and begin <= place.start:
                lines.append(f'<div class="qa-page">{escaped(texts.page.format(number=page))}</div>')
        gap = document.text[before : place.start]
        kinds = ["qa-par"]
        kinds += ["qa-target"] if number == target else []
        kinds += ["qa-cited"] if cited.overlaps(place) else []
        kinds += ["qa-title-line"] if any(heading.overlaps(place) for heading in document.headings) else []
        kinds += ["qa-gap"] if before and gap.count("\n") > 1 else []
        indent = escaped(gap[gap.rfind("\n") + 1 :]) if gap.strip("\n") else ""
        words = marked(document.text[place.start : place.end], place.start, marks)
        label = escaped(texts.paragraph.format(number=number))
        lines.append(
            f'<div class="{" ".join(kinds)}" id="qa-p-{number}"><span class="qa-number" title="{label}">{number}</span>'
            f'<div class="qa-words"><bdi>{indent}{words}</bdi></div></div>'
        )
        before = place.end
    return lines
