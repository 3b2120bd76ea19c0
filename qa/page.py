"""The chat's page (Gradio): its components, the events between them, and the named endpoints beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from qa.documents_panel import PRIVATE, documents_panel, scope_choice
from qa.endpoints import add_endpoints
from qa.evaluation_panel import evaluation_panel
from qa.feedback import Feedback
from qa.handlers import OFFERED, Handlers
from qa.listing import listing
from qa.monitoring import Monitor
from qa.presenter import escaped, title_html
from qa.shared import SharedFolder
from qa.texts import Texts, texts_for
from qa.wording import Wording

if TYPE_CHECKING:
    import gradio as gr

    from qa.assistant import Assistant

# Answering keeps a core busy: two side by side pass the interpreter's lock to and fro and both take longer.
ONE_BY_ONE: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "ask"}


@dataclass(frozen=True, slots=True)
class Parts:
    """The components that events read or write."""

    session: Any
    told: Any
    """What the page's script has to say, or is to save."""
    open: Any
    judge: Any
    title: Any
    new: Any
    other: Any
    chat: Any
    ask: Any
    tries: list[Any]
    note: Any
    saves: dict[str, Any]
    documents: list[Any]
    viewer: Any


def build(
    bot: Assistant, *, mcp: bool = False, shared: SharedFolder | None = None, monitor: Monitor | None = None
) -> gr.Blocks:
    """The page and its named endpoints, not yet served."""
    import gradio as gr

    texts, wording, feedback = texts_for("th"), Wording(), Feedback(bot.store.folder)
    with gr.Blocks(title=texts.title, analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as app:
        parts = _layout(bot, shared, feedback, wording, texts)
        _wire(app, parts, Handlers(bot, shared, feedback, wording, monitor), wording)
        add_endpoints(bot, mcp, monitor)
    return app


def _layout(bot: Assistant, shared: SharedFolder | None, feedback: Feedback, wording: Wording, texts: Texts) -> Parts:
    import gradio as gr

    say = wording.say
    session = gr.State(None, delete_callback=lambda held: held.close() if held else None)
    told = gr.Textbox(visible="hidden", elem_id="qa-told")
    opener, judge = (gr.Button(visible="hidden", elem_id=name) for name in ("qa-open", "qa-judge"))
    small = {"size": "sm", "scale": 0, "min_width": 100}
    with gr.Row(equal_height=True, elem_id="qa-head"):
        there = listing(bot)
        title = gr.HTML(
            title_html(there.document_count, there.passage_count, texts), elem_classes="qa-title", padding=False
        )
        new = say(gr.Button(texts.new_chat, elem_id="qa-new", **small), value="new_chat")
        other = say(gr.Button(texts.other_language, elem_id="qa-language", **small), value="other_language")
    with gr.Row(elem_id="qa-body"):
        with gr.Column(scale=6, min_width=300):
            with say(gr.Tab(texts.tab_chat), label="tab_chat"):
                chat, scope, ask = _chat(wording), scope_choice(wording, texts), _ask(wording)
                with gr.Row(elem_id="qa-tries"):
                    tries = [gr.Button("", size="sm", visible=False, elem_classes="qa-try") for _ in range(OFFERED)]
                note = gr.Textbox(label=texts.note_label, visible=False, submit_btn=texts.note_send, elem_id="qa-note")
                say(note, label="note_label", submit_btn="note_send")
                saves = _saves(wording)
            with say(gr.Tab(texts.tab_documents, elem_id="qa-tab-documents"), label="tab_documents"):
                documents = documents_panel(bot, shared, session, scope, wording, texts)
            with say(gr.Tab(texts.tab_evaluate, elem_id="qa-tab-evaluate"), label="tab_evaluate"):
                evaluation_panel(bot, feedback, session, told, wording, texts)
        with gr.Column(scale=5, min_width=300, elem_id="qa-side"):
            viewer = gr.HTML("", elem_id="qa-viewer", padding=False)
    return Parts(session, told, opener, judge, title, new, other, chat, ask, tries, note, saves, documents, viewer)


def _wire(app: gr.Blocks, parts: Parts, on: Handlers, wording: Wording) -> None:
    """Hang the handlers on the components' events."""
    import gradio as gr

    session, told = parts.session, parts.told
    paint = [session, parts.chat, *parts.tries]
    speak = [told, parts.title, *paint, *parts.documents, *wording.components]
    for sent in (
        parts.ask.submit(on.send, [parts.ask, session], [parts.ask, *paint], **PRIVATE, **ONE_BY_ONE),
        *(
            offer.click(on.send, [offer, session], [parts.ask, *paint], **PRIVATE, **ONE_BY_ONE)
            for offer in parts.tries
        ),
    ):
        sent.then(None, js="() => window.qa.showLatest()", **PRIVATE)
    gr.on([parts.new.click, parts.chat.clear], on.begin, session, [parts.ask, *paint], **PRIVATE)

    from_page = {"inputs": [told, session], "js": "(told, held) => [window.qa.picked, held]", **PRIVATE}
    opened = parts.open.click(on.opened, outputs=parts.viewer, **from_page)
    opened.then(None, js="() => window.qa.showSource()", **PRIVATE)
    parts.judge.click(on.judge, outputs=[session, parts.chat, parts.note], **from_page)
    parts.note.submit(on.noted, [parts.note, session], parts.note, **PRIVATE)
    for kind, button in parts.saves.items():
        saved = button.click(partial(on.saved, kind=kind), session, told, **PRIVATE)
        saved.then(None, told, js="(told) => window.qa.save(told)", **PRIVATE)

    switched = parts.other.click(on.switched, session, speak, **PRIVATE)
    switched.then(None, told, js="(language) => window.qa.languageChanged(language, true)", **PRIVATE)
    arrival = "(told, held) => [window.qa.arrival(), held]"
    arrived = app.load(on.arrived, [told, session], [parts.viewer, *speak], js=arrival, **PRIVATE)
    arrived.then(None, told, js="(language) => window.qa.arrived(language)", **PRIVATE)


def _chat(wording: Wording) -> gr.Chatbot:
    import gradio as gr

    texts = texts_for("th")
    chat = gr.Chatbot(
        label=texts.chat_label,
        show_label=False,
        height="54vh",
        layout="bubble",
        buttons=[],
        latex_delimiters=[],
        feedback_options=None,
        autoscroll=False,  # a long answer is read from its top; chat.js scrolls there
        placeholder=escaped(texts.welcome),
        elem_id="qa-chat",
    )
    return wording.say(chat, label="chat_label", placeholder="welcome")


def _ask(wording: Wording) -> gr.Textbox:
    import gradio as gr

    texts = texts_for("th")
    ask = gr.Textbox(
        label=texts.ask_label,
        show_label=False,
        placeholder=texts.ask_placeholder,
        submit_btn=texts.send,
        lines=1,
        max_lines=4,
        autofocus=True,
        elem_id="qa-ask",
    )
    return wording.say(ask, label="ask_label", placeholder="ask_placeholder", submit_btn="send")


def _saves(wording: Wording) -> dict[str, gr.Button]:
    import gradio as gr

    texts = texts_for("th")
    with gr.Row(elem_id="qa-saves"):
        return {
            "md": wording.say(gr.Button(texts.save_markdown, size="sm", scale=0, min_width=150), value="save_markdown"),
            "html": wording.say(gr.Button(texts.save_html, size="sm", scale=0, min_width=150), value="save_html"),
        }
