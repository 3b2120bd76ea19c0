"""Questions with their passages, measured as the reader measures them; what is known of single words."""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.encoder import StaticEncoder
from index.lexicon import bundled_lexicon
from index.segmenter import Segmenter
from index.training.neighbours import unit
from qa.meaning import units_of
from qa.reader import in_own_words
from qa.reader_features import features
from qa.reader_text import Passage, asked, cut_passage
from qa.reader_weights import Cutter
from qa.reader_words import WordTable

DIMENSIONS = 128  # of the vectors that tell how alike two words are
NEWS_ITEMS, NEWS_CHARACTERS = 12_000, 1_200  # of thaigov, beside iapp's passages, that words are counted in


@dataclass(frozen=True, slots=True)
class Case:
    """One question and its passage."""

    ids: np.ndarray
    """(q,) word ids of the question."""
    text: Passage
    measured: np.ndarray
    """(t, WIDTH) float16."""
    first: int
    last: int
    """Words of the passage that the gold answer begins and ends with, -1 where it touches none or there is none."""
    right: np.ndarray
    """(s,) True for a sentence that holds the gold answer whole."""
    answers: tuple[str, ...]
    """Empty where the passage does not answer."""
    group: int
    """Number of the passage."""


def squad(path: Path) -> list[dict[str, Any]]:
    """The paragraphs of a gzipped SQuAD file, in order."""
    data = json.loads(gzip.decompress(path.read_bytes()))
    return [paragraph for article in data["data"] for paragraph in article["paragraphs"]]


def word_arrays(data: Path, cutter: Cutter, encoder: StaticEncoder) -> dict[str, np.ndarray]:
    """``weight``, ``alike`` and ``alike_scale`` of every word, as WordTable takes them."""
    size = len(cutter)
    frequency, count = np.zeros(size), 0
    for ids in cutter.ids(list(_counted_texts(data))):
        frequency[np.unique(ids).astype(np.intp)] += 1
        count += 1
    weight = np.log1p((count - frequency + 0.5) / (frequency + 0.5))
    rows, scales = rounded(_reduced(encoder.rows(np.arange(size)), frequency > 0))
    return {"weight": weight.astype(np.float16), "alike": rows, "alike_scale": scales}


def _counted_texts(data: Path) -> Iterator[str]:
    yield from (paragraph["context"] for paragraph in squad(data / "iapp" / "iapp.train.json.gz"))
    with lzma.open(data / "thaigov" / "thaigov.jsonl.xz", "rt", encoding="utf-8") as lines:
        for _, line in zip(range(NEWS_ITEMS), lines, strict=False):
            yield json.loads(line)["text"][:NEWS_CHARACTERS]


def _reduced(rows: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(n, DIMENSIONS) unit rows along the directions in which the words that occur differ most."""
    whole = unit(rows)
    _, directions = np.linalg.eigh((whole[seen].T @ whole[seen]).astype(np.float64))
    return unit(whole @ directions[:, ::-1][:, :DIMENSIONS].astype(np.float32))


def rounded(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, d) int8 and (n,) float16 whose product is ``rows``, about."""
    scales = np.abs(rows).max(axis=1) / 127
    scales[scales == 0] = 1.0
    return np.clip(np.round(rows / scales[:, None]), -127, 127).astype(np.int8), scales.astype(np.float16)


def cases(
    paragraphs: Iterable[Mapping[str, Any]], segmenter: Segmenter, cutter: Cutter, words: WordTable
) -> Iterator[Case]:
    """Every question that has words, measured. A paragraph's ``group``, where it has one, is the number it is known by."""
    paragraphs = list(paragraphs)
    frequency: dict[int, int] = {}
    for ids in segmenter.raw_ids([paragraph["context"] for paragraph in paragraphs]):
        for word in np.unique(segmenter.words_only(ids)).tolist():
            frequency[word] = frequency.get(word, 0) + 1
    for group, paragraph in enumerate(paragraphs):
        context = paragraph["context"]
        text = cut_passage(context, cutter.tokens(context))
        for row in paragraph["qas"]:
            tokens = cutter.tokens(row["question"])
            if not tokens:
                continue
            units = units_of(
                row["question"], segmenter, bundled_lexicon(), lambda word: frequency.get(word, 0), len(paragraphs)
            )
            question = asked(row["question"], tokens, in_own_words(units, segmenter, cutter))
            measured = features(question, text, words).astype(np.float16)
            yield _case(question.ids, text, measured, row["answers"], paragraph.get("group", group))


def _case(ids: np.ndarray, text: Passage, measured: np.ndarray, answers: list[dict[str, Any]], group: int) -> Case:
    if not answers:
        return Case(ids, text, measured, -1, -1, np.zeros(len(text.sentences), dtype=bool), (), group)
    start = answers[0]["answer_start"]
    end = start + len(answers[0]["text"].rstrip())
    inside = np.flatnonzero((text.ends > start) & (text.starts < end))
    first, last = (int(inside[0]), int(inside[-1])) if len(inside) else (-1, -1)
    right = np.asarray([place.start <= start and end <= place.end for place in text.sentences])
    return Case(ids, text, measured, first, last, right, tuple(answer["text"] for answer in answers), group)
