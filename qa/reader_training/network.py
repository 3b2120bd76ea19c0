"""The network of ``qa.reader_network`` in torch, and its training: the chance of the gold span among all spans, and of none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from qa.reader import sentence_columns
from qa.reader_context import Context, around
from qa.reader_network import DILATIONS, LONGEST_SPAN, NONE, PAIRED
from qa.reader_training.cases import Case
from qa.reader_training.keeping import Weights


@dataclass(frozen=True, slots=True)
class Plan:
    """How the network is shaped and trained (chosen on iapp valid)."""

    sentences: int = 3
    """Best sentences of a passage that it sees."""
    word_dimensions: int = 64
    width: int = 72
    dropout: float = 0.42
    word_dropout: float = 0.3
    forget: float = 0.05
    """Share of a question's words that a step does not see."""
    blind: float = 0.15
    """Share of a passage's words whose vector a step does not see: measurements must do."""
    around: int = 32
    """Numbers that what stands around a word is narrowed to."""
    around_dropout: float = 0.5
    told: int = 2
    """The first so many networks are told what stands around; the others differ from them, and all together err less."""
    networks: int = 4
    quarters: int = 4
    """Each network leaves out every so many-th passage, another one each: they differ more, at less work."""
    epochs: int = 10
    batch: int = 32
    rate: float = 2e-3
    word_rate: float = 5e-4
    warm_up: int = 150
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What the network sees of one case: the words of the best sentences."""

    ids: np.ndarray
    words: np.ndarray
    columns: np.ndarray
    around: np.ndarray
    """(t, C) float16 what stands around each word."""
    owner: np.ndarray
    first: int
    """First word of the gold span, -1 where nothing here answers."""
    last: int


def seen(case: Case, odds: np.ndarray, sentences: int, context: Context) -> Seen | None:
    """None where the answer does not lie within one sentence; its sentence is always among those seen."""
    best = set(np.argsort(-odds, kind="stable")[:sentences].tolist())
    if case.answers:
        if case.first < 0 or case.text.owner[case.first] != case.text.owner[case.last]:
            return None
        best.add(int(case.text.owner[case.first]))
    kept = np.flatnonzero(np.isin(case.text.owner, list(best)))
    columns = np.concatenate([case.measured[kept], sentence_columns(odds)[case.text.owner[kept]]], axis=1)
    words = case.text.ids[kept]
    beside = around(case.text, context)[kept].astype(np.float16)
    first, last = -1, -1
    if case.answers:
        first, last = np.searchsorted(kept, [case.first, case.last]).tolist()
        last = min(last, first + LONGEST_SPAN - 1)
    return Seen(case.ids, words, columns.astype(np.float16), beside, case.text.owner[kept], first, last)


class Net(nn.Module):
    """Scores every span; its parameters carry the names that ``qa.reader_network`` reads."""

    def __init__(self, words: Tensor, features: int, around: int, plan: Plan) -> None:
        super().__init__()
        e, d = words.shape[1], plan.width
        self.emb = nn.Embedding.from_pretrained(words, freeze=False)  # type: ignore[no-untyped-call]
        self.qconv, self.qatt = nn.Linear(3 * e, d), nn.Linear(d, 1)
        self.al, self.fe = nn.Linear(e, 64), nn.Linear(features, d)
        self.cx = nn.Linear(around, plan.around)
        self.inp, self.inq = nn.Linear(2 * e + d + plan.around, d), nn.Linear(d, d)
        self.convs = nn.ModuleList([nn.Linear(3 * d, 2 * d) for _ in DILATIONS])
        self.st, self.qs, self.so = nn.Linear(2 * d, d), nn.Linear(d, d), nn.Linear(d, 1)
        self.en, self.qe, self.eo = nn.Linear(2 * d, d), nn.Linear(d, d), nn.Linear(d, 1)
        self.sb, self.eb, self.ins = nn.Linear(d, PAIRED), nn.Linear(d, PAIRED), nn.Linear(2 * d, 1)
        self.len, self.nul = nn.Linear(d, LONGEST_SPAN), nn.Linear(d, 1)
        nn.init.zeros_(self.nul.weight)
        nn.init.zeros_(self.nul.bias)
        self.plan = plan

    def forward(
        self, ids: Tensor, held: Tensor, words: Tensor, mask: Tensor, columns: Tensor, around: Tensor, owner: Tensor
    ) -> Tensor:
        """(b, t, LONGEST_SPAN) scores above that of no answer; ``held`` (b, q) and ``mask`` (b, t) are 1 for words, else 0."""
        question = self._drop(self.emb(ids), self.plan.word_dropout) * held[..., None]
        hidden = torch.relu(self.qconv(_beside(question, 1)))
        weight = self.qatt(hidden)[..., 0].masked_fill(held == 0, NONE).softmax(-1)
        asked = self._drop(torch.einsum("bq,bqd->bd", weight, hidden))
        vectors = self._drop(self.emb(words), self.plan.word_dropout)
        if self.training:
            vectors = vectors * (torch.rand_like(mask) > self.plan.blind)[..., None]
        product = torch.relu(self.al(vectors)) @ torch.relu(self.al(question)).transpose(1, 2) / 4
        aligned = product.masked_fill(held[:, None] == 0, NONE).softmax(-1) @ question
        beside = torch.relu(self.cx(self._drop(around, self.plan.around_dropout)))  # undropped, it is learned by heart
        joined = torch.cat([vectors, aligned * vectors * 4, torch.relu(self.fe(columns)), beside], -1)
        x = self._drop(torch.relu(self.inp(joined) + self.inq(asked)[:, None])) * mask[..., None]
        z = x
        for layer, apart in zip(self.convs, DILATIONS, strict=True):
            up, gate = layer(_beside(z * mask[..., None], apart)).chunk(2, -1)
            z = (z + self._drop(up * torch.sigmoid(gate))) * 0.7071
        both = torch.cat([x, z], -1)
        begin = torch.relu(self.st(both) + self.qs(asked)[:, None])
        end = torch.relu(self.en(both) + self.qe(asked)[:, None])
        first, last = self.so(begin)[..., 0].masked_fill(mask == 0, NONE), self.eo(end)[..., 0]
        last = last.masked_fill(mask == 0, NONE)
        inside = nn.functional.pad((self.ins(both)[..., 0] * mask).cumsum(1), (1, 0))
        scores = first[..., None] + _ahead(last, NONE) + self.len(asked)[:, None]
        scores = scores + _ahead(inside[:, 1:], 0.0) - inside[:, :-1, None]
        scores = scores + _band(self.sb(begin) @ self.eb(end).transpose(1, 2)) - self.nul(asked)[:, None]
        return torch.as_tensor(scores.masked_fill(_ahead(owner, -1) != owner[..., None], NONE))

    def _drop(self, x: Tensor, share: float | None = None) -> Tensor:
        """Dropout; bytes are drawn in a quarter of the time of ``nn.Dropout``'s numbers."""
        if not self.training:
            return x
        share = self.plan.dropout if share is None else share
        kept = torch.empty(x.shape, dtype=torch.uint8).random_(256) >= round(256 * share)
        return x * kept / (1 - share)


def _beside(x: Tensor, apart: int) -> Tensor:
    """(b, t, 3 d) each row with those ``apart`` before and after it, zeros beyond the ends."""
    padded = nn.functional.pad(x, (0, 0, apart, apart))
    t = x.shape[1]
    return torch.cat([padded[:, :t], x, padded[:, 2 * apart :]], -1)


def _band(pairs: Tensor) -> Tensor:
    """(b, t, LONGEST_SPAN) from (b, t, t): column n holds each row's value n to the right of the diagonal."""
    b, t, _ = pairs.shape
    wide = nn.functional.pad(pairs, (0, LONGEST_SPAN))
    columns = torch.arange(t)[:, None] + torch.arange(LONGEST_SPAN)
    return wide.gather(2, columns.expand(b, t, LONGEST_SPAN))


def _ahead(row: Tensor, beyond: float) -> Tensor:
    return nn.functional.pad(row, (0, LONGEST_SPAN - 1), value=beyond).unfold(1, LONGEST_SPAN, 1)


def train(
    examples: Sequence[Seen],
    words: np.ndarray,
    plan: Plan,
    done: Callable[[int, float], None],
    start: Weights | None = None,
    *,
    doubting: bool = False,
) -> Weights:
    """The trained weights (the running mean of the steps).

    Args:
        words: (V, e) vectors that the words begin with.
        done: told each epoch and its loss.
        start: weights to begin with, of an earlier training.
        doubting: no answer (score 0) stands among the spans; else examples without an answer cannot be learned from.
    """
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    words = words if start is None else start["emb.weight"]
    # Rows of words that do not occur cannot change; left out, the optimiser has a third of the work.
    known = np.unique(np.concatenate([ids for example in examples for ids in (example.ids, example.words)]))
    number = np.zeros(len(words), dtype=np.int64)
    number[known] = np.arange(len(known))
    examples = [replace(e, ids=number[e.ids], words=number[e.words]) for e in examples]
    rows = torch.from_numpy(words[known])
    widths = examples[0].columns.shape[1], examples[0].around.shape[1]
    net, mean = (Net(rows.clone(), *widths, plan) for _ in range(2))
    if start is not None:
        rest = {name: torch.from_numpy(value) for name, value in start.items() if name != "emb.weight"}
        net.load_state_dict({**rest, "emb.weight": rows.clone()})
    if doubting and start is not None:
        _level(net, examples[: plan.batch * 8])
    net.nul.requires_grad_(doubting)  # else its gradient is rounding, which Adam would blow up
    net.emb.requires_grad_(not doubting)  # so that a network that doubts needs no vectors of its own
    mean.load_state_dict(net.state_dict())
    others = [value for name, value in net.named_parameters() if name != "emb.weight"]
    rates = (plan.word_rate, plan.rate)
    optimiser = torch.optim.Adam([{"params": [net.emb.weight]}, {"params": others}], betas=(0.9, 0.98))
    steps, step = plan.epochs * math.ceil(len(examples) / plan.batch), 0
    for epoch in range(1, plan.epochs + 1):
        total = 0.0
        for group in _batches(examples, plan, rng):
            step += 1
            share = min(1.0, step / plan.warm_up) * max(0.02, 0.5 * (1 + math.cos(math.pi * step / steps)))
            for settings, rate in zip(optimiser.param_groups, rates, strict=True):
                settings["lr"] = rate * share
            loss = _loss(net, group, plan, doubting)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            total += loss.item() * len(group)
            if step % 4 == 0:
                _follow(mean, net, min(0.99, (4 + step) / (40 + step)))
        done(epoch, total / len(examples))
    trained = {name: value.detach().numpy().copy() for name, value in mean.state_dict().items()}
    every = words.copy()
    every[known] = trained["emb.weight"]
    return {**trained, "emb.weight": every}


def _follow(mean: Net, net: Net, keep: float) -> None:
    with torch.no_grad():
        for old, new in zip(mean.parameters(), net.parameters(), strict=True):
            old.lerp_(new, 1 - keep)


def _batches(examples: Sequence[Seen], plan: Plan, rng: np.random.Generator) -> Iterator[list[Seen]]:
    """Batches of passages of like length, in a random order."""
    lengths = np.asarray([len(example.words) for example in examples])
    order = np.argsort(lengths + 15 * rng.random(len(lengths)))
    groups = [order[i : i + plan.batch] for i in range(0, len(order), plan.batch)]
    for number in rng.permutation(len(groups)).tolist():
        yield [examples[i] for i in groups[number]]


def _level(net: Net, examples: Sequence[Seen]) -> None:
    """Put no answer at the height that spans together have: before, only their differences mattered."""
    with torch.no_grad():
        heights = net.eval()(*tensors(examples)).flatten(1).logsumexp(-1)
        net.nul.bias.add_(heights.mean())
    net.train()


def _loss(net: Net, group: Sequence[Seen], plan: Plan, doubting: bool = False) -> Tensor:
    ids, held, *passage = tensors(group)
    kept = held * (torch.rand_like(held) >= plan.forget)
    kept[:, 0] = 1.0
    scores = net(ids, kept, *passage).flatten(1)
    if doubting:
        scores = nn.functional.pad(scores, (0, 1))
    chances = scores.log_softmax(-1)
    none = scores.shape[1] - 1
    gold = torch.tensor([none if e.first < 0 else e.first * LONGEST_SPAN + e.last - e.first for e in group])
    loss: Tensor = -chances[torch.arange(len(group)), gold].mean()
    return loss


def tensors(group: Sequence[Seen]) -> tuple[Tensor, ...]:
    """What ``Net`` takes, padded to the longest."""

    def padded(rows: Sequence[np.ndarray], fill: float, kind: Any) -> Tensor:
        out = np.full((len(rows), max(map(len, rows)), *rows[0].shape[1:]), fill, dtype=kind)
        for number, row in enumerate(rows):
            out[number, : len(row)] = row
        return torch.from_numpy(out)

    ids, words = [e.ids for e in group], [e.words for e in group]
    return (
        padded(ids, 0, np.int64),
        padded([np.ones(len(row)) for row in ids], 0, np.float32),
        padded(words, 0, np.int64),
        padded([np.ones(len(row)) for row in words], 0, np.float32),
        padded([e.columns for e in group], 0, np.float32),
        padded([e.around for e in group], 0, np.float32),
        padded([e.owner for e in group], -1, np.int64),
    )
