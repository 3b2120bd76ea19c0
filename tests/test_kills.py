"""Killed at any instant, in whatever it does: documents are whole, what was done is there, nothing stale answers.

Twenty kills here; tests/benchmarks/kills.py does hundreds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from killing import KINDS, Killer, text_of, version_of

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")


@pytest.fixture(scope="module")
def killer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    made = Killer(tmp_path_factory.mktemp("killed"), seed=5)
    yield made
    made.close()


@pytest.mark.parametrize("kind", KINDS)
def test_five_kills_of_each_kind(killer: Killer, kind: str) -> None:
    for _ in range(5):
        killer.kill(kind, most=0.3)


def test_the_checks_see_half_a_document() -> None:
    assert version_of(text_of("แมว", 7), "แมว") == 7
    with pytest.raises(AssertionError, match="half"):
        version_of(text_of("แมว", 7)[:-5], "แมว")
