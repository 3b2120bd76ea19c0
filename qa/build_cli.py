"""``qa build``: a folder's index, or a collection in Milvus, brought up to date.

Parsing is light: what builds is imported by the command that needs it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from index.records import UsageError
from qa.terminal import Bar

if TYPE_CHECKING:
    from index.build import BuildReport
    from index.milvus_address import Address
    from qa.assistant import Assistant


class OpenBot(Protocol):
    """The caller's way of opening an assistant."""

    def __call__(self, arguments: argparse.Namespace, **options: Any) -> Assistant: ...


def add_arguments(commands: Any, add_documents: Callable[[argparse.ArgumentParser], None]) -> argparse.ArgumentParser:
    """Add ``build`` to what ``ArgumentParser.add_subparsers`` returned."""
    build: argparse.ArgumentParser = commands.add_parser(
        "build", help="bring the index up to date", description="Read what is new or changed."
    )
    build.add_argument("--rebuild", action="store_true", help="forget the index and read every document again")
    build.add_argument("--watch", action="store_true", help="go on: follow the folder until Ctrl+C")
    build.add_argument("--part", metavar="I/N", help="read only this share of the files: of N builders of a collection")
    add_documents(build)
    return build


def run(arguments: argparse.Namespace, open_bot: OpenBot) -> int:
    """Carry out ``build``; the exit code. Raises QAError; the caller prints its one line."""
    from qa.cluster import address_named

    address = address_named(arguments.store)
    if arguments.part and (address is None or arguments.watch):
        raise UsageError("--part: only for a collection, --store milvus://host:19530/name, and not with --watch")
    if address is not None:
        _build_collection(arguments, address)
        if not arguments.watch:
            return 0
        bot = open_bot(arguments)
    else:
        bot = open_bot(arguments, rebuild=arguments.rebuild)
        if bot.report is not None:
            _print(bot.report, bot.document_count, bot.passage_count, str(bot.store.folder))
    if arguments.watch:
        from qa.following import follow
        from qa.locations import folder_named

        follow(bot, folder_named(arguments.docs))
    return 0


def _build_collection(arguments: argparse.Namespace, address: Address) -> None:
    from index.encoder import load_encoder
    from index.milvus_build import Share
    from index.milvus_client import Cluster
    from index.segmenter import bundled_segmenter
    from qa.cluster import build

    share = Share.parse(arguments.part) if arguments.part else None
    encoder, segmenter = load_encoder(arguments.encoder), bundled_segmenter()
    cluster = Cluster(address)
    try:
        with Bar() as bar:
            built = build(
                cluster, arguments.docs, encoder, segmenter, progress=bar, rebuild=arguments.rebuild, share=share
            )
    finally:
        cluster.close()
    _print(built.report, built.documents, built.passages, str(address))
    if built.waiting:
        print(f"{built.waiting} more part(s) to be built before generation {built.generation} is asked")


def _print(report: BuildReport, documents: int, passages: int, place: str) -> None:
    print(
        f"{documents} documents, {passages} passages in {place}\n"
        f"read {report.added}, renamed {report.renamed}, removed {report.removed}, unchanged {report.unchanged}; "
        f"{report.encoded} of {report.passages} passages encoded in {report.seconds:.1f} s"
    )
    for problem in report.problems.values():
        print(f"not read: {problem}", file=sys.stderr)
