"""One stage of sizes.py in a process of its own: ``size_worker.py STAGE OUT.json ARGUMENTS...``; what it saw goes to OUT."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from peer_worker import peak_bytes

BLOCK = 50_000  # vectors held at once where all are looked at
NEAREST = 10
PROBES = 300  # queries that recall is measured with


def resident(pid: str = "self") -> int:
    """Resident bytes of a process now; 0 where there is no /proc."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def build(docs: str, store: str) -> dict[str, Any]:
    """Files to an open assistant, all stages."""
    import qa

    highest = [0]
    ended = threading.Event()

    def watch() -> None:  # whatever helps to build has memory too; shared pages are counted twice
        while not ended.wait(0.5):
            highest[0] = max(highest[0], sum(map(resident, family())))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    began, cpu = time.perf_counter(), time.process_time()
    bot = qa.open(docs, store=store)
    spent, worked = time.perf_counter() - began, time.process_time() - cpu
    ended.set()
    watcher.join()
    return {
        "build_s": spent,
        "build_cpu_s": worked,
        "written_s": bot.report.seconds if bot.report else spent,
        "peak_bytes": max(peak_bytes(), highest[0]),
        "documents": bot.document_count,
        "passages": bot.passage_count,
    }


def family() -> list[str]:
    """This process and its children, as /proc names them."""
    found = ["self"]
    for folder in Path("/proc/self/task").glob("*/children"):
        try:
            found += folder.read_text().split()
        except OSError:
            continue
    return found


def timed(call: Callable[[Any], Any], arguments: Iterable[Any]) -> dict[str, float]:
    """p50, p95 in wall and in processor milliseconds."""
    wall, cpu = [], []
    for argument in arguments:
        began, worked = time.perf_counter(), time.process_time()
        call(argument)
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - worked))
    return {
        "p50_ms": float(np.percentile(wall, 50)),
        "p95_ms": float(np.percentile(wall, 95)),
        "p50_cpu_ms": float(np.percentile(cpu, 50)),
        "p95_cpu_ms": float(np.percentile(cpu, 95)),
    }


def serve(docs: str, store: str, questions: str) -> dict[str, Any]:
    """Ask, as a server would; then what is resident."""
    import qa

    asked = json.loads(Path(questions).read_text(encoding="utf-8"))
    bot = qa.open(docs, store=store)
    for question in asked[:20]:
        bot.ask(question)
    found = timed(lambda question: bot.retrieve(question), asked)
    answered = timed(lambda question: bot.ask(question), asked)
    began = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(bot.retrieve, asked))
    rate = len(asked) / (time.perf_counter() - began)
    return {
        **found,
        **{f"answer_{name}": value for name, value in answered.items()},
        "queries_a_second_two_threads": rate,
        "resident_bytes": resident(),
    }


def exact(queries: np.ndarray, blocks: Any) -> np.ndarray:
    """Ids of the nearest of all vectors, (q, NEAREST); ``blocks`` yields (ids, vectors)."""
    best_ids = np.full((len(queries), 0), -1, dtype=np.int64)
    best = np.full((len(queries), 0), -np.inf, dtype=np.float32)
    for ids, vectors in blocks:
        scores = queries @ vectors.T
        top = _top(scores)
        scores = np.hstack([best, np.take_along_axis(scores, top, 1)])
        names = np.hstack([best_ids, ids[top]])
        top = _top(scores)
        best, best_ids = np.take_along_axis(scores, top, 1), np.take_along_axis(names, top, 1)
    return best_ids


def _top(scores: np.ndarray) -> np.ndarray:
    return np.argpartition(-scores, min(NEAREST, scores.shape[1]) - 1, axis=1)[:, :NEAREST]


def shared(found: Sequence[Sequence[int]], right: np.ndarray) -> float:
    """Mean share of the exact nearest that were found."""
    return float(np.mean([len(set(a) & set(b.tolist())) / NEAREST for a, b in zip(found, right, strict=True)]))


def recall(store: str, questions: str) -> dict[str, Any]:
    """What the store's vector index finds of the exact nearest NEAREST, for questions."""
    from index.derived import open_searchable
    from index.encoder import load_encoder
    from index.store import Store

    asked = json.loads(Path(questions).read_text(encoding="utf-8"))[:PROBES]
    queries = load_encoder().encode(asked, role="query")
    opened = Store.open(Path(store))
    ids = opened.chunk_ids()

    def blocks() -> Any:
        for begin in range(0, len(ids), BLOCK):
            part = ids[begin : begin + BLOCK]
            yield part, opened.rows(part).vectors()

    right = exact(queries, blocks())
    searchable = open_searchable(opened)
    found = [[name for name, _ in searchable.nearest(query, NEAREST)] for query in queries]
    kinds = sorted({part.vectors.kind for part in searchable.parts})
    return {"recall": shared(found, right), "kind": "+".join(kinds), "vectors": len(ids)}


if __name__ == "__main__":
    import size_synthetic

    stages: dict[str, Callable[..., dict[str, Any]]] = {
        "build": build,
        "serve": serve,
        "recall": recall,
        "vectors": size_synthetic.vectors,
        "words": size_synthetic.words,
    }
    Path(sys.argv[2]).write_text(json.dumps(stages[sys.argv[1]](*sys.argv[3:])), encoding="utf-8")
