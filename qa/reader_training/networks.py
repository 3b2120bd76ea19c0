"""The reader's networks, each trained without another part of the passages, several at once, kept when finished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from zlib import crc32

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

from index.training.neighbours import unit
from qa.reader_training.cases import rounded
from qa.reader_training.network import Plan, Seen, Weights, train
from qa.reader_weights import WordTable

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
    numbers = range(plan.networks)
    if threads > 1:
        with ProcessPoolExecutor(min(threads, plan.networks), mp_context=get_context("spawn")) as pool:
            each = list(pool.map(work, numbers))
    else:
        each = [work(number) for number in numbers]
    arrays = {f"network{n}.{name}": value for n, weights in enumerate(each) for name, value in _packed(weights).items()}
    if not doubtful:
        return arrays
    again = replace(plan, epochs=DOUBT_EPOCHS, rate=DOUBT_RATE, warm_up=DOUBT_WARM_UP)
    every = [seen for _, seen in [*examples, *doubtful] if seen]
    doubt = _kept(kept, again, 0, lambda: train(every, start, again, partial(_told, 0), each[0], doubting=True))
    small = {name: value for name, value in _packed(doubt).items() if not name.startswith("vectors")}
    return arrays | {f"doubt.{name}": value for name, value in small.items()}


def _one(examples: Examples, start: np.ndarray, plan: Plan, kept: Path | None, number: int) -> Weights:
    """One network's weights, from ``kept`` where it was finished there."""
    left = number % plan.quarters
    learned = [seen for group, seen in examples if seen and (group is None or group % plan.quarters != left)]
    own = replace(plan, seed=plan.seed + number)
    return _kept(kept, plan, number, lambda: train(learned, start, own, partial(_told, number)))


def _kept(kept: Path | None, plan: Plan, number: int, training: Callable[[], Weights]) -> Weights:
    """What a training comes to, or came to before."""
    file = kept / f"{_name(plan, number)}.safetensors" if kept else None
    if file and file.is_file():
        print(f"network {number}: taken from {file}", flush=True)
        return load_file(file)
    torch.set_num_threads(1)
    weights = training()
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file(weights, file)
    return weights


def _name(plan: Plan, number: int) -> str:
    """A name that changes with the plan, so that no network of another plan is taken."""
    return f"network{number}-{crc32(repr(plan).encode()):08x}"


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
