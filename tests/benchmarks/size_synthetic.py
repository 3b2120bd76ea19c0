"""Many passages for the vector index alone and the word index alone, made from real ones.

A synthetic passage is half of one real passage and half of another: word statistics and the lie of the vectors stay near
those of Thai prose, where random vectors would make any index look bad. They are asked with real questions.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from size_worker import BLOCK, NEAREST, PROBES, exact, shared, timed

FOUND = 100  # passages that the word index is asked for, as a retriever does


class Halves:
    """Passages of a store, recombined; passage ``number`` is always the same, whatever else is asked for."""

    def __init__(self, store: str) -> None:
        from index.store import Store

        opened = Store.open(Path(store))
        self.tokens = [held for _, held in opened.tokens(opened.chunk_ids())]

    def passage(self, number: int) -> np.ndarray:
        """The words of one, (n,) int32."""
        first, second = np.random.default_rng(number).integers(len(self.tokens), size=2)
        head, tail = self.tokens[first], self.tokens[second]
        return np.concatenate([head[: len(head) // 2], tail[len(tail) // 2 :]])


def vectors(store: str, size: str, questions: str) -> dict[str, Any]:
    """FAISS alone: building, size, speed, recall against exhaustive search."""
    from index.eight_bit import EightBit
    from index.encoder import StaticEncoder
    from index.vectors import FaissVectors

    halves, encoder, count = Halves(store), StaticEncoder(), int(size)
    everything = np.empty((count, encoder.dimension), dtype=np.float16)
    for begin in range(0, count, BLOCK):
        part = range(begin, min(begin + BLOCK, count))
        everything[part.start : part.stop] = encoder.encode_ids([halves.passage(number).tolist() for number in part])
    asked = encoder.encode(_questions(questions), role="query")
    places = range(0, count, BLOCK)
    right = exact(
        asked,
        ((np.arange(b, min(b + BLOCK, count)), everything[b : b + BLOCK].astype(np.float32)) for b in places),
    )
    began, cpu = time.perf_counter(), time.process_time()
    rows = EightBit.of(everything)
    built = FaissVectors.build(rows, np.arange(count, dtype=np.int64))
    spent, worked = time.perf_counter() - began, time.process_time() - cpu
    found: list[list[int]] = []
    with tempfile.TemporaryDirectory() as folder:
        occupied = rows.numbers.nbytes + sum(path.stat().st_size for path in built.save(Path(folder)))
        # As it is served: rows looked up by their ids.
        index = FaissVectors.load(Path(folder), lambda ids: EightBit(rows.numbers[ids], rows.factors[ids]))
        speed = timed(lambda n: found.append([name for name, _ in index.search(asked[n], NEAREST)]), range(len(asked)))
        kind = index.kind
    costs = {"passages": count, "build_s": spent, "build_cpu_s": worked, "bytes": occupied}
    return {**costs, "kind": kind, "recall": shared(found, right), **speed}


def words(store: str, size: str, questions: str) -> dict[str, Any]:
    """The word index alone: building, size, speed."""
    from index.segmenter import bundled_segmenter
    from index.words import TantivyWords

    halves, segmenter, count = Halves(store), bundled_segmenter(), int(size)
    raw = segmenter.raw_ids(_questions(questions))
    asked = [dict.fromkeys(segmenter.words_only(ids).tolist(), 1.0) for ids in raw]
    items = [(number, halves.passage(number)) for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        began, cpu = time.perf_counter(), time.process_time()
        index = TantivyWords.build(items, Path(folder))
        spent, worked = time.perf_counter() - began, time.process_time() - cpu
        occupied = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        speed = timed(lambda n: index.search(asked[n], FOUND), range(len(asked)))
    return {"passages": count, "build_s": spent, "build_cpu_s": worked, "bytes": occupied, **speed}


def _questions(path: str) -> Sequence[str]:
    asked: list[str] = json.loads(Path(path).read_text(encoding="utf-8"))
    return asked[:PROBES]
