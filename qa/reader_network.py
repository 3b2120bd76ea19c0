"""Which words answer, among the best sentences: a small network over word features, in numpy.

A question's words pass a convolution and are pooled by attention; a passage's words (their vectors, their
likeness to the question's, their measured features) pass gated, dilated convolutions (Dauphin et al. 2017,
van den Oord et al. 2016). A span's score is that of its first word, of its last, of both together, of the words
inside, and of its length, less that of no answer, which the question alone decides: so it counts in any passage alike.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

LONGEST_SPAN = 25  # words
DILATIONS = (1, 2, 4)
PAIRED = 24  # dimensions in which a span's first and last word are weighed together
NONE = -1e4

Array = np.ndarray


class Network:
    """Evaluates the network from its weights, named as they were trained."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._rows, self._steps = weights["vectors"], weights["vectors_scale"].astype(np.float32)
        rest = {name: value for name, value in weights.items() if not name.startswith("vectors")}
        self._w = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in rest.items()}

    def _linear(self, name: str, x: Array) -> Array:
        return np.asarray(x @ self._w[f"{name}.weight"].T + self._w[f"{name}.bias"])

    def _convolution(self, name: str, x: Array, apart: int) -> Array:
        """A convolution over (t, d) that looks ``apart`` words to each side; zeros beyond the ends."""
        edge, t = np.zeros((apart, x.shape[1]), dtype=x.dtype), len(x)
        padded = np.concatenate([edge, x, edge])
        stacked = np.concatenate([padded[:t], padded[apart : apart + t], padded[2 * apart :]], axis=1)
        return self._linear(name, stacked)

    def _vectors(self, ids: Array) -> Array:
        """(n, e) float32 vectors of words, kept as 8-bit rows with a scale each."""
        return np.asarray(self._rows[ids].astype(np.float32) * self._steps[ids, None])

    def question(self, vectors: Array) -> Array:
        """(d,) the question, from its words' vectors (q, e)."""
        hidden = np.maximum(self._convolution("qconv", vectors, 1), 0.0)
        return np.asarray(_softmax(self._linear("qatt", hidden)[:, 0]) @ hidden)

    def spans(self, asking: Array, words: Array, features: Array, owner: Array) -> Array:
        """Score of every span, above that of no answer.

        Args:
            asking: (q,) ids of the question's words.
            words: (t,) ids of the passage's words.
            features: (t, F) their features.
            owner: (t,) number of the sentence of each: a span stays within one.

        Returns:
            (t, LONGEST_SPAN); column n is the span of n + 1 words from that word on, NONE where there is none.
        """
        question, vectors = self._vectors(asking), self._vectors(words)
        asked = self.question(question)
        inside = np.maximum(self._linear("al", vectors), 0.0)
        outside = np.maximum(self._linear("al", question), 0.0)
        aligned = _softmax(inside @ outside.T / 4) @ question
        joined = np.concatenate([vectors, aligned * vectors * 4, np.maximum(self._linear("fe", features), 0.0)], axis=1)
        x = np.maximum(self._linear("inp", joined) + self._linear("inq", asked), 0.0)
        z = x
        for number, apart in enumerate(DILATIONS):
            up, gate = np.split(self._convolution(f"convs.{number}", z, apart), 2, axis=1)
            z = (z + up / (1.0 + np.exp(-np.clip(gate, -40, 40)))) * 0.7071
        hidden = np.concatenate([x, z], axis=1)
        begin = np.maximum(self._linear("st", hidden) + self._linear("qs", asked), 0.0)
        end = np.maximum(self._linear("en", hidden) + self._linear("qe", asked), 0.0)
        first, last = self._linear("so", begin)[:, 0], self._linear("eo", end)[:, 0]
        inside = np.cumsum(self._linear("ins", hidden)[:, 0])
        before = np.append(np.float32(0.0), inside[:-1])
        pairs = np.pad(self._linear("sb", begin) @ self._linear("eb", end).T, ((0, 0), (0, LONGEST_SPAN)))
        band = pairs[np.arange(len(words))[:, None], np.arange(len(words))[:, None] + np.arange(LONGEST_SPAN)]
        scores = (first - before)[:, None] + _ahead(last + inside, NONE) + band + self._linear("len", asked)
        if "nul.weight" in self._w:  # weights that were trained on answered questions alone have none
            scores = scores - self._linear("nul", asked)
        return np.where(_ahead(owner, -1) == owner[:, None], scores, NONE)


def _ahead(row: Array, beyond: float) -> Array:
    """(t, LONGEST_SPAN) each value and those after it."""
    padded = np.concatenate([row, np.full(LONGEST_SPAN - 1, beyond, dtype=row.dtype)])
    return np.lib.stride_tricks.sliding_window_view(padded, LONGEST_SPAN)


def _softmax(x: Array) -> Array:
    shifted = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
