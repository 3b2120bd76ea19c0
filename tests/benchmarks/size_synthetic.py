"""Many passages for the vector index alone and the word index alone, made from real ones.

A synthetic passage is half of one real passage and half of another: word statistics and the lie of the vectors
stay near those of Thai prose, where random vectors would make any graph look bad. Queries are made alike, of pairs that are not
in the index.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from size_worker import BLOCK, NEAREST, PROBES, exact, shared, timed

QUERY_WORDS = 8  # distinct words of a query, as many as a question of the iapp set has


class Halves:
    """Passages of a store, recombined: number ``n`` is always the same, of any of them."""

    def __init__(self, store: str) -> None:
        from index.encoder import StaticEncoder
        from index.store import Store

        opened = Store.open(Path(store))
        self.encoder = StaticEncoder()
        self.tokens = [held.astype(np.int32) for _, held, _ in opened.tokens_and_vectors(opened.chunk_ids())]

    def passage(self, number: int) -> np.ndarray:
        """The words of one."""
        first, second = np.random.default_rng(number).integers(len(self.tokens), size=2)
        head, tail = self.tokens[first], self.tokens[second]
        return np.concatenate([head[: len(head) // 2], tail[len(tail) // 2 :]])

    def vectors(self, numbers: range) -> np.ndarray:
        """Their vectors, (n, d) float32."""
        return self.encoder.encode_ids([self.passage(number).tolist() for number in numbers])


def synthetic(store: str, size: str, channel: str) -> dict[str, Any]:
    """Build ``channel`` ("vectors" or "words") over ``size`` synthetic passages, and ask it."""
    halves, count = Halves(store), int(size)
    queries = range(count, count + PROBES)
    return (vectors if channel == "vectors" else words)(halves, count, queries)


def vectors(halves: Halves, count: int, queries: range) -> dict[str, Any]:
    """FAISS alone: building, size, speed, recall against exhaustive search."""
    from index.vectors import FaissVectors

    def blocks() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for begin in range(0, count, BLOCK):
            part = range(begin, min(begin + BLOCK, count))
            yield np.arange(part.start, part.stop), halves.vectors(part)

    everything = np.empty((count, halves.encoder.dimension), dtype=np.float32)
    for ids, part in blocks():
        everything[ids] = part
    asked = halves.vectors(queries)
    right = exact(
        asked, ((np.arange(b, min(b + BLOCK, count)), everything[b : b + BLOCK]) for b in range(0, count, BLOCK))
    )
    began, cpu = time.perf_counter(), time.process_time()
    index = FaissVectors.build(everything, np.arange(count, dtype=np.int64))
    spent, worked = time.perf_counter() - began, time.process_time() - cpu
    with tempfile.TemporaryDirectory() as folder:
        size = sum(path.stat().st_size for path in index.save(Path(folder)))
    found: list[list[int]] = []
    speed = timed(lambda place: found.append([n for n, _ in index.search(asked[int(place)], NEAREST)]), _places(asked))
    return {
        "build_s": spent,
        "build_cpu_s": worked,
        "bytes": size,
        "kind": index.kind,
        "recall": shared(found, right),
        **speed,
    }


def words(halves: Halves, count: int, queries: range) -> dict[str, Any]:
    """The word index alone: building, size, speed."""
    from index.words import TantivyWords

    rng = np.random.default_rng(7)
    asked = []
    for number in queries:
        distinct = np.unique(halves.passage(number))
        asked.append(dict.fromkeys(rng.choice(distinct, min(QUERY_WORDS, len(distinct)), replace=False).tolist(), 1.0))
    items = [(number, halves.passage(number)) for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        began, cpu = time.perf_counter(), time.process_time()
        index = TantivyWords.build(items, Path(folder))
        spent, worked = time.perf_counter() - began, time.process_time() - cpu
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        speed = timed(lambda place: index.search(asked[int(place)], 100), _places(asked))
        return {"build_s": spent, "build_cpu_s": worked, "bytes": size, **speed}


def _places(rows: Any) -> list[str]:
    return [str(place) for place in range(len(rows))]
