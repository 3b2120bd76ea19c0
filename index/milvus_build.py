"""A folder -> an up-to-date collection, by one builder or by several that share the files out.

The first build, and every rebuild, fills a generation of its own; readers are sent to it by moving the alias, in one
step, when all of its parts are done. Later builds write into the current generation.
"""

from __future__ import annotations

import re
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from index.build import BuildReport, Progress, update
from index.encoder import Encoder
from index.milvus_client import Cluster
from index.milvus_generation import Generation, Made, check_identity
from index.milvus_writer import PartWriter
from index.records import StoreDamaged, StoreError, StoreMismatch, UsageError
from index.segmenter import Segmenter
from index.store_rows import Identity

GRACE = 10.0  # seconds that the generation before is kept for questions that are being answered from it


@dataclass(frozen=True, slots=True)
class Share:
    """Part ``number`` of ``of``: the files whose names fall to it."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Share:
        """``3/8``. Raises UsageError for anything else."""
        match = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise UsageError("--part: write 3/8 for the third of eight parts")
        return cls(int(match[1]), int(match[2]))

    def holds(self, source: str) -> bool:
        """True for a file of this part; every file is of exactly one."""
        return zlib.crc32(source.encode("utf-8", "surrogatepass")) % self.of == self.number - 1


@dataclass(frozen=True, slots=True)
class Built:
    """What a build of a collection came to."""

    report: BuildReport
    generation: int
    documents: int
    """In the whole generation."""
    passages: int
    waiting: int
    """Parts that have to be done yet before it can be asked; 0 where it can."""


def build_collection(
    cluster: Cluster,
    folder: Path,
    encoder: Encoder,
    segmenter: Segmenter,
    progress: Progress,
    *,
    rebuild: bool = False,
    share: Share | None = None,
    grace: float = GRACE,
) -> Built:
    """Make a collection hold exactly the documents below ``folder``, or one share of them.

    Args:
        rebuild: fill a new generation, from nothing; with ``share`` one that other builders have begun is joined.
        share: build only these files; all parts, one after the other, where None.

    Raises StoreMismatch (another encoder), StoreLocked (another builder at the same part), UsageError, StoreError.
    """
    identity = Identity(encoder.name, encoder.fingerprint, segmenter.fingerprint, encoder.dimension)
    current = Generation.current(cluster)
    target = current
    if current is None or rebuild:
        target = Generation.named(cluster, (current.number if current else 0) + 1)
        if rebuild and share is None:
            _forget(target)
        if not target.exists() or share is not None:
            target.create(Made(identity, share.of if share else 1))
    assert target is not None
    made = target.made()
    check_identity(made.identity, identity, cluster.address)
    if share is not None and share.of != made.parts:
        raise UsageError(
            f"{cluster.address}: made in {made.parts} part(s), not {share.of}; "
            f"write --part N/{made.parts}, or make it again with --rebuild"
        )
    shares = [share] if share else [Share(number, made.parts) for number in range(1, made.parts + 1)]
    target.save_aliases(folder)
    report = BuildReport(0, 0, 0, 0, 0, 0, {}, 0.0)
    for one in shares:
        report = _joined(report, _build_part(target, one, folder, encoder, segmenter, progress))
    if report.passages:
        with suppress(StoreError):  # Milvus allows it now and then only; it comes to it by itself
            cluster.settle(target.passages)
    states = target.states(range(1, made.parts + 1)).values()
    waiting = sum(1 for state in states if not state.done)
    documents = sum(state.documents for state in states)
    if not waiting and documents and (current is None or target.passages != current.passages):
        cluster.point(cluster.address.name, target.passages)
        _drop_before(cluster, target, grace)
    return Built(report, target.number, documents, sum(state.passages for state in states), waiting)


def _build_part(
    target: Generation, share: Share, folder: Path, encoder: Encoder, segmenter: Segmenter, progress: Progress
) -> BuildReport:
    writer = PartWriter(target, share.number)
    with writer.building():
        return update(writer, folder, encoder, segmenter, progress, wanted=share.holds)


def _joined(one: BuildReport, other: BuildReport) -> BuildReport:
    names = ("added", "renamed", "removed", "unchanged", "passages", "encoded", "seconds")
    sums = {name: getattr(one, name) + getattr(other, name) for name in names}
    return replace(one, **sums, problems={**one.problems, **other.problems})


def _forget(target: Generation) -> None:
    """Drop what an earlier rebuild left. Raises StoreLocked where one is at work."""
    if target.exists():
        try:
            parts = target.made().parts
        except (StoreDamaged, StoreMismatch):  # begun and never finished, or by another version
            parts = 0
        for part, state in target.states(range(1, parts + 1)).items():
            PartWriter(target, part).check_free(state)
    target.drop()


def _drop_before(cluster: Cluster, target: Generation, grace: float) -> None:
    """Delete the generations before ``target``, when the questions asked of them are answered."""
    names = cluster.collections()
    olds = [Generation.named(cluster, number) for number in range(1, target.number)]
    olds = [old for old in olds if old.passages in names or old.kept("state") in names]
    if olds:
        time.sleep(grace)
    for old in olds:
        old.drop()
