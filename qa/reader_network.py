"""Which words answer, among the best sentences: small networks over word features, in numpy.

A question's words pass a convolution and are pooled by attention; a passage's words (their vectors, their
likeness to the question's, their measured features, what stands around them) pass gated, dilated convolutions
(Dauphin et al. 2017, van den Oord et al. 2016). A span's score is that of its first word, of its last, of both together, of the words
inside, and of its length, less that of no answer, which the question alone decides: so it counts in any passage alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from qa.reader_layers import Layers

LONGEST_SPAN = 25  # words
DILATIONS = (1, 2, 4)
PAIRED = 24  # dimensions in which a span's first and last word are weighed together
NONE = -1e4

Array = np.ndarray


class Networks:
    """Evaluates n networks of one shape side by side, from their weights, named as they were trained."""

    def __init__(self, each: Sequence[Mapping[str, Array]]) -> None:
        self._rows = [(weights["vectors"], weights["vectors_scale"].astype(np.float32)) for weights in each]
        self._layers = Layers(
            [{name: value for name, value in weights.items() if not name.startswith("vectors")} for weights in each]
        )

    def _vectors(self, ids: Array) -> Array:
        """(n, t, e) float32 vectors of words, kept as 8-bit rows with a scale each."""
        return np.stack([rows[ids].astype(np.float32) * steps[ids, None] for rows, steps in self._rows])

    def question(self, vectors: Array) -> Array:
        """(n, 1, d) the question, from its words' vectors (n, q, e)."""
        hidden = np.maximum(self._layers.convolution("qconv", vectors, (-1, 0, 1)), 0.0)
        return np.asarray(_softmax(self._layers.linear("qatt", hidden).transpose(0, 2, 1)) @ hidden)

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
        linear = self._layers.linear
        question, vectors = self._vectors(asking), self._vectors(words)
        asked = self.question(question)
        inside = np.maximum(linear("al", vectors), 0.0)
        outside = np.maximum(linear("al", question), 0.0)
        aligned = _softmax(inside @ outside.transpose(0, 2, 1) / 4) @ question
        measured = np.maximum(linear("fe", features), 0.0)
        beside = np.maximum(linear("cx", around), 0.0)
        joined = np.concatenate([vectors, aligned * vectors * 4, measured, beside], axis=2)
        x = np.maximum(linear("inp", joined) + linear("inq", asked), 0.0)
        z = x
        for number, apart in enumerate(DILATIONS):
            z = self._layers.gated(f"convs.{number}", z, (-apart, 0, apart))
        hidden = np.concatenate([x, z], axis=2)
        begin = np.maximum(linear("st", hidden) + linear("qs", asked), 0.0)
        end = np.maximum(linear("en", hidden) + linear("qe", asked), 0.0)
        first, last = linear("so", begin)[:, :, 0], linear("eo", end)[:, :, 0]
        each = linear("ins", hidden)[:, :, 0]
        inside = np.cumsum(each, axis=1)
        pairs = linear("sb", begin) @ linear("eb", end).transpose(0, 2, 1)
        pairs = np.pad(pairs, ((0, 0), (0, 0), (0, LONGEST_SPAN)))
        row = np.arange(len(words))[:, None]
        band = pairs[:, row, row + np.arange(LONGEST_SPAN)]
        scores = (first - inside + each)[:, :, None] + _ahead(last + inside, NONE) + band
        scores = scores + linear("len", asked) - linear("nul", asked)
        return np.where(_ahead(owner, -1) == owner[:, None], scores, NONE)


def _ahead(rows: Array, beyond: float) -> Array:
    """(..., t, LONGEST_SPAN) each value of (..., t) and those after it."""
    after = np.full((*rows.shape[:-1], LONGEST_SPAN - 1), beyond, dtype=rows.dtype)
    return np.lib.stride_tricks.sliding_window_view(np.concatenate([rows, after], axis=-1), LONGEST_SPAN, axis=-1)


def _softmax(x: Array) -> Array:
    shifted = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
