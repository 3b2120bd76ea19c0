"""Contrastive training of one vector a token (sum of a text's rows, normalised; cosine)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.training.bags import Bags
from index.training.batches import Sampler

if TYPE_CHECKING:
    import torch

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Schedule:
    """The settings of one training run."""

    dimension: int = 704
    steps: int = 1_000
    batch: int = 1_024
    rate: float = 0.005
    """Highest learning rate of Adam; rises over the first 5 % of the steps, then falls to 0 in a line."""
    scale: float = 20.0
    """Cosine is multiplied by this before the softmax."""
    seed: int = 7


def train(
    rows: NDArray[np.float32],
    sampler: Sampler,
    schedule: Schedule,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> NDArray[np.float32]:
    """Rows after training, (size, dimension); ``on_step`` is told each step and its loss."""
    import torch

    torch.manual_seed(schedule.seed)
    table = torch.from_numpy(rows.copy()).requires_grad_()  # (size, d)
    optimiser = torch.optim.Adam([table], lr=schedule.rate, betas=(0.9, 0.99), fused=True)
    shape = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _shape(step / schedule.steps))
    for step, batch in enumerate(prefetch(sampler.batches(schedule.batch, schedule.steps)), 1):
        queries, passages = _vectors(table, batch.queries), _vectors(table, batch.passages)
        loss = contrast(queries, passages, torch.from_numpy(batch.same), schedule.scale)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        shape.step()
        on_step(step, float(loss.detach()))
    trained: NDArray[np.float32] = table.detach().numpy()
    return trained


def contrast(queries: torch.Tensor, passages: torch.Tensor, same: torch.Tensor, scale: float) -> torch.Tensor:
    """Cross entropy of each query's passage among all, and of each passage's query (InfoNCE, both ways).

    Passages beyond the number of queries are wrong answers for every query; ``same`` (n, m) is left out.
    """
    import torch

    logits = (queries @ passages.T * scale).masked_fill(same, -1e4)  # (n, m)
    gold = torch.arange(len(logits))
    cross_entropy = torch.nn.functional.cross_entropy
    return (cross_entropy(logits, gold) + cross_entropy(logits[:, : len(logits)].T, gold)) / 2


def _vectors(table: torch.Tensor, bags: Bags) -> torch.Tensor:
    import torch

    ids, starts = torch.from_numpy(bags.ids), torch.from_numpy(bags.starts[:-1].astype(np.int32))
    summed = torch.nn.functional.embedding_bag(ids, table, starts, mode="sum")
    return torch.nn.functional.normalize(summed, dim=-1)


def _shape(part: float) -> float:
    return min(part / 0.05, (1 - part) / 0.95) if part < 1 else 0.0


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
