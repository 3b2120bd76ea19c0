"""Learn the weights of the re-scorer (``qa.rescorer``) from questions whose candidates are known to answer or not.

A softmax over a question's candidates, maximising the log of the probability mass on passages that answer (Cao et al.
2007, listwise). Several networks that differ by chance are averaged; side by side they are one wide network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.rerank import FEATURES
from qa.rescorer import Network, relative

if TYPE_CHECKING:
    import torch

HIDDEN = 32
NETWORKS = 3
ROUNDS = 150  # times that all questions are gone through
BATCH = 512  # questions a step
RATE = 5e-3  # falls to 0 in a line
DECAY = 3e-3


@dataclass(frozen=True, slots=True)
class Case:
    """One question's candidates."""

    features: np.ndarray
    """(n, F)"""
    answers: np.ndarray
    """(n,) True where the passage answers."""
    weight: float
    across: bool


def fit_rescorer(cases: Sequence[Case], rounds: int = ROUNDS) -> dict[str, Any]:
    """The weights of one :class:`qa.rescorer.Network`; the same cases give the same."""
    tables = [relative(case.features).astype(np.float32) for case in cases]
    every = np.concatenate(tables)
    mean, spread = every.mean(axis=0), every.std(axis=0) + 1e-6
    each = [_fitted([(t - mean) / spread for t in tables], cases, seed, rounds) for seed in range(NETWORKS)]
    linear, hidden, bias, out = (list(column) for column in zip(*each, strict=True))
    return {
        "inputs": list(FEATURES),
        "mean": mean,
        "spread": spread,
        "linear": np.mean(linear, axis=0),
        "hidden": np.concatenate(hidden, axis=1),
        "bias": np.concatenate(bias),
        "out": np.concatenate(out) / NETWORKS,
    }


def _fitted(tables: Sequence[np.ndarray], cases: Sequence[Case], seed: int, rounds: int) -> list[np.ndarray]:
    """``linear``, ``hidden``, ``bias`` and ``out`` of one network."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    given, answers, there = _padded(tables, cases)
    weights = torch.tensor([case.weight for case in cases], dtype=torch.float32)
    straight = torch.nn.Linear(given.shape[2], 1, bias=False)
    inner, outer = torch.nn.Linear(given.shape[2], HIDDEN), torch.nn.Linear(HIDDEN, 1, bias=False)
    parameters = [*straight.parameters(), *inner.parameters(), *outer.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=RATE, weight_decay=DECAY)
    steps = rounds * -(-len(cases) // BATCH)
    falling = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(0.0, 1 - step / steps))
    for _ in range(rounds):
        for batch in torch.split(torch.randperm(len(cases)), BATCH):
            x = given[batch]
            scores = (straight(x) + outer(torch.tanh(inner(x)))).squeeze(-1).masked_fill(~there[batch], -1e9)
            mass = scores.masked_fill(~answers[batch], -1e9).logsumexp(1) - scores.logsumexp(1)
            loss = -(weights[batch] * mass).sum() / weights[batch].sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            falling.step()
    found = (straight.weight[0], inner.weight.T, inner.bias, outer.weight[0])
    return [tensor.detach().numpy().copy() for tensor in found]


def _padded(tables: Sequence[np.ndarray], cases: Sequence[Case]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(q, most, 2F) measurements; (q, most) True where a candidate answers, and where there is one."""
    import torch

    most, width = max(map(len, tables)), tables[0].shape[1]
    given = torch.zeros(len(tables), most, width)
    answers, there = torch.zeros(len(tables), most, dtype=torch.bool), torch.zeros(len(tables), most, dtype=torch.bool)
    for row, (table, case) in enumerate(zip(tables, cases, strict=True)):
        given[row, : len(table)] = torch.from_numpy(table)
        answers[row, : len(table)] = torch.from_numpy(case.answers)
        there[row, : len(table)] = True
    return given, answers, there


def accuracy(cases: Sequence[Case], weights: dict[str, Any]) -> float:
    """Share of cases whose best passage answers."""
    network = Network(weights)
    return float(np.mean([case.answers[int(network.score(case.features).argmax())] for case in cases]))
