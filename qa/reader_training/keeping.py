"""Finished networks in a folder: a training that was stopped goes on at the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar
from zlib import crc32

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

T = TypeVar("T")
Weights = dict[str, np.ndarray]


def file_for(kept: Path | None, name: str, plan: object) -> Path | None:
    """The file of a network in the folder ``kept``; its name changes with the plan, so that none of another plan is taken."""
    return kept / f"{name}-{crc32(repr(plan).encode()):08x}.safetensors" if kept else None


def kept_or(file: Path | None, training: Callable[[], Weights]) -> Weights:
    """What a training comes to, on one processor core, or came to before."""
    if file and file.is_file():
        print(f"{file.stem}: taken from {file}", flush=True)
        return load_file(file)
    torch.set_num_threads(1)
    weights = training()
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file(weights, file)
    return weights


def side_by_side(work: Callable[[T], Weights], each: Sequence[T], threads: int) -> list[Weights]:
    """What ``work`` makes of each, in order; ``threads`` of them at once, each in a process of its own, where more than one."""
    if threads == 1:
        return [work(one) for one in each]
    with ProcessPoolExecutor(min(threads, len(each)), mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, each))
