"""Character n-grams that a question shares with texts: what words cut otherwise, or spelt otherwise, have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.thai import THAI_DIGITS


def _fold_table() -> np.ndarray:
    """Code point -> the one it is matched as, 0 for what is left out (spaces, marks of punctuation)."""
    table = np.zeros(0x1000, dtype=np.uint64)  # Latin to Thai; what lies above is matched as it is
    for code in range(0x1000):
        char = chr(code)
        if char in THAI_DIGITS:
            table[code] = ord("0") + THAI_DIGITS.index(char)
        elif char.isalnum() or "\u0e31" <= char <= "\u0e4e":
            table[code] = ord(char.lower()[0])
    table[1] = _BETWEEN
    return table


_BETWEEN = np.uint64(1)  # stands between texts: no gram of a question holds it
_FOLD = _fold_table()
_HASH_BITS = 15
_BASE = np.uint64(2097143)


def _codes(text: str) -> np.ndarray:
    """Folded code points of ``text``, (n,) uint64; separators (U+0001) stay."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    folded = _FOLD[np.minimum(codes, len(_FOLD) - 1)]
    above = codes >= len(_FOLD)
    if above.any():
        folded[above] = codes[above]
    return folded[folded > 0]


def _grams(codes: np.ndarray, size: int) -> np.ndarray:
    """A number for each ``size`` neighbouring code points, (n - size + 1,) uint64; three fit exactly, four wrap."""
    count = max(0, len(codes) - size + 1)
    value = np.zeros(count, dtype=np.uint64)
    for offset in range(size):
        value = value * _BASE + codes[offset : offset + count]
    return np.asarray(value)


def _hashed(grams: np.ndarray) -> np.ndarray:
    """_HASH_BITS bits of each gram (multiplicative hashing, Knuth 1973: 2^64 over the golden ratio)."""
    return np.asarray((grams * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - _HASH_BITS))


def shared_grams(question: str, texts: Sequence[str]) -> np.ndarray:
    """Share of the question's character 3- and 4-grams that stand in each text, rarer ones (here) weighing more."""
    asked = _codes(question.replace("\x01", " "))
    codes = _codes("\x01".join(text.replace("\x01", " ") for text in texts))
    ends = np.flatnonzero(codes == _BETWEEN)
    found = _grams(codes, 3)
    wanted = np.unique(_grams(asked, 3))
    if not len(wanted):
        return np.zeros(len(texts), dtype=np.float32)
    likely = np.zeros(1 << _HASH_BITS, dtype=bool)  # most grams are none of the question's: ruled out by a hash
    likely[_hashed(wanted)] = True
    where = np.flatnonzero(likely[_hashed(found)])
    where, threes = _standing(found[where], where, wanted, ends, len(texts))
    # Four that the question has begin with three that it has: they are looked for there alone.
    where = where[where + 3 < len(codes)]
    fours = _standing(found[where] * _BASE + codes[where + 3], where, np.unique(_grams(asked, 4)), ends, len(texts))[1]
    table = np.concatenate([threes, fours], axis=1)
    weight = np.log1p(len(texts) / (table.sum(axis=0) + 0.5))
    return np.asarray((table * weight).sum(axis=1) / weight.sum(), dtype=np.float32)


def _standing(
    grams: np.ndarray, where: np.ndarray, wanted: np.ndarray, ends: np.ndarray, texts: int
) -> tuple[np.ndarray, np.ndarray]:
    """Those of the places ``where`` at which one of ``wanted`` (ascending) stands, and (texts, w) which text holds which."""
    table = np.zeros((texts, len(wanted)), dtype=bool)
    if not len(wanted):
        return where[:0], table
    slot = np.minimum(np.searchsorted(wanted, grams), len(wanted) - 1)
    good = wanted[slot] == grams
    where = where[good]
    table[np.searchsorted(ends, where), slot[good]] = True
    return where, table
