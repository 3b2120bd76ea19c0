"""Learn the weights of the re-scorer and of the confidence: ``python -m qa.fit --data FOLDER``.

Reads iapp valid and the project's own questions (never a measure-only file), and writes ``rescorer.json`` and
``confidence.json`` beside this module. Deterministic; some half an hour of one processor core. Needs the
extra ``train``.

Re-scorer: a small network over what is measured of a question's candidates (``fit_rescorer``).
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
    as_questions,
    evidence_table,
    fit_confidence,
    own_rows,
    with_and_without,
    without_sentences,
)
from qa.fit_rescorer import Case, accuracy, fit_rescorer
from qa.locations import seeds_folder
from qa.own_questions import OwnPassage, own_passages
from qa.question_files import load_questions
from qa.questions import Question
from qa.reader_sentences import written_trees
from qa.rescorer import WEIGHTS, builtin, written

POOL = 60  # candidates a question
ENGLISH = 400  # English questions to learn from ...
SEEN_WEIGHT = 0.02  # ... which the encoder was trained on: it looks better on them than it is
OFF_TOPIC = 4  # every which question of another set is asked of the seeds
SEEDS_WEIGHT = 4.0  # one of the seeds' questions counts as this many of iapp's: there are fewer, of more kinds
OWN_WEIGHT = 0.5  # ... and one of our own as this many


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


def own_cases(passages: Sequence[OwnPassage], *, held_out: bool, weight: float) -> list[Case]:
    """The candidates, among all of ``passages``, of the answered questions of those that are held out, or are not."""
    everything = [Document(passage.name, passage.text, title=passage.title) for passage in passages]
    asked = [question for passage in passages if passage.held_out == held_out for question in as_questions(passage)]
    return cases(qa.open(documents=everything), asked, weight)


def rescorer(data: Path) -> None:
    """Fit and write the re-scorer."""
    valid = load_questions(data / "iapp" / "iapp.valid.json.gz")
    seeds, own = load_questions(seeds_folder() / "questions.jsonl"), own_passages(data)
    thai, asked = english(data)
    gathered = cases(qa.open(documents=valid.documents), valid.questions, 1.0)
    gathered += cases(qa.open(), seeds.questions, SEEDS_WEIGHT)
    gathered += cases(qa.open(documents=thai), asked, SEEN_WEIGHT)
    gathered += own_cases(own, held_out=False, weight=OWN_WEIGHT)
    kept = own_cases(own, held_out=True, weight=1.0)
    networks = {}
    for part, across in (("same", False), ("across", True)):
        chosen = [case for case in gathered if case.across == across]
        networks[part] = fit_rescorer(chosen)
        first = accuracy(chosen, networks[part]), accuracy([c for c in kept if c.across == across], networks[part])
        print(
            f"{part}: {len(chosen)} questions, {first[0]:.4f} right first; our own held out {first[1]:.4f}", flush=True
        )
    WEIGHTS.write_text(written(networks), encoding="utf-8")
    builtin.cache_clear()


def sure(data: Path) -> None:
    """Fit and write the confidence."""
    trees = {part: written_trees(trees) for part, trees in fitted(confidence_rows(data)).items()}
    confidence.WEIGHTS.write_text(json.dumps(trees, separators=(",", ":")) + "\n", encoding="utf-8")


def main() -> None:
    """Fit both, the confidence on what the new re-scorer finds."""
    parser = argparse.ArgumentParser(description="Learn the weights of the re-scorer and of the confidence.")
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds iapp/")
    parser.add_argument("--only", choices=("rescorer", "confidence"), help="one of the two")
    given = parser.parse_args()
    if given.only != "confidence":
        rescorer(given.data)
    if given.only != "rescorer":
        sure(given.data)


if __name__ == "__main__":
    main()
