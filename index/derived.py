"""What is derived from the store: a vector index and a word index, complete up to a sequence number.

They live in generations, folders ``derived-N`` that are written whole, checksummed and never changed; the
store names the current one. What came after it is held in memory beside it, what was removed is masked.
A generation that is missing, damaged or made with something else is not used, and is made again from SQLite.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from index.lock import write_lock
from index.records import StoreError, StoreLocked
from index.store import Store
from index.vectors import FaissVectors
from index.words import TantivyWords

MANIFEST = "manifest.json"
TAIL_ROWS = 2_000  # passages held in memory beside a generation before a new one is written ...
TAIL_SHARE = 0.05  # ... or this share of it, whichever is more: the cost of writing stays proportional


@dataclass(slots=True)
class Part:
    """A vector index and a word index over the same chunks."""

    vectors: FaissVectors
    words: TantivyWords
    total_length: int
    """Sum of the token counts of its chunks."""


@dataclass(slots=True)
class Searchable:
    """Everything of a store at one sequence number, ready to be searched; never changes."""

    sequence: int
    parts: list[Part]
    dead: frozenset[int]
    """Ids in ``parts`` that are no longer in the store."""
    dead_words: Counter[int] = field(default_factory=Counter)
    """Word -> how many dead chunks hold it."""
    dead_length: int = 0

    @property
    def texts(self) -> int:
        """How many live chunks there are."""
        return sum(len(part.vectors) for part in self.parts) - len(self.dead)

    @property
    def mean_length(self) -> float:
        """Mean number of words of a live chunk."""
        total = sum(part.total_length for part in self.parts) - self.dead_length
        return total / max(1, self.texts)

    def document_frequency(self, token: int) -> int:
        """How many live chunks hold ``token``."""
        return sum(part.words.document_frequency(token) for part in self.parts) - self.dead_words[token]

    def nearest(self, vector: np.ndarray, k: int) -> list[tuple[int, float]]:
        """Up to ``k`` live (id, cosine) pairs, best first."""
        return self._best([self._live(partial(part.vectors.search, vector), k) for part in self.parts], k)

    def by_words(self, weights: Mapping[int, float], k: int) -> list[tuple[int, float]]:
        """Up to ``k`` live (id, weighted BM25) pairs, best first; each part scores by its own statistics."""
        return self._best([self._live(partial(part.words.search, weights), k) for part in self.parts], k)

    def _live(self, search: Callable[[int], list[tuple[int, float]]], k: int) -> list[tuple[int, float]]:
        """``k`` results that are still in the store: dead ones are skipped, asking for more where needed."""
        wanted = k
        while True:
            found = search(wanted)
            live = [pair for pair in found if pair[0] not in self.dead]
            if len(live) >= k or len(found) < wanted:
                return live[:k]
            wanted *= 2

    @staticmethod
    def _best(lists: list[list[tuple[int, float]]], k: int) -> list[tuple[int, float]]:
        return sorted((pair for pairs in lists for pair in pairs), key=lambda pair: (-pair[1], pair[0]))[:k]


def open_searchable(store: Store) -> Searchable:
    """Bring the derived files up to what the store says, writing a new generation where that pays.

    Where nothing can be written (read-only disk, another writer) the same is done in memory.
    """
    for _ in range(3):  # a generation may be replaced while it is being opened
        sequence, name = store.sequence, store.get("generation")
        base = _load(store.folder / name, store) if name else None
        searchable = _caught_up(store, base, sequence)
        if searchable is None:
            continue
        held, tail = (len(searchable.parts[0].vectors) if base else 0), _tail_rows(searchable, base)
        if (base is None and searchable.texts) or tail + len(searchable.dead) > max(TAIL_ROWS, TAIL_SHARE * held):
            with suppress(StoreError, StoreLocked, OSError):
                write_generation(store)
                continue
        return searchable
    return _fresh_in_memory(store)


def _tail_rows(searchable: Searchable, base: Part | None) -> int:
    return sum(len(part.vectors) for part in searchable.parts[1 if base else 0 :])


def _caught_up(store: Store, base: Part | None, sequence: int) -> Searchable | None:
    """``base`` plus what is missing from it, minus what is gone; None where the store moved on meanwhile."""
    live = store.chunk_ids()
    held = base.vectors.ids if base else np.empty(0, dtype=np.int64)
    missing = np.setdiff1d(live, held, assume_unique=True)
    gone = np.setdiff1d(held, live, assume_unique=True)
    parts = [base] if base else []
    if len(missing):
        parts.append(_part(store, missing))
    dead_tokens = store.dead()
    if store.sequence != sequence or not all(int(chunk_id) in dead_tokens for chunk_id in gone):
        return None
    words: Counter[int] = Counter()
    for chunk_id in gone:
        words.update(np.unique(dead_tokens[int(chunk_id)]).tolist())
    length = sum(len(dead_tokens[int(chunk_id)]) for chunk_id in gone)
    return Searchable(sequence, parts, frozenset(gone.tolist()), words, length)


def _fresh_in_memory(store: Store) -> Searchable:
    ids = store.chunk_ids()
    return Searchable(store.sequence, [_part(store, ids)] if len(ids) else [], frozenset())


def _part(store: Store, ids: np.ndarray, folder: Path | None = None) -> Part:
    """Index the chunks of these ascending ids; into ``folder`` or in memory."""
    dimension = store.identity().dimension
    vectors = np.zeros((len(ids), dimension), dtype=np.float16)
    total = 0

    def items() -> Iterator[tuple[int, np.ndarray]]:
        nonlocal total
        for row, (chunk_id, tokens, vector) in enumerate(store.tokens_and_vectors(ids)):
            vectors[row] = vector
            total += len(tokens)
            yield chunk_id, tokens

    words_folder = None
    if folder is not None:
        words_folder = folder / "words"
        words_folder.mkdir()
    words = TantivyWords.build(items(), words_folder)
    if len(words) != len(ids):
        raise StoreError(f"{store.folder}: changed while it was read; ask again")
    return Part(FaissVectors.build(vectors.astype(np.float32), ids), words, total)


def write_generation(store: Store) -> None:
    """Write all derived files anew, make them current, and delete the ones before.

    Raises StoreLocked or StoreError where that cannot be done; the store serves on as it was.
    """
    with write_lock(store.folder):
        before = store.get("generation")
        number = 1 + max([0, *(_number(path) for path in store.folder.glob("derived-*"))])
        folder = store.folder / f"derived-{number}"
        try:
            folder.mkdir()
            ids = store.chunk_ids()
            gone = list(store.dead())
            part = _part(store, ids, folder)
            part.vectors.save(folder)
            _write_manifest(folder, store, part)
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, OSError):
                raise StoreError(f"{folder}: cannot be written ({error.strerror}); check free space") from error
            raise
        store.set_generation(folder.name, gone)
        for path in store.folder.glob("derived-*"):
            if path.name not in (folder.name, before):  # the one before may still be being opened by a reader
                shutil.rmtree(path, ignore_errors=True)


def _number(path: Path) -> int:
    suffix = path.name.rpartition("-")[2]
    return int(suffix) if suffix.isdigit() else 0


def _write_manifest(folder: Path, store: Store, part: Part) -> None:
    files = {str(path.relative_to(folder)): _checksum(path) for path in _files(folder)}
    identity = store.identity()
    manifest = {
        "encoder_fingerprint": identity.encoder_fingerprint,
        "segmenter_fingerprint": identity.segmenter_fingerprint,
        "total_length": part.total_length,
        "files": files,
    }
    path = folder / MANIFEST
    path.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for written in [*_files(folder), path]:
        with written.open("rb") as handle:
            os.fsync(handle.fileno())


def _files(folder: Path) -> list[Path]:
    """The files whose content counts; tantivy's lock files come and go."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST and not p.name.endswith(".lock"))


def _checksum(path: Path) -> int:
    crc = 0
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            crc = zlib.crc32(block, crc)
    return crc


def _load(folder: Path, store: Store) -> Part | None:
    """The generation in ``folder``, verified; None where it cannot be trusted and has to be made again."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        identity = store.identity()
        if (manifest["encoder_fingerprint"], manifest["segmenter_fingerprint"]) != (
            identity.encoder_fingerprint,
            identity.segmenter_fingerprint,
        ):
            return None
        if {str(path.relative_to(folder)): _checksum(path) for path in _files(folder)} != manifest["files"]:
            return None
        part = Part(FaissVectors.load(folder), TantivyWords.load(folder / "words"), int(manifest["total_length"]))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None
    return part if len(part.words) == len(part.vectors) else None
