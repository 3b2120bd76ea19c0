"""Learn the weights of the re-scorer and of the confidence: ``python -m qa.fit --data FOLDER``.

Reads iapp valid and the project's own questions (never a measure-only file), and writes ``rescorer.json`` and
``confidence.json`` beside this module. Deterministic; some fifteen minutes of one processor core. Needs the
extra ``train``.

Re-scorer: softmax over a question's candidates, maximising the log of the probability mass on passages that
answer (Cao et al. 2007, listwise), weights kept at or above zero, so that each can be read as what it is worth.
Confidence: boosted trees of "the first passage answers" on what retrieval and reading measured, over questions
asked with the answering document in the store, without it, and near it (``fit_confidence``).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import qa
from index.records import Document
from index.training.corpora import question_key
from qa import confidence, rerank
from qa.assistant import Assistant
from qa.fit_confidence import (
    Row,
    across_scripts,
    answers_here,
    evidence_table,
    fit_confidence,
    own_rows,
    with_and_without,
    without_sentences,
)
from qa.locations import seeds_folder
from qa.own_questions import own_passages
from qa.question_files import load_questions
from qa.questions import Question
from qa.reader_sentences import written_trees

POOL = 60  # candidates a question
RIDGE = 3e-4  # keeps weights that nothing needs near zero
ENGLISH = 400  # English questions to learn from ...
SEEN_WEIGHT = 0.02  # ... which the encoder was trained on: it looks better on them than it is
OFF_TOPIC = 4  # every which question of another set is asked of the seeds
SEEDS_WEIGHT = 4.0  # one of the seeds' questions counts as this many of iapp's: there are fewer, of more kinds


@dataclass(frozen=True, slots=True)
class Sure:
    """What a question counts where confidence is fitted. Near misses count less than they were written often: people
    ask mostly what is there."""

    seeds: float = 16.0
    own: float = 2.0
    own_near: float = 1.0
    iapp: float = 1.8
    without_sentences: float = 0.15
    off_topic: float = 1.0
    seen: float = 0.2
    seen_off_topic: float = 0.6


@dataclass(frozen=True, slots=True)
class Case:
    """One question's candidates."""

    features: np.ndarray
    """(n, F)"""
    answers: np.ndarray
    """(n,) True where the passage answers."""
    weight: float
    across: bool


def cases(bot: Assistant, questions: Sequence[Question], weight: float) -> list[Case]:
    """The candidates of every answerable question that has a right one among them."""
    found = []
    for question in questions:
        if not question.answers or not any(char.isalnum() for char in question.question):
            continue
        hits = bot.retrieve(question.question, POOL, question.history)
        right = np.asarray([answers_here(question, hit) for hit in hits])
        if not right.any():  # the answer was cut in two: any passage of the document will do
            right = np.asarray([hit.source in question.relevant and not question.paragraphs for hit in hits])
        if right.any():
            table = np.asarray([[hit.channels[name] for name in rerank.FEATURES] for hit in hits], dtype=np.float64)
            found.append(Case(table, right, weight, across_scripts(question.question)))
    return found


def fit_rescorer(cases_: Sequence[Case], ridge: float = RIDGE) -> dict[str, float]:
    """Weights of FEATURES, each at least 0, of the listwise softmax."""
    from scipy.optimize import minimize

    total = sum(case.weight for case in cases_)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = 0.0, np.zeros_like(weights)
        for case in cases_:
            scores = case.features @ weights
            mass = np.exp(scores - scores.max())
            right = mass * case.answers
            value -= case.weight * np.log(right.sum() / mass.sum())
            slope -= case.weight * case.features.T @ (right / right.sum() - mass / mass.sum())
        return value / total + ridge * weights @ weights, slope / total + 2 * ridge * weights

    start = np.full(len(rerank.FEATURES), 2.0)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(start))
    return {name: round(float(weight), 3) for name, weight in zip(rerank.FEATURES, best.x, strict=True)}


def accuracy(cases_: Sequence[Case], weights: dict[str, float]) -> float:
    """Share of cases whose best passage answers."""
    vector = np.asarray([weights[name] for name in rerank.FEATURES])
    return float(np.mean([case.answers[int((case.features @ vector).argmax())] for case in cases_]))


def crossed(cases_: Sequence[Case], folds: int = 5) -> float:
    """:func:`accuracy` on held-out folds."""
    order = np.random.default_rng(0).permutation(len(cases_))
    right = 0.0
    for fold in np.array_split(order, folds):
        out = {int(index) for index in fold}
        weights = fit_rescorer([case for index, case in enumerate(cases_) if index not in out])
        right += accuracy([cases_[index] for index in sorted(out)], weights) * len(out)
    return right / len(cases_)


def english(data: Path) -> tuple[Sequence[Document], list[Question]]:
    """English versions of iapp train questions and the Thai passages: there are none of iapp valid."""
    train = load_questions(data / "iapp" / "iapp.train.json.gz")
    of = {question_key(question.question): question for question in train.questions}
    rows = (data / "pairs" / "question_pairs.en-th.tsv").read_text(encoding="utf-8").splitlines()[1:]
    pairs = [row.split("\t") for row in rows]
    known = [(text, of[question_key(thai)]) for thai, text, *_ in pairs if question_key(thai) in of]
    asked = [replace(question, question=text) for text, question in known[:: max(1, len(known) // ENGLISH)]]
    return train.documents, asked


def confidence_rows(data: Path) -> list[Row]:
    """All questions that confidence is learned from, asked."""
    count = Sure()
    valid = load_questions(data / "iapp" / "iapp.valid.json.gz")
    thai, asked = english(data)
    seeds = qa.open()
    rows = own_rows([passage for passage in own_passages(data) if not passage.held_out], count.own, count.own_near)
    rows += evidence_table(seeds, load_questions(seeds_folder() / "questions.jsonl").questions, count.seeds)
    rows += with_and_without(valid.documents, valid.questions, count.iapp)
    rows += without_sentences(valid.documents, valid.questions, count.without_sentences)
    rows += evidence_table(seeds, valid.questions[::OFF_TOPIC], count.off_topic)  # nothing to do with the documents
    rows += with_and_without(thai, asked, count.seen)
    return rows + evidence_table(seeds, asked[::OFF_TOPIC], count.seen_off_topic)


def fitted(rows: Sequence[Row]) -> dict[str, dict[str, np.ndarray]]:
    """Trees for questions in the passage's script, and across scripts."""
    parts = {"same": False, "across": True}
    return {part: fit_confidence([row for row in rows if row.across == across]) for part, across in parts.items()}


def main() -> None:
    """Fit both and write them."""
    parser = argparse.ArgumentParser(description="Learn the weights of the re-scorer and of the confidence.")
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds iapp/")
    data = parser.parse_args().data
    valid = load_questions(data / "iapp" / "iapp.valid.json.gz")
    own = load_questions(seeds_folder() / "questions.jsonl")
    bot, seeds = qa.open(documents=valid.documents), qa.open()
    gathered = cases(bot, valid.questions, 1.0) + cases(seeds, own.questions, SEEDS_WEIGHT)
    thai, asked = english(data)
    gathered += cases(qa.open(documents=thai), asked, SEEN_WEIGHT)
    table = {}
    for part, across in (("same", False), ("across", True)):
        chosen = [case for case in gathered if case.across == across]
        table[part] = fit_rescorer(chosen)
        print(
            part,
            len(chosen),
            f"fitted {accuracy(chosen, table[part]):.4f}, five folds {crossed(chosen):.4f}",
            table[part],
        )
    rerank.WEIGHTS.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    rerank.builtin.cache_clear()

    sure = {part: written_trees(trees) for part, trees in fitted(confidence_rows(data)).items()}
    confidence.WEIGHTS.write_text(json.dumps(sure, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
