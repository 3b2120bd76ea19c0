"""The systems of the comparison: one function a kind, as its own documentation builds it.

A function imports its library and loads the encoder, and gives back ``build``, which turns documents into a search.
Here ours, txtai, the floors and the table of all; LangChain, Haystack and LlamaIndex are in peer_frameworks.py. Every
dense system is given the bundled encoder through sentence-transformers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from peer_common import DEPTH, MODEL, Build, Search, System, Texts
from peer_frameworks import haystack, langchain, llama_index


def ours() -> Build:
    """Default settings; the store is written to disk, as for any user."""
    import qa
    from index.encoder import load_encoder
    from index.records import Document
    from index.segmenter import bundled_segmenter

    load_encoder()
    bundled_segmenter()

    def build(texts: Texts) -> Search:
        bot = qa.open(documents=[Document(name, text) for name, text in texts])
        return lambda question: [hit.source for hit in bot.retrieve(question, DEPTH)]

    return build


def txtai(*, hybrid: bool, lines: bool = False) -> Build:
    """txtai splits nothing unless told to: a document is a row. Hybrid weighs both channels one half each.

    ``lines``: not a default, but its own splitter on the only paragraph marks that these documents have.
    """
    from txtai import Embeddings
    from txtai.pipeline import Segmentation

    # Without the method, txtai would take this folder for a model2vec one.
    embeddings = Embeddings(path=MODEL, method="sentence-transformers", hybrid=hybrid)

    def build(texts: Texts) -> Search:
        rows = list(texts)
        if lines:
            split = Segmentation(lines=True)
            rows = [(f"{name}#{place}", line) for name, text in texts for place, line in enumerate(split(text))]
        embeddings.index(rows)
        return lambda question: [str(row[0]).split("#")[0] for row in embeddings.search(question, DEPTH)]

    return build


def bm25s(*, newmm: bool) -> Build:
    """Whole documents; its default words (runs of two and more word characters), or those of newmm.

    ``newmm`` is nobody's default: it is what somebody who knows Thai makes of it.
    """
    import bm25s
    from pythainlp.tokenize import word_tokenize

    content = re.compile(r"\w")
    word_tokenize("ทดสอบ", engine="newmm")  # reads its dictionary

    def words(texts: Sequence[str]) -> Any:
        if not newmm:
            return bm25s.tokenize(list(texts), show_progress=False)
        return [[word for word in word_tokenize(text.lower()) if content.search(word)] for text in texts]

    def build(texts: Texts) -> Search:
        names = [name for name, _ in texts]
        index = bm25s.BM25()
        index.index(words([text for _, text in texts]), show_progress=False)

        def search(question: str) -> list[str]:
            found, _ = index.retrieve(words([question]), k=min(DEPTH, len(names)), show_progress=False)
            return [names[row] for row in found[0]]

        return search

    return build


def faiss() -> Build:
    """Whole documents, exhaustive inner products."""
    import faiss
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(MODEL)

    def build(texts: Texts) -> Search:
        names = [name for name, _ in texts]
        vectors = model.encode([text for _, text in texts], show_progress_bar=False)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)

        def search(question: str) -> list[str]:
            _, rows = index.search(model.encode([question], show_progress_bar=False), min(DEPTH, len(names)))
            return [names[row] for row in rows[0]]

        return search

    return build


LANGCHAIN = ("langchain-core", "langchain-classic", "langchain-community", "langchain-huggingface", "rank-bm25")
HAYSTACK = ("haystack-ai", "sentence-transformers-haystack")
LLAMA = ("llama-index-core", "llama-index-retrievers-bm25")

_Row = tuple[str, str, Callable[[], Build], tuple[str, ...]]
_ROWS: list[_Row] = [
    ("ours", "thai-docs-qa", ours, ("thai-docs-qa",)),
    ("txtai-dense", "txtai, dense", partial(txtai, hybrid=False), ("txtai",)),
    ("txtai-hybrid", "txtai, hybrid", partial(txtai, hybrid=True), ("txtai",)),
    ("txtai-lines", "txtai, hybrid, split into lines", partial(txtai, hybrid=True, lines=True), ("txtai",)),
    ("langchain-faiss", "LangChain, FAISS", partial(langchain, ["faiss"]), LANGCHAIN),
    ("langchain-bm25", "LangChain, BM25", partial(langchain, ["bm25"]), LANGCHAIN),
    ("langchain-ensemble", "LangChain, ensemble", partial(langchain, ["bm25", "faiss"]), LANGCHAIN),
    ("haystack-bm25", "Haystack in memory, BM25", partial(haystack, ["bm25"]), HAYSTACK),
    ("haystack-dense", "Haystack in memory, embedding", partial(haystack, ["dense"]), HAYSTACK),
    ("haystack-hybrid", "Haystack in memory, hybrid", partial(haystack, ["bm25", "dense"]), HAYSTACK),
    ("llama-vector", "LlamaIndex, vector", partial(llama_index, ["vector"]), LLAMA),
    ("llama-bm25", "LlamaIndex, BM25", partial(llama_index, ["bm25"]), LLAMA),
    ("llama-fusion", "LlamaIndex, fusion", partial(llama_index, ["vector", "bm25"]), LLAMA),
    ("faiss", "FAISS flat (floor)", faiss, ("faiss-cpu", "sentence-transformers")),
    ("bm25s", "bm25s (floor)", partial(bm25s, newmm=False), ("bm25s",)),
    ("bm25s-newmm", "bm25s on newmm words (floor)", partial(bm25s, newmm=True), ("bm25s", "pythainlp")),
]
SYSTEMS = {name: System(label, start, packages) for name, label, start, packages in _ROWS}
