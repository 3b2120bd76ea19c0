"""English versions of iapp's training questions, found again among a list whose rows are not in step.

``pairs/question_pairs.en-th.tsv`` holds a Thai question, an English version and an English paraphrase in each row, but in most
rows the three belong to different questions. Each Thai question takes the English one that is nearest to it, where
it is the nearest to that one too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.encoder import StaticEncoder

ALIKE = 0.48  # cosine from which a pair is taken: of 25 pairs looked at, from .4 up, one was wrong and three badly translated
SHORTEST = 9  # characters
ORIGIN = "iapp-train"


def english_paragraphs(
    data: Path, paragraphs: Sequence[dict[str, Any]], encoder: StaticEncoder
) -> list[dict[str, Any]]:
    """The same passages in the same order, with those of their questions that have an English version, in English.

    Raises OSError where ``data`` has no pairs.
    """
    asked = list(dict.fromkeys(row["question"] for paragraph in paragraphs for row in paragraph["qas"]))
    known = _nearest(asked, list(dict.fromkeys(_english(data / "pairs" / "question_pairs.en-th.tsv"))), encoder)
    return [
        {
            **paragraph,
            "qas": [
                {**row, "question": known[row["question"]]} for row in paragraph["qas"] if row["question"] in known
            ],
        }
        for paragraph in paragraphs
    ]


def _english(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            *_, first, second, origin = line.rstrip("\n").split("\t")
            if origin == ORIGIN:
                yield from (text for text in (first, second) if len(text) >= SHORTEST)


def _nearest(asked: Sequence[str], english: Sequence[str], encoder: StaticEncoder) -> dict[str, str]:
    """English by Thai, where each is the other's nearest and alike enough."""
    alike = encoder.encode(asked, role="query") @ encoder.encode(english, role="query").T
    best, back = alike.argmax(axis=1), alike.argmax(axis=0)
    taken = np.flatnonzero((back[best] == np.arange(len(asked))) & (alike.max(axis=1) >= ALIKE))
    return {asked[number]: english[best[number]] for number in taken.tolist()}
