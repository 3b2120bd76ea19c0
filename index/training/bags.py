"""Texts as flat arrays of token ids: 30 million tokens in 120 MB, cut into windows without copying text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

Ids = NDArray[np.int32]
BATCH = 1_000  # texts a call of the tokenizer


@dataclass(frozen=True, slots=True)
class Bags:
    """A list of token sequences laid end to end."""

    ids: Ids
    """All token ids, (t,)."""
    starts: NDArray[np.int64]
    """``len(self) + 1`` ascending positions in ``ids``; sequence i is ``ids[starts[i]:starts[i + 1]]``."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, index: int) -> Ids:
        return self.ids[self.starts[index] : self.starts[index + 1]]

    def take(self, indices: Iterable[int]) -> Bags:
        """The sequences at ``indices``, in that order."""
        return pack([self[index] for index in indices])


def pack(sequences: Sequence[Sequence[int] | Ids]) -> Bags:
    """Sequences of ids laid end to end."""
    starts = np.zeros(len(sequences) + 1, np.int64)
    np.cumsum([len(sequence) for sequence in sequences], out=starts[1:])
    ids = np.concatenate([np.asarray(s, np.int32) for s in sequences]) if sequences else np.zeros(0, np.int32)
    return Bags(ids, starts)


def bag(tokenizer: Tokenizer, texts: Iterable[str]) -> Bags:
    """The texts as token ids; the unknown token (id 0) is left out."""
    parts: list[Ids] = []
    for batch in _batches(texts):
        for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
            ids = np.array(encoding.ids, np.int32)
            parts.append(ids[ids > 0])
    return pack(parts)


def once(bags: Bags) -> Bags:
    """Each sequence with each of its tokens once, ascending."""
    owner = np.repeat(np.arange(len(bags), dtype=np.int64), np.diff(bags.starts))
    codes = np.unique(owner << 20 | bags.ids)
    starts = np.searchsorted(codes >> 20, np.arange(len(bags) + 1))
    return Bags((codes & 0xFFFFF).astype(np.int32), starts.astype(np.int64))


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(texts)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def inverse_frequency(bags: Bags, size: int) -> NDArray[np.float32]:
    """ln((n + 1) / (df + 0.5)) a token id, (size,): n sequences, df those that hold the token."""
    frequency = np.zeros(size, np.int64)
    for index in range(len(bags)):
        frequency[np.unique(bags[index])] += 1
    return np.log((len(bags) + 1) / (frequency + 0.5)).astype(np.float32)
