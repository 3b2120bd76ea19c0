"""The word channel: BM25 over the bundled segmenter's words, kept in a tantivy index.

Texts come already segmented, as token ids; tantivy stores them as whitespace-separated numbers and is
asked with term queries built directly, so no query syntax is ever parsed from what a person typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

K1 = 1.2  # term-frequency saturation; tantivy's constant, as in Robertson & Zaragoza 2009
B = 0.75  # length normalisation; likewise
_HEAP = 128_000_000  # bytes tantivy's writer may hold before it writes a segment
_MOST_TERMS = 256  # a longer question is asked by its heaviest words: bounded time


class WordIndex(Protocol):
    """Ranked search by words."""

    def search(
        self,
        weights: Mapping[int, float],
        k: int,
        ranges: Sequence[tuple[int, int]] = (),
        only: Sequence[int] = (),
    ) -> list[tuple[int, float]]:
        """Up to ``k`` (id, sum of weight * BM25) pairs for word id -> weight, best first, ties by id.

        Where ``ranges`` (first id, last id) are named, of what lies in one of them alone; where ids are named
        (``only``), of these alone, if the index :attr:`finds_ids`.
        """
        ...

    def document_frequency(self, token: int) -> int:
        """How many of the texts hold ``token``."""
        ...

    def __len__(self) -> int: ...


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=False, indexed=True, fast=True)
    builder.add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class TantivyWords:
    """An immutable tantivy index, on disk or (``path=None``) in memory."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self._schema = index.schema
        self._searcher = index.searcher()
        self.finds_ids = self._tries_ids()
        """True where it can be asked of some ids alone; an index written by an older version cannot."""

    def _tries_ids(self) -> bool:
        import tantivy

        try:
            self._searcher.search(tantivy.Query.term_set_query(self._schema, "id", [0]), 1, count=False)
        except ValueError:
            return False
        return True

    @classmethod
    def build(cls, items: Iterable[tuple[int, np.ndarray]], path: Path | None = None) -> TantivyWords:
        """Index (id, token ids) pairs; in one segment, so that statistics are whole."""
        import tantivy

        index = tantivy.Index(_schema(), path=None if path is None else str(path))
        writer = index.writer(heap_size=_HEAP, num_threads=1)
        for chunk_id, tokens in items:
            document = tantivy.Document()
            document.add_unsigned("id", chunk_id)
            document.add_text("words", " ".join(map(str, tokens.tolist())))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> TantivyWords:
        """Open what :meth:`build` wrote. Raises ValueError where it is not that."""
        import tantivy

        return cls(tantivy.Index.open(str(path)))

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def document_frequency(self, token: int) -> int:
        return int(self._searcher.doc_freq("words", str(token)))

    def search(
        self,
        weights: Mapping[int, float],
        k: int,
        ranges: Sequence[tuple[int, int]] = (),
        only: Sequence[int] = (),
    ) -> list[tuple[int, float]]:
        import tantivy

        heaviest = sorted(weights.items(), key=lambda pair: -pair[1])[:_MOST_TERMS]
        k = min(k, len(self))
        if not heaviest or k <= 0:
            return []
        clauses = []
        for token, weight in heaviest:
            query = tantivy.Query.term_query(self._schema, "words", str(token), index_option="freq")
            clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(query, weight) if weight != 1.0 else query))
        query = tantivy.Query.boolean_query(clauses)
        if ranges or only:
            within = self._lies_in(ranges) if ranges else tantivy.Query.term_set_query(self._schema, "id", only)
            narrow = tantivy.Query.const_score_query(within, 0.0)  # adds nothing to the score
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, narrow)])
        found = self._searcher.search(query, k, count=False).hits
        ids = self._searcher.fast_field_values("id", [address for _, address in found])
        pairs = [(int(chunk_id), float(score)) for (score, _), chunk_id in zip(found, ids, strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _lies_in(self, ranges: Sequence[tuple[int, int]]) -> Any:
        """A query that is met in one of the ranges of ids."""
        import tantivy

        kind = tantivy.FieldType.Unsigned
        parts = [tantivy.Query.range_query(self._schema, "id", kind, first, last) for first, last in ranges]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])


def plain_idf(holding: int, texts: int) -> float:
    """``ln(1 + (N - n + 0.5) / (n + 0.5))`` for n of N texts holding the word: what BM25 and tantivy weigh it by."""
    return float(np.log1p((texts - holding + 0.5) / (holding + 0.5)))


PRIOR_TEXTS = 100  # how many passages' worth the prior counts: decides in a small folder, fades in a large one


def idf(holding: int, texts: int, prior: float) -> float:
    """``ln(1 + (1 - p) / p)`` for ``p = (n + m prior) / (N + m)``, n of N texts holding the word.

    In one short document every word is rare or everywhere, and neither tells which words carry a question;
    ``prior``, the share of passages that hold it in the language at large, counts as m = PRIOR_TEXTS further texts.
    """
    p = (holding + PRIOR_TEXTS * prior) / (texts + PRIOR_TEXTS)
    return float(np.log1p((1.0 - p) / max(p, 1e-6)))
