"""What an evaluation found: a row a question, and the figures over all rows and over each type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from index.records import MissingExtra
from qa.metrics import (
    RETRIEVAL,
    TOKENIZER,
    Figure,
    aurc_statistic,
    auroc_statistic,
    ece_statistic,
    figure,
    mean_statistic,
    percentile_statistic,
)
from qa.questions import Level

ANSWER = ("exact", "f1", "f1_graphemes", "sentence_hit", "citations_valid")
ABSTENTION = ("auroc", "refused_unanswerable", "refused_answerable", "ece", "aurc")
LATENCY = ("p50", "p95")
GROUPS = {"retrieval": RETRIEVAL, "answer": ANSWER, "abstention": ABSTENTION, "latency_ms": LATENCY}
LOWER_IS_BETTER = frozenset({"refused_answerable", "ece", "aurc", "p50", "p95"})
FAILURES = ("not retrieved", "ranked low", "wrong span", "wrongly refused", "wrongly answered")

Figures = Mapping[str, Mapping[str, Figure | None]]
"""Group -> figure -> (value, interval), or None where the set cannot say."""


@dataclass(frozen=True, slots=True)
class Found:
    """One passage of a ranking, in the order that was judged."""

    source: str
    paragraph: int
    start: int
    end: int
    score: float
    relevant: bool
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One question: what was asked, searched, found and answered, and why it failed."""

    id: str
    question: str
    history: tuple[str, ...]
    type: str
    searched: str
    """The stand-alone question that was searched."""
    wanted: tuple[str, ...]
    """Documents judged to answer; empty where nothing is judged."""
    paragraphs: tuple[int, ...]
    answers: tuple[str, ...]
    answerable: bool | None
    found: tuple[Found, ...]
    rank: int | None
    """1-based rank of the first relevant one; None where none is among ``found``, or nothing is judged."""
    answer: str | None
    """What was answered; None where the set has nothing to compare an answer with."""
    quote: str
    """The first cited passage (where it refused: the nearest one)."""
    abstained: bool | None
    confidence: float | None
    latency_ms: float | None
    """None for the first question, which pays for warming up."""
    scores: Mapping[str, float]
    """Figure -> value of this question, for those that the set can say."""
    failure: str | None
    """One of FAILURES, or None where nothing is wrong or nothing is judged."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Report:
    """An evaluation: its rows, and figures over them."""

    name: str
    level: Level
    """What was judged as found: "document" or "paragraph"."""
    documents: int
    passages: int
    results: tuple[Row, ...] = field(repr=False)
    config: Mapping[str, Any]
    asked: int
    """Questions in the set; more than there are rows where the run was interrupted."""
    drafts: int = 0
    """Questions that no person has looked at yet."""
    tokenizer: str = TOKENIZER
    _known: dict[str, Figures] = field(default_factory=dict, repr=False, compare=False)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One plain record a question."""
        return [row.as_dict() for row in self.results]

    @property
    def partial(self) -> bool:
        """True where the run was interrupted."""
        return len(self.results) < self.asked

    @property
    def types(self) -> tuple[str, ...]:
        """Question types, in the order in which they first appear."""
        return tuple(dict.fromkeys(row.type for row in self.results if row.type))

    @property
    def figures(self) -> Figures:
        """Every figure over all questions."""
        return self.figures_of("")

    def figures_of(self, kind: str) -> Figures:
        """Every figure over the questions of one type (all of them: ""); drawn once, then remembered."""
        if kind not in self._known:
            self._known[kind] = _figures([row for row in self.results if kind in ("", row.type)])
        return self._known[kind]

    def frame(self) -> Any:
        """The rows as a pandas frame, a column for each score.

        Raises:
            MissingExtra: pandas is not installed.
        """
        try:
            import pandas
        except ModuleNotFoundError as error:
            raise MissingExtra("pandas", "eval", "a frame of the rows") from error
        return pandas.DataFrame([{**row, **row.pop("scores")} for row in self.rows])

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON-ready values: 0..1 (latency in milliseconds), None where the set cannot say.

        ``per_question`` is what two reports are compared by.
        """
        return {
            "name": self.name,
            "level": self.level,
            "tokenizer": self.tokenizer,
            "questions": len(self.results),
            "asked": self.asked,
            "drafts": self.drafts,
            "partial": self.partial,
            "documents": self.documents,
            "passages": self.passages,
            **_plain(self.figures),
            "by_type": {
                kind: {
                    "questions": sum(row.type == kind for row in self.results),
                    **_plain(self.figures_of(kind)),
                }
                for kind in self.types
            },
            "config": dict(self.config),
            "per_question": [
                {
                    "id": row.id,
                    "question": row.question,
                    "type": row.type,
                    "rank": row.rank,
                    "failure": row.failure,
                    "scores": {name: _rounded(value) for name, value in row.scores.items()},
                }
                for row in self.results
            ],
        }


def _rounded(value: float) -> float:
    return round(value, 6)


def _plain(figures: Figures) -> dict[str, Any]:
    values: dict[str, Any] = {
        group: {name: None if found is None else _rounded(found[0]) for name, found in members.items()}
        for group, members in figures.items()
    }
    values["intervals"] = {
        group: {name: None if found is None else [_rounded(end) for end in found[1]] for name, found in members.items()}
        for group, members in figures.items()
    }
    return values


# -- figures over rows -------------------------------------------------------------------------------------


def judged(rows: Sequence[Row], name: str) -> np.ndarray:
    """The values of one score, of the rows that have it."""
    return np.array([row.scores[name] for row in rows if name in row.scores], dtype=float)


def calibration(rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
    """(confidence, whether the first passage answers) of the rows that have both."""
    kept = [row for row in rows if row.confidence is not None and "first_passage" in row.scores]
    confidence = np.array([row.confidence for row in kept], dtype=float)
    return confidence, np.array([row.scores["first_passage"] > 0 for row in kept], dtype=bool)


def _figures(rows: Sequence[Row]) -> Figures:
    return {
        "retrieval": {name: _mean(judged(rows, name)) for name in RETRIEVAL},
        "answer": {name: _mean(judged(rows, name)) for name in ANSWER},
        "abstention": _abstention(rows),
        "latency_ms": _latency(rows),
    }


def _mean(values: np.ndarray) -> Figure | None:
    return figure(len(values), mean_statistic(values))


def _abstention(rows: Sequence[Row]) -> dict[str, Figure | None]:
    asked = [row for row in rows if row.confidence is not None and row.answerable is not None]
    sure = np.array([row.confidence for row in asked], dtype=float)
    can = np.array([row.answerable for row in asked], dtype=bool)
    refused = np.array([row.abstained for row in asked], dtype=float)
    confidence, right = calibration(rows)

    return {
        "auroc": figure(len(sure), auroc_statistic(sure, can)),
        "refused_unanswerable": _mean(refused[~can]),
        "refused_answerable": _mean(refused[can]),
        "ece": figure(len(right), ece_statistic(confidence, right)),
        "aurc": figure(len(right), aurc_statistic(confidence, right)),
    }


def _latency(rows: Sequence[Row]) -> dict[str, Figure | None]:
    values = np.array([row.latency_ms for row in rows if row.latency_ms is not None], dtype=float)
    return {
        "p50": figure(len(values), percentile_statistic(values, 50)),
        "p95": figure(len(values), percentile_statistic(values, 95)),
    }
