"""Lexical + dense -> one ranking: pure functions over {id: score}, higher is better.

Scores are fused, not ranks: reciprocal-rank fusion with a weaker channel costs 4 to 6 points of R@1 on Thai
(measured; see tests/benchmarks/README.md). It stays here as the baseline of the benchmark table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

RRF_K = 60  # Cormack, Clarke & Buettcher 2009


def minmax(scores: Mapping[int, float]) -> dict[int, float]:
    """Scores moved to 0..1: ``(s - min) / (max - min)``; all 1 where they are equal."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    if high == low:
        return dict.fromkeys(scores, 1.0)
    return {key: (score - low) / (high - low) for key, score in scores.items()}


def weighted(channels: Sequence[Mapping[int, float]], weights: Sequence[float]) -> list[tuple[int, float]]:
    """Sum of min-max normalised channels, each times its weight; an id a channel lacks scores 0 there.

    Returns (id, score), best first, ties by id. Raises ValueError where the two lengths differ.
    """
    total: dict[int, float] = {}
    for scores, weight in zip(channels, weights, strict=True):
        for key, score in minmax(scores).items():
            total[key] = total.get(key, 0.0) + weight * score
    return ranked(total)


def reciprocal_rank(rankings: Sequence[Sequence[int]], k: int = RRF_K) -> list[tuple[int, float]]:
    """``sum over rankings of 1 / (k + rank)``, rank from 1 (Cormack, Clarke & Buettcher 2009)."""
    total: dict[int, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            total[key] = total.get(key, 0.0) + 1.0 / (k + rank)
    return ranked(total)


def ranked(scores: Mapping[int, float]) -> list[tuple[int, float]]:
    """(id, score) pairs, best first, ties by id."""
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
