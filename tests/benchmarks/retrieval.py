"""The retrieval table of the README: ``python tests/benchmarks/retrieval.py --data FOLDER [--pooled STORE]``.

Every row is measured with the default settings on files that nothing was tuned on (XQuAD, iapp test), with
ablations beside it. ``--pooled`` adds iapp test among 40,000 government documents, in a store that is built where
it is named (minutes) and used again.
"""

from __future__ import annotations

import argparse
import json
import lzma
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

import qa
from index.build import add_documents
from index.encoder import load_encoder
from index.records import Document, Hit
from index.segmenter import bundled_segmenter
from index.store import Identity, Store
from qa.assistant import Assistant
from qa.fusion import reciprocal_rank
from qa.question_files import load_questions
from qa.questions import Question

DEPTH = 40  # passages asked for, so that ten distinct documents are among them
Ranker = Callable[[str], list[str]]


def distinct(hits: Sequence[Hit]) -> list[str]:
    """Documents in the order of their best passage."""
    return list(dict.fromkeys(source for hit in hits for source in (hit.source, *(place.source for place in hit.also))))


def measure(rank: Ranker, questions: Sequence[Question]) -> dict[str, float]:
    """recall@1, recall@10, MRR@10, nDCG@10 (one right document a question) and milliseconds a query."""
    ranks, spent = [], []
    for question in questions:
        if not any(char.isalnum() for char in question.question):
            ranks.append(0)
            continue
        began = time.perf_counter()
        found = rank(question.question)[:10]
        spent.append(1000 * (time.perf_counter() - began))
        right = [place for place, source in enumerate(found, start=1) if source in question.relevant]
        ranks.append(right[0] if right else 0)
    places = np.asarray(ranks, dtype=float)
    hit = places > 0
    gain = np.where(hit, 1 / np.log2(np.maximum(places, 1) + 1), 0.0)
    return {
        "R@1": float((places == 1).mean()),
        "R@10": float(hit.mean()),
        "MRR@10": float(np.where(hit, 1 / np.maximum(places, 1), 0.0).mean()),
        "nDCG@10": float(gain.mean()),
        "p50 ms": float(np.median(spent[1:])),
        "p95 ms": float(np.percentile(spent[1:], 95)),
    }


def rankers(documents: Sequence[Document]) -> Iterator[tuple[str, Ranker]]:
    """The default configuration and its ablations over one set of documents."""
    full = qa.open(documents=documents)
    words, dense = qa.open(documents=documents, mode="words"), qa.open(documents=documents, mode="dense")
    plain = qa.open(documents=documents, rescore=False)

    def by_rank(question: str) -> list[str]:
        lists = [distinct(bot.retrieve(question, 100)) for bot in (words, dense)]
        names = sorted({name for found in lists for name in found})
        number = {name: place for place, name in enumerate(names)}
        fused = reciprocal_rank([[number[name] for name in found] for found in lists])
        return [names[place] for place, _ in fused]

    for label, bot in (
        ("default", full),
        ("without the re-scorer (weighted scores)", plain),
        ("words alone (BM25)", words),
        ("encoder alone", dense),
    ):
        yield label, lambda question, bot=bot: distinct(bot.retrieve(question, DEPTH))
    yield "plain reciprocal-rank fusion", by_rank


def government(path: Path) -> Iterator[Document]:
    """The 40,000 government documents, title first."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Document(row["id"], f"{row['title']}\n{row['text']}", title=row["title"], date=row["date"])


def pooled(place: Path, documents: Sequence[Document], data: Path) -> Assistant:
    """An assistant over iapp test and the government documents, in a store at ``place``."""
    encoder, segmenter = load_encoder(), bundled_segmenter()
    if not (place / "store.sqlite").exists():
        identity = Identity(encoder.name, encoder.fingerprint, segmenter.fingerprint, encoder.dimension)
        store = Store.create(place, identity)
        began = time.perf_counter()
        add_documents(store, documents, encoder, segmenter)
        rows = list(government(data / "thaigov" / "thaigov.jsonl.xz"))
        add_documents(store, rows, encoder, segmenter)
        spent = time.perf_counter() - began
        letters = sum(len(row.text) for row in rows)
        print(f"written in {spent:.0f} s, {letters / spent / 1e6:.2f} M characters/s", flush=True)
    began = time.perf_counter()
    bot = Assistant(Store.open(place), encoder, segmenter)
    bot.retrieve("ทดสอบ", 1)
    print(f"opened to first answer in {time.perf_counter() - began:.1f} s, {bot.passage_count:,} passages", flush=True)
    return bot


def show(label: str, figures: dict[str, float]) -> None:
    """One row."""
    shares = "  ".join(f"{name} {value:.4f}" for name, value in figures.items() if not name.endswith("ms"))
    print(f"  {label:42} {shares}  p50 {figures['p50 ms']:.1f} ms  p95 {figures['p95 ms']:.1f} ms", flush=True)


def main() -> None:
    """Measure and print every row."""
    parser = argparse.ArgumentParser(description="Measure retrieval on XQuAD and iapp test.")
    parser.add_argument("--data", type=Path, required=True, help="folder with xquad/, iapp/ and thaigov/")
    parser.add_argument("--pooled", type=Path, help="store folder of the pooled row; built where it is missing")
    arguments = parser.parse_args()
    data: Path = arguments.data
    thai = load_questions(data / "xquad" / "xquad.th.json")
    english = load_questions(data / "xquad" / "xquad.en.json")
    test = load_questions(data / "iapp" / "iapp.test.json.gz")
    # The two XQuAD files are parallel: the n-th English context is the n-th Thai one.
    place_of = {a.source: b.source for a, b in zip(english.documents, thai.documents, strict=True)}
    across = [
        Question(id=q.id, question=q.question, relevant={place_of[name]: gain for name, gain in q.relevant.items()})
        for q in english.questions
    ]
    for title, documents, questions in (
        ("XQuAD-th", thai.documents, thai.questions),
        ("iapp test", test.documents, test.questions),
        ("XQuAD, English questions on Thai passages", thai.documents, across),
    ):
        print(f"{title}: {len(questions)} questions, {len(documents)} documents")
        for label, rank in rankers(documents):
            show(label, measure(rank, questions))
    if arguments.pooled:
        bot = pooled(arguments.pooled, test.documents, data)
        print(f"iapp test among {bot.document_count:,} documents")
        show("default", measure(lambda question: distinct(bot.retrieve(question, DEPTH)), test.questions))


if __name__ == "__main__":
    main()
