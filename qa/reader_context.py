"""What stands around each word: two small networks that were taught to guess the next word and the one before.

Causal gated convolutions (Dauphin et al. 2017) over the words' vectors, one network a direction (Peters et al. 2018 joined two
directions so); the reader's networks are told their states beside what is measured of each word.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from qa.reader_text import Passage
from qa.reader_words import WordTable

DILATIONS = (1, 2, 4, 8)
LONGER = 4.0  # the words' unit vectors are made so much longer
DIRECTIONS = ("forward", "back")
KEPT = 64  # passages, of about 150 kB


class Context:
    """Evaluates both directions side by side.

    Args:
        arrays: ``inp`` and ``convs.0`` to ``convs.3`` of each of DIRECTIONS, each ``.weight`` and ``.bias``.
        words: the vectors that the networks were taught on.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray], words: WordTable) -> None:
        self._words = words
        names = [name.removeprefix("forward.") for name in arrays if name.startswith("forward.")]
        both = {n: np.stack([arrays[f"{way}.{n}"].astype(np.float32) for way in DIRECTIONS]) for n in names}
        self._weights = {
            name.removesuffix(".weight"): np.ascontiguousarray(value.transpose(0, 2, 1))
            for name, value in both.items()
            if name.endswith(".weight")
        }
        self._biases = {
            name.removesuffix(".bias"): value[:, None] for name, value in both.items() if name.endswith(".bias")
        }

    @property
    def width(self) -> int:
        """Numbers that are known of each word."""
        return 2 * int(self._weights["inp"].shape[2])

    def states(self, ids: np.ndarray) -> np.ndarray:
        """(t, width) float32 of the words ``ids`` (t,): what leads to each, itself included, then what follows it."""
        vectors = np.where(ids[:, None] > 0, self._words.unit(ids), 0.0).astype(np.float32) * LONGER
        x = np.stack([vectors, vectors[::-1]])
        z = np.maximum(x @ self._weights["inp"] + self._biases["inp"], 0.0)
        for number, apart in enumerate(DILATIONS):
            up, gate = np.split(self._convolution(f"convs.{number}", z, apart), 2, axis=2)
            z = (z + up / (1.0 + np.exp(-np.clip(gate, -40, 40)))) * 0.7071
        return np.concatenate([z[0], z[1, ::-1]], axis=1)

    def _convolution(self, name: str, x: np.ndarray, apart: int) -> np.ndarray:
        """Over (2, t, d): each word with those ``apart`` and twice ``apart`` before it, zeros beyond the beginning."""
        _, t, d = x.shape
        stacked = np.zeros((2, t, 3 * d), dtype=x.dtype)
        stacked[:, 2 * apart :, :d] = x[:, : max(t - 2 * apart, 0)]
        stacked[:, apart:, d : 2 * d] = x[:, : max(t - apart, 0)]
        stacked[:, :, 2 * d :] = x
        return np.asarray(stacked @ self._weights[name] + self._biases[name])


@lru_cache(maxsize=KEPT)
def around(text: Passage, context: Context) -> np.ndarray:
    """(t, width) float32 what stands around each word of a passage; kept while it is asked about."""
    return context.states(text.ids)
