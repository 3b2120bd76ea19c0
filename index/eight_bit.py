"""Vectors in 8-bit numbers, as they are kept and compared: a quarter of what they take as float32."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_BLOCK = 16_384  # rows taken at once: bounds what is held as float32


class EightBit:
    """(n, d) vectors as whole numbers from -127 to 127, times a factor of each row.

    A spread of each dimension beside it changed nothing for the bundled encoder, whose dimensions spread alike.
    """

    def __init__(self, numbers: np.ndarray, factors: np.ndarray) -> None:
        self.numbers, self.factors = numbers, factors

    @classmethod
    def of(cls, vectors: np.ndarray) -> EightBit:
        """Round ``vectors`` (n, d)."""
        numbers = np.empty(vectors.shape, dtype=np.int8)
        factors = np.empty(len(vectors), dtype=np.float32)
        for start in range(0, len(vectors), _BLOCK):
            block = np.array(vectors[start : start + _BLOCK], dtype=np.float32)
            part = np.maximum(block.max(axis=1), -block.min(axis=1)) / 127
            # In 16 bits, so that what was rounded before is rounded to the same again.
            part = part.astype(np.float16).astype(np.float32)
            factors[start : start + len(block)] = part
            block /= np.where(part > 0, part, 1)[:, None]
            np.rint(block, casting="unsafe", out=numbers[start : start + len(block)])
        return cls(numbers, factors)

    @classmethod
    def zeros(cls, count: int, dimension: int) -> EightBit:
        """``count`` rows of nothing, to be filled."""
        return cls(np.zeros((count, dimension), dtype=np.int8), np.zeros(count, dtype=np.float32))

    def __len__(self) -> int:
        return len(self.numbers)

    def vectors(self, rows: slice | np.ndarray = slice(None)) -> np.ndarray:
        """(m, d) float32, about what was rounded."""
        return np.asarray(self.numbers[rows].astype(np.float32) * self.factors[rows][:, None])

    def cosines(self, rows: np.ndarray, query: np.ndarray) -> np.ndarray:
        """(m,) float32 inner products of these rows (m,) and a unit vector (d,) float32."""
        return np.asarray((self.numbers[rows].astype(np.float32) @ query) * self.factors[rows])

    def to_bytes(self) -> bytes:
        """The factors, then the numbers row by row, little-endian."""
        return self.factors.astype("<f2").tobytes() + self.numbers.tobytes()

    @classmethod
    def of_blocks(cls, blocks: Sequence[bytes], count: int, dimension: int) -> EightBit:
        """(n * count, d): what :meth:`to_bytes` wrote of ``count`` rows, n times. Raises ValueError where a length is another."""
        data = np.frombuffer(b"".join(blocks), dtype=np.uint8).reshape(len(blocks), count * (2 + dimension))
        factors = np.ascontiguousarray(data[:, : 2 * count]).view("<f2").astype(np.float32)
        return cls(data[:, 2 * count :].view(np.int8).reshape(-1, dimension), factors.ravel())
