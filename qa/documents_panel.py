"""The tab of documents: what can answer, and the session's own uploads."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.records import QAError, printable
from index.store import DocumentInfo
from qa.error_texts import said
from qa.listing import MOST_LISTED, listing
from qa.presenter import escaped
from qa.presenter_source import pressed
from qa.session import FOLDER, Session
from qa.shared import SharedFolder
from qa.texts import Texts
from qa.uploads import Outcome, Uploads, formats, limits
from qa.wording import Wording, shown_errors

if TYPE_CHECKING:
    from qa.assistant import Assistant

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def scope_choice(wording: Wording, texts: Texts) -> Any:
    """The choice of what is asked: it stands beside the question, and is hidden where there is nothing to choose."""
    import gradio as gr

    scope = gr.Dropdown(
        label=texts.scope, choices=[("", "all")], value="all", visible=False, filterable=True, elem_id="qa-scope"
    )
    return wording.say(scope, label="scope")


def documents_panel(
    bot: Assistant, shared: SharedFolder | None, session: Any, scope: Any, wording: Wording, texts: Texts
) -> list[Any]:
    """Lay the tab out; the components that :func:`documents_shown` gives values for.

    Args:
        scope: what :func:`scope_choice` made.
    """
    import gradio as gr

    note = gr.HTML(upload_note(shared, texts), elem_classes="qa-note", padding=False, elem_id="qa-upload-note")
    upload = gr.File(label=texts.upload, file_count="multiple", type="filepath", height=150, elem_id="qa-upload")
    status = gr.HTML("", elem_id="qa-upload-status", padding=False)
    own = gr.CheckboxGroup(label=texts.own, choices=[], visible=False, elem_id="qa-own")
    remove = gr.Button(texts.remove, visible=False, size="sm", elem_id="qa-remove")
    table = gr.HTML(tables_html(bot, shared, Session()), elem_id="qa-documents", padding=False)
    again = gr.Button(texts.read_again, visible=shared is not None, size="sm", elem_id="qa-again")
    for component, fields in (
        (upload, {"label": "upload"}),
        (own, {"label": "own"}),
        (remove, {"value": "remove"}),
        (again, {"value": "read_again"}),
    ):
        wording.say(component, **fields)
    shown = [table, own, remove, scope, note]

    def added(files: list[str] | None, held: Session | None, progress: Any = None) -> list[Any]:
        held = held or Session()
        progress = gr.Progress() if progress is None else progress
        told = taken(bot, shared, held, files or [], lambda done, total, name: progress((done, total), desc=name))
        return [held, None, told, *documents_shown(bot, shared, held)]

    def removed(sources: list[str], held: Session | None) -> list[Any]:
        held = held or Session()
        holder = kept(shared, held)
        if holder and sources:
            shown_errors(lambda: holder.remove(sources), held.texts)
        return [held, f'<p class="qa-note">{escaped(held.texts.removed)}</p>', *documents_shown(bot, shared, held)]

    def read_again(held: Session | None) -> list[Any]:
        held = held or Session()
        report = shown_errors(shared.read_again, held.texts) if shared else None
        told = (
            ""
            if report is None
            else held.texts.was_read.format(added=report.added, removed=report.removed, unchanged=report.unchanged)
        )
        return [held, f'<p class="qa-note" role="status">{escaped(told)}</p>', *documents_shown(bot, shared, held)]

    def chosen(value: Any, held: Session | None) -> Session:
        held = held or Session()
        held.scope = value if value in {code for _, code in scopes(bot, held)} else "all"
        return held

    upload.upload(
        added, [upload, session], [session, upload, status, *shown], api_visibility="private", show_progress_on=status
    )
    remove.click(removed, [own, session], [session, status, *shown], **PRIVATE)
    again.click(read_again, session, [session, status, *shown], api_visibility="private", show_progress_on=status)
    scope.input(chosen, [scope, session], session, **PRIVATE)
    return shown


def kept(shared: SharedFolder | None, held: Session) -> SharedFolder | Uploads | None:
    """Where uploads of this session are kept; None before its first."""
    return shared if shared is not None and shared.uploads else held.uploads


def taken(bot: Assistant, shared: SharedFolder | None, held: Session, files: Sequence[str], report: Any) -> str:
    """Read uploaded files into the session, or among the shared ones; what became of each, as HTML. The files themselves are deleted."""
    paths = [Path(name) for name in files]
    try:
        if (holder := kept(shared, held)) is None:
            holder = held.uploads = Uploads(bot)
        outcomes = holder.add(paths, report)
    except QAError as error:
        outcomes = [Outcome("", 0, str(error))]
    finally:
        for path in paths:
            with suppress(OSError):
                path.unlink()
    return outcomes_html(outcomes, held.texts)


def documents_shown(bot: Assistant, shared: SharedFolder | None, held: Session) -> list[Any]:
    """Values for the components of the tab."""
    import gradio as gr

    holder, choices = kept(shared, held), scopes(bot, held)
    names = [info.source for info in holder.documents()] if holder else []
    if held.scope not in {code for _, code in choices}:
        held.scope = "all"
    return [
        tables_html(bot, shared, held),
        gr.update(choices=[(printable(name), name) for name in names], value=[], visible=bool(names)),
        gr.update(visible=bool(names)),
        gr.update(choices=choices, value=held.scope, visible=len(choices) > 1),
        upload_note(shared, held.texts),
    ]


def scopes(bot: Assistant, held: Session) -> list[tuple[str, str]]:
    """What can be asked in, as choices: the session's own documents, the shared ones, each of their folders."""
    texts = held.texts
    choices = [(texts.scope_all, "all")]
    if held.uploads and held.uploads.documents():
        choices += [(texts.scope_shared, "shared"), (texts.scope_mine, "mine")]
    return choices + [(f"{printable(name)}/", f"{FOLDER}{name}") for name in listing(bot).folders]


def upload_note(shared: SharedFolder | None, texts: Texts) -> str:
    """What can be uploaded, its limits, and who sees it."""
    size, most = limits()
    told = texts.upload_note_shared if shared is not None and shared.uploads else texts.upload_note
    told = told.format(formats=" ".join(s[1:] for s in formats()), size=size // 1_000_000, most=most)
    return f"<p>{escaped(told)}</p>"


def outcomes_html(outcomes: Sequence[Outcome], texts: Texts) -> str:
    """One line a file."""
    lines = []
    for outcome in outcomes:
        if outcome.problem:
            lines.append(f'<li class="qa-problem">✗ {escaped(said(outcome.problem, texts))}</li>')
        else:
            lines.append(f"<li>✓ {escaped(texts.added)}: <bdi>{escaped(outcome.name)}</bdi></li>")
    return f'<ul class="qa-outcomes" role="status">{"".join(lines)}</ul>'


def tables_html(bot: Assistant, shared: SharedFolder | None, held: Session) -> str:
    """The session's own documents, then the shared ones with the files that could not be read."""
    texts = held.texts
    parts = []
    if held.uploads and (own := held.uploads.documents()):
        parts.append(_table(texts.own, own, len(own), {}, texts, mine=True))
    there = listing(bot)
    parts.append(
        _table(texts.documents, there.documents, there.document_count, bot.store.problems(), texts, mine=False)
    )
    return "".join(parts)


def _table(
    title: str, documents: Sequence[DocumentInfo], count: int, problems: dict[str, str], texts: Texts, *, mine: bool
) -> str:
    """The first MOST_LISTED of ``count`` documents, and what could not be read."""
    heads = "".join(
        f'<th scope="col">{escaped(name)}</th>'
        for name in (texts.document, texts.size, texts.passages, texts.date, texts.state)
    )
    rows = []
    for info in documents[:MOST_LISTED]:
        name = pressed(info.source, {"open": {"doc": info.source, "p": 1, "mine": mine}})
        size = texts.characters.format(count=f"{info.characters:,}")
        state = "<br>".join(escaped(warning) for warning in info.warnings) or escaped(texts.readable)
        rows.append(
            f"<tr><td>{name}</td><td>{escaped(size)}</td><td>{info.passages:,}</td>"
            f"<td>{escaped(info.date or '–')}</td><td>{state}</td></tr>"
        )
    for source, problem in list(problems.items())[:MOST_LISTED]:
        rows.append(
            f"<tr><td><bdi>{escaped(source)}</bdi></td><td>–</td><td>0</td><td>–</td>"
            f'<td class="qa-problem">{escaped(texts.unreadable)}: {escaped(said(problem, texts))}</td></tr>'
        )
    more = count - MOST_LISTED
    rest = f'<p class="qa-note">+ {more:,}</p>' if more > 0 else ""
    return (
        f'<h2>{escaped(title)}</h2><div class="qa-scroll" tabindex="0"><table class="qa-table"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>{rest}"
    )
