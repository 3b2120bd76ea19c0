"""How well the reader finds the answer in the right passage: ``python tests/benchmarks/reader.py --data FOLDER``.

Exact match and F1 over newmm words (the best gold answer counts), how often the sentence shown holds the
answer, the calibration error of the probability that the span answers, and the time a question takes. Then end to
end: the passages are searched, and the first one found is read, whether it is the right one or not; then the one that is
first as questions are asked, the best passages read and the first one again with what stands around it.
Settings are chosen on iapp valid and on held-out questions of our own; iapp test and XQuAD-th are looked at to report.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

import qa
from index.encoder import StaticEncoder
from index.lexicon import bundled_lexicon
from index.records import Chunk, Document, Hit
from index.segmenter import Segmenter, bundled_segmenter
from index.words import idf
from qa.assistant import CITED, READ_FOR_PARTS, READ_HITS
from qa.meaning import units_of
from qa.metrics import ece_statistic, exact_match, figure, holds, mean_statistic, token_f1
from qa.passage_order import around
from qa.reader import Reader, Reading
from qa.reader_named import load_reader
from qa.reader_training.own import own_paragraphs
from qa.rerank import Question, RowSource

SETS = {
    "valid": "iapp/iapp.valid.json.gz",
    "test": "iapp/iapp.test.json.gz",
    "xquad-th": "xquad/xquad.th.json",
    "xquad-en-th": "xquad/xquad.en.json",
}
OWN = "own"  # the project's own questions that the reader was not trained on, in Thai and English


def squad(path: Path) -> list[dict[str, Any]]:
    """The paragraphs of a SQuAD file, in order."""
    data = path.read_bytes()
    raw = gzip.decompress(data) if path.suffix == ".gz" else data
    return [paragraph for article in json.loads(raw)["data"] for paragraph in article["paragraphs"]]


def cases(data: Path, name: str) -> Iterator[tuple[str, list[str], str]]:
    """(question, gold answers, passage); English questions are asked of the Thai passages."""
    asked = own_paragraphs(data, held_out=True) if name == OWN else squad(data / SETS[name])
    passages = squad(data / SETS["xquad-th"]) if name == "xquad-en-th" else asked
    for questions, passage in zip(asked, passages, strict=True):
        for row, answered in zip(questions["qas"], passage["qas"], strict=True):
            yield row["question"], [answer["text"] for answer in answered["answers"]], passage["context"]


class Measure:
    """Questions measured against the passages of one set."""

    def __init__(self, texts: list[str], segmenter: Segmenter) -> None:
        self._segmenter, self._count = segmenter, len(texts)
        self._frequency: dict[int, int] = {}
        for ids in segmenter.raw_ids(texts):
            for token in set(segmenter.words_only(ids).tolist()):
                self._frequency[token] = self._frequency.get(token, 0) + 1

    def question(self, text: str) -> Question:
        ids = self._segmenter.ids(text)
        distinct = list(dict.fromkeys(ids))
        seen = lru_cache(maxsize=None)(lambda token: self._frequency.get(token, 0))
        weights = [idf(seen(token), self._count, self._segmenter.prior(token)) for token in distinct]
        units = units_of(text, self._segmenter, bundled_lexicon(), seen, self._count)
        return Question(
            text,
            tuple(ids),
            np.asarray(distinct, dtype=np.int64),
            np.asarray(weights, dtype=np.float32),
            np.zeros(1, dtype=np.float32),
            100.0,
            units,
        )


Read = tuple[Reading, list[str], str, float]
"""A reading, the gold answers, the text that its places count in, the seconds it took."""


def readings(data: Path, name: str, reader: Reader) -> Iterator[Read]:
    """Each question of a set read in its own passage."""
    segmenter, rows = bundled_segmenter(), RowSource(StaticEncoder())
    every = list(cases(data, name))
    measure = Measure(list(dict.fromkeys(passage for _, _, passage in every)), segmenter)
    for text, gold, passage in every:
        question = measure.question(text)
        hit = Hit(0, Chunk("passage", 0, len(passage), passage, 1), 1.0)
        begin = time.perf_counter()
        reading = reader.read(question, hit, segmenter, rows)
        yield reading, gold, passage, time.perf_counter() - begin


def end_to_end(data: Path, name: str, reader: Reader, wide: bool) -> Iterator[Read]:
    """Each question of a set read in the passage that is found first among all of the set; the search is timed too.

    Args:
        wide: read what stands around the passage in its document too.
    """
    segmenter, rows = bundled_segmenter(), RowSource(StaticEncoder())
    every = list(cases(data, name))
    texts = list(dict.fromkeys(passage for _, _, passage in every))
    bot = qa.open(documents=[Document(f"{number}.txt", text) for number, text in enumerate(texts)])
    measure = Measure(texts, segmenter)
    for text, gold, _ in every:
        question = measure.question(text)
        begin = time.perf_counter()
        hit = bot.retrieve(text, 5)[0]
        passage = texts[int(hit.source.removesuffix(".txt"))]
        reading = reader.read(question, around(hit, passage) if wide else hit, segmenter, rows)
        took = time.perf_counter() - begin
        yield reading, gold, passage, took


def as_asked(data: Path, name: str) -> Iterator[Read]:
    """Each question asked: passages are found, the best are read, and the first one is the one that both speak for."""
    every = list(cases(data, name))
    texts = list(dict.fromkeys(passage for _, _, passage in every))
    bot = qa.open(documents=[Document(f"{number}.txt", text) for number, text in enumerate(texts)])
    for text, gold, _ in every:
        begin = time.perf_counter()
        measured, hits, _ = bot._search(bot._standing(text, ()), READ_FOR_PARTS)
        hits, found = bot._read(measured, hits, READ_HITS, CITED, bot.document)
        yield found[0], gold, texts[int(hits[0].source.removesuffix(".txt"))], time.perf_counter() - begin


def report(name: str, found: Iterator[Read]) -> None:
    table, seconds = [], []
    for reading, gold, passage, took in found:
        answer = passage[reading.span.start : reading.span.end]
        sentence = passage[reading.place.start : reading.place.end]
        row = (token_f1(answer, gold), exact_match(answer, gold), holds(sentence, gold), reading.probability)
        table.append(row)
        seconds.append(took)
    rows = np.asarray(table, dtype=float)
    parts = []
    for column, label in enumerate(("F1", "EM", "sentence")):
        value, (low, high) = figure(len(rows), mean_statistic(rows[:, column])) or (0.0, (0.0, 0.0))
        parts.append(f"{label} {100 * value:.1f} ({100 * low:.1f}-{100 * high:.1f})")
    error = float(ece_statistic(rows[:, 3], rows[:, 0] >= 0.5)(np.arange(len(rows))[None])[0])
    times = np.percentile(np.asarray(seconds) * 1000, [50, 95])
    print(f"{name}: {' '.join(parts)} ECE {error:.3f} ms {times[0]:.1f} p95 {times[1]:.1f} n {len(rows)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with iapp/ and xquad/")
    parser.add_argument(
        "sets", nargs="*", choices=[*SETS, OWN, []], help="which sets (valid alone where none is named)"
    )
    parser.add_argument("--gold-passage", action="store_true", help="leave the search out")
    parser.add_argument("--reader", metavar="NAME", help="another reader, as qa ask takes it")
    chosen = parser.parse_args()
    reader = load_reader(chosen.reader)
    for name in chosen.sets or ["valid"]:
        report(name, readings(chosen.data, name, reader))
        if not chosen.gold_passage:
            report(f"{name}, first passage found", end_to_end(chosen.data, name, reader, False))
            if chosen.reader is None:
                report(f"{name}, as asked", as_asked(chosen.data, name))
            report(f"{name}, with what stands around it", end_to_end(chosen.data, name, reader, True))


if __name__ == "__main__":
    main()
