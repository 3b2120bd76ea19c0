"""LangChain, Haystack and LlamaIndex for the comparison; ``channels`` says what a system searches with.

Splitters and settings are the library's defaults, or its tutorials' where a default is not usable; what was decided is said
beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peer_common import DEPTH, MODEL, Build, Search, Texts


def langchain(channels: Sequence[str]) -> Build:
    """bm25 (words are what stands between spaces), faiss, or both: reciprocal-rank fusion, one half each."""
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import FAISS
    from langchain_core.documents import Document
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    embeddings = HuggingFaceEmbeddings(model_name=MODEL) if "faiss" in channels else None
    # As in LangChain's tutorials; the class's own 4,000 characters are longer than most of these documents.
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)

    def build(texts: Texts) -> Search:
        pieces = splitter.split_documents([Document(text, metadata={"name": name}) for name, text in texts])
        retrievers: list[Any] = []
        for channel in channels:
            if channel == "bm25":
                retrievers.append(BM25Retriever.from_documents(pieces, k=DEPTH))
            else:
                retrievers.append(FAISS.from_documents(pieces, embeddings).as_retriever(search_kwargs={"k": DEPTH}))
        both = EnsembleRetriever(retrievers=retrievers, weights=[0.5, 0.5]) if len(retrievers) > 1 else retrievers[0]
        return lambda question: [piece.metadata["name"] for piece in both.invoke(question)]

    return build


def haystack(channels: Sequence[str]) -> Build:
    """In memory: bm25 (BM25L on word characters), dense, or both. A passage is 200 words, what stands between spaces.

    The cross-encoder that its hybrid tutorial puts behind both is a download, and left out.
    """
    from haystack import Document, Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore()
    pipeline, embedder = Pipeline(), None
    inputs: dict[str, str] = {}  # component that takes the question -> the name of its slot
    if "bm25" in channels:
        pipeline.add_component("bm25", InMemoryBM25Retriever(document_store=store, top_k=DEPTH))
        inputs["bm25"] = "query"
    if "dense" in channels:
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        embedder = SentenceTransformersDocumentEmbedder(model=MODEL, progress_bar=False)
        embedder.warm_up()
        pipeline.add_component("embedder", SentenceTransformersTextEmbedder(model=MODEL, progress_bar=False))
        pipeline.add_component("dense", InMemoryEmbeddingRetriever(document_store=store, top_k=DEPTH))
        pipeline.connect("embedder.embedding", "dense.query_embedding")
        inputs["embedder"] = "text"
    last = channels[-1]
    if len(channels) > 1:  # joined by rank: plain concatenation would order by scores that do not compare
        last = "join"
        pipeline.add_component(last, DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        for channel in channels:
            pipeline.connect(channel, last)
    pipeline.warm_up()

    def build(texts: Texts) -> Search:
        pieces = DocumentSplitter().run([Document(content=text, meta={"name": name}) for name, text in texts])
        documents = embedder.run(pieces["documents"])["documents"] if embedder else pieces["documents"]
        store.write_documents(documents)

        def search(question: str) -> list[str]:
            answer = pipeline.run({component: {slot: question} for component, slot in inputs.items()})
            return [document.meta["name"] for document in answer[last]["documents"]]

        return search

    return build


def llama_index(channels: Sequence[str]) -> Build:
    """vector, bm25 (with the English stemmer and stop words that it has unless told otherwise), or both by rank.

    A passage is 1,024 tokens of GPT, the default of its splitter.
    """
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.llms import MockLLM
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.retrievers.bm25 import BM25Retriever

    embedding = _llama_embedding() if "vector" in channels else None

    def build(texts: Texts) -> Search:
        documents = [Document(text=text, doc_id=name) for name, text in texts]
        nodes = SentenceSplitter().get_nodes_from_documents(documents)
        retrievers: list[Any] = []
        for channel in channels:
            if channel == "bm25":
                retrievers.append(BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=DEPTH))
            else:
                index = VectorStoreIndex(nodes, embed_model=embedding)
                retrievers.append(index.as_retriever(similarity_top_k=DEPTH))
        chosen = retrievers[0]
        if len(retrievers) > 1:  # one query, so that no language model is asked for more; it wants one all the same
            chosen = QueryFusionRetriever(
                retrievers,
                llm=MockLLM(),
                mode="reciprocal_rerank",
                num_queries=1,
                similarity_top_k=DEPTH,
                use_async=False,
            )
        return lambda question: [found.node.ref_doc_id for found in chosen.retrieve(question)]

    return build


def _llama_embedding() -> Any:
    """The encoder as LlamaIndex's documentation has own ones made; its Hugging Face class wants a finite longest text."""
    from llama_index.core.bridge.pydantic import PrivateAttr
    from llama_index.core.embeddings import BaseEmbedding
    from sentence_transformers import SentenceTransformer

    class Embedding(BaseEmbedding):
        _model: Any = PrivateAttr()

        def __init__(self) -> None:
            super().__init__(model_name=MODEL)
            self._model = SentenceTransformer(MODEL)

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = self._model.encode(texts, show_progress_bar=False).tolist()
            return vectors

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embeddings([query])[0]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    return Embedding()
