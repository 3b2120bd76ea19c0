"""Speed over a large store: ``python tests/benchmarks/scale.py --data FOLDER --store STORE [--questions 200] [--workers 2]``.

Prints the processor time beside the wall time (they differ on a busy machine), questions a second of so many processes and
of so many threads at once, what parts of the documents cost to ask, and the share of the ten nearest by exhaustive
comparison that the vector index finds for iapp valid's questions. Without ``--store`` the seeds are asked their own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np

import qa
from index.derived import open_searchable
from index.encoder import load_encoder
from index.segmenter import bundled_segmenter
from index.selection import Selection
from index.store import Store
from qa.assistant import Assistant
from qa.locations import seeds_folder
from qa.question_files import load_questions


def recall(store: Store, asked: np.ndarray) -> tuple[float, float]:
    """Share of the exact ten nearest rows of the store that are found for (q, d) unit vectors; milliseconds (median) a search."""
    vectors = open_searchable(store).parts[0].vectors
    exact: list[list[tuple[float, int]]] = [[] for _ in asked]
    for start in range(0, len(vectors.ids), 20_000):
        ids = vectors.ids[start : start + 20_000]
        cosines = asked @ store.rows(ids).vectors().T
        for number, row in enumerate(cosines):
            best = np.argpartition(-row, min(10, len(row) - 1))[:10]
            exact[number] = sorted([*exact[number], *((-float(row[i]), int(ids[i])) for i in best)])[:10]
    shared, spent = 0, []
    for query, nearest in zip(asked, exact, strict=True):
        began = time.thread_time()
        found = vectors.search(query, 100)
        spent.append(1000 * (time.thread_time() - began))
        shared += len({i for i, _ in found[:10]} & {i for _, i in nearest})
    return shared / (10 * len(asked)), float(np.median(spent))


def opened(place: Path | None) -> Assistant:
    """An assistant over a store, or over the seeds."""
    return qa.open() if place is None else Assistant(Store.open(place), load_encoder(), bundled_segmenter())


def shown(label: str, rows: Sequence[tuple[float, float]]) -> None:
    """p50 and p95 of (wall, processor) milliseconds."""
    for name, column in zip(("wall", "processor"), np.asarray(rows).T, strict=True):
        print(f"{label}, {name}: p50 {np.median(column):.1f} ms, p95 {np.percentile(column, 95):.1f} ms", flush=True)


def timed(work: Any, *given: Any) -> tuple[float, float]:
    """(wall, processor) milliseconds that a call takes."""
    wall, processor = time.perf_counter(), time.process_time()
    work(*given)
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - processor)


def warm(bot: Assistant, asked: Sequence[str]) -> float:
    """Ask until all rows of the vectors are in memory, as they are after some seconds; how many that took."""
    began = time.monotonic()
    for question in cycle(asked):
        bot.retrieve(question, 10)
        if all(part.vectors.at_hand for part in bot._retriever.searchable.parts):
            return time.monotonic() - began
    raise ValueError("no questions")


def worker(place: Path | None, asked: Sequence[str], ready: Any, spent: Any) -> None:
    """One of several processes: ask when all are ready, tell (start, end)."""
    bot = opened(place)
    warm(bot, asked)
    ready.wait()
    began = time.monotonic()
    for question in asked:
        bot.retrieve(question, 10)
    spent.put((began, time.monotonic()))


def together(place: Path | None, asked: Sequence[str], workers: int) -> float:
    """Questions a second of ``workers`` processes, each asking all of them."""
    context = multiprocessing.get_context("spawn")
    ready, spent = context.Barrier(workers), context.SimpleQueue()
    crowd = [context.Process(target=worker, args=(place, asked, ready, spent)) for _ in range(workers)]
    for process in crowd:
        process.start()
    spans = [spent.get() for _ in crowd]
    for process in crowd:
        process.join()
    return workers * len(asked) / (max(end for _, end in spans) - min(begin for begin, _ in spans))


def threads(bot: Assistant, asked: Sequence[str], workers: int) -> float:
    """The same of threads that share one assistant."""
    ready = Barrier(workers)

    def one(_: int) -> None:
        ready.wait()
        for question in asked:
            bot.retrieve(question, 10)

    with ThreadPoolExecutor(workers) as crowd:
        began = time.perf_counter()
        list(crowd.map(one, range(workers)))
    return workers * len(asked) / (time.perf_counter() - began)


def narrowed(bot: Assistant, asked: Sequence[str]) -> None:
    """What each channel costs of scattered parts of the passages."""
    index = open_searchable(bot.store)  # type: ignore[arg-type]
    ids = index.parts[0].vectors.ids
    questions = [bot._retriever.measure(question) for question in asked[:25]]
    for size in (10, 100, 1_000, 3_000, 10_000, 30_000, 100_000):
        if size < len(ids):
            among = Selection(np.sort(np.random.default_rng(size).choice(ids, size, replace=False)))
            weights = [bot._retriever._asked(question) for question in questions]
            shown(f"{size:,} scattered passages by words", [timed(index.by_words, w, 100, among) for w in weights])
            near = [timed(index.nearest, question.vector, 100, among) for question in questions]
            shown(f"{size:,} scattered passages by vectors", near)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure opening, queries and the vector index of a large store.")
    parser.add_argument("--data", type=Path, required=True, help="folder with iapp/")
    parser.add_argument("--store", type=Path, help="made by retrieval.py --pooled")
    parser.add_argument("--workers", type=int, default=0, help="processes, and threads, that ask at once")
    parser.add_argument("--narrowed", action="store_true", help="ask parts of the passages too")
    parser.add_argument("--questions", type=int, default=200)
    given = parser.parse_args()
    iapp = given.data / "iapp" / "iapp.valid.json.gz"
    rows = load_questions(seeds_folder() / "questions.jsonl" if given.store is None else iapp).questions
    asked = [row.question for row in rows]
    asked = [question for question in asked if any(char.isalnum() for char in question)][: given.questions]
    encoder = load_encoder()
    wall, processor = time.perf_counter(), time.process_time()
    bot = opened(given.store)
    bot.retrieve(asked[0], 10)
    spent = time.perf_counter() - wall, time.process_time() - processor
    print(f"opened to first answer: {spent[0]:.1f} s, {spent[1]:.1f} s of processor; {bot.passage_count:,} passages")
    shown("the first 50 queries", [timed(bot.retrieve, question, 10) for question in asked[:50]])
    print(f"all rows in memory after {warm(bot, asked):.1f} s more")
    shown("query", [timed(bot.retrieve, question, 10) for question in asked])
    if given.workers:
        print(f"{given.workers} processes: {together(given.store, asked, given.workers):.0f} questions a second")
        print(f"{given.workers} threads: {threads(bot, asked, given.workers):.0f} questions a second", flush=True)
    if given.narrowed:
        narrowed(bot, asked)
    share, spent_ms = recall(bot.store, encoder.encode(asked, role="query"))
    print(f"nearest vectors: recall@10 {share:.4f}, p50 {spent_ms:.1f} ms of processor")


if __name__ == "__main__":
    main()
