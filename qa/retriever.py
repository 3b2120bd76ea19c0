"""Question -> list of hits: words and vectors propose candidates, the re-scorer orders them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from index.encoder import Encoder, StaticEncoder
from index.lexicon import FolderLexicon
from index.records import Hit
from index.segmenter import Segmenter, shares_segmentation
from index.serving import PassageIndex, PassageStore, open_index
from index.store_rows import StoredChunk
from qa.explanation import explained, fused_contributions, mean_of
from qa.filters import Filter, Narrowing
from qa.folding import folded, location
from qa.fusion import ranked, weighted
from qa.meaning import search_weights, units_of, word_weight
from qa.query import Understood, understand
from qa.rerank import FEATURES, Candidates, Question, Reranker, RowSource, features
from qa.rescorer import builtin

Mode = Literal["hybrid", "dense", "words"]

POOL = 100  # candidates asked of each channel; what none of the two ranks there is lost
STANDS_POOL = 30  # passages looked into to learn whether words stand side by side
STANDS_FIRST = 6  # those where they most likely do, read before the others
RESCORED = 60  # best candidates (by fused score) that the re-scorer looks at
COUNTED = 65_536  # words whose number of passages is remembered
WIDER = 4  # times as many candidates are looked at where fewer distinct passages than wanted are among them
FUSION_WEIGHTS = (1.0, 0.6)  # words, dense: chosen on iapp valid; used to choose what is re-scored


class Retriever:
    """Retrieval over one store; follows what other processes write to it."""

    def __init__(
        self,
        store: PassageStore,
        encoder: Encoder,
        segmenter: Segmenter,
        *,
        lexicon: FolderLexicon | None = None,
        mode: Mode = "hybrid",
        rescore: bool = True,
        reranker: Reranker | None = None,
    ) -> None:
        self.lexicon = lexicon or FolderLexicon(None)
        self._store, self._encoder, self._segmenter = store, encoder, segmenter
        self.mode: Mode = mode
        self.rescore = rescore and mode == "hybrid"
        self.reranker = reranker
        self.rows = RowSource(encoder) if isinstance(encoder, StaticEncoder) else None
        self._searchable = open_index(store)
        self._narrowing = Narrowing(store)
        self._one_cut = encoder if shares_segmentation(encoder, segmenter) else None
        self._counted: tuple[PassageIndex, Callable[[int], int]] | None = None
        self._lock = threading.Lock()

    @property
    def builtin_scores(self) -> bool:
        """True where the built-in re-scorer gives the scores: they are on its scale."""
        return self.rescore and self.reranker is None

    @property
    def searchable(self) -> PassageIndex:
        """The derived indexes, caught up with the store."""
        if self._store.sequence != self._searchable.sequence:
            with self._lock:
                if self._store.sequence != self._searchable.sequence:
                    self._searchable = open_index(self._store, self._searchable)
        return self._searchable

    def understand(self, text: str) -> Understood:
        """The question with what was mistyped mended, where the documents speak for it."""
        return understand(text, self._segmenter, self._stands)

    def _stands(self, tokens: Sequence[int]) -> bool:
        """True where some passage holds these words side by side (looked for among the best for them)."""
        searchable = self.searchable
        if not tokens or not all(searchable.document_frequency(token) for token in tokens):
            return False
        if len(tokens) == 1:
            return True
        found = [chunk_id for chunk_id, _ in searchable.by_words(dict.fromkeys(tokens, 1.0), STANDS_POOL)]
        wanted = np.asarray(tokens, dtype=np.int32).tobytes()
        for some in (found[:STANDS_FIRST], found[STANDS_FIRST:]):
            if any(_runs_in(held, wanted) for _, held in self._store.tokens(np.sort(some))):
                return True
        return False

    def measure(self, text: str) -> Question:
        """Segment, weigh and encode a question once."""
        searchable = self.searchable
        raw = self._segmenter.raw_ids([text])
        tokens = self._segmenter.words_only(raw[0]).tolist()
        distinct = list(dict.fromkeys(tokens))
        texts = searchable.texts
        frequency = self._frequency(searchable)
        weights = [word_weight(token, self._segmenter, frequency, texts) for token in distinct]
        if self._one_cut is not None:
            vector = self._one_cut.encode_ids(raw)[0]
        else:
            vector = self._encoder.encode([text], role="query")[0]
        return Question(
            text=text,
            tokens=tuple(tokens),
            distinct=np.asarray(distinct, dtype=np.int64),
            idf=np.asarray(weights, dtype=np.float32),
            vector=vector,
            mean_length=searchable.mean_length,
            units=units_of(text, self._segmenter, self.lexicon.current(), frequency, texts),
        )

    def _frequency(self, searchable: PassageIndex) -> Callable[[int], int]:
        """How many passages hold a word, remembered while the index stays as it is."""
        counted = self._counted
        if counted is None or counted[0] is not searchable:
            counted = searchable, lru_cache(maxsize=COUNTED)(searchable.document_frequency)
            self._counted = counted
        return counted[1]

    def retrieve(self, text: str, k: int = 5, *, filters: Filter | None = None, explain: bool = False) -> list[Hit]:
        """The ``k`` passages that answer best, best first; fewer where there are fewer."""
        return self.search(self.measure(self.understand(text).text), k, filters=filters, explain=explain)

    def search(
        self,
        question: Question,
        k: int,
        own: Question | None = None,
        *,
        filters: Filter | None = None,
        explain: bool = False,
    ) -> list[Hit]:
        """:meth:`retrieve` for a question already measured.

        ``own`` are the words of a follow-up by itself: what was carried over leads to the document, they lead to the
        paragraph, so passages are scored by both. Passages that ``filters`` leaves out are no candidates.
        """
        wanted = k + 1 if explain else k  # the last one is explained by the one below it
        pool, looked = max(POOL, wanted), max(RESCORED, wanted)
        searchable = self.searchable
        among = self._narrowing.selection(filters)
        while True:
            words, dense = self._channels(searchable, question, pool, among)
            fused = ranked(dense) if self.mode == "dense" else weighted([words, dense], FUSION_WEIGHTS)
            if self.rescore:
                hits, contributions = self._rescored(question, fused[:looked], wanted, own, explain)
            else:
                hits = self._in_order(question, fused[:looked], wanted, words, dense)
                contributions = {}
            if len(hits) >= wanted or (len(fused) <= looked and max(len(words), len(dense)) < pool):
                break
            pool, looked = WIDER * pool, WIDER * looked  # too many of them say the same
        if not explain:
            return hits
        if not self.rescore and self.mode == "hybrid":
            contributions = fused_contributions(words, dense, FUSION_WEIGHTS)
        channels = {hit.chunk_id: _channels(words, dense, hit.chunk_id) for hit in hits}
        shares = [contributions.get(hit.chunk_id, {self.mode: hit.score}) for hit in hits]
        stored = self._store.chunks([hit.chunk_id for hit in hits])
        return explained(question, hits, stored, channels, shares, self._segmenter)[:k]

    def _channels(
        self, searchable: PassageIndex, question: Question, pool: int, among: Any
    ) -> tuple[dict[int, float], dict[int, float]]:
        """Id -> score of the best ``pool`` by words and of those by vectors; none of a channel that is not asked."""
        if self.mode == "words":
            return dict(searchable.by_words(self._asked(question), pool, among)), {}
        if self.mode == "dense":
            return {}, dict(searchable.nearest(question.vector, pool, among))
        words = searchable.by_words(self._asked(question), pool, among)
        return dict(words), dict(searchable.nearest(question.vector, pool, among))

    def _asked(self, question: Question) -> dict[int, float]:
        """What the word index is asked. Its own words alone where one channel is measured by itself; across scripts
        its words do not vote, their translations do."""
        if self.mode == "words" or not self.rescore:
            gate = question.latin_only and self.mode == "hybrid"
            return {} if gate else dict.fromkeys(question.distinct.tolist(), 1.0)
        return search_weights(question.units, question.distinct.tolist(), translated=question.latin_only)

    def _in_order(
        self,
        question: Question,
        fused: Sequence[tuple[int, float]],
        k: int,
        words: Mapping[int, float],
        dense: Mapping[int, float],
    ) -> list[Hit]:
        """The first ``k`` distinct passages as they were fused."""
        found = self._store.chunks(chunk_id for chunk_id, _ in fused)
        best = [(found[chunk_id], score) for chunk_id, score in fused if chunk_id in found]
        return self._distinct(question, best, k, lambda ids: [_channels(words, dense, chunk_id) for chunk_id in ids])

    def _rescored(
        self, question: Question, fused: Sequence[tuple[int, float]], k: int, own: Question | None, explain: bool
    ) -> tuple[list[Hit], dict[int, dict[str, float]]]:
        """The best ``k`` and, where they are to be explained, what each candidate's score is made of."""
        found = self._store.chunks(chunk_id for chunk_id, _ in fused)
        ids = [chunk_id for chunk_id, _ in fused if chunk_id in found]  # one removed meanwhile is gone
        if not ids:
            return [], {}
        candidates = Candidates(
            ids,
            [found[chunk_id].tokens for chunk_id in ids],
            np.stack([found[chunk_id].vector for chunk_id in ids]),
            [found[chunk_id].chunk.text for chunk_id in ids],
            [found[chunk_id].chunk.source for chunk_id in ids],
            [found[chunk_id].chunk.paragraph for chunk_id in ids],
        )
        reranker = self.reranker or builtin()
        measured = features(question, candidates, self.rows)
        asked = [(question, measured)]
        if own is not None:
            asked.append((own, features(own, candidates, self.rows)))
        scores = np.mean([reranker.score(q, candidates, table) for q, table in asked], axis=0)
        contributions: dict[int, dict[str, float]] = {}
        if explain:
            each = [reranker.contributions(q, candidates, table) for q, table in asked]
            contributions = {chunk_id: mean_of(rows) for chunk_id, *rows in zip(ids, *each, strict=True)}
        best = ranked({chunk_id: float(score) for chunk_id, score in zip(ids, scores, strict=True)})
        row_of = {chunk_id: row for row, chunk_id in enumerate(ids)}
        ordered = [(found[chunk_id], score) for chunk_id, score in best]

        def channels(shown: Sequence[int]) -> list[dict[str, float]]:
            return [dict(zip(FEATURES, measured[row_of[chunk_id]].tolist(), strict=True)) for chunk_id in shown]

        return self._distinct(question, ordered, k, channels), contributions

    def _distinct(
        self,
        question: Question,
        ordered: Sequence[tuple[StoredChunk, float]],
        k: int,
        channels: Callable[[Sequence[int]], list[dict[str, float]]],
    ) -> list[Hit]:
        """The first ``k`` of them as hits; what says the same as a better one is noted there."""
        hits = []
        groups = folded([stored for stored, _ in ordered], k)
        measured = channels([ordered[first][0].id for first, *_ in groups])
        for (first, *repeats), values in zip(groups, measured, strict=True):
            hit = self._hit(question, *ordered[first], values)
            hits.append(replace(hit, also=tuple(location(ordered[n][0]) for n in repeats)) if repeats else hit)
        return hits

    def _hit(self, question: Question, stored: StoredChunk, score: float, channels: dict[str, float]) -> Hit:
        held = set(stored.tokens.tolist())
        weights = zip(question.distinct.tolist(), (-question.idf).tolist(), strict=True)
        order = sorted((pair for pair in weights if pair[0] in held), key=lambda pair: pair[1])
        matched = tuple(self._segmenter.text_of(token) for token, _ in order)
        return Hit(stored.id, stored.chunk, score, stored.title, stored.page, channels, matched)


def _runs_in(held: np.ndarray, wanted: bytes) -> bool:
    """True where the word ids ``wanted`` stand side by side in ``held``, both int32."""
    run = held.tobytes()
    place = run.find(wanted)
    while place >= 0 and place % 4:  # bytes of whole ids
        place = run.find(wanted, place + 1)
    return place >= 0


def _channels(words: Mapping[int, float], dense: Mapping[int, float], chunk_id: int) -> dict[str, float]:
    channels = {"words": words.get(chunk_id), "dense": dense.get(chunk_id)}
    return {name: score for name, score in channels.items() if score is not None}
