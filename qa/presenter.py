"""Answers -> HTML. Pure functions; every character that comes from a document or a person is escaped here.

What goes into a chat message holds no line break: the chat reads its messages as Markdown, and an HTML block
without one is passed on as it stands.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from index.records import Place
from index.thai import border_at
from qa.answer import Answer, Citation, merged
from qa.error_texts import said
from qa.session import RELATED, Session
from qa.texts import Texts

BEFORE, AFTER = 50, 150  # characters of a quote shown around its first mark, where it is shown short
LONGEST_QUESTION = 2_000  # characters of a question that are shown
MOST_TURNS = 40  # questions shown with their answers: a browser keeps up with more, but nobody scrolls there
# Invisible characters that reorder or hide what stands beside them: shown by name, never obeyed.
_DECEIVING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")


def escaped(text: str) -> str:
    """``text`` as HTML that shows it: nothing in it is a tag, a link or Markdown; bidi controls are named."""
    return _DECEIVING.sub(_named, html.escape(text, quote=True))


def _named(match: re.Match[str]) -> str:
    return f'<span class="qa-control">U+{ord(match.group()):04X}</span>'


def one_line(text: str) -> str:
    """:func:`escaped`, its line breaks turned into ``<br>``."""
    return "<br>".join(escaped(line) for line in _LINE_BREAK.split(text))


def marked(text: str, offset: int, marks: Sequence[Place]) -> str:
    """``text``, which starts at ``offset`` of its document, with the marked places in ``<mark>``."""
    parts, position = [], 0
    for mark in merged(marks, offset, offset + len(text)):
        parts.append(one_line(text[position : mark.start - offset]))
        parts.append(f"<mark>{one_line(text[mark.start - offset : mark.end - offset])}</mark>")
        position = mark.end - offset
    parts.append(one_line(text[position:]))
    return "".join(parts)


def quote_html(citation: Citation, *, short: bool = False) -> str:
    """The quote with its marks; ``short`` shows what stands around the first mark."""
    quote = citation.quote
    if not short:
        return marked(quote, citation.start, citation.marks)
    places = merged(citation.marks, citation.start, citation.end)
    first = places[0].start - citation.start if places else 0
    begin = border_at(quote, first - BEFORE) if first > BEFORE * 2 else 0
    if begin and (space := quote.find(" ", begin, first)) > 0:
        begin = space + 1
    end = border_at(quote, max(begin + BEFORE + AFTER, places[0].end - citation.start if places else 0))
    end = len(quote) if len(quote) - end < BEFORE else quote.rfind(" ", end - BEFORE, end) + 1 or end
    shown = marked(quote[begin:end], citation.start + begin, citation.marks)
    return f"{'… ' if begin else ''}{shown}{' …' if end < len(quote) else ''}"


def place_html(citation: Citation, texts: Texts) -> str:
    """File, page and paragraph of a citation."""
    parts = [f"<bdi>{one_line(citation.source)}</bdi>"]
    if citation.page is not None:
        parts.append(texts.page.format(number=citation.page))
    parts.append(texts.paragraph.format(number=citation.paragraph))
    return " · ".join(parts)


def question_html(question: str) -> str:
    """What a person asked, as a chat message; what is too long to be asked is shown by its beginning."""
    if len(question) > LONGEST_QUESTION:
        question = question[: border_at(question, BEFORE + AFTER)] + " …"
    return f'<div class="qa-question"><bdi>{one_line(question)}</bdi></div>'


def error_html(error: str, texts: Texts) -> str:
    """An error, as a chat message; that the program failed where it has no text."""
    told = said(error, texts) if error else texts.broken
    return f'<div class="qa-error" role="alert"><strong>{escaped(texts.failed)}</strong><br>{one_line(told)}</div>'


def answer_html(
    answer: Answer, turn: int, texts: Texts, *, actions: str = "", mine: bool = False, whole: bool = False
) -> str:
    """An answer as a chat message: its words large, then the numbered citations.

    Args:
        turn: number of the question in the conversation; it makes the links unique.
        actions: what :func:`actions_html` gives, or nothing.
        mine: the answer stands in the person's own documents.
        whole: show every quote whole, not only the first.
    """
    tone = "qa-answer qa-refusal" if answer.abstained else "qa-answer"
    parts = [f'<div class="{tone}">', *_heading(answer, turn, texts)]
    notes = list(answer.notes)
    if answer.searched != " ".join(answer.question.split()) and not any(answer.searched in note for note in notes):
        notes.insert(0, texts.searched.format(question=answer.searched))
    parts += [f'<div class="qa-note"><bdi>{one_line(note)}</bdi></div>' for note in notes]
    parts.append(actions)
    shown = answer.related[:RELATED] if answer.abstained else answer.citations
    if shown:
        title = texts.related if answer.abstained else texts.sources
        parts.append(f'<div class="qa-heading">{escaped(title)}{f" · {escaped(texts.yours)}" if mine else ""}</div>')
        parts += [
            _citation_html(citation, turn, texts, short=not whole and (number > 0 or answer.abstained))
            for number, citation in enumerate(shown)
        ]
    return "".join(parts) + "</div>"


def _heading(answer: Answer, turn: int, texts: Texts) -> list[str]:
    """The answering words, each with the number of the citation that they stand in."""
    if answer.abstained:
        return [f'<div class="qa-text"><bdi>{escaped(texts.refusal)}</bdi></div>']
    said = zip(answer.parts or (answer.text,), answer.citations, strict=False)
    return [f'<div class="qa-text"><bdi>{one_line(words)}</bdi> {_link(cited, turn)}</div>' for words, cited in said]


def actions_html(turn: int, texts: Texts, verdict: str) -> str:
    """What can be done with an answer: say whether it is right, copy it. Links, which the page's script acts on."""
    links = []
    for name, label in (("good", texts.good), ("bad", texts.bad), ("copy", texts.copy)):
        chosen = " qa-chosen" if name == verdict else ""
        links.append(f'<a class="qa-action qa-{name}{chosen}" href="#{name}-{turn}">{escaped(label)}</a>')
    return f'<div class="qa-actions">{"".join(links)}</div>'


def _link(citation: Citation, turn: int) -> str:
    return f'<a class="qa-link" href="#cite-{turn}-{citation.number}">[{citation.number}]</a>'


def _citation_html(citation: Citation, turn: int, texts: Texts, *, short: bool) -> str:
    return (
        f'<div class="qa-citation"><div class="qa-place">{_link(citation, turn)} {place_html(citation, texts)}</div>'
        f"<blockquote><bdi>{quote_html(citation, short=short)}</bdi></blockquote></div>"
    )


def title_html(documents: int, passages: int, texts: Texts) -> str:
    """The head of the page."""
    subtitle = texts.subtitle.format(documents=f"{documents:,}", passages=f"{passages:,}")
    return f'<div lang="{texts.language}"><h1>{escaped(texts.title)}</h1><p>{escaped(subtitle)}</p></div>'


def conversation(session: Session) -> list[dict[str, str]]:
    """The conversation, its last MOST_TURNS questions, as the chat's messages."""
    texts = session.texts
    shown = []
    for number, turn in list(enumerate(session.turns))[-MOST_TURNS:]:
        if turn.answer is None:
            reply = error_html(turn.error, texts)
        else:
            actions = actions_html(number, texts, turn.verdict)
            reply = answer_html(turn.answer, number, texts, actions=actions, mine=turn.mine)
        shown.append({"role": "user", "content": question_html(turn.question)})
        shown.append({"role": "assistant", "content": reply})
    return shown
