"""Passages that do not answer, and passages cut as a search finds them: what doubt is learned from.

Three kinds of passages do not answer a question: its own without the sentences that hold the answer, the passage that shares
most with it among all those without its answer, and, of our own questions, those that were asked near a passage (``own``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from index.chunking import chunk_document
from index.encoder import StaticEncoder
from index.records import Document
from index.sentences import sentence_spans
from qa.reader_weights import Cutter
from qa.reader_words import WordTable

SHORTEST_REST = 80  # characters that a passage keeps without its answering sentences, to be asked
NEAREST = 6  # passages that are looked at for one without the answer

Paragraph = dict[str, Any]


def shortened(paragraphs: Sequence[Mapping[str, Any]]) -> Iterator[Paragraph]:
    """Each question with its passage without the sentences that hold its answer, where enough is left."""
    for group, paragraph in enumerate(paragraphs):
        pieces = [paragraph["context"][place.start : place.end] for place in sentence_spans(paragraph["context"])]
        for row in paragraph["qas"]:
            answers = [answer["text"].strip() for answer in row["answers"]]
            rest = "".join(piece for piece in pieces if not any(answer in piece for answer in answers))
            # An answer over two sentences is still there.
            if len(rest) >= SHORTEST_REST and not any(answer in rest for answer in answers):
                yield {"context": rest, "group": group, "qas": [{**row, "answers": []}]}


class Passages:
    """All passages of some paragraphs, cut as an index cuts them, to be found by words and by meaning."""

    def __init__(
        self, paragraphs: Sequence[Mapping[str, Any]], cutter: Cutter, words: WordTable, encoder: StaticEncoder
    ) -> None:
        self._cutter, self._words, self._encoder = cutter, words, encoder
        self._cut = [
            (number, chunk)
            for number, paragraph in enumerate(paragraphs)
            for chunk in chunk_document(Document(str(number), paragraph["context"]))
        ]
        self._holding: dict[int, list[int]] = {}
        texts = [chunk.text for _, chunk in self._cut]
        for place, ids in enumerate(cutter.ids(texts)):
            for word in set(ids):
                self._holding.setdefault(word, []).append(place)
        self._vectors = encoder.encode(texts, role="document")

    def nearest(self, question: str) -> list[int]:
        """The NEAREST passages: the share of the question's words that they hold, by rarity, and their cosine."""
        ids = np.unique(self._cutter.ids([question])[0]).astype(np.int64)
        weights = self._words.weight(ids)
        scores = self._vectors @ self._encoder.encode([question], role="query")[0]
        for word, weight in zip(ids.tolist(), (weights / max(float(weights.sum()), 1e-9)).tolist(), strict=True):
            scores[self._holding.get(word, [])] += weight
        return [int(place) for place in np.argsort(-scores, kind="stable")[:NEAREST]]

    def without_answer(self, paragraphs: Sequence[Mapping[str, Any]]) -> Iterator[Paragraph]:
        """Each question with the nearest passage that does not hold its answer."""
        for group, paragraph in enumerate(paragraphs):
            for row in paragraph["qas"]:
                answers = [answer["text"].strip() for answer in row["answers"]]
                texts = (self._cut[place][1].text for place in self.nearest(row["question"]))
                text = next((text for text in texts if not any(answer in text for answer in answers)), None)
                if text is not None:
                    yield {"context": text, "group": group, "qas": [{**row, "answers": []}]}

    def with_answer(self, paragraphs: Sequence[Mapping[str, Any]]) -> Iterator[Paragraph]:
        """Each question with the passage cut from its paragraph that holds its answer, where one holds it whole."""
        own: dict[int, list[Any]] = {}
        for number, chunk in self._cut:
            own.setdefault(number, []).append(chunk)
        for group, paragraph in enumerate(paragraphs):
            for row in paragraph["qas"]:
                answer = row["answers"][0]
                start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"].rstrip())
                for chunk in own.get(group, ()):
                    if chunk.start <= start and end <= chunk.end:
                        moved = {**answer, "answer_start": start - chunk.start}
                        yield {"context": chunk.text, "group": group, "qas": [{**row, "answers": [moved]}]}
                        break


def doubtful(
    thai: Sequence[Paragraph], english: Sequence[Paragraph], near: Sequence[Paragraph], passages: Passages, taken: int
) -> Iterator[Paragraph]:
    """What a reader learns doubt from: every other question without its answer, the others beside it, and every other
    one in the passage that is cut around its answer; then those that were asked near a passage.

    Args:
        thai: iapp's paragraphs, ``taken`` of them, and our own behind them.
        english: as the first ``taken``, in English.
        near: questions that our own passages do not answer, in the order of those passages.
        passages: iapp's, cut.
    """
    for paragraphs in (thai[:taken], english):
        yield from _every_other(shortened(paragraphs), 0)
        yield from _every_other(passages.without_answer(paragraphs), 1)
        yield from _every_other(passages.with_answer(paragraphs), 0)
    for shorter in _every_other(shortened(thai[taken:]), 0):
        yield {**shorter, "group": shorter["group"] + taken}
    for number, paragraph in enumerate(near):
        yield {**paragraph, "group": taken + number}


def _every_other(paragraphs: Iterator[Paragraph], first: int) -> Iterator[Paragraph]:
    return islice(paragraphs, first, None, 2)
