"""Are the results what they were? ``python tests/benchmarks/same_results.py --data FOLDER [--store STORE] --keep FILE``, then,
after a change, the same with ``--against FILE``.

Asks iapp valid's questions and the seeds' of three stores (the seeds, iapp valid's documents, and a large one where it
is named), all documents and parts of them, and compares passages, their order, repeats, words matched and every figure.
Two passages that change places within the rounding of their scores are counted apart.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import qa
from index.encoder import load_encoder
from index.segmenter import bundled_segmenter
from index.store import Store
from qa.assistant import Assistant
from qa.locations import seeds_folder
from qa.question_files import load_questions

ROUNDING = 2e-5  # of a score or a channel, each about 0..1


def told(bot: Assistant, question: str, **options: Any) -> list[Any]:
    """What was found, as JSON."""
    return [
        [hit.chunk_id, hit.score, hit.channels, [str(place) for place in hit.also], list(hit.matched)]
        for hit in bot.retrieve(question, 10, **options)
    ]


def parts_of(bot: Assistant) -> list[tuple[str, qa.Filter]]:
    """Filters from one document to most of them, scattered and not."""
    sources = sorted(info.source for info in bot.documents())
    scattered = [
        (f"every {step}th document", qa.Filter(within=sources[::step]))
        for step in (3, 30, 400, 4_000)
        if len(sources) > step
    ]
    dated = [("since 2020-06", qa.Filter(since="2020-06"))] if any(info.date for info in bot.documents()) else []
    return [*scattered, *dated, ("one document", qa.Filter(within=sources[len(sources) // 2]))]


def all_told(bots: dict[str, Assistant], asked: Sequence[str], narrowed: int) -> Iterator[tuple[str, list[Any]]]:
    """(what was asked, what was found) for each store; the first ``narrowed`` questions of parts of it too."""
    for name, bot in bots.items():
        for question in asked:
            yield f"{name}: {question}", told(bot, question)
        for label, part in parts_of(bot):
            for question in asked[:narrowed]:
                yield f"{name}, {label}: {question}", told(bot, question, filters=part)


def differences(before: list[Any], now: list[Any]) -> str:
    """What differs beyond rounding; "order" for passages of equal scores that changed places; "" for nothing."""
    if [hit[0] for hit in before] != [hit[0] for hit in now]:
        swapped = sorted(hit[0] for hit in before) == sorted(hit[0] for hit in now) and all(
            abs(a[1] - b[1]) <= ROUNDING for a, b in zip(before, now, strict=True)
        )
        return "order" if swapped else f"passages {[hit[0] for hit in before]} -> {[hit[0] for hit in now]}"
    for old, new in zip(before, now, strict=True):
        if old[3:] != new[3:]:
            return f"repeats or words of {old[0]}: {old[3:]} -> {new[3:]}"
        figures = {"score": (old[1], new[1]), **{key: (old[2][key], new[2].get(key, 99.0)) for key in old[2]}}
        for key, (a, b) in figures.items():
            if abs(a - b) > ROUNDING:
                return f"{key} of {old[0]}: {a} -> {b}"
    return ""


def main() -> None:
    """Ask, then write down or compare."""
    parser = argparse.ArgumentParser(description="Compare what is found with what was found before.")
    parser.add_argument("--data", type=Path, required=True, help="folder with iapp/")
    parser.add_argument("--store", type=Path, help="a large store too, made by retrieval.py --pooled")
    parser.add_argument("--questions", type=int, default=10_000, help="at most so many of each set")
    parser.add_argument("--narrowed", type=int, default=40, help="questions asked of parts of the documents")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--keep", type=Path, help="file to write what was found into")
    what.add_argument("--against", type=Path, help="file that --keep wrote")
    given = parser.parse_args()
    valid = load_questions(given.data / "iapp" / "iapp.valid.json.gz")
    sets = [load_questions(seeds_folder() / "questions.jsonl").questions, valid.questions]
    asked = [row.question for rows in sets for row in rows[: given.questions] if any(map(str.isalnum, row.question))]
    bots = {"seeds": qa.open()}
    bots["iapp valid"] = qa.open(documents=valid.documents)
    if given.store:
        bots["large"] = Assistant(Store.open(given.store), load_encoder(), bundled_segmenter())
    found = all_told(bots, asked, given.narrowed)
    if given.keep:
        with gzip.open(given.keep, "wt", encoding="utf-8") as file:
            json.dump(dict(found), file, ensure_ascii=False)
        return
    with gzip.open(given.against, "rt", encoding="utf-8") as file:
        before = json.load(file)
    same, swapped, other = 0, 0, 0
    for name, now in found:
        difference = differences(before[name], now)
        same, swapped = same + (not difference), swapped + (difference == "order")
        if difference not in ("", "order"):
            other += 1
            print(f"{name}: {difference}")
    print(f"{same} the same, {swapped} with passages of equal scores in another order, {other} different")


if __name__ == "__main__":
    main()
