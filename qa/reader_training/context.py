"""The networks of ``qa.reader_context`` in torch, and how they learn to guess words in government news and Wikipedia passages."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from qa.reader_context import DILATIONS, DIRECTIONS, LONGER, known
from qa.reader_training.keeping import Weights, file_for, kept_or, side_by_side
from qa.reader_weights import Cutter
from qa.reader_words import WordTable

NEWS_CHARACTERS, LONGEST_ITEM = 75_000_000, 3_000  # of thaigov
BETWEEN = 6  # empty words between two texts


@dataclass(frozen=True, slots=True)
class Guessing:
    """How the networks are shaped and taught (chosen by the reader's answers on iapp valid and our own held out)."""

    width: int = 96
    dimensions: int = 64
    """In which guessed words are told apart."""
    length: int = 128
    """Words in a row."""
    batch: int = 32
    steps: int = 4_500
    rate: float = 2e-3
    last: float = 0.03
    """Share of the rate that is left at the end."""
    warm_up: int = 200
    others: int = 1_500
    """Words drawn at each step that do not follow, by their frequency to the power .75 (Mikolov et al. 2013)."""
    passages_times: int = 4
    """So often are the passages read beside the news: they are of the kind that is asked about."""
    seed: int = 0


class Way(nn.Module):
    """One direction; its parameters carry the names that ``Context`` reads."""

    def __init__(self, rows: Tensor, often: Tensor, plan: Guessing) -> None:
        super().__init__()
        self.rows: Tensor
        self.register_buffer("rows", rows * LONGER, persistent=False)
        self.inp = nn.Linear(rows.shape[1], plan.width)
        self.convs = nn.ModuleList([nn.Linear(3 * plan.width, 2 * plan.width) for _ in DILATIONS])
        self.guess = nn.Linear(plan.width, plan.dimensions)
        self.guessed = nn.Parameter(rows[:, : plan.dimensions] * 2)
        self.often = nn.Parameter(torch.log(often + 1) - torch.log(often.sum() + 1))

    def forward(self, ids: Tensor) -> Tensor:
        """(b, t, width) states of words (b, t)."""
        z = torch.relu(self.inp(self.rows[ids]))
        t = ids.shape[1]
        for layer, apart in zip(self.convs, DILATIONS, strict=True):
            before = nn.functional.pad(z, (0, 0, 2 * apart, 0))
            up, gate = layer(torch.cat([before[:, :t], before[:, apart : apart + t], z], -1)).chunk(2, -1)
            z = (z + up * torch.sigmoid(gate)) * 0.7071
        return z

    def loss(self, ids: Tensor, others: np.ndarray) -> Tensor:
        """Of the word behind each, among all that occur in ``ids`` (b, t) and ``others``."""
        following = ids[:, 1:].reshape(-1)
        kept = torch.nonzero(following).squeeze(1)
        states = self(ids[:, :-1]).flatten(0, 1)[kept]
        right = following[kept].numpy()
        among, place = np.unique(np.concatenate([right, others]), return_inverse=True)
        choice = torch.from_numpy(among)
        scores = self.guess(states) @ self.guessed[choice].T + self.often[choice]
        return nn.functional.cross_entropy(scores, torch.from_numpy(place[: len(right)]))


def trained(
    data: Path, passages: Sequence[str], cutter: Cutter, words: WordTable, kept: Path | None, threads: int
) -> Weights:
    """``context.`` arrays of both directions, as ``Context`` takes them.

    Args:
        data: folder with thaigov/.
        passages: texts of the kind that is asked about.
        kept: folder that a finished direction is written to and taken from; nothing is kept where None.
        threads: directions that learn at once; each takes one processor core.
    """
    plan = Guessing()
    files = {way: file_for(kept, f"context-{way}", plan) for way in DIRECTIONS}
    news, rest = np.zeros(0, np.int32), np.zeros(0, np.int32)
    if not all(file and file.is_file() for file in files.values()):
        news, rest = stream(_news(data), cutter), stream(dict.fromkeys(passages), cutter)
        print(f"{len(news)} words of news, {len(rest)} of passages to guess", flush=True)
    rows = known(np.arange(len(words)), words)
    each = side_by_side(partial(_one, files, rows, news, rest, plan), DIRECTIONS, threads)
    needed = ("inp.", "convs.")
    return {
        f"context.{way}.{name}": value.astype(np.float16)
        for way, weights in zip(DIRECTIONS, each, strict=True)
        for name, value in weights.items()
        if name.startswith(needed)
    }


def _news(data: Path) -> Iterator[str]:
    total = 0
    with lzma.open(data / "thaigov" / "thaigov.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            text = json.loads(line)["text"][:LONGEST_ITEM]
            total += len(text)
            yield text
            if total > NEWS_CHARACTERS:
                return


def stream(texts: Iterable[str], cutter: Cutter) -> np.ndarray:
    """(n,) int32 words of all texts, with BETWEEN empty ones behind each."""
    parts = [np.asarray([*ids, *[0] * BETWEEN], dtype=np.int32) for ids in cutter.ids(list(texts))]
    return np.concatenate(parts) if parts else np.zeros(0, np.int32)


def _one(
    files: Mapping[str, Path | None],
    rows: np.ndarray,
    news: np.ndarray,
    passages: np.ndarray,
    plan: Guessing,
    way: str,
) -> Weights:
    return kept_or(files[way], lambda: taught(rows, news, passages, plan, way))


def taught(rows: np.ndarray, news: np.ndarray, passages: np.ndarray, plan: Guessing, way: str) -> Weights:
    """The weights of one direction.

    Args:
        rows: (V, e) the words' vectors, 0 where there is no word.
        news, passages: words in a row, 0 between texts.
        way: of DIRECTIONS.
    """
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    every = np.concatenate([news, *[passages] * plan.passages_times])
    runs = every[: len(every) // plan.length * plan.length].reshape(-1, plan.length)
    runs = runs if way == "forward" else runs[:, ::-1]
    often = np.bincount(np.concatenate([news, passages]), minlength=len(rows)).astype(np.float32)
    often[0] = 0
    drawn = np.cumsum(often.astype(np.float64) ** 0.75)
    net = Way(torch.from_numpy(rows), torch.from_numpy(often), plan)
    optimiser = torch.optim.Adam(net.parameters(), lr=plan.rate, betas=(0.9, 0.98))
    order, total = np.zeros(0, np.int64), 0.0
    for step in range(1, plan.steps + 1):
        if len(order) < plan.batch:
            order = rng.permutation(len(runs))
        batch, order = order[: plan.batch], order[plan.batch :]
        others = np.searchsorted(drawn, rng.random(plan.others) * drawn[-1], side="right")
        for settings in optimiser.param_groups:
            settings["lr"] = plan.rate * min(1.0, step / plan.warm_up) * max(plan.last, 1 - step / plan.steps)
        loss = net.loss(torch.from_numpy(runs[batch].astype(np.int64)), others)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        total += loss.item()
        if step % 500 == 0:
            print(f"{way}, step {step}: loss {total / 500:.3f}", flush=True)
            total = 0.0
    return {name: value.detach().numpy() for name, value in net.state_dict().items()}
