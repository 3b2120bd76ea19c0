"""Contrastive training of one vector a token (sum of a text's rows, normalised; cosine)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.training.batches import Batch, Sampler

if TYPE_CHECKING:
    import torch

T = TypeVar("T")
Rows = NDArray[np.float32]

SAVE_EVERY = 100  # steps between checkpoints: a minute or two of work


@dataclass(frozen=True, slots=True)
class Schedule:
    """The settings of one training run."""

    dimension: int = 752
    steps: int = 600
    batch: int = 1_024
    rate: float = 0.005
    """Highest learning rate of Adam; rises over the first 5 % of the steps, then falls to 0 in a line."""
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
    import torch

    torch.manual_seed(schedule.seed)
    table = torch.from_numpy(rows.copy()).requires_grad_()  # (size, d)
    optimiser = torch.optim.Adam([table], lr=schedule.rate, betas=(0.9, 0.99), fused=True)
    done = _restore(checkpoint, table, optimiser, schedule) if checkpoint and checkpoint.exists() else 0
    batches = sampler.batches(schedule.batch, schedule.steps, skip=done)
    for step, batch in enumerate(prefetch(batches), done + 1):
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate * rise_and_fall((step - 1) / schedule.steps)
        queries, passages = _vectors(table, batch)
        loss = contrast(queries, passages, torch.from_numpy(batch.same), schedule.scale)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        on_step(step, float(loss.detach()))
        if checkpoint and (step % SAVE_EVERY == 0 or step == schedule.steps):
            _keep(checkpoint, table, optimiser, schedule, step)
    trained: Rows = table.detach().numpy()
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


def rise_and_fall(part: float) -> float:
    """Factor of the learning rate after ``part`` (0..1) of the steps."""
    return min((part + 0.001) / 0.05, (1 - part) / 0.95, 1.0)


def _vectors(table: torch.Tensor, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Vectors of the queries (n, d) and of the passages (m, d), in one pass over the table."""
    import torch

    ids = torch.from_numpy(np.concatenate([batch.queries.ids, batch.passages.ids]))
    starts = np.concatenate([batch.queries.starts[:-1], batch.passages.starts[:-1] + len(batch.queries.ids)])
    summed = torch.nn.functional.embedding_bag(ids, table, torch.from_numpy(starts.astype(np.int32)), mode="sum")
    vectors = torch.nn.functional.normalize(summed, dim=-1)
    return vectors[: len(batch.queries)], vectors[len(batch.queries) :]


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


def _keep(path: Path, table: torch.Tensor, optimiser: torch.optim.Optimizer, schedule: Schedule, step: int) -> None:
    from safetensors.torch import save_file

    state = optimiser.state[table]
    tensors = {"table": table.detach(), "first": state["exp_avg"], "second": state["exp_avg_sq"]}
    fresh = path.with_suffix(".new")
    save_file(tensors, fresh, metadata={"step": str(step), "schedule": str(asdict(schedule))})
    fresh.replace(path)


def _restore(path: Path, table: torch.Tensor, optimiser: torch.optim.Optimizer, schedule: Schedule) -> int:
    """Load a checkpoint of the same schedule; 0 (and nothing loaded) where it is of another."""
    import torch
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        metadata = file.metadata()
        if metadata["schedule"] != str(asdict(schedule)) or file.get_slice("table").get_shape() != list(table.shape):
            return 0
        step = int(metadata["step"])
        table.data.copy_(file.get_tensor("table"))
        optimiser.state[table] = {
            "step": torch.tensor(float(step)),
            "exp_avg": file.get_tensor("first"),
            "exp_avg_sq": file.get_tensor("second"),
        }
    return step
