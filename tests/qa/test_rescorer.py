"""The re-scorer's network: its scores written out, shared out among the measurements, and learned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qa
from qa.fit_rescorer import Case, accuracy, fit_rescorer
from qa.rerank import FEATURES
from qa.rescorer import Network, NetworkRescorer, relative, written

RNG = np.random.default_rng(3)
INPUTS = ["dense", "meaning"]


def weights(hidden: int = 5) -> dict[str, Any]:
    return {
        "inputs": INPUTS,
        "mean": RNG.normal(size=4),
        "spread": RNG.uniform(0.5, 2, size=4),
        "linear": RNG.normal(size=4),
        "hidden": RNG.normal(size=(4, hidden)),
        "bias": RNG.normal(size=hidden),
        "out": RNG.normal(size=hidden),
    }


def test_scores_are_as_the_formula_says() -> None:
    given, measured = weights(), RNG.uniform(size=(7, len(FEATURES))).astype(np.float32)
    read = measured[:, [FEATURES.index(name) for name in INPUTS]].astype(np.float64)
    x = (np.hstack([read, read - read.max(axis=0)]) - given["mean"]) / given["spread"]
    base = np.tanh(given["bias"]) @ given["out"]
    expected = x @ given["linear"] + np.tanh(x @ given["hidden"] + given["bias"]) @ given["out"] - base
    assert Network(given).score(measured).tolist() == pytest.approx(expected.tolist(), abs=1e-4)
    assert Network(given).score(measured[:0]).shape == (0,)


def test_shares_add_up_to_the_score_and_follow_a_straight_line() -> None:
    given, measured = weights(), RNG.uniform(size=(9, len(FEATURES))).astype(np.float32)
    network = Network(given)
    assert network.shares(measured).sum(axis=1).tolist() == pytest.approx(network.score(measured).tolist(), abs=1e-4)
    straight = given | {"out": np.zeros(5)}
    x = (relative(measured[:, [FEATURES.index(name) for name in INPUTS]]) - given["mean"]) / given["spread"]
    each = (x * given["linear"]).reshape(9, 2, 2).sum(axis=1)
    assert Network(straight).shares(measured).ravel().tolist() == pytest.approx(each.ravel().tolist(), abs=1e-4)


def test_weights_are_written_and_read(tmp_path: Path) -> None:
    path, given = tmp_path / "rescorer.json", weights()
    path.write_text(written({"same": given, "across": given}), encoding="utf-8")
    assert list(json.loads(path.read_text(encoding="utf-8"))) == ["same", "across"]
    read = NetworkRescorer.load(path)
    measured = RNG.uniform(size=(4, len(FEATURES))).astype(np.float32)
    assert read._same.score(measured).tolist() == pytest.approx(Network(given).score(measured).tolist(), abs=1e-2)


@pytest.mark.parametrize("question", ["ประธานาธิบดีสหรัฐฯ คือใคร", "Who is the president of the United States?"])
def test_contributions_of_what_ships_add_up(question: str) -> None:
    hits = qa.open().retrieve(question, 3, explain=True)
    for hit in hits:
        assert hit.explanation is not None
        assert sum(hit.explanation.contributions.values()) == pytest.approx(hit.score, abs=1e-3)
        assert list(hit.channels) == list(FEATURES)


def test_what_tells_the_answer_is_learned_where_a_straight_line_cannot() -> None:
    """The passage that is measured neither high nor low answers."""
    rng, cases = np.random.default_rng(0), []
    for _ in range(600):
        measured = rng.choice([0.0, 1.0], size=(6, len(FEATURES)))
        right = rng.integers(6)
        measured[right, 1] = 0.5
        cases.append(Case(measured, np.arange(6) == right, 1.0, False))
    found = fit_rescorer(cases[:500], rounds=150)
    assert accuracy(cases[500:], found) > 0.95
    again = fit_rescorer(cases[:500], rounds=150)
    assert all(np.array_equal(found[name], again[name]) for name in found)
