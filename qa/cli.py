"""qa ask · build · chat · doctor · eval · questions · status: the command line.

The composition root: the only module that may import both qa and ui. Exit codes: 0 answered, 1 failure,
2 a request that cannot be carried out as put.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qa
from index.records import QAError, UsageError
from qa import build_cli, eval_cli
from qa.terminal import Bar, printed_answer, printed_hits, safe_output, visible

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.filters import Filter


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    safe_output()
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except UsageError as error:
        print(f"qa: {error}", file=sys.stderr)
        return 2
    except QAError as error:
        print(f"qa: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output has gone: nothing is wrong
        sys.stderr.close()
        return 0
    except OSError as error:  # a disk that fills up, a file that goes away meanwhile
        print(
            f"qa: {error.filename or ''}: {error.strerror or error}; check the disk, or name --store", file=sys.stderr
        )
        return 1
    except KeyboardInterrupt:
        print("qa: stopped; what was done is kept", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qa", description="Ask your Thai documents; every answer is quoted from them, with its place."
    )
    parser.add_argument("--version", action="version", version=f"qa {qa.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    ask = commands.add_parser("ask", help="answer one question", description="Answer one question from the documents.")
    ask.add_argument("question", help="what you want to know, in Thai or English")
    ask.add_argument("-k", type=_positive, default=5, metavar="N", help="how many passages to show at most (5)")
    ask.add_argument(
        "--history", action="append", default=[], metavar="QUESTION", help="an earlier question; repeatable"
    )
    ask.add_argument("--json", action="store_true", help="print the answer as JSON")
    ask.add_argument("--hits", action="store_true", help="list the passages found, without reading an answer")
    ask.add_argument("--explain", action="store_true", help="say of each passage why it stands where it does")
    _add_filters(ask)
    _add_answering(ask)
    ask.set_defaults(run=_ask)

    build = build_cli.add_arguments(commands, _add_documents)
    build.set_defaults(run=lambda arguments: build_cli.run(arguments, _open))

    chat = commands.add_parser("chat", help="open the chat in a browser", description="Serve the chat on this machine.")
    chat.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine only)")
    chat.add_argument("--port", type=int, default=7860, help="port to listen on (7860)")
    chat.add_argument(
        "--auth",
        metavar="USER:PASSWORD",
        help="ask for these to enter; a file that holds them, or QA_AUTH, keeps them unseen",
    )
    chat.add_argument("--root-path", default="", metavar="PATH", help="the path a reverse proxy serves the chat under")
    chat.add_argument("--shared-uploads", action="store_true", help="uploads go into the document folder, for everyone")
    chat.add_argument("--mcp", action="store_true", help="serve ask and retrieve as MCP tools too (extra mcp)")
    chat.add_argument("--metrics", action="store_true", help="tell figures at /metrics for Prometheus (extra metrics)")
    _add_answering(chat)
    chat.set_defaults(run=_chat)

    status = commands.add_parser(
        "status", help="what the index holds", description="List documents, and what could not be read."
    )
    status.add_argument("--json", action="store_true", help="print it as JSON")
    _add_documents(status)
    status.set_defaults(run=_status)

    doctor = commands.add_parser(
        "doctor",
        help="look what is wrong, and mend it",
        description="Look at everything an answer depends on; mend what can be mended, say what cannot and how to.",
    )
    doctor.add_argument("--json", action="store_true", help="print it as JSON")
    _add_documents(doctor)
    doctor.set_defaults(run=_doctor)

    for command in eval_cli.add_arguments(commands, _add_answering):
        command.set_defaults(run=_evaluate)
    return parser


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--within", action="append", default=[], metavar="PATH", help="a file or folder to answer from; repeatable"
    )
    parser.add_argument("--since", metavar="DAY", help="answer from documents of this day or later: 2024, 2024-05-31")
    parser.add_argument("--until", metavar="DAY", help="answer from documents of this day or earlier")
    parser.add_argument(
        "--metadata", action="append", default=[], metavar="FIELD=VALUE", help="a field documents have; repeatable"
    )


def _filter(arguments: argparse.Namespace) -> Filter:
    from qa.filters import Filter

    fields: dict[str, list[str]] = {}
    for given in arguments.metadata:
        name, parted, value = given.partition("=")
        if not (name and parted):
            raise UsageError(f"--metadata {given!r}: write it as field=value")
        fields.setdefault(name, []).append(value)  # a field named twice may be either
    return Filter(arguments.within, arguments.since, arguments.until, fields)


def _add_documents(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--docs", metavar="FOLDER", help="the folder of your documents (the seed document without it)")
    parser.add_argument(
        "--store",
        metavar="PLACE",
        help="where the index is kept (beside the documents without it): a folder, or milvus://host:19530/name",
    )
    parser.add_argument(
        "--encoder",
        metavar="NAME",
        help="a sentence-transformers model, by name or folder (the bundled one without it)",
    )
    parser.add_argument(
        "--min-confidence", type=_share, metavar="P", help="refuse to answer below this probability, 0 to 1"
    )


def _add_answering(parser: argparse.ArgumentParser) -> None:
    _add_documents(parser)
    parser.add_argument(
        "--reranker",
        metavar="NAME",
        help="a CrossEncoder of sentence-transformers, by name or folder (the built-in re-scorer without it)",
    )
    parser.add_argument(
        "--reader",
        metavar="NAME",
        help="an extractive question-answering model for transformers, by name or folder (the bundled reader without it)",
    )


def _positive(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 1000:
        raise argparse.ArgumentTypeError("a whole number from 1 to 1000")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("a number from 0 to 1")
    return value


def _open(arguments: argparse.Namespace, **options: Any) -> Assistant:
    if arguments.min_confidence is not None:
        options["min_confidence"] = arguments.min_confidence
    if not hasattr(arguments, "reranker"):  # a command that asks nothing needs none
        options["reranker"] = "builtin"
    elif arguments.reranker is not None:
        options["reranker"] = arguments.reranker
    if getattr(arguments, "reader", None):
        options["reader"] = arguments.reader
    with Bar() as bar:
        bot = qa.open(arguments.docs, encoder=arguments.encoder, store=arguments.store, progress=bar, **options)
    if bot.lexicon.problem:
        print(f"qa: {bot.lexicon.problem}", file=sys.stderr)
    return bot


def _ask(arguments: argparse.Namespace) -> int:
    from qa.assistant import clean

    clean(arguments.question)  # a question that cannot be asked is said before anything is built
    options: dict[str, Any] = {"filters": _filter(arguments), "explain": arguments.explain}
    bot = _open(arguments)
    if arguments.hits:
        hits = bot.retrieve(arguments.question, arguments.k, arguments.history, **options)
        print(printed_hits(hits))
        return 0
    answer = bot.ask(arguments.question, arguments.history, arguments.k, **options)
    print(json.dumps(answer.as_dict(), ensure_ascii=False, indent=1) if arguments.json else printed_answer(answer))
    return 0


def _status(arguments: argparse.Namespace) -> int:
    from qa.status import status, status_lines

    found = status(arguments.docs, arguments.encoder, arguments.store)
    print(json.dumps(found, ensure_ascii=False, indent=1) if arguments.json else "\n".join(status_lines(found)))
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from qa.doctor import as_dict, examine, printed

    found = []
    for finding in examine(arguments.docs, arguments.encoder, arguments.store):
        found.append(finding)
        if not arguments.json:
            print(visible(printed(finding)), flush=True)
    if arguments.json:
        print(json.dumps([as_dict(finding) for finding in found], ensure_ascii=False, indent=1))
    return int(any(finding.state == "fail" for finding in found))


def _evaluate(arguments: argparse.Namespace) -> int:
    return eval_cli.run(arguments, lambda folder=None, **options: _open(arguments, **options))


def _chat(arguments: argparse.Namespace) -> int:
    auth = _credentials(arguments.auth or os.environ.get("QA_AUTH"))
    bot = _open(arguments)
    import ui

    ui.serve(
        bot,
        host=arguments.host,
        port=arguments.port,
        root_path=arguments.root_path,
        auth=[auth] if auth else None,
        mcp=arguments.mcp,
        metrics=arguments.metrics,
        folder=Path(arguments.docs) if arguments.docs else None,
        shared_uploads=arguments.shared_uploads,
    )
    return 0


def _credentials(given: str | None) -> tuple[str, str] | None:
    """User and password, from ``user:password`` or a file that holds it. Raises UsageError for anything else."""
    if not given:
        return None
    if ":" not in given:
        try:
            given = Path(given).expanduser().read_text(encoding="utf-8").strip()
        except OSError as error:
            raise UsageError(f"--auth: neither user:password nor a file that can be read ({error.strerror})") from error
    user, found, password = given.partition(":")
    if not (user and found and password):
        raise UsageError("--auth: needs user:password, neither of them empty")
    return user, password


if __name__ == "__main__":
    sys.exit(main())
