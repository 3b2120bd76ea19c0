"""The measurements of candidates, against their definitions written out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.characters import shared_grams
from qa.meaning import ALTERNATIVE, SCATTERED, Unit, met

ids = st.integers(0, 6)
forms = st.lists(ids, min_size=1, max_size=3).map(tuple)


def holds(form: Sequence[int], text: Sequence[int]) -> float:
    runs = [tuple(text[i : i + len(form)]) for i in range(len(text))]
    return 1.0 if tuple(form) in runs else SCATTERED if set(form) <= set(text) else 0.0


@given(
    st.lists(st.tuples(forms, st.lists(forms, max_size=3)), max_size=3), st.lists(st.lists(ids, max_size=7), max_size=4)
)
def test_an_expression_is_met_whole_scattered_or_in_other_words(
    asked: list[tuple[tuple[int, ...], list[tuple[int, ...]]]], texts: list[list[int]]
) -> None:
    units = [Unit(own, tuple(others), 1.0) for own, others in asked]
    expected = [
        [max([holds(own, text), *(ALTERNATIVE * holds(other, text) for other in others)]) for own, others in asked]
        for text in texts
    ]
    found = met(units, [np.asarray(text, dtype=np.int32) for text in texts])
    assert found.shape == (len(texts), len(units))
    assert found.ravel().tolist() == pytest.approx([value for row in expected for value in row])


letters = st.text("กขค1๑Aa -\x01\u0e31\U0001f600", max_size=12)


@given(letters, st.lists(letters, min_size=1, max_size=4))
def test_characters_shared_are_three_and_four_in_a_row(question: str, texts: list[str]) -> None:
    def folded(text: str) -> str:
        return "".join(c.lower() for c in text.replace("๑", "1") if c not in " -\x01")

    def grams(text: str) -> set[str]:
        return {folded(text)[i : i + n] for n in (3, 4) for i in range(len(folded(text)) - n + 1)}

    wanted, held = sorted(grams(question)), [grams(text) for text in texts]
    weight = [np.log1p(len(texts) / (sum(gram in some for some in held) + 0.5)) for gram in wanted]
    share = [sum(w for gram, w in zip(wanted, weight, strict=True) if gram in some) for some in held]
    expected = [value / sum(weight) for value in share] if wanted else [0.0] * len(texts)
    assert shared_grams(question, texts).tolist() == pytest.approx(expected, abs=1e-6)
