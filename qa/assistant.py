"""ask(question, history) -> Answer: the one place where the parts meet."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from index.build import BuildReport
from index.encoder import Encoder
from index.lexicon import FolderLexicon
from index.records import Document, Hit, UsageError
from index.segmenter import Segmenter
from index.serving import PassageStore
from index.store_rows import DocumentInfo
from index.threads import one_blas_thread
from qa import confidence, conversation
from qa.answer import Answer
from qa.citing import cite, said_by
from qa.conversation import Standing
from qa.filters import Filter
from qa.folding import joined
from qa.parts import choose, several
from qa.passage_order import in_order, read_again
from qa.reader import BundledReader, Reader, Reading, glance
from qa.rerank import Question, Reranker
from qa.retriever import Mode, Retriever

LONGEST_QUESTION = 2_000  # characters: longer is a document pasted by mistake
HISTORY_TURNS = 8  # earlier questions that can still be leant on
READ_HITS = 3  # passages the reader looks into: a further one hardly ever comes first
READ_FOR_PARTS = 8  # the same where the question asks for more than one place
CITED = 5  # passages that may be cited where nobody says how many
REFUSAL = "ไม่พบคำตอบในเอกสาร"
REFUSAL_ENGLISH = "The documents do not answer this."


class Assistant:
    """Answers questions from one store, always by quotation."""

    def __init__(
        self,
        store: PassageStore,
        encoder: Encoder,
        segmenter: Segmenter,
        *,
        lexicon: FolderLexicon | None = None,
        mode: Mode = "hybrid",
        rescore: bool = True,
        min_confidence: float = confidence.MIN_CONFIDENCE,
        reranker: Reranker | None = None,
        reader: Reader | None = None,
    ) -> None:
        self.store = store
        self.reader = reader or BundledReader()
        self.encoder = encoder
        self.segmenter = segmenter
        self.min_confidence = min_confidence
        self.report: BuildReport | None = None
        self.lexicon = lexicon or FolderLexicon(None)
        self._retriever = Retriever(
            store, encoder, segmenter, lexicon=self.lexicon, mode=mode, rescore=rescore, reranker=reranker
        )

    def over(self, store: PassageStore) -> Assistant:
        """An assistant over another store, with this one's encoder, words and settings."""
        return Assistant(
            store,
            self.encoder,
            self.segmenter,
            lexicon=self.lexicon,
            mode=self._retriever.mode,
            rescore=self._retriever.rescore,
            min_confidence=self.min_confidence,
            reranker=self._retriever.reranker,
            reader=self.reader,
        )

    def catch_up(self) -> None:
        """Make what was put into the store searchable now, not at the next question."""
        _ = self._retriever.searchable

    # -- what is in it

    def documents(self) -> list[DocumentInfo]:
        """The documents that can answer, by source."""
        return self.store.documents()

    def document(self, source: str) -> Document | None:
        """One document, whole."""
        return self.store.document(source)

    @property
    def document_count(self) -> int:
        return self.store.counts()[0]

    @property
    def passage_count(self) -> int:
        return self.store.counts()[1]

    @property
    def config(self) -> dict[str, Any]:
        """What an evaluation writes down to be repeated."""
        return {
            "encoder": self.encoder.name,
            "encoder_fingerprint": self.encoder.fingerprint,
            "segmenter_fingerprint": self.segmenter.fingerprint,
            "mode": self._retriever.mode,
            "rescore": self._retriever.rescore,
            "reranker": self._retriever.reranker.name if self._retriever.reranker else "builtin",
            "min_confidence": self.min_confidence,
            "reader": self.reader.name,
        }

    # -- asking

    def retrieve(
        self,
        question: str,
        k: int = 5,
        history: Sequence[str] = (),
        *,
        filters: Filter | None = None,
        explain: bool = False,
    ) -> list[Hit]:
        """The ``k`` passages that answer best, best first.

        Args:
            question, history: as for :meth:`ask`.
            filters: look in these documents alone.
            explain: tell of each why it stands where it does (``hit.explanation``).

        Raises UsageError for an empty or endless question, and for a filter that names what is not there.
        """
        with self._one_moment():
            return self._search(self._standing(question, history), k, filters, explain)[1]

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        k: int = CITED,
        *,
        filters: Filter | None = None,
        explain: bool = False,
    ) -> Answer:
        """Answer by quotation, or say that the documents do not answer.

        Args:
            question: in Thai or English.
            history: earlier questions of the conversation, oldest first.
            k: how many passages may be cited.
            filters: answer from these documents alone.
            explain: tell of each passage why it stands where it does (``answer.hits[i].explanation``).

        Raises UsageError for an empty or endless question, and for a filter that names what is not there.
        """
        with self._one_moment():
            standing = self._standing(question, history)
            measured, hits, notes = self._search(standing, max(k, READ_FOR_PARTS), filters, explain)
            return self._answer(question, measured, hits, k, notes)

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        """Answer from these passages, however they were found."""
        with self._one_moment():
            return self._answer(question, self._retriever.measure(clean(question)), hits, max(1, len(hits)))

    def evidence(self, question: str, history: Sequence[str] = ()) -> tuple[dict[str, float], Hit | None]:
        """What speaks for the first passage, and that passage; nothing where nothing is found."""
        measured, hits, _ = self._search(self._standing(question, history), READ_FOR_PARTS)
        if not hits:
            return {}, None
        hits, readings = self._read(measured, hits, READ_HITS, CITED, self.store.document)
        return self._evidence(measured, hits, readings), hits[0]

    @contextmanager
    def _one_moment(self) -> Iterator[None]:
        """All that is read inside is of one state of the store, whatever is written meanwhile."""
        self.catch_up()  # first: that may write
        with self.store.snapshot(), one_blas_thread():
            yield

    def _standing(self, question: str, history: Sequence[str]) -> Standing:
        return conversation.resolve(clean(question), [clean(earlier) for earlier in history[-HISTORY_TURNS:]])

    def _search(
        self, standing: Standing, k: int, filters: Filter | None = None, explain: bool = False
    ) -> tuple[Question, list[Hit], tuple[str, ...]]:
        """The question as it was searched, what was found, and what the person should know of the reading."""
        meant = self._retriever.understand(standing.text)
        measured = self._retriever.measure(meant.text)
        own = self._retriever.measure(standing.beside) if standing.beside else None
        hits = self._retriever.search(measured, k, own, filters=filters, explain=explain)
        return measured, hits, meant.notes

    def _answer(
        self, question: str, measured: Question, hits: Sequence[Hit], k: int, notes: tuple[str, ...] = ()
    ) -> Answer:
        asked = several(measured.text)
        document = cache(self.store.document)
        hits, readings = self._read(measured, hits, READ_FOR_PARTS if asked else READ_HITS, k, document)
        read_in = hits[: len(readings)]
        sure = self._confidence(measured, hits, readings)
        parts = choose(asked, read_in, readings)[:k]
        shown = [part.number for part in parts]
        shown += [number for number in range(len(read_in)) if number not in shown]
        documents = {source: document(source) for source in {hit.source for hit in read_in}}
        cited = tuple(
            cite(place, hits[number], readings[number], documents[hits[number].source], whole=place <= len(parts) > 1)
            for place, number in enumerate(shown[:k], start=1)
        )
        texts = {source: document.text for source, document in documents.items() if document is not None}
        cited = joined(cited, texts, apart=len(parts) if len(parts) > 1 else 0)
        abstained = not cited or sure < self.min_confidence
        said = () if abstained else tuple(said_by(citation) for citation in cited[: len(parts)])
        if abstained:
            text = REFUSAL_ENGLISH if measured.latin_only else REFUSAL
        else:
            text = said[0] if len(said) == 1 else "\n".join(f"[{n}] {words}" for n, words in enumerate(said, start=1))
        return Answer(
            question=question,
            searched=measured.text,
            text=text,
            citations=() if abstained else cited,
            abstained=abstained,
            confidence=sure,
            related=cited if abstained else (),
            notes=notes,
            hits=tuple(hits),
            parts=said if len(said) > 1 else (),
        )

    def _read(
        self,
        measured: Question,
        hits: Sequence[Hit],
        count: int,
        k: int,
        document: Callable[[str], Document | None],
    ) -> tuple[list[Hit], list[Reading]]:
        """The first ``count`` hits read, and put in order by what was read in them too; then glances at what else is among the
        first ``k``; then the hits that nobody looked at."""
        segmenter, rows = self.segmenter, self._retriever.rows
        bundled = isinstance(self.reader, BundledReader)
        count = count if bundled else max(count, k)
        read_in, glanced, rest = list(hits[:count]), list(hits[count:k]), list(hits[max(count, k) :])
        readings = [self.reader.read(measured, hit, segmenter, rows) for hit in read_in]
        by_reading = bundled and self._retriever.builtin_scores
        if by_reading:
            read_in, readings = in_order(measured.text, read_in, readings)
        read_in += glanced
        readings += [glance(measured, hit, segmenter, rows) for hit in glanced]
        first = document(read_in[0].source) if by_reading and read_in else None
        if first is not None:
            read_in, readings = read_again(measured, read_in, readings, first.text, segmenter, rows)
        return [*read_in, *rest], readings

    def _confidence(self, measured: Question, hits: Sequence[Hit], readings: Sequence[Reading]) -> float:
        if not hits or not hits[0].channels:
            return 0.0
        return confidence.probability(self._evidence(measured, hits, readings), across=measured.latin_only)

    def _evidence(self, measured: Question, hits: Sequence[Hit], readings: Sequence[Reading]) -> dict[str, float]:
        return confidence.evidence(measured, hits, readings[:READ_HITS], self.segmenter, self._retriever.rows)


def clean(question: str) -> str:
    """The question as it can be asked: control characters dropped, white space trimmed.

    Raises UsageError where nothing is left, or more than LONGEST_QUESTION characters.
    """
    if len(question) > LONGEST_QUESTION:
        raise UsageError(f"the question has {len(question):,} characters; ask in at most {LONGEST_QUESTION:,}")
    kept = "".join(c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs") else " " for c in question)
    kept = " ".join(kept.split())
    if not any(char.isalnum() for char in kept):
        raise UsageError("the question is empty; type what you want to know")
    return kept
