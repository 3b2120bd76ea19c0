"""One part of a generation, written by one builder; what :func:`index.build.update` asks of a store.

Milvus has no transactions. A document's pieces and passages are written first, its row last, in one request with
the rows of those it replaces: it is there whole, or not at all. Counts are kept with each batch; a build that was
stopped leaves its part marked, and the next one counts again and sweeps up what belongs to nothing.
"""

from __future__ import annotations

import os
import platform
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np

from index.chunking import search_text
from index.milvus_generation import Generation, PartState
from index.milvus_rows import (
    DEAD,
    DOCUMENT_FIELDS,
    LIVE,
    NUMBER_BITS,
    UNREADABLE,
    Row,
    changed,
    document_id,
    document_of_passage,
    document_rows,
    key_of,
    part_condition,
    passage_ids,
    unreadable_row,
)
from index.milvus_words import WordCounts
from index.records import Chunk, StoreLocked
from index.store_rows import Encoded, Entry, FileState, Identity

SILENCE = 600.0  # seconds without a sign of life after which another builder may take a part over


class PartWriter:
    """Writes the documents of one part of a generation."""

    writable = True

    def __init__(self, generation: Generation, part: int) -> None:
        self._generation, self.part = generation, part
        self._cluster = generation.cluster
        self._documents, self._texts = generation.kept("documents"), generation.kept("texts")
        self._state = PartState()
        self._counts = WordCounts()
        self._claim = secrets.token_hex(8)

    @contextmanager
    def building(self) -> Iterator[None]:
        """Claim the part, bring its books in order, and mark it done at the end.

        Raises StoreLocked where another builder is at work on it.
        """
        self._take()
        try:
            yield
            self._commit(clean=True, done=True)
        except BaseException:
            self._leave()
            raise

    # -- what update() asks

    def identity(self) -> Identity:
        """What the generation was made with."""
        return self._generation.made().identity

    def files(self) -> dict[str, FileState]:
        """Name -> state of the file when it was read; files of documents, and those that could not be read."""
        known: dict[str, FileState] = {}
        for row in self._rows(f"{part_condition(self.part)} and state != {DEAD}"):
            known[row["file"]] = FileState(row["size"], row["modified"], row["sha256"])
        return known

    def problems(self) -> dict[str, str]:
        """Source -> why it could not be read."""
        rows = self._rows(f"{part_condition(self.part)} and state == {UNREADABLE}")
        return dict(sorted((row["source"], row["note"]) for row in rows))

    def told(self, notes: Sequence[str]) -> set[str]:
        """The files that could not be read and whose problem holds one of these texts."""
        return {source for source, problem in self.problems().items() if any(note in problem for note in notes)}

    def put(self, entries: Sequence[Entry], removed: Sequence[str] = ()) -> None:
        """Add or replace whole documents, and remove others. Raises DocumentError for text that cannot be stored."""
        names = dict.fromkeys([*removed, *(entry.name for entry in entries)])
        old = self._of_files(names)
        first = self._reserve(len(entries))
        rows, texts, passages = [], [], []
        for offset, entry in enumerate(entries):
            row, pieces, found = document_rows(entry, document_id(self.part, first + offset))
            rows.append(row)
            texts.extend(pieces)
            passages.extend(found)
        self._cluster.upsert(self._generation.passages, passages)
        self._cluster.upsert(self._texts, texts)
        self._replace(old, rows)
        self._counts.add(tokens for entry in entries for tokens in entry.tokens)
        self._state.words += sum(len(tokens) for entry in entries for tokens in entry.tokens)
        self._state.documents += len(rows)
        self._state.passages += len(passages)
        self._commit()

    def encoded(self, files: Iterable[str]) -> Iterator[tuple[str, Encoded]]:
        """(searched text, tokens and vector) of all passages of these files, streamed."""
        fields = ["start", "end", "paragraph", "text", "heading", "tokens", "vector"]
        for row in self._of_files(files):
            ids = passage_ids(row["id"], row["passages"])
            for passage in self._cluster.get(self._generation.passages, ids, fields, newest=True):
                places = (passage["start"], passage["end"])
                chunk = Chunk(row["source"], *places, passage["text"], passage["paragraph"], passage["heading"])
                tokens = np.asarray(passage["tokens"], dtype=np.int32)
                yield search_text(chunk), Encoded(tokens, np.asarray(passage["vector"], dtype=np.float16))

    def rename(self, moves: Iterable[tuple[str, str, FileState]]) -> set[str]:
        """Give documents that moved, (old, new, state), their new names; their passages stay.

        The new names given: not where there is no such document now, or where the file holds several.
        """
        wanted = list(moves)
        held: dict[str, list[Row]] = {}
        for row in self._of_files(old for old, _, _ in wanted):
            if row["state"] == LIVE:
                held.setdefault(row["file"], []).append(row)
        alone = {old: rows[0] for old, rows in held.items() if len(rows) == 1 and rows[0]["source"] == old}
        given = {new: self._renamed(alone[old], new, file) for old, new, file in wanted if old in alone}
        if given:
            self._replace(self._of_files(given), list(given.values()))
            self._commit()
        return set(given)

    @staticmethod
    def _renamed(row: Row, new: str, file: FileState) -> Row:
        keys = {"source": new, "file": new, "source_key": key_of(new), "file_key": key_of(new)}
        return changed(row, **keys, size=file.size, modified=file.modified, sha256=file.sha256)

    def touch(self, files: Mapping[str, FileState]) -> None:
        """Note that files were written again with the same content."""
        states = ((row, files[row["file"]]) for row in self._of_files(files))
        self._cluster.upsert(
            self._documents, (changed(row, size=file.size, modified=file.modified) for row, file in states)
        )

    def report_problem(self, source: str, message: str, file: FileState) -> None:
        """Remember why a file could not be read; a document of that name is removed."""
        number = document_id(self.part, self._reserve(1))
        self._replace(self._of_files([source]), [unreadable_row(number, source, message, file)])
        self._commit()

    # -- how

    def _rows(self, condition: str) -> Iterator[Row]:
        return self._cluster.select(self._documents, condition, DOCUMENT_FIELDS)

    def _of_files(self, names: Iterable[str]) -> list[Row]:
        """The rows of these files that are not dead."""
        wanted = set(names)
        keys = sorted({key_of(name) for name in wanted})
        found: list[Row] = []
        for begin in range(0, len(keys), 500):
            listed = ", ".join(map(str, keys[begin : begin + 500]))
            mine = f"{part_condition(self.part)} and state != {DEAD}"
            found.extend(row for row in self._rows(f"file_key in [{listed}] and {mine}") if row["file"] in wanted)
        return found

    def _replace(self, old: Sequence[Row], new: Sequence[Row]) -> None:
        """Let the documents ``new`` stand for ``old``. Where both are seen for a moment, readers take the newer."""
        tokens = [found for row in old for found in self._tokens(row)]
        self._cluster.upsert(self._documents, [*new, *(changed(row, state=DEAD) for row in old)])
        gone = [passage for row in old for passage in passage_ids(row["id"], row["passages"])]
        self._cluster.delete(self._generation.passages, gone)
        self._counts.add(tokens, -1)
        self._state.words -= sum(len(found) for found in tokens)
        self._state.documents -= sum(1 for row in old if row["state"] == LIVE)
        self._state.passages -= len(gone)

    def _tokens(self, row: Row) -> list[np.ndarray]:
        ids = passage_ids(row["id"], row["passages"])
        rows = self._cluster.get(self._generation.passages, ids, ["tokens"], newest=True)
        return [np.asarray(found["tokens"], dtype=np.int32) for found in rows]

    def _reserve(self, count: int) -> int:
        """The first of ``count`` serial numbers that nothing has had or will have."""
        first = self._state.serial + 1
        self._state.serial += count
        self._save()
        return first

    def _commit(self, *, clean: bool = False, done: bool | None = None) -> None:
        self._state.sequence += 1
        self._state.clean = clean
        if done is not None:
            self._state.done = done
        if clean:
            self._state.builder = self._state.claim = ""
        self._save(counts=True)

    def _save(self, *, counts: bool = False) -> None:
        known = self._generation.states([self.part])[self.part]
        if known.claim not in ("", self._claim):
            raise StoreLocked(f"{self._where()}: {known.builder} has taken it over; let one builder do a part")
        self._state.sign = time.time()
        self._generation.save(self.part, self._state, self._counts if counts else None)

    # -- claiming, and mending what a stopped build left

    def _where(self) -> str:
        return f"{self._cluster.address} part {self.part}"

    def check_free(self, state: PartState) -> None:
        """Raise StoreLocked where a builder is at work on the part."""
        silent = time.time() - state.sign
        if state.claim and silent < SILENCE and not _is_over(state.builder):
            raise StoreLocked(
                f"{self._where()}: {state.builder} is building it (last sign {silent:.0f} s ago); "
                f"try again when it is done, or has been silent for {SILENCE:.0f} s"
            )

    def _take(self) -> None:
        self._state = self._generation.states([self.part])[self.part]
        self.check_free(self._state)
        clean = self._state.clean
        self._state.builder, self._state.claim = f"{platform.node()}:{os.getpid()}", self._claim
        self._state.clean, self._state.sign = False, time.time()
        self._generation.save(self.part, self._state)
        if clean:
            self._counts = self._generation.counts([self.part])
        self._sweep(recount=not clean)

    def _leave(self) -> None:
        """Give the part back as it is, marked: the next build counts again."""
        self._state.builder = self._state.claim = ""
        try:
            self._save()
        except Exception:  # what ended the build is what is told
            return

    def _sweep(self, recount: bool) -> None:
        """Remove what dead documents left; with ``recount`` also what belongs to none, counting what is there."""
        rows = list(self._rows(part_condition(self.part)))
        dead = [row for row in rows if row["state"] == DEAD]
        live = {row["id"] for row in rows if row["state"] == LIVE}
        if recount:
            self._recount(live)
        self._cluster.delete(self._texts, (i for row in dead for i in passage_ids(row["id"], row["pieces"])))
        self._cluster.delete(self._documents, (row["id"] for row in dead))

    def _recount(self, live: set[int]) -> None:
        condition = part_condition(self.part, NUMBER_BITS)
        self._counts, passages, words, orphans = WordCounts(), 0, 0, []
        for row in self._cluster.select(self._generation.passages, condition, ["id", "tokens"]):
            if document_of_passage(row["id"]) not in live:
                orphans.append(row["id"])
                continue
            self._counts.add([np.asarray(row["tokens"], dtype=np.int32)])
            passages, words = passages + 1, words + len(row["tokens"])
        self._cluster.delete(self._generation.passages, orphans)
        pieces = self._cluster.select(self._texts, condition, ["id"])
        self._cluster.delete(self._texts, [row["id"] for row in pieces if document_of_passage(row["id"]) not in live])
        self._state.documents, self._state.passages, self._state.words = len(live), passages, words
        self._commit()


def _is_over(builder: str) -> bool:
    """True where the builder was a process of this machine, and is no longer."""
    host, _, process = builder.rpartition(":")
    if host != platform.node() or not process.isdigit() or os.name == "nt":  # there kill(0) is no question
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
