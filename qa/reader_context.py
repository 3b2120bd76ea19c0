"""What stands around each word: two small networks that were taught to guess the next word and the one before.

Causal gated convolutions (Dauphin et al. 2017) over the words' vectors, one network a direction (Peters et al. 2018 joined two
directions so); the reader's networks are told their states beside what is measured of each word.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from qa.reader_layers import Layers
from qa.reader_text import Passage
from qa.reader_words import WordTable

DILATIONS = (1, 2, 4, 8)
LONGER = 4.0  # the words' unit vectors are made so much longer
DIRECTIONS = ("forward", "back")
KEPT = 64  # passages, of about 150 kB


def known(ids: np.ndarray, words: WordTable) -> np.ndarray:
    """(t, e) float32 unit vectors of the words ``ids`` (t,), zero where there is no word (0)."""
    return np.where(ids[:, None] > 0, words.unit(ids), 0.0).astype(np.float32)


class Context:
    """Evaluates both directions side by side.

    Args:
        arrays: ``inp`` and ``convs.0`` to ``convs.3`` of each of DIRECTIONS, each ``.weight`` and ``.bias``.
        words: the vectors that the networks were taught on.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray], words: WordTable) -> None:
        self._words = words
        self._layers = Layers(
            [
                {name.removeprefix(f"{way}."): value for name, value in arrays.items() if name.startswith(f"{way}.")}
                for way in DIRECTIONS
            ]
        )

    @property
    def width(self) -> int:
        """Numbers that are known of each word."""
        return len(DIRECTIONS) * self._layers.width("inp")

    def states(self, ids: np.ndarray) -> np.ndarray:
        """(t, width) float32 of the words ``ids`` (t,): what leads to each, itself included, then what follows it."""
        vectors = known(ids, self._words) * LONGER
        z = np.maximum(self._layers.linear("inp", np.stack([vectors, vectors[::-1]])), 0.0)
        for number, apart in enumerate(DILATIONS):
            z = self._layers.gated(f"convs.{number}", z, (-2 * apart, -apart, 0))
        return np.concatenate([z[0], z[1, ::-1]], axis=1)


@lru_cache(maxsize=KEPT)
def around(text: Passage, context: Context) -> np.ndarray:
    """(t, width) float32 what stands around each word of a passage; kept while it is asked about."""
    return context.states(text.ids)
