"""The reader's networks, each trained without another part of the passages, several at once, kept when finished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from index.training.neighbours import unit
from qa.reader_training.cases import rounded
from qa.reader_training.keeping import Weights, file_for, kept_or, side_by_side
from qa.reader_training.network import Plan, Seen, train
from qa.reader_words import WordTable

Examples = Sequence[tuple[int | None, Seen | None]]
DOUBT_EPOCHS, DOUBT_RATE, DOUBT_WARM_UP = 2, 1e-3, 60  # of the plan, for the network that doubts


def trained(
    examples: Examples, words: WordTable, plan: Plan, kept: Path | None, threads: int, doubtful: Examples = ()
) -> dict[str, np.ndarray]:
    """The arrays of ``plan.networks`` networks, as ``qa.reader_weights`` reads them, and of one that doubts.

    Args:
        examples: number of the passage (None for one that no network leaves out) and what the network sees of it
            (None where it cannot learn from it).
        kept: folder that finished networks are written to and taken from; nothing is kept where None.
        threads: networks that are trained at once; each takes one processor core.
        doubtful: further examples, those without an answer among them: the first network is trained on with all of them, to
            doubt. None does where empty.
    """
    start = _start(words, plan)
    work = partial(_one, examples, start, plan, kept)
    each = side_by_side(work, range(plan.networks), threads)
    arrays = {f"network{n}.{name}": value for n, weights in enumerate(each) for name, value in _packed(weights).items()}
    if not doubtful:
        return arrays
    again = replace(plan, epochs=DOUBT_EPOCHS, rate=DOUBT_RATE, warm_up=DOUBT_WARM_UP)
    every = [seen for _, seen in [*examples, *doubtful] if seen]
    doubt = kept_or(
        file_for(kept, "doubt", again), lambda: train(every, start, again, partial(_told, 0), each[0], doubting=True)
    )
    small = {name: value for name, value in _packed(doubt).items() if not name.startswith("vectors")}
    return arrays | {f"doubt.{name}": value for name, value in small.items()}


def _one(examples: Examples, start: np.ndarray, plan: Plan, kept: Path | None, number: int) -> Weights:
    """One network's weights, from ``kept`` where it was finished there."""
    left = number % plan.quarters
    learned = [seen for group, seen in examples if seen and (group is None or group % plan.quarters != left)]
    own = replace(plan, seed=plan.seed + number)
    file = file_for(kept, f"network{number}", plan)
    if number < plan.told:
        return kept_or(file, lambda: train(learned, start, own, partial(_told, number)))
    return kept_or(file, lambda: _deaf(train([_untold(seen) for seen in learned], start, own, partial(_told, number))))


def _untold(seen: Seen) -> Seen:
    return replace(seen, around=np.broadcast_to(np.float16(0), seen.around.shape))


def _deaf(weights: Weights) -> Weights:
    """The weights of a network that was told nothing of what stands around, so that it stays so when it is told."""
    return {**weights, "cx.weight": np.zeros_like(weights["cx.weight"])}


def _told(number: int, epoch: int, loss: float) -> None:
    print(f"network {number}, epoch {epoch}: loss {loss:.3f}", flush=True)


def _start(words: WordTable, plan: Plan) -> np.ndarray:
    """(V, e) float32 unit vectors that the networks' words begin with."""
    return unit(words.unit(np.arange(len(words)))[:, : plan.word_dimensions])


def _packed(weights: Weights) -> dict[str, np.ndarray]:
    """Half precision, and words' vectors as 8-bit rows with a scale each."""
    vectors, steps = rounded(weights["emb.weight"])
    small = {name: value.astype(np.float16) for name, value in weights.items() if name != "emb.weight"}
    return {**small, "vectors": vectors, "vectors_scale": steps}
