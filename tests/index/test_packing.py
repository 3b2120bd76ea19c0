"""What lies in a row comes back to the letter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import hard_text

from index.packing import pack_text, pack_tokens, pieces, unpack_text, unpack_tokens


@given(text=hard_text())
def test_any_text_comes_back(text: str) -> None:
    assert unpack_text(pack_text(text)) == text


def test_thai_takes_a_byte_a_letter() -> None:
    text = "ประธานาธิบดีสี จิ้นผิง ๒๕๖๑ – “G20”\n\0"
    packed = pack_text(text)
    assert isinstance(packed, bytes) and len(packed) == len(text)
    assert isinstance(pack_text("习近平"), str)


@given(text=hard_text(), cuts=st.lists(st.integers(0, 50)))
def test_pieces_are_the_whole_text(text: str, cuts: list[int]) -> None:
    starts = sorted(min(cut, len(text)) for cut in cuts)
    assert "".join(pieces(text, starts)) == text
    assert len(pieces(text, starts)) == len(starts) + 1


def test_word_ids_come_back_and_larger_ones_are_refused() -> None:
    ids = np.asarray([0, 7, 65_535], dtype=np.int32)
    assert unpack_tokens(pack_tokens(ids)).tolist() == ids.tolist()
    assert unpack_tokens(pack_tokens(ids[:0])).tolist() == []
    for wrong in ([65_536], [-1]):
        with pytest.raises(ValueError, match="16 bits"):
            pack_tokens(np.asarray(wrong))
