"""What is derived from the store: a vector index and a word index, complete up to a sequence number.

They live in generations, folders ``derived-N`` that are written whole, checksummed and never changed; the
store names the current one. What came after it is held in memory beside it, what was removed is masked.
A generation that is missing, damaged or made with something else is not used, and is made again from SQLite.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from index.generation import Part, generations, load, number, write_manifest
from index.lock import WAIT, write_lock
from index.records import StoreDamaged, StoreError
from index.selection import Selection
from index.store import Store
from index.vectors import FaissVectors
from index.words import TantivyWords, plain_idf

RANGED = 20_000  # ids: the word index is told to look in ranges that cover no more, which costs it their number
NAMED = 8_000  # ids of a selection: the word index is told them one by one, which costs it 1 to 25 ms
TAIL_ROWS = 2_000  # passages held in memory beside a generation before a new one is written ...
TAIL_SHARE = 0.05  # ... or this share of it, whichever is more: the cost of writing stays proportional


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
    base: Part | None = None
    """The part that is a generation on disk; None where there is none."""
    generation: tuple[str | None, str | None] = (None, None)
    """Name and checksum of that generation."""

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

    def nearest(self, vector: np.ndarray, k: int, among: Selection | None = None) -> list[tuple[int, float]]:
        """Up to ``k`` live (id, cosine) pairs, best first; of those ``among`` holds alone, where it is named."""
        searches = [partial(part.vectors.search, vector, among=among) for part in self.parts]
        return self._best([self._live(search, k) for search in searches], k)

    def by_words(self, weights: Mapping[int, float], k: int, among: Selection | None = None) -> list[tuple[int, float]]:
        """Up to ``k`` live (id, weighted BM25) pairs, best first; of those ``among`` holds alone, where it is named.

        A part counts only its own texts, and a word is rare in a part of one text however common it is. Its
        weight is corrected to what it is among all live texts; the mean length stays the part's own.
        """
        if among is not None and not len(among):
            return []
        found = []
        for part in self.parts:
            search, wanted = partial(part.words.search, self._corrected(weights, part)), k
            if among is not None:
                narrow = among.covered <= RANGED
                if part.words.finds_ids and len(among) <= NAMED and not (narrow and among.covered <= 2 * len(among)):
                    search = partial(search, only=among.ids.tolist())
                else:
                    search = partial(search, ranges=among.ranges if narrow else ())
                    # As many as would do if what is selected were spread evenly.
                    wanted = k * (among.covered if narrow else self.texts) // len(among)
            found.append(self._live(search, k, among, wanted))
        return self._best(found, k)

    def _corrected(self, weights: Mapping[int, float], part: Part) -> Mapping[int, float]:
        if len(self.parts) == 1 and not self.dead:
            return weights
        corrected = {}
        for token, weight in weights.items():
            if held := part.words.document_frequency(token):
                whole = plain_idf(self.document_frequency(token), self.texts)
                corrected[token] = weight * whole / plain_idf(held, len(part.words))
        return corrected

    def _live(
        self,
        search: Callable[[int], list[tuple[int, float]]],
        k: int,
        among: Selection | None = None,
        wanted: int = 0,
    ) -> list[tuple[int, float]]:
        """``k`` results that are still in the store and ``among`` holds: others are skipped, asking for more.

        ``wanted`` are asked for first, at least ``k``.
        """
        wanted = max(wanted, k)
        while True:
            found = search(wanted)
            live = [pair for pair in found if pair[0] not in self.dead and (among is None or pair[0] in among)]
            if len(live) >= k or len(found) < wanted:
                return live[:k]
            wanted *= 2 if among is None else 4

    @staticmethod
    def _best(lists: list[list[tuple[int, float]]], k: int) -> list[tuple[int, float]]:
        return sorted((pair for pairs in lists for pair in pairs), key=lambda pair: (-pair[1], pair[0]))[:k]


def open_searchable(store: Store, before: Searchable | None = None) -> Searchable:
    """Bring the derived files up to what the store says, writing a new generation where that pays.

    ``before``, an earlier state of the same store, saves reading and checking again what has not changed since.
    Where nothing can be written (read-only disk, another writer) the same is done in memory: nobody is waited for.
    """
    inside = store.in_snapshot  # then what is found has to be of that moment, and nothing can be written
    with store.snapshot():  # sequence, generation and chunks are of one moment, whatever is written meanwhile
        change = _change(store, before)
        if inside or not change.wants_generation:
            return _caught_up(store, change)
    try:
        write_generation(store, wait=0)
    except StoreDamaged:
        raise
    except StoreError:
        pass  # it is done in memory below
    with store.snapshot():
        return _caught_up(store, _change(store, before))


def fits(store: Store) -> bool:
    """True where the derived files that the store names are there, sound, and made from it."""
    with store.snapshot():
        return _change(store).base is not None


@dataclass(slots=True)
class _Change:
    """What a store holds beside, and no longer of, a generation."""

    base: Part | None
    generation: tuple[str | None, str | None]
    """Name and checksum of the generation ``base``."""
    missing: np.ndarray
    """Live ids that are not in ``base``, ascending."""
    gone: list[int]
    """Ids of ``base`` that are no longer live."""
    dead: dict[int, np.ndarray]

    @property
    def wants_generation(self) -> bool:
        """True where too much has come or gone since, or there is no generation to be trusted."""
        changed = len(self.missing) + len(self.gone)
        return changed > (max(TAIL_ROWS, TAIL_SHARE * len(self.base.vectors)) if self.base else 0)


def _change(store: Store, before: Searchable | None = None) -> _Change:
    """The difference between the store and the generation that it names, where that can be trusted."""
    generation = store.get("generation"), store.get("generation_checksum")
    dead = store.dead()
    if before is not None and before.base is not None and before.generation == generation:
        # Ids grow and are never used twice, and what goes is noted as dead: the rest is as it was.
        held = before.base.vectors.ids
        missing = store.chunk_ids(above=int(held[-1]))
        gone = sorted(set(held[np.isin(held, list(dead), assume_unique=True)].tolist())) if dead else []
        if len(held) - len(gone) + len(missing) == store.chunk_count():
            return _Change(before.base, generation, missing, gone, dead)
    live = store.chunk_ids()
    base = load(store.folder / generation[0], store) if generation[0] else None
    if base is not None:
        gone = np.setdiff1d(base.vectors.ids, live, assume_unique=True).tolist()
        if all(chunk_id in dead for chunk_id in gone):  # else it was made from a store with another past
            return _Change(base, generation, np.setdiff1d(live, base.vectors.ids, assume_unique=True), gone, dead)
    return _Change(None, generation, live, [], dead)


def _caught_up(store: Store, change: _Change) -> Searchable:
    """The generation plus what is missing from it, minus what is gone."""
    parts = [change.base] if change.base else []
    if len(change.missing):
        parts.append(_part(store, change.missing))
    words: Counter[int] = Counter()
    for chunk_id in change.gone:
        words.update(np.unique(change.dead[chunk_id]).tolist())
    return Searchable(
        sequence=store.sequence,
        parts=parts,
        dead=frozenset(change.gone),
        dead_words=words,
        dead_length=sum(len(change.dead[chunk_id]) for chunk_id in change.gone),
        base=change.base,
        generation=change.generation,
    )


def _part(store: Store, ids: np.ndarray, folder: Path | None = None) -> Part:
    """Index the chunks of these ascending ids; into ``folder`` or in memory."""
    total = 0

    def items() -> Iterator[tuple[int, np.ndarray]]:
        nonlocal total
        for chunk_id, tokens in store.tokens(ids):
            total += len(tokens)
            yield chunk_id, tokens

    words_folder = None
    if folder is not None:
        words_folder = folder / "words"
        words_folder.mkdir()
    words = TantivyWords.build(items(), words_folder)
    if len(words) != len(ids):
        raise StoreDamaged(f"{store.path}: damaged (passages are missing); qa build --rebuild makes it anew")
    return Part(FaissVectors.build(store.rows(ids), ids), words, total)


def write_generation(store: Store, wait: float = WAIT) -> None:
    """Write all derived files anew, make them current, and delete the ones before.

    Raises StoreLocked (after ``wait`` seconds) or StoreError where that cannot be done; the store serves on as it was.
    """
    with write_lock(store.folder, wait):
        before = store.get("generation")
        newest = max([0, *(number(path) for path in generations(store.folder))])
        folder = store.folder / f"derived-{newest + 1}"
        try:
            folder.mkdir()
            ids = store.chunk_ids()
            gone = list(store.dead())
            part = _part(store, ids, folder)
            part.vectors.save(folder)
            checksum = write_manifest(folder, store, part)
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, (OSError, ValueError, RuntimeError)):  # tantivy and faiss raise the last two
                problem = " ".join(str(error).split())
                raise StoreError(f"{folder}: cannot be written ({problem}); check free space") from error
            raise
        store.set_generation(folder.name, gone, checksum)
        for path in generations(store.folder):
            if path.name not in (folder.name, before):  # the one before may still be being opened by a reader
                shutil.rmtree(path, ignore_errors=True)
