"""Speed over a large store: ``python tests/benchmarks/scale.py --data FOLDER --store STORE [--questions 200]``.

Prints the processor time beside the wall time (they differ on a busy machine), and the share of the ten nearest by
exhaustive comparison that the vector index finds for iapp valid's questions.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from index.derived import open_searchable
from index.encoder import load_encoder
from index.segmenter import bundled_segmenter
from index.store import Store
from qa.assistant import Assistant
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure opening, queries and the vector index of a large store.")
    parser.add_argument("--data", type=Path, required=True, help="folder with iapp/")
    parser.add_argument("--store", type=Path, required=True, help="made by retrieval.py --pooled")
    parser.add_argument("--questions", type=int, default=200)
    given = parser.parse_args()
    asked = [row.question for row in load_questions(given.data / "iapp" / "iapp.valid.json.gz").questions]
    asked = [question for question in asked if any(char.isalnum() for char in question)][: given.questions]
    encoder = load_encoder()
    wall, processor = time.perf_counter(), time.process_time()
    bot = Assistant(Store.open(given.store), encoder, bundled_segmenter())
    bot.retrieve(asked[0], 10)
    spent = time.perf_counter() - wall, time.process_time() - processor
    print(f"opened to first answer: {spent[0]:.1f} s, {spent[1]:.1f} s of processor; {bot.passage_count:,} passages")
    rows = []
    for question in asked:
        wall, processor = time.perf_counter(), time.process_time()
        bot.retrieve(question, 10)
        rows.append((1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - processor)))
    for name, column in zip(("wall", "processor"), np.asarray(rows).T, strict=True):
        print(f"query, {name}: p50 {np.median(column):.1f} ms, p95 {np.percentile(column, 95):.1f} ms")
    share, spent_ms = recall(bot.store, encoder.encode(asked, role="query"))
    print(f"nearest vectors: recall@10 {share:.4f}, p50 {spent_ms:.1f} ms of processor")


if __name__ == "__main__":
    main()
