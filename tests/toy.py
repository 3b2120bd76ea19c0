"""A deterministic encoder that needs no file, for tests and the processes that they start."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from index.encoder import Encoder, Role
from index.segmenter import Segmenter
from index.store import Identity


class ToyEncoder:
    """Counts of letter pairs in 64 boxes: texts that share spelling are near. Needs no file."""

    def __init__(self, name: str = "toy", fingerprint: str = "toy-1", dimension: int = 64) -> None:
        self.name, self.fingerprint, self.dimension = name, fingerprint, dimension

    def encode(self, texts: Sequence[str], *, role: Role) -> np.ndarray:
        out = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for pair in pairwise(text):
                out[row, zlib.crc32("".join(pair).encode("utf-8", "surrogatepass")) % self.dimension] += 1
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        return out / np.where(lengths > 0, lengths, 1)


def identity_of(encoder: Encoder, segmenter: Segmenter) -> Identity:
    return Identity(encoder.name, encoder.fingerprint, segmenter.fingerprint, encoder.dimension)
