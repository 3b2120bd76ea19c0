"""The tab of evaluation: a question set in, figures, plots and failures out; and the feedback as a question set."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from index.records import QAError
from qa.error_texts import said
from qa.feedback import Feedback
from qa.presenter import escaped
from qa.session import Session
from qa.texts import Texts
from qa.wording import Wording

if TYPE_CHECKING:
    from qa.assistant import Assistant


def evaluation_panel(
    bot: Assistant, feedback: Feedback, session: Any, told: Any, wording: Wording, texts: Texts
) -> None:
    """Lay the tab out and wire it; ``told`` is the box that the page's script reads files to save from."""
    import gradio as gr

    from qa.handlers import file_told

    private: dict[str, Any] = {"api_visibility": "private"}
    save_told = {"fn": None, "inputs": told, "js": "(told) => window.qa.save(told)", **private}
    note = wording.say(gr.Markdown(texts.evaluate_note), value="evaluate_note")
    chosen = gr.File(label=texts.question_set, file_count="single", type="filepath", height=130, elem_id="qa-questions")
    wording.say(chosen, label="question_set")
    run = wording.say(gr.Button(texts.evaluate, variant="primary", elem_id="qa-evaluate"), value="evaluate")
    result = gr.HTML("", elem_id="qa-report", padding=False)
    done = gr.State(None)
    with gr.Row():
        report = gr.Button(texts.save_report, size="sm", visible=False, elem_id="qa-save-report")
        rows = gr.Button(texts.save_rows, size="sm", visible=False, elem_id="qa-save-rows")
        kept = wording.say(gr.Button(texts.save_feedback, size="sm", elem_id="qa-feedback"), value="save_feedback")
    wording.say(report, value="save_report")
    wording.say(rows, value="save_rows")

    def evaluated(path: str | None, held: Session | None, progress: Any = None) -> list[Any]:
        held = held or Session()
        progress = gr.Progress() if progress is None else progress
        try:
            page, lines = measured(bot, path, lambda n, total: progress((n, total), desc=held.texts.evaluating))
        except QAError as error:
            shown = f'<p class="qa-problem" role="alert">{escaped(said(error, held.texts))}</p>'
            return [shown, None, gr.update(visible=False), gr.update(visible=False)]
        shown = f'<iframe class="qa-frame" sandbox srcdoc="{html.escape(page, quote=True)}"></iframe>'
        return [shown, (page, lines), gr.update(visible=True), gr.update(visible=True)]

    def exported(held: Session | None) -> str:
        text = feedback.export()
        if not text:
            gr.Info((held or Session()).texts.feedback_none)
        return file_told("feedback.jsonl", "application/jsonl", text) if text else ""

    run.click(
        evaluated,
        [chosen, session],
        [result, done, report, rows],
        show_progress_on=result,
        concurrency_limit=1,
        concurrency_id="evaluate",
        **private,
    )
    report.click(lambda made: file_told("report.html", "text/html", made[0]), done, told, **private).then(**save_told)
    rows.click(lambda made: file_told("rows.jsonl", "application/jsonl", made[1]), done, told, **private).then(
        **save_told
    )
    kept.click(exported, session, told, **private).then(**save_told)
    del note


def measured(bot: Assistant, path: str | None, progress: Any) -> tuple[str, str]:
    """The report as a page, and its rows as JSONL. Raises QAError as :func:`qa.evaluation.evaluate`."""
    from qa.evaluation import evaluate
    from qa.locations import seeds_folder
    from qa.question_files import load_questions
    from qa.report import report_page

    questions = load_questions(path or seeds_folder() / "questions.jsonl")
    report = evaluate(bot, questions, progress=progress)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in report.rows)
    return report_page(report), lines
