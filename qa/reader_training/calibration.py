"""How sure a reading is: a logistic model over its evidence, fitted on iapp's validation questions.

Each question is read in its own passage, and in the passage of another article that shares most of its words:
there the span does not answer. The second kind weighs less, as a search finds the right passage more often.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from index.encoder import StaticEncoder
from index.lexicon import bundled_lexicon
from index.records import Chunk, Hit
from index.segmenter import bundled_segmenter
from index.words import idf
from qa.meaning import units_of
from qa.metrics import token_f1
from qa.reader import EVIDENCE, read_with_evidence
from qa.reader_training.cases import squad
from qa.reader_weights import Model
from qa.rerank import Question, RowSource

ANSWERS = 0.5  # F1 from which a span counts as answering
WEIGHT_OF_OTHERS = 0.25


def fit(data: Path, model: Model) -> dict[str, float]:
    """Weights of EVIDENCE and a bias, by name."""
    from sklearn.linear_model import LogisticRegression

    rows: list[list[float]] = []
    right: list[bool] = []
    weights: list[float] = []
    for evidence, answers, own in _readings(data, model):
        rows.append([evidence[name] for name in EVIDENCE])
        right.append(answers)
        weights.append(1.0 if own else WEIGHT_OF_OTHERS)
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit(np.asarray(rows), right, sample_weight=weights)
    named = dict(zip(EVIDENCE, fitted.coef_[0].round(4).tolist(), strict=True))
    return {"bias": round(float(fitted.intercept_[0]), 4), **named}


def _readings(data: Path, model: Model) -> list[tuple[dict[str, float], bool, bool]]:
    """(evidence, the span answers, the passage is the question's own) of every question, twice."""
    segmenter, rows = bundled_segmenter(), RowSource(StaticEncoder())
    paragraphs = squad(data / "iapp" / "iapp.valid.json.gz")
    texts = [paragraph["context"] for paragraph in paragraphs]
    held = [set(segmenter.words_only(ids).tolist()) for ids in segmenter.raw_ids(texts)]
    frequency: dict[int, int] = {}
    for words in held:
        for word in words:
            frequency[word] = frequency.get(word, 0) + 1
    out = []
    for number, paragraph in enumerate(paragraphs):
        for row in paragraph["qas"]:
            ids = segmenter.ids(row["question"])
            distinct = list(dict.fromkeys(ids))
            rarity = [idf(frequency.get(word, 0), len(texts), segmenter.prior(word)) for word in distinct]
            units = units_of(
                row["question"], segmenter, bundled_lexicon(), lambda word: frequency.get(word, 0), len(texts)
            )
            question = Question(
                row["question"],
                tuple(ids),
                np.asarray(distinct, dtype=np.int64),
                np.asarray(rarity, dtype=np.float32),
                np.zeros(1, dtype=np.float32),
                0.0,
                units,
            )
            shared = [sum(r for word, r in zip(distinct, rarity, strict=True) if word in words) for words in held]
            shared[number] = -1.0
            gold = [answer["text"] for answer in row["answers"]]
            for place in (number, int(np.argmax(shared))):
                text = texts[place]
                hit = Hit(0, Chunk("passage", 0, len(text), text, 1), 1.0)
                reading, evidence = read_with_evidence(question, hit, segmenter, rows, model)
                if evidence:
                    found = text[reading.span.start : reading.span.end]
                    out.append((evidence, token_f1(found, gold) >= ANSWERS, place == number))
    return out
