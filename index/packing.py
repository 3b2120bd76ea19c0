"""How texts and word ids lie in the rows of a store: small, and back to the letter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

THAI = "cp874"  # a byte a letter where UTF-8 takes three
Packed = str | bytes


def pack_text(text: str) -> Packed:
    """Thai and English text as bytes, a letter each; text with other letters as it is (SQLite keeps it in UTF-8)."""
    try:
        return text.encode(THAI)
    except UnicodeEncodeError:
        return text


def unpack_text(packed: Packed) -> str:
    """What :func:`pack_text` packed. Raises ValueError (UnicodeDecodeError) where it is not that."""
    return packed if isinstance(packed, str) else packed.decode(THAI)


def to_bytes(packed: Packed) -> bytes:
    """What a checksum of it is made over."""
    return packed if isinstance(packed, bytes) else packed.encode()


def pieces(text: str, starts: Sequence[int]) -> list[str]:
    """``text`` cut at these ascending places; what stands before the first comes first. Joined they are the text."""
    return [text[begin:end] for begin, end in zip([0, *starts], [*starts, len(text)], strict=True)]


def pack_tokens(tokens: np.ndarray) -> bytes:
    """(n,) word ids below 65,536 in two bytes each. Raises ValueError for others."""
    if len(tokens) and not 0 <= int(tokens.min()) <= int(tokens.max()) < 1 << 16:
        raise ValueError("a word id beyond 16 bits")
    return tokens.astype("<u2").tobytes()


def unpack_tokens(packed: bytes) -> np.ndarray:
    """(n,) int32."""
    return np.frombuffer(packed, dtype="<u2").astype(np.int32)
