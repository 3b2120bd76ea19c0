"""Contrastive training of one vector a token (sum of a text's rows, normalised; cosine).

A batch touches a third of the rows, so gradients are written out for those rows alone, as products of a sparse
matrix of token counts, and each row has one learning rate of its own (Adagrad, Duchi et al. 2011, one sum a row):
a step of 1,024 pairs takes a quarter of a second on one core.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.training.bags import Ids
from index.training.batches import Batch, Sampler

T = TypeVar("T")
Rows = NDArray[np.float32]

SAVE_EVERY = 50  # steps between checkpoints: a quarter of a minute to two of work
MASKED = -1e4  # logit of a passage that is left out


@dataclass(frozen=True, slots=True)
class Schedule:
    """The settings of one training run."""

    dimension: int = 752
    steps: int = 600
    batch: int = 1_024
    rate: float = 0.12
    """Highest learning rate, in units of a row's values at its first step; rises over the first 5 % of the
    steps, then falls to 0 in a line."""
    scale: float = 20.0
    """Cosine is multiplied by this before the softmax."""
    seed: int = 7


def train(
    rows: Rows,
    sampler: Sampler,
    schedule: Schedule,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
    checkpoint: Path | None = None,
) -> Rows:
    """Rows after training, (size, dimension).

    ``on_step`` is told each step and its loss. With ``checkpoint``, the state is kept in that file and a run
    of the same settings goes on from it; batches have a seed each, so the result is the same.
    """
    table: Rows = rows.copy()
    sums = np.zeros(len(rows), np.float32)  # of each row's mean squared gradients
    done = _restore(checkpoint, table, sums, schedule) if checkpoint and checkpoint.exists() else 0
    batches = sampler.batches(schedule.batch, schedule.steps, skip=done)
    for step, batch in enumerate(prefetch(batches), done + 1):
        loss, used, slope = gradient(table, batch, schedule.scale)
        sums[used] += np.einsum("ud,ud->u", slope, slope) / slope.shape[1]
        rate = schedule.rate * rise_and_fall((step - 1) / schedule.steps)
        table[used] -= slope * (rate / np.sqrt(np.maximum(sums[used], 1e-30)))[:, None]
        on_step(step, loss)
        if checkpoint and (step % SAVE_EVERY == 0 or step == schedule.steps):
            _keep(checkpoint, table, sums, schedule, step)
    return table


def gradient(table: Rows, batch: Batch, scale: float) -> tuple[float, Ids, Rows]:
    """The loss of a batch, the u rows that it uses, and its gradient at those rows, (u, dimension)."""
    from scipy import sparse

    used = np.unique(np.concatenate([batch.queries.ids, batch.passages.ids]))
    column = np.zeros(len(table), np.int32)
    column[used] = np.arange(len(used))
    counts = sparse.vstack(
        [
            sparse.csr_matrix(
                (np.ones(len(bags.ids), np.float32), column[bags.ids], bags.starts.copy()), (len(bags), len(used))
            )
            for bags in (batch.queries, batch.passages)
        ],
        format="csr",
    )
    counts.sum_duplicates()  # in place: the copies above keep the batch as it was
    vectors: Rows = counts @ table[used]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths = np.where(lengths > 0, lengths, 1)
    vectors /= lengths
    queries = len(batch.queries)
    loss, at_queries, at_passages = contrast(vectors[:queries], vectors[queries:], batch.same, scale)
    slope = np.concatenate([at_queries, at_passages])
    slope -= vectors * np.einsum("nd,nd->n", vectors, slope)[:, None]  # through the normalisation
    slope /= lengths
    return loss, used, counts.T.tocsr() @ slope


def contrast(queries: Rows, passages: Rows, same: NDArray[np.bool_], scale: float) -> tuple[float, Rows, Rows]:
    """Cross entropy of each query's passage among all, and of each passage's query (InfoNCE, both ways).

    Passages beyond the number n of queries are wrong answers for every query; ``same`` (n, m) is left out.

    Returns:
        The loss, and its gradient at the queries (n, d) and at the passages (m, d).
    """
    n = len(queries)
    gold = np.arange(n)
    logits = np.where(same, np.float32(MASKED), queries @ passages.T * np.float32(scale))  # (n, m)
    rows = np.exp(logits - logits.max(axis=1, keepdims=True))
    rows /= rows.sum(axis=1, keepdims=True)
    columns = np.exp(logits[:, :n] - logits[:, :n].max(axis=0))
    columns /= columns.sum(axis=0)
    loss = -float(np.log(np.maximum(rows[gold, gold] * columns[gold, gold], 1e-30)).mean()) / 2
    slope = rows
    slope[:, :n] += columns
    slope[gold, gold] -= 2
    slope *= np.float32(scale / (2 * n))
    return loss, slope @ passages, slope.T @ queries


def rise_and_fall(part: float) -> float:
    """Factor of the learning rate after ``part`` (0..1) of the steps."""
    return min((part + 0.001) / 0.05, (1 - part) / 0.95, 1.0)


def prefetch(items: Iterator[T], ahead: int = 3) -> Iterator[T]:
    """The same items, the next ones made in a second thread."""
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(next, items, None) for _ in range(ahead)]
        while waiting:
            item = waiting.pop(0).result()
            if item is None:
                return
            waiting.append(pool.submit(next, items, None))
            yield item


def _keep(path: Path, table: Rows, sums: Rows, schedule: Schedule, step: int) -> None:
    from safetensors.numpy import save_file

    fresh = path.with_suffix(".new")
    save_file({"table": table, "sums": sums}, fresh, metadata={"step": str(step), "schedule": str(asdict(schedule))})
    fresh.replace(path)


def _restore(path: Path, table: Rows, sums: Rows, schedule: Schedule) -> int:
    """Load a checkpoint of the same schedule; 0 (and nothing loaded) where it is of another."""
    from safetensors import safe_open

    with safe_open(path, "numpy") as file:
        metadata = file.metadata()
        if metadata["schedule"] != str(asdict(schedule)) or file.get_slice("table").get_shape() != list(table.shape):
            return 0
        table[:] = file.get_tensor("table")
        sums[:] = file.get_tensor("sums")
    return int(metadata["step"])
