"""One generation of a collection: what it was made with, how far its parts are, and where its rows lie.

Readers ask for the alias and are sent to a generation; a rebuild fills the next one beside it, and the alias
moves when all of its parts are done. Nothing here is cached.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.lexicon import ALIASES
from index.milvus_client import Cluster
from index.milvus_rows import (
    KEPT,
    LONGEST_STRING,
    MOST_PARTS,
    SCHEMA_VERSION,
    kept_indexes,
    kept_schema,
    passages_schema,
    state_row,
)
from index.milvus_words import MOST_BLOCKS, PIVOT, WordCounts
from index.records import StoreDamaged, StoreMismatch, UsageError, printable
from index.store_rows import Identity

CELLS = 64  # of the vectors of a segment; all of them are looked into (see SCALING.md)
MOST_SHARDS = 16  # of a collection, as Milvus is delivered
_NAMED = re.compile(r"_g(\d+)$")


@dataclass(frozen=True, slots=True)
class Made:
    """What a generation was made with."""

    identity: Identity
    parts: int
    """How many builders share the documents out."""


@dataclass(slots=True)
class PartState:
    """How far one part is."""

    sequence: int = 0
    """Grows by one with every committed change."""
    serial: int = 0
    """Serial number of the last document that was begun."""
    documents: int = 0
    passages: int = 0
    words: int = 0
    """Sum of the token counts of its passages."""
    done: bool = False
    """True once a build of it has come to its end."""
    clean: bool = True
    """False while a build is at work, or where one was stopped: counts may be off."""
    builder: str = ""
    """``host:process`` of the build at work; empty where none is."""
    claim: str = ""
    """A number drawn by that build, to tell it from any other."""
    sign: float = 0.0
    """Unix time of its last sign of life, seconds."""

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


class Generation:
    """The collections of one generation."""

    def __init__(self, cluster: Cluster, passages: str) -> None:
        self.cluster, self.passages = cluster, passages

    @classmethod
    def named(cls, cluster: Cluster, number: int) -> Generation:
        return cls(cluster, f"{cluster.address.name}_g{number}")

    @classmethod
    def current(cls, cluster: Cluster) -> Generation | None:
        """The one that the alias stands for; None where there is no alias. Raises UsageError where it is not ours."""
        target = cluster.target(cluster.address.name)
        if target is None:
            return None
        found = cls(cluster, target)
        if not found.number:
            raise UsageError(f"{cluster.address}: {printable(target)} was not made by qa; choose another name")
        return found

    @property
    def number(self) -> int:
        """1 and up; 0 where the collection is not called as ours are."""
        match = _NAMED.search(self.passages)
        ours = match is not None and self.passages == f"{self.cluster.address.name}{match.group()}"
        return int(match[1]) if ours and match else 0

    def kept(self, kind: str) -> str:
        """The collection of ``documents``, ``texts`` or ``state``."""
        return f"{self.passages}_{kind}"

    def exists(self) -> bool:
        return self.kept("state") in self.cluster.collections()

    def create(self, made: Made) -> None:
        """Make what is missing of it. Raises UsageError where it is being made otherwise."""
        if not 1 <= made.parts <= MOST_PARTS:
            raise UsageError(f"--part: from 1 to {MOST_PARTS} parts")
        for kind in KEPT:
            self.cluster.create(self.kept(kind), kept_schema(kind), kept_indexes(kind))
        indexes: list[dict[str, Any]] = [
            {"field_name": "vector", "index_type": "IVF_SQ8", "metric_type": "IP", "params": {"nlist": CELLS}},
            {"field_name": "words", "index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"},
            {"field_name": "document", "index_type": "INVERTED"},
        ]
        self.cluster.create(
            self.passages, passages_schema(made.identity.dimension), indexes, shards=min(made.parts, MOST_SHARDS)
        )
        known = self.made(missing=made)
        if known != made:
            raise UsageError(
                f"{self.cluster.address}: another build of {known.parts} part(s) with the encoder "
                f"{printable(known.identity.encoder)} has been begun; go on with that, or start anew with "
                "qa build --rebuild, without --part"
            )
        self.cluster.upsert(self.kept("state"), [state_row("made", _as_value(made))])

    def drop(self) -> None:
        """Delete its collections, those that are there."""
        there = set(self.cluster.collections())
        for name in (self.passages, *(self.kept(kind) for kind in KEPT)):
            if name in there:
                self.cluster.drop(name)

    def made(self, missing: Made | None = None) -> Made:
        """What it was made with; ``missing`` where nothing says so. Raises StoreMismatch or StoreDamaged."""
        where = self.cluster.address
        rows = self.cluster.get(self.kept("state"), ["made"], ["value"], newest=True)
        if not rows:
            if missing is not None:
                return missing
            raise StoreDamaged(f"{where}: does not say what it was made with; run qa build --rebuild")
        value = json.loads(rows[0]["value"])
        if value.pop("schema_version") != SCHEMA_VERSION or value.pop("pivot") != PIVOT:
            raise StoreMismatch(f"{where}: written by another version; run qa build --rebuild")
        parts = int(value.pop("parts"))
        return Made(Identity(**value), parts)

    def states(self, parts: Iterable[int]) -> dict[int, PartState]:
        """Part -> how far it is."""
        keys = {f"part:{part}": part for part in parts}
        rows = self.cluster.get(self.kept("state"), keys, ["id", "value"], newest=True)
        found = {keys[row["id"]]: PartState(**json.loads(row["value"])) for row in rows}
        return {part: found.get(part, PartState()) for part in keys.values()}

    def save(self, part: int, state: PartState, counts: WordCounts | None = None) -> None:
        """Keep how far a part is, and the word counts of its passages."""
        blocks = [] if counts is None else counts.blocks()
        rows = [state_row(f"words:{part}:{number}", {}, block) for number, block in enumerate(blocks)]
        self.cluster.upsert(self.kept("state"), [*rows, state_row(f"part:{part}", state.as_dict())])

    def save_aliases(self, folder: Path) -> None:
        """Keep the aliases of a document folder, for readers that have no folder."""
        try:
            text = (folder / ALIASES).read_bytes().decode("utf-8-sig", "replace")
        except OSError:
            text = ""
        if len(json.dumps({"text": text}, ensure_ascii=False).encode()) > LONGEST_STRING:
            raise UsageError(
                f"{folder / ALIASES}: longer than a collection keeps ({LONGEST_STRING:,} bytes); shorten it"
            )
        self.cluster.upsert(self.kept("state"), [state_row("aliases", {"text": text})])

    def aliases(self) -> str:
        """What :meth:`save_aliases` kept last."""
        rows = self.cluster.get(self.kept("state"), ["aliases"], ["value"], newest=True)
        return str(json.loads(rows[0]["value"])["text"]) if rows else ""

    def counts(self, parts: Iterable[int]) -> WordCounts:
        """How many passages of these parts hold each word."""
        keys = [f"words:{part}:{number}" for part in parts for number in range(MOST_BLOCKS)]
        total = WordCounts()
        for row in self.cluster.get(self.kept("state"), keys, ["id", "counts"], newest=True):
            total.add_block(int(row["id"].rpartition(":")[2]), row["counts"])
        return total


def check_identity(found: Identity, wanted: Identity, where: object) -> None:
    """Raise StoreMismatch where a store does not fit the encoder and segmenter at hand; names the remedy."""
    if found == wanted:
        return
    if found.encoder != wanted.encoder:
        raise StoreMismatch(
            f"{where}: made with the encoder {printable(found.encoder)}, not {wanted.encoder}; "
            "name another place with --store, or make it again with --rebuild"
        )
    raise StoreMismatch(f"{where}: made with an older encoder; run qa build --rebuild")


def _as_value(made: Made) -> dict[str, Any]:
    identity = {name: getattr(made.identity, name) for name in Identity.__slots__}
    return {"schema_version": SCHEMA_VERSION, "pivot": PIVOT, "parts": made.parts, **identity}
