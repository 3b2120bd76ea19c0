"""Opening a folder of documents as an assistant: what is missing is built first."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path

from index.build import BuildReport, Progress, add_documents, update
from index.encoder import Encoder, load_encoder
from index.lexicon import FolderLexicon
from index.records import Document, UsageError
from index.segmenter import bundled_segmenter
from index.serving import PassageStore
from index.store import Store
from index.store_rows import Identity
from qa import confidence
from qa.assistant import Assistant
from qa.cluster import address_named, open_collection
from qa.cross_encoder import load_reranker
from qa.locations import folder_named, open_or_create, place_named, refuse_other_folder, store_folder
from qa.reader import Reader
from qa.reader_named import load_reader
from qa.rerank import Reranker
from qa.retriever import Mode


def _nothing(stage: str, done: int, total: int) -> None:
    """No progress wanted."""


def open_assistant(
    folder: str | Path | None = None,
    *,
    encoder: str | Encoder | None = None,
    store: str | Path | None = None,
    documents: Iterable[Document] | None = None,
    mode: Mode = "hybrid",
    rescore: bool = True,
    reranker: str | Reranker | None = None,
    min_confidence: float = confidence.MIN_CONFIDENCE,
    reader: str | Reader | None = None,
    rebuild: bool = False,
    progress: Progress = _nothing,
) -> Assistant:
    """Open a folder of documents (the seeds where none is named), building what is missing first.

    Args:
        folder: documents; every file below it that a loader reads.
        encoder: a name or folder for sentence-transformers, or an encoder; the bundled one where None.
        store: where the index is kept; beside the documents, or in the user's cache, where None. A collection in
            Milvus by its address, ``milvus://host:19530/name``: asked as it stands where no folder is named.
        documents: use these instead of a folder, in a store that vanishes with the assistant.
        mode: "hybrid", or one channel alone ("dense", "words") for comparison.
        rescore: look at the best candidates again with the built-in re-scorer.
        reranker: a CrossEncoder of sentence-transformers, by name or folder, or a re-ranker; where None, what QA_RERANKER
            names, else the built-in one, which "builtin" names too.
        min_confidence: below it the documents are said not to answer.
        reader: a name or folder of an extractive question-answering model for transformers, or a reader; the bundled one
            where None.
        rebuild: forget what is stored and read everything again.

    Raises:
        UsageError: no such folder, or nothing in it that can be read.
        StoreMismatch: ``store`` was made with another encoder, or holds the documents of another folder.
        EncoderError, StoreError: as they say.
    """
    chosen = encoder if encoder is not None and not isinstance(encoder, str) else load_encoder(encoder)
    ranking = load_reranker(reranker) if reranker is None or isinstance(reranker, str) else reranker
    read_by = reader if reader is not None and not isinstance(reader, str) else load_reader(reader)
    segmenter = bundled_segmenter()
    identity = Identity(chosen.name, chosen.fingerprint, segmenter.fingerprint, chosen.dimension)
    report: BuildReport | None = None
    opened: PassageStore
    root: Path | None = None
    temporary: tempfile.TemporaryDirectory[str] | None = None
    if documents is not None:
        temporary = tempfile.TemporaryDirectory(prefix="qa-")
        opened = made = Store.create(Path(temporary.name), identity)
        add_documents(made, documents, chosen, segmenter, progress)
    elif (address := address_named(store)) is not None:
        opened, report = open_collection(address, folder, chosen, segmenter, rebuild=rebuild, progress=progress)
        root = opened.folder if folder is None else folder_named(folder)
    else:
        root = named = folder_named(folder)
        place = store_folder(root, chosen.name, store, bundled=folder is None)

        def refuse(local: Store) -> None:
            if place_named(store) is not None:
                refuse_other_folder(local, named)

        def brought_up_to_date(local: Store) -> BuildReport:
            done = update(local, named, chosen, segmenter, progress)
            local.note_folder(str(named.resolve()))
            return done

        opened, report = open_or_create(place, identity, rebuild, brought_up_to_date, refuse)
        if not opened.counts()[0]:
            problems = next(iter(report.problems.values()), "") if report else ""
            raise UsageError(
                f"{root}: no document that can be read{': ' + problems if problems else ''}; put .txt files there"
            )
    progress("index", 0, 1)
    lexicon = FolderLexicon(root)
    lexicon.current()
    assistant = Assistant(
        opened,
        chosen,
        segmenter,
        lexicon=lexicon,
        mode=mode,
        rescore=rescore,
        min_confidence=min_confidence,
        reranker=ranking,
        reader=read_by,
    )
    progress("index", 1, 1)
    assistant.report = report
    if temporary is not None:
        weakref.finalize(assistant, temporary.cleanup)
    return assistant
