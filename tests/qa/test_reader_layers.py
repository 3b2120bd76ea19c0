"""Layers side by side give what each gives alone, and a convolution sees the rows at its places, and nothing beyond the ends."""

from __future__ import annotations

import numpy as np
import pytest

from qa.reader_layers import Layers


@pytest.mark.parametrize("count", [0, 1, 2, 9])
@pytest.mark.parametrize("places", [(-1, 0, 1), (-4, 0, 4), (-8, -4, 0)])
def test_a_convolution_sees_the_rows_at_its_places(count: int, places: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    each = [{"conv.weight": rng.normal(size=(4, 9)), "conv.bias": rng.normal(size=4)} for _ in range(2)]
    x = rng.normal(size=(2, count, 3)).astype(np.float32)
    found = Layers(each).convolution("conv", x, places)
    assert found.shape == (2, count, 4) and Layers(each).width("conv") == 4
    for n, arrays in enumerate(each):
        for row in range(count):
            seen = [x[n, row + p] if 0 <= row + p < count else np.zeros(3) for p in places]
            expected = arrays["conv.weight"] @ np.concatenate(seen) + arrays["conv.bias"]
            np.testing.assert_allclose(found[n, row], expected, atol=1e-4)
