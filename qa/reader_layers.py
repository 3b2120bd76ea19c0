"""Layers of small networks of one shape, evaluated side by side in numpy.

Their matrices are small: one product for all costs little more than one for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


class Layers:
    """The linear layers of n networks.

    Args:
        each: a network's arrays, ``NAME.weight`` (out, in) and ``NAME.bias`` (out,), as torch names them.
    """

    def __init__(self, each: Sequence[Mapping[str, np.ndarray]]) -> None:
        stacked = {name: np.stack([arrays[name].astype(np.float32) for arrays in each]) for name in each[0]}
        self._weights = {
            name.removesuffix(".weight"): np.ascontiguousarray(value.transpose(0, 2, 1))
            for name, value in stacked.items()
            if name.endswith(".weight")
        }
        self._biases = {
            name.removesuffix(".bias"): value[:, None] for name, value in stacked.items() if name.endswith(".bias")
        }

    def linear(self, name: str, x: np.ndarray) -> np.ndarray:
        """(n, t, out) of (n, t, in)."""
        return np.asarray(x @ self._weights[name] + self._biases[name])

    def width(self, name: str) -> int:
        """Numbers that a layer gives."""
        return int(self._weights[name].shape[2])

    def convolution(self, name: str, x: np.ndarray, places: Sequence[int]) -> np.ndarray:
        """(n, t, out) of each row of (n, t, d) with those at these places, counted from it; zeros beyond the ends."""
        n, t, d = x.shape
        stacked = np.zeros((n, t, len(places) * d), dtype=x.dtype)
        for number, place in enumerate(places):
            rows = max(t - abs(place), 0)  # that have one there
            to, of = max(-place, 0), max(place, 0)
            stacked[:, to : to + rows, number * d : (number + 1) * d] = x[:, of : of + rows]
        return self.linear(name, stacked)

    def gated(self, name: str, x: np.ndarray, places: Sequence[int]) -> np.ndarray:
        """(n, t, d) of (n, t, d): a gated convolution (Dauphin et al. 2017) beside what it was given."""
        up, gate = np.split(self.convolution(name, x, places), 2, axis=2)
        return np.asarray((x + up / (1.0 + np.exp(-np.clip(gate, -40, 40)))) * 0.7071)
