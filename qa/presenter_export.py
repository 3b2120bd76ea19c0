"""A conversation -> one Markdown or HTML file with its citations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.answer import Citation
from qa.error_texts import said
from qa.presenter import answer_html, error_html, escaped, question_html
from qa.session import Turn
from qa.texts import Texts

_ACTIVE = re.compile(r"([\\`*_{}\[\]()#+!|>~<&-])")  # characters that Markdown reads as more than themselves
_PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title><style>
body {{ font-family: Sarabun, Loma, "Leelawadee UI", Thonburi, sans-serif; line-height: 1.7; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }}
.qa-question {{ font-weight: 700; margin-top: 2rem; border-top: 1px solid #999; padding-top: 1rem }}
.qa-text {{ font-size: 1.25rem; font-weight: 700 }} .qa-note, .qa-place {{ font-size: .9rem }}
blockquote {{ margin: .2rem 0 1rem; padding-left: .8rem; border-left: 3px solid #999 }} mark {{ background: #ffe58a }}
</style><h1>{title}</h1>
{body}</html>
"""


def conversation_html(turns: Sequence[Turn], texts: Texts) -> str:
    """The conversation as a page that needs nothing else."""
    body = []
    for number, turn in enumerate(turns):
        body.append(question_html(turn.question))
        if turn.answer is None:
            body.append(error_html(turn.error, texts))
        else:
            body.append(answer_html(turn.answer, number, texts, whole=True))
    return _PAGE.format(language=texts.language, title=escaped(texts.title), body="\n".join(body))


def conversation_markdown(turns: Sequence[Turn], texts: Texts) -> str:
    """The conversation as Markdown; the quotes stand in it as text, whatever they hold."""
    lines = [f"# {texts.title}", ""]
    for turn in turns:
        lines += [f"## {literal(turn.question)}", ""]
        if turn.answer is None:
            lines += [literal(said(turn.error, texts) if turn.error else texts.broken), ""]
            continue
        answer = turn.answer
        said_words = (texts.refusal,) if answer.abstained else answer.parts or (answer.text,)
        for words in said_words:
            lines += [f"**{literal(words)}**", ""]
        if answer.abstained and answer.related:
            lines += [f"{texts.related}:", ""]
        for citation in answer.citations or answer.related:
            lines += [f"\\[{citation.number}\\] {literal(place_text(citation, texts))}", ""]
            lines += [*(f"> {literal(line)}" for line in citation.quote.splitlines()), ""]
    return "\n".join(lines)


def place_text(citation: Citation, texts: Texts) -> str:
    """File, page and paragraph of a citation, as plain text."""
    page = [texts.page.format(number=citation.page)] if citation.page is not None else []
    return " · ".join([citation.source, *page, texts.paragraph.format(number=citation.paragraph)])


def literal(text: str) -> str:
    """``text`` on one line, with nothing in it that Markdown acts on."""
    return _ACTIVE.sub(r"\\\1", " ".join(text.split()))
