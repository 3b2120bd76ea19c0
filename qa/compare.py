"""Two evaluations of the same questions: what changed, and could it be chance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.records import UsageError
from qa.metrics import CELLS, RETRIEVAL, SEED, figure, mean_statistic
from qa.summary import ANSWER, Report

FLIPS = 10_000  # random sign flips of the permutation test: p is known to about 0.002 near 0.05
EXACT_UP_TO = 13  # differing questions: 2**13 < FLIPS, so that all sign patterns are tried instead


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure in both, over the questions that have it in both."""

    name: str
    questions: int
    before: float
    after: float
    interval: tuple[float, float]
    """95 % bootstrap interval of ``after - before``."""
    p: float
    """Two-sided paired permutation test: how often chance alone gives a difference this large."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that failed in one and not in the other."""

    id: str
    question: str
    before: str | None
    """Why it failed; None where it did not."""
    after: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the second evaluation does better or worse than the first."""

    questions: int
    """Questions that stand in both."""
    unpaired: int
    """Questions that stand in one only, left out."""
    differences: tuple[Difference, ...]
    gained: tuple[Flip, ...]
    lost: tuple[Flip, ...]
    changed: tuple[str, ...]
    """Settings that differ, as "name: before -> after"."""


def load_report(path: str | Path) -> dict[str, Any]:
    """A report that ``qa eval --json`` wrote.

    Raises:
        UsageError: it is not there, or is not such a report.
    """
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path}: not JSON: write it with `qa eval ... --json {path}`") from error
    try:
        whole = all({"id", "question", "scores", "failure"} <= row.keys() for row in value["per_question"])
    except (TypeError, KeyError, AttributeError):
        whole = False
    if not whole or "level" not in value:
        raise UsageError(f"{path}: not a report of `qa eval --json`: write it again")
    return dict(value)


def compare(a: Report | Mapping[str, Any], b: Report | Mapping[str, Any]) -> Comparison:
    """Paired differences from ``a`` to ``b``: positive is more in ``b``.

    Raises:
        UsageError: they judge at different levels, or share no question.
    """
    before, after = (r.as_dict() if isinstance(r, Report) else r for r in (a, b))
    for name in ("level", "tokenizer"):
        if before.get(name) != after.get(name):
            raise UsageError(
                f"one report has {name} {before.get(name)}, the other {after.get(name)}: "
                "they measure different things; evaluate both with one question set"
            )
    first, second = ({(row["id"], row["question"]): row for row in r["per_question"]} for r in (before, after))
    pairs = [(first[key], second[key]) for key in first if key in second]
    if not pairs:
        raise UsageError("the two reports share no question: evaluate both with one question set")
    flips = [Flip(x["id"], x["question"], x["failure"], y["failure"]) for x, y in pairs]
    configs = before.get("config", {}), after.get("config", {})
    return Comparison(
        questions=len(pairs),
        unpaired=len(first) + len(second) - 2 * len(pairs),
        differences=tuple(d for name in (*RETRIEVAL, *ANSWER) if (d := _difference(name, pairs)) is not None),
        gained=tuple(f for f in flips if f.before and not f.after),
        lost=tuple(f for f in flips if f.after and not f.before),
        changed=tuple(
            f"{name}: {configs[0].get(name)} -> {configs[1].get(name)}"
            for name in dict.fromkeys([*configs[0], *configs[1]])
            if configs[0].get(name) != configs[1].get(name)
        ),
    )


def _difference(name: str, pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> Difference | None:
    both = [(x["scores"][name], y["scores"][name]) for x, y in pairs if name in x["scores"] and name in y["scores"]]
    if not both:
        return None
    values = np.array(both, dtype=float)  # (n, 2)
    change = values[:, 1] - values[:, 0]
    drawn = figure(len(change), mean_statistic(change))
    assert drawn is not None  # there is at least one pair
    before, after = values.mean(axis=0)
    return Difference(name, len(both), float(before), float(after), drawn[1], permutation_p(change))


def permutation_p(change: np.ndarray) -> float:
    """Two-sided p of a paired permutation (sign-flip) test of mean difference 0 (Fisher 1935; Smucker 2007).

    p = share of sign patterns whose |sum| is at least the observed one; all patterns where few questions
    differ, else (1 + as extreme) / (1 + FLIPS) over seeded random ones.
    """
    moved = change[change != 0]
    if len(moved) == 0:
        return 1.0
    observed = abs(moved.sum()) - 1e-9  # sums that are equal but for rounding count as equal
    if len(moved) <= EXACT_UP_TO:
        patterns = np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved)) & 1
        return float((np.abs((1 - 2 * patterns) @ moved) >= observed).mean())
    rng = np.random.default_rng(SEED)
    batch = max(1, CELLS // len(moved))
    extreme = 0
    for done in range(0, FLIPS, batch):
        signs = rng.choice(np.array([-1.0, 1.0]), (min(batch, FLIPS - done), len(moved)))
        extreme += int((np.abs(signs @ moved) >= observed).sum())
    return (1 + extreme) / (1 + FLIPS)
