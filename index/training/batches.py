"""Batches of (query, passage) pairs, drawn afresh each time from the corpora; nothing is stored twice.

Kinds of pairs and why each is there:

- title      a news title and a window of its article: other words for the same matter
- article    windows of one article, each with a stretch or the rarer words of it as query: the windows are
             one another's hard negatives, as the paragraphs of one document are when a person asks about it
- question   an iapp question and the part of its passage that answers; the other parts are negatives
- english    an English question and its Thai passage, or the same question in Thai
- lexicon    two forms of one entry
- gloss      English in brackets and the Thai before it
- latin      the Latin words of a window and the window without them: English terms in Thai surroundings

A share of the Thai queries has its words put into English, or into other Thai words, by the lexicon.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from index.training.bags import Bags, Ids, pack
from index.training.switching import Table, switch, synonyms, translations

LONG = 8  # tokens from which on a lexicon form counts as a sentence
WHOLE = -1  # part number of a passage that overlaps all others of its source


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that pairs are drawn from, as token ids."""

    titles: Bags
    articles: Bags
    """As many as titles, in the same order."""
    questions: Bags
    passages: Bags
    parts: Bags
    """The passages cut in parts, all parts of the first passage first."""
    part_of: NDArray[np.int64]
    """For each part, the index of its passage, ascending."""
    answers_in: NDArray[np.int64]
    """For each question, the index of the part that answers it."""
    english: Bags
    english_thai: Bags
    """For each English question, the Thai one."""
    english_in: NDArray[np.int64]
    """For each English question, the index of the part that answers it, -1 where there is none."""
    entries: Sequence[tuple[Bags, Bags]]
    """Thai forms and English forms of each lexicon entry."""
    glosses: tuple[Bags, Bags]
    """English, and the Thai before it."""
    idf: NDArray[np.float32]
    latin: NDArray[np.bool_]
    """Which token ids are Latin words, (size,)."""


@dataclass(frozen=True, slots=True)
class Mix:
    """How batches are put together; shares are of the queries of a batch, and add up to 1."""

    title: float = 0.15
    article: float = 0.34
    question: float = 0.20
    english: float = 0.15
    lexicon: float = 0.10
    gloss: float = 0.03
    latin: float = 0.03
    switch: float = 0.25
    """Share of the Thai queries of which words are put into English."""
    synonym: float = 0.15
    """Share of the Thai queries of which words are put into other Thai words of the same entry."""
    drop: float = 0.15
    """Most of the tokens of a query that may be left out."""
    window: tuple[int, int] = (50, 160)
    """Length of a passage in tokens, drawn evenly."""
    keep: float = 0.75
    """Least share of a passage's tokens that stays: dropout, and less to compute."""
    cut: float = 0.5
    """How often a stretch is taken out of the window that it is to find."""
    keywords: float = 0.5
    """How often the query of a window is its rarer words and not a stretch."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A query, the passage that it is to find, and further passages that it is not to find."""

    query: Ids
    passage: Ids
    source: int
    """Which text the passage is from; unique over all corpora."""
    part: int = WHOLE
    """Which part of the source; passages of one source and part, or of one source where either is WHOLE, overlap."""
    others: tuple[tuple[Ids, int], ...] = ()
    """Further passages of the same source, each with its part number."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Queries (n), passages (m >= n; the i-th answers query i), and what may not count as a wrong answer."""

    queries: Bags
    passages: Bags
    same: NDArray[np.bool_]
    """(n, m) True where the passage overlaps the right one, and is not the right one."""


@dataclass(slots=True)
class Sampler:
    """Draws batches; the same seed draws the same batches."""

    corpus: Corpus
    mix: Mix
    seed: int
    english: Table = field(init=False)
    synonyms: Table = field(init=False)
    _entry_shares: NDArray[np.float64] = field(init=False)
    _rng: np.random.Generator = field(init=False)
    _fresh: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)
        self.english = translations(self.corpus.entries)
        self.synonyms = synonyms(self.corpus.entries)
        # sentences say more than words, and there are fewer of them
        lengths = np.array([np.clip(len(thai.ids) / len(thai), 1, LONG) for thai, _ in self.corpus.entries])
        self._entry_shares = np.cumsum(lengths / lengths.sum())

    def batches(self, size: int, count: int, skip: int = 0) -> Iterator[Batch]:
        """Batches number ``skip`` to ``count``; each has its own seed, so that a run can resume."""
        for number in range(skip, count):
            self._rng = np.random.default_rng((self.seed, number))
            yield self.draw(size)

    def draw(self, size: int) -> Batch:
        """One batch of ``size`` queries."""
        mix = self.mix
        self._fresh = 0
        kinds = (
            self._title,
            self._article,
            self._question,
            self._english,
            self._lexicon,
            self._gloss,
            self._latin,
        )
        shares = np.array([mix.title, mix.article, mix.question, mix.english, mix.lexicon, mix.gloss, mix.latin])
        pairs: list[Pair] = []
        for kind, count in zip(kinds, self._rng.multinomial(size, shares / shares.sum()), strict=True):
            wanted = len(pairs) + count
            while len(pairs) < wanted:
                pairs += kind()[: wanted - len(pairs)]
        return _assemble(pairs)

    def _title(self) -> list[Pair]:
        index = self._index(self.corpus.titles)
        ids = self.corpus.articles[index]
        wide = int(self._rng.integers(*self.mix.window))
        start = 0 if self._rng.random() < 0.6 else int(self._rng.integers(0, max(len(ids) - wide, 0) + 1))
        query = self._query(self.corpus.titles[index])
        return [Pair(query, self._thin(ids[start : start + wide]), index)]

    def _article(self) -> list[Pair]:
        index = self._index(self.corpus.articles)
        ids = self.corpus.articles[index]
        pairs = []
        start = int(self._rng.integers(0, 30))
        for number in range(4):
            window = ids[start : start + int(self._rng.integers(*self.mix.window))]
            start += len(window)
            if len(window) < 30:
                break
            make = self._keywords if self._rng.random() < self.mix.keywords else self._span
            query, window = make(window)
            pairs.append(Pair(query, self._thin(window), index, number))
        return pairs

    def _span(self, window: Ids) -> tuple[Ids, Ids]:
        start, end = self._stretch(len(window), 4, 18)
        query = self._query(window[start:end])
        if self._rng.random() < self.mix.cut:
            window = np.concatenate([window[:start], window[end:]])
        return query, window

    def _keywords(self, window: Ids) -> tuple[Ids, Ids]:
        start, end = self._stretch(len(window), 20, 45)
        near = np.unique(window[start:end])
        noise = self._rng.gumbel(size=len(near)) + np.log(np.maximum(self.corpus.idf[near], 0.05)) * 2
        return self._switched(near[np.argsort(-noise)[: int(self._rng.integers(3, 8))]]), window

    def _question(self) -> list[Pair]:
        index = self._index(self.corpus.questions)
        return [self._answer(self._query(self.corpus.questions[index]), int(self.corpus.answers_in[index]))]

    def _english(self) -> list[Pair]:
        index = self._index(self.corpus.english)
        part = int(self.corpus.english_in[index])
        query = self._dropped(self.corpus.english[index])
        if part >= 0 and self._rng.random() < 0.7:
            return [self._answer(query, part)]
        return [Pair(query, self.corpus.english_thai[index], self._new())]

    def _answer(self, query: Ids, part: int) -> Pair:
        """The part that answers against the other parts of its passage; or, now and then, the whole passage."""
        passage = int(self.corpus.part_of[part])
        source = len(self.corpus.articles) + passage
        if self._rng.random() < 0.3:
            return Pair(query, self._thin(self.corpus.passages[passage][:400]), source)
        first, end = np.searchsorted(self.corpus.part_of, (passage, passage + 1)).tolist()
        siblings = [p for p in range(first, end) if p != part]
        chosen = self._rng.permutation(siblings)[:2].tolist()
        others = tuple((self._thin(self.corpus.parts[p]), p) for p in chosen)
        return Pair(query, self._thin(self.corpus.parts[part]), source, part, others)

    def _lexicon(self) -> list[Pair]:
        number = min(int(np.searchsorted(self._entry_shares, self._rng.random())), len(self.corpus.entries) - 1)
        thai, english = self.corpus.entries[number]
        target = thai[self._index(thai)]
        if len(english) and (len(thai) == 1 or self._rng.random() < 0.7):
            query = english[self._index(english)]
        else:
            query = thai[self._index(thai)]
        return [Pair(query, target, self._new())]

    def _gloss(self) -> list[Pair]:
        english, thai = self.corpus.glosses
        index = self._index(english)
        return [Pair(english[index], thai[index], self._new())]

    def _latin(self) -> list[Pair]:
        for _ in range(20):
            index = self._index(self.corpus.articles)
            ids = self.corpus.articles[index]
            wide = int(self._rng.integers(*self.mix.window))
            start = int(self._rng.integers(0, max(len(ids) - wide, 0) + 1))
            window = ids[start : start + wide]
            latin = self.corpus.latin[window]
            if 1 < latin.sum() < len(window) / 2:
                return [Pair(self._dropped(window[latin][:12]), self._thin(window[~latin]), index)]
        return self._article()

    def _new(self) -> int:
        self._fresh -= 1
        return self._fresh

    def _index(self, bags: Bags) -> int:
        return int(self._rng.integers(len(bags)))

    def _stretch(self, length: int, least: int, most: int) -> tuple[int, int]:
        wide = min(int(self._rng.integers(least, most + 1)), max(length - 2, 1))
        start = int(self._rng.integers(0, max(length - wide, 0) + 1))
        return start, start + wide

    def _query(self, query: Ids) -> Ids:
        return self._dropped(self._switched(query))

    def _dropped(self, ids: Ids) -> Ids:
        keep = self._rng.random(len(ids)) >= self._rng.random() * self.mix.drop
        return ids[keep] if keep.any() else ids

    def _thin(self, ids: Ids) -> Ids:
        if len(ids) < 40:
            return ids
        return ids[self._rng.random(len(ids)) < self._rng.uniform(self.mix.keep, 1.0)]

    def _switched(self, ids: Ids) -> Ids:
        chance = self._rng.random()
        if chance < self.mix.switch:
            return switch(ids, self.english, self._rng.uniform(0.5, 1.2), self._rng)
        if chance < self.mix.switch + self.mix.synonym:
            return switch(ids, self.synonyms, self._rng.uniform(0.2, 0.7), self._rng)
        return ids


def _assemble(pairs: Sequence[Pair]) -> Batch:
    passages = [pair.passage for pair in pairs]
    sources = [pair.source for pair in pairs]
    parts = [pair.part for pair in pairs]
    for pair in pairs:
        for ids, number in pair.others:
            passages.append(ids)
            sources.append(pair.source)
            parts.append(number)
    source, part = np.array(sources, np.int64), np.array(parts, np.int64)
    n = len(pairs)
    overlap = (part[:n, None] == part) | (part[:n, None] == WHOLE) | (part == WHOLE)
    same = (source[:n, None] == source) & overlap
    same[np.arange(n), np.arange(n)] = False
    return Batch(pack([pair.query for pair in pairs]), pack(passages), same)
