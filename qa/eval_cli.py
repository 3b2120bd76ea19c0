"""``qa eval`` and ``qa questions draft``: the command line of evaluation.

``add_arguments`` puts both on a parser; ``run`` carries one out with the caller's way of opening an assistant.
Parsing is light: what measures is imported by the command that needs it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from index.milvus_address import is_address
from index.records import Document, UsageError

if TYPE_CHECKING:
    from qa.judging import Answerer

INTERRUPTED = 130  # the shell's own exit code for Ctrl-C


class OpenBot(Protocol):
    """The caller's way of opening an assistant; the seeds where neither folder nor documents are given."""

    def __call__(
        self,
        *,
        folder: str | None = None,
        documents: Sequence[Document] | None = None,
        mode: str = "hybrid",
        rescore: bool = True,
    ) -> Answerer: ...


def add_arguments(
    subparsers: Any, add_documents: Callable[[argparse.ArgumentParser], None] | None = None
) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """Add ``eval`` and ``questions draft`` to what ``ArgumentParser.add_subparsers`` returned.

    Args:
        add_documents: adds ``--docs`` and what else the caller's ``open_bot`` looks at; ``--docs`` alone
            where None.

    Returns:
        The parsers of the two commands, for the caller's defaults.
    """
    command = subparsers.add_parser(
        "eval",
        help="measure the answers with a question set",
        description="Measure the answers with a question set, and say what fails and why.",
    )
    command.add_argument(
        "questions",
        nargs="?",
        metavar="QUESTIONS",
        help="JSONL, SQuAD, CSV (each perhaps .gz) or a BEIR folder; the seeds' questions where left out",
    )
    (add_documents or _add_docs)(command)
    command.add_argument("--json", metavar="OUT", help="write every figure as JSON")
    command.add_argument("--rows", metavar="OUT", help="write one JSON line a question")
    command.add_argument("--report", metavar="OUT.html", help="write one page with plots and failures")
    command.add_argument("-k", type=int, metavar="N", help="how many ranks to keep a question (10, and no fewer)")
    channel = command.add_mutually_exclusive_group()
    channel.add_argument("--encoder-only", action="store_true", help="search by vectors alone")
    channel.add_argument("--words-only", action="store_true", help="search by words alone")
    command.add_argument("--no-rescore", action="store_true", help="do not look at the best candidates again")
    command.add_argument("--gold-passage", action="store_true", help="read answers from the right passage")
    command.add_argument("--compare", nargs=2, metavar=("A.json", "B.json"), help="compare two --json reports")

    questions = subparsers.add_parser("questions", help="make a question set", description="Make a question set.")
    actions = questions.add_subparsers(dest="action", required=True, metavar="draft")
    draft = actions.add_parser(
        "draft",
        help="write a first question set to edit",
        description="Write a first question set, from the documents, to edit.",
    )
    (add_documents or _add_docs)(draft)
    draft.add_argument("--out", metavar="FILE", required=True, help="the JSONL file to write; must not exist")
    draft.add_argument("--per-document", type=int, metavar="N", help="how many questions a document at most (6)")
    return command, draft


def _add_docs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--docs", metavar="FOLDER", help="the folder of your documents (the seeds without it)")


def run(args: argparse.Namespace, open_bot: OpenBot) -> int:
    """Carry out ``eval`` or ``questions draft``; the exit code.

    Raises:
        QAError: as the parts below raise it; the caller prints its one line.
    """
    from qa.questions import QuestionSetError

    if args.command == "questions":
        return _draft(args, open_bot)
    if args.compare:
        return _compare(args)
    try:
        return _eval(args, open_bot)
    except QuestionSetError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        raise UsageError(f"nothing was asked: mend what is named above ({len(error.problems)})") from error


def _compare(args: argparse.Namespace) -> int:
    from qa.compare import compare, load_report
    from qa.tables import comparison_text

    before, after = args.compare
    print(comparison_text(compare(load_report(before), load_report(after)), before, after))
    return 0


def _eval(args: argparse.Namespace, open_bot: OpenBot) -> int:
    from qa.evaluation import evaluate
    from qa.locations import seeds_folder
    from qa.metrics import DEPTH
    from qa.question_files import load_questions
    from qa.report import report_page
    from qa.tables import report_text
    from qa.terminal import Bar

    outputs = [path for path in (args.json, args.rows, args.report) if path]
    for path in outputs:
        if not Path(path).resolve().parent.is_dir():  # said before the questions are asked, not after
            raise UsageError(f"{path}: its folder does not exist; make it first")
    questions = load_questions(args.questions or seeds_folder() / "questions.jsonl")
    mode = "dense" if args.encoder_only else "words" if args.words_only else "hybrid"
    asked_of_its_own = args.docs is None and questions.documents and not is_address(_store_named(args))
    documents = questions.documents if asked_of_its_own else None
    bot = open_bot(folder=args.docs, documents=documents, mode=mode, rescore=not args.no_rescore)
    with Bar() as bar:
        report = evaluate(
            bot,
            questions,
            depth=DEPTH if args.k is None else args.k,
            gold_passage=args.gold_passage,
            progress=lambda done, total: bar("questions", done, total),
        )
    print(report_text(report))
    if args.json:
        _write(args.json, json.dumps(report.as_dict(), ensure_ascii=False, indent=2) + "\n")
    if args.rows:
        _write(args.rows, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in report.rows))
    if args.report:
        _write(args.report, report_page(report))
    for path in outputs:
        print(f"wrote {path}", file=sys.stderr)
    return INTERRUPTED if report.partial else 0


def _store_named(args: argparse.Namespace) -> str | None:
    return getattr(args, "store", None) or os.environ.get("QA_STORE")


def _draft(args: argparse.Namespace, open_bot: OpenBot) -> int:
    from qa.draft import PER_DOCUMENT, draft_questions, write_draft

    wanted = PER_DOCUMENT if args.per_document is None else args.per_document
    bot = open_bot(folder=args.docs)
    documents = (bot.document(info.source) for info in bot.documents())
    records = draft_questions((d for d in documents if d is not None), per_document=wanted)
    write_draft(records, args.out)
    print(f"wrote {len(records)} drafts to {args.out}: read each, mend or drop it, and take its draft mark off")
    return 0


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
