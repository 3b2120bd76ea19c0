"""What the reader knows of single words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


class WordTable:
    """Rarity and likeness of words, by the ids of the reader's own segmentation."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._weights = arrays["weight"].astype(np.float32)
        self._rows, self._scales = arrays["alike"], arrays["alike_scale"].astype(np.float32)

    def __len__(self) -> int:
        return len(self._weights)

    def weight(self, ids: np.ndarray) -> np.ndarray:
        """(n,) float32 rarity: ``ln(1 + (N - df + .5) / (df + .5))`` over the N passages it was counted in."""
        return np.asarray(self._weights[ids])

    def unit(self, ids: np.ndarray) -> np.ndarray:
        """(n, d) float32 vectors of norm 1 (0 where a word has none), whose product is how alike two words are."""
        return np.asarray(self._rows[ids].astype(np.float32) * self._scales[ids, None])
