"""Does a collection in Milvus answer as the embedded store does? ``python tests/benchmarks/milvus.py --data FOLDER``.

The seeds and iapp test are built into both from the same files, and every question is asked of both. Without
``--store milvus://host:19530`` a milvus-lite is started, over TCP on loopback: the same protocol, another engine, so
the times say nothing of a cluster.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # else tests/qa is taken for qa

from milvus_server import served

import qa
from qa.assistant import Assistant
from qa.locations import seeds_folder
from qa.question_files import load_questions

ANSWERED = 170  # questions whose answers are compared too; the passages of all are
Places = list[tuple[str, int, int]]


def timed(bot: Assistant, questions: Sequence[str]) -> tuple[list[Places], str]:
    """The five best places for each question, and median and 95th percentile of the milliseconds."""
    found, spent = [], []
    for question in questions:
        began = time.perf_counter()
        hits = bot.retrieve(question, 5)
        spent.append(1000 * (time.perf_counter() - began))
        found.append([(hit.source, hit.start, hit.end) for hit in hits])
    return found, f"{np.median(spent):.0f}/{np.percentile(spent, 95):.0f}"


def compare(folder: Path, questions: Sequence[str], scratch: Path, server: str, name: str) -> None:
    """Print how often both agree, by mode."""
    address = f"{server}/bench_{name}"
    began = time.perf_counter()
    bot = qa.open(folder, store=address, rebuild=True)
    took = time.perf_counter() - began
    bot.store.close()
    print(f"\n{name}: {len(questions)} questions, {bot.passage_count} passages, built in {took:.1f} s")
    print("mode         same first  same five  same answer  Milvus ms p50/p95  embedded ms")
    for mode in ("hybrid", "no re-scorer", "words", "dense"):
        options: dict[str, Any] = {"rescore": False} if mode == "no re-scorer" else {"mode": mode}
        bots = [qa.open(store=address, **options), qa.open(folder, store=scratch / name, **options)]
        (ours, ms), (theirs, plain_ms) = (timed(bot, questions) for bot in bots)
        pairs = list(zip(ours, theirs, strict=True))
        first, five = np.mean([a[:1] == b[:1] for a, b in pairs]), np.mean([a == b for a, b in pairs])
        told = ""
        if mode == "hybrid":
            answers = ([bot.ask(question).text for question in questions[:ANSWERED]] for bot in bots)
            told = f"{np.mean([a == b for a, b in zip(*answers, strict=True)]):.4f}"
        print(f"{mode:12s} {first:10.4f} {five:10.4f} {told:>12s} {ms:>18s} {plain_ms:>12s}", flush=True)
        for bot in bots:
            bot.store.close()


def written(path: Path, folder: Path) -> list[str]:
    """The documents of a question set as files in ``folder``; its questions."""
    questions = load_questions(path)
    folder.mkdir()
    for number, document in enumerate(questions.documents or []):
        (folder / f"{number:05d}.txt").write_text(document.text, encoding="utf-8")
    return [question.question for question in questions.questions if any(map(str.isalnum, question.question))]


@contextmanager
def scratch_folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="qa-milvus-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with iapp/; the seeds alone without it")
    parser.add_argument(
        "--store", metavar="milvus://HOST:PORT", help="a server to use; collections bench_* are made there"
    )
    arguments = parser.parse_args()
    with scratch_folder() as scratch:
        server = nullcontext(arguments.store) if arguments.store else served(scratch / "lite")
        with server as address:
            seeds = [q.question for q in load_questions(seeds_folder() / "questions.jsonl").questions]
            compare(seeds_folder(), seeds, scratch, address, "seeds")
            if arguments.data:
                questions = written(arguments.data / "iapp" / "iapp.test.json.gz", scratch / "iapp")
                compare(scratch / "iapp", questions, scratch / "stores", address, "iapp")
                size = sum(path.stat().st_size for path in scratch.glob("lite/**/*") if path.is_file())
                print(f"\nmilvus-lite keeps {size / 1e6:.1f} MB on disk, both collections")


if __name__ == "__main__":
    main()
