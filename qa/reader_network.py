"""Which words answer, among the best sentences: small networks over word features, in numpy.

A question's words pass a convolution and are pooled by attention; a passage's words (their vectors, their
likeness to the question's, their measured features, what stands around them) pass gated, dilated convolutions
(Dauphin et al. 2017, van den Oord et al. 2016). A span's score is that of its first word, of its last, of both together, of the words
inside, and of its length, less that of no answer, which the question alone decides: so it counts in any passage alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

LONGEST_SPAN = 25  # words
DILATIONS = (1, 2, 4)
PAIRED = 24  # dimensions in which a span's first and last word are weighed together
NONE = -1e4

Array = np.ndarray


class Networks:
    """Evaluates n networks of one shape side by side, from their weights, named as they were trained.

    Their matrices are small: one product for all costs little more than one for each.
    """

    def __init__(self, each: Sequence[Mapping[str, Array]]) -> None:
        self._rows = [(weights["vectors"], weights["vectors_scale"].astype(np.float32)) for weights in each]
        names = [name for name in each[0] if not name.startswith("vectors")]
        stacked = {name: np.stack([weights[name].astype(np.float32) for weights in each]) for name in names}
        self._weights = {
            name.removesuffix(".weight"): np.ascontiguousarray(value.transpose(0, 2, 1))
            for name, value in stacked.items()
            if name.endswith(".weight")
        }
        self._biases = {
            name.removesuffix(".bias"): value[:, None] for name, value in stacked.items() if name.endswith(".bias")
        }

    def _linear(self, name: str, x: Array) -> Array:
        return np.asarray(x @ self._weights[name] + self._biases[name])

    def _convolution(self, name: str, x: Array, apart: int) -> Array:
        """A convolution over (n, t, d) that looks ``apart`` words to each side; zeros beyond the ends."""
        n, t, d = x.shape
        stacked = np.zeros((n, t, 3 * d), dtype=x.dtype)
        stacked[:, apart:, :d] = x[:, : max(t - apart, 0)]
        stacked[:, :, d : 2 * d] = x
        stacked[:, : max(t - apart, 0), 2 * d :] = x[:, apart:]
        return self._linear(name, stacked)

    def _vectors(self, ids: Array) -> Array:
        """(n, t, e) float32 vectors of words, kept as 8-bit rows with a scale each."""
        return np.stack([rows[ids].astype(np.float32) * steps[ids, None] for rows, steps in self._rows])

    def question(self, vectors: Array) -> Array:
        """(n, 1, d) the question, from its words' vectors (n, q, e)."""
        hidden = np.maximum(self._convolution("qconv", vectors, 1), 0.0)
        return np.asarray(_softmax(self._linear("qatt", hidden).transpose(0, 2, 1)) @ hidden)

    def spans(self, asking: Array, words: Array, features: Array, around: Array, owner: Array) -> Array:
        """Score of every span, above that of no answer.

        Args:
            asking: (q,) ids of the question's words.
            words: (t,) ids of the passage's words.
            features: (t, F) their features.
            around: (t, C) what stands around each (``qa.reader_context``).
            owner: (t,) number of the sentence of each: a span stays within one.

        Returns:
            (n, t, LONGEST_SPAN); number k of the last axis is the span of k + 1 words from that word on, NONE where there
            is none.
        """
        question, vectors = self._vectors(asking), self._vectors(words)
        asked = self.question(question)
        inside = np.maximum(self._linear("al", vectors), 0.0)
        outside = np.maximum(self._linear("al", question), 0.0)
        aligned = _softmax(inside @ outside.transpose(0, 2, 1) / 4) @ question
        measured = np.maximum(self._linear("fe", features), 0.0)
        beside = np.maximum(self._linear("cx", around), 0.0)
        joined = np.concatenate([vectors, aligned * vectors * 4, measured, beside], axis=2)
        x = np.maximum(self._linear("inp", joined) + self._linear("inq", asked), 0.0)
        z = x
        for number, apart in enumerate(DILATIONS):
            up, gate = np.split(self._convolution(f"convs.{number}", z, apart), 2, axis=2)
            z = (z + up / (1.0 + np.exp(-np.clip(gate, -40, 40)))) * 0.7071
        hidden = np.concatenate([x, z], axis=2)
        begin = np.maximum(self._linear("st", hidden) + self._linear("qs", asked), 0.0)
        end = np.maximum(self._linear("en", hidden) + self._linear("qe", asked), 0.0)
        first, last = self._linear("so", begin)[:, :, 0], self._linear("eo", end)[:, :, 0]
        each = self._linear("ins", hidden)[:, :, 0]
        inside = np.cumsum(each, axis=1)
        pairs = self._linear("sb", begin) @ self._linear("eb", end).transpose(0, 2, 1)
        pairs = np.pad(pairs, ((0, 0), (0, 0), (0, LONGEST_SPAN)))
        row = np.arange(len(words))[:, None]
        band = pairs[:, row, row + np.arange(LONGEST_SPAN)]
        scores = (first - inside + each)[:, :, None] + _ahead(last + inside, NONE) + band
        scores = scores + self._linear("len", asked) - self._linear("nul", asked)
        return np.where(_ahead(owner, -1) == owner[:, None], scores, NONE)


def _ahead(rows: Array, beyond: float) -> Array:
    """(..., t, LONGEST_SPAN) each value of (..., t) and those after it."""
    after = np.full((*rows.shape[:-1], LONGEST_SPAN - 1), beyond, dtype=rows.dtype)
    return np.lib.stride_tricks.sliding_window_view(np.concatenate([rows, after], axis=-1), LONGEST_SPAN, axis=-1)


def _softmax(x: Array) -> Array:
    shifted = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
