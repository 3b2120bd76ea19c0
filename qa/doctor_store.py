"""The store under examination: every row, the derived files, who holds the lock, what a killed process left."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from index.derived import fits, write_generation
from index.encoder import Encoder
from index.generation import generations
from index.loaders.sandbox import PREFIX as READ
from index.lock import held_by
from index.records import QAError, StoreError, StoreLocked, StoreMismatch
from index.segmenter import Segmenter
from index.store import Store, can_write
from qa.finding import Finding
from qa.listing import UPLOADS
from qa.shared import UNFINISHED
from qa.uploads import PREFIX as UPLOADED


def examine_place(place: Path) -> Iterator[Finding]:
    """Whether a store can be written in ``place``, and whether the disk has room."""
    there = place
    while not there.exists() and there != there.parent:
        there = there.parent
    if not can_write(there):
        yield Finding("write access", "note", f"{there} cannot be written", "name another place with --store")
        return
    yield Finding("write access", "ok", f"{there} can be written")
    used = sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) if place.is_dir() else 0
    free = shutil.disk_usage(there).free
    if free < max(50_000_000, used):
        yield Finding(
            "disk space",
            "note",
            f"{free / 1e6:,.0f} MB free, the index has {used / 1e6:,.0f} MB",
            "make room: a change of many documents writes its search files anew beside the old ones",
        )
    else:
        yield Finding("disk space", "ok", f"{free / 1e6:,.0f} MB free")


def examine_store(place: Path, encoder: Encoder, segmenter: Segmenter, build: str) -> Iterator[Finding]:
    """Look at every row of the store in ``place`` and at what is derived from it; mend what is derived.

    Args:
        build: the command that builds this store, to be named as a remedy.
    """
    if not (place / "store.sqlite").exists():
        yield Finding("store", "note", f"no index yet in {place}", build)
        return
    try:
        store = Store.open(place)
    except StoreMismatch as error:
        yield Finding("store", "fail", str(error), f"{build} --rebuild")
        return
    except StoreError as error:
        yield Finding("store", "fail", str(error), f"{build} --rebuild, if the file itself can be read")
        return
    try:
        yield from _open_store(store, encoder, segmenter, build)
    except QAError as error:
        yield Finding("store", "fail", str(error), f"{build} --rebuild")
    finally:
        store.close()


def examine_leftovers(root: Path) -> Iterator[Finding]:
    """Remove what killed programs left: half-copied uploads, the documents of a chat's sessions, pieces of what was read."""
    hour_ago = time.time() - 3600  # younger ones may still be written to
    halves = [path for path in (root / UPLOADS).glob(f"{UNFINISHED}*") if path.stat().st_mtime < hour_ago]
    for path in halves:
        path.unlink(missing_ok=True)
    if halves:
        yield Finding("uploads", "mended", f"{len(halves)} half-copied files removed from {root / UPLOADS}")
    if os.name != "posix":  # elsewhere a process cannot be asked for without harm
        return
    for prefix, subject, said in (
        (UPLOADED, "uploads", "what {} killed chat sessions had uploaded was removed"),
        (READ, "reading", "what {} killed programs had unpacked to read it was removed"),
    ):
        left = [path for path in Path(tempfile.gettempdir()).glob(f"{prefix}*") if _owner_is_dead(path, prefix)]
        for path in left:
            shutil.rmtree(path, ignore_errors=True)
        if left:
            yield Finding(subject, "mended", said.format(len(left)))


def _owner_is_dead(path: Path, prefix: str) -> bool:
    number = path.name.removeprefix(prefix).partition("-")[0]
    try:
        if not number.isdecimal() or path.stat().st_uid != os.getuid():
            return False
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:  # it is somebody else's, and alive
        pass
    return False


def _open_store(store: Store, encoder: Encoder, segmenter: Segmenter, build: str) -> Iterator[Finding]:
    store.verify()
    documents, passages = store.counts()
    yield Finding(
        "store", "ok", f"{store.folder}: {documents:,} documents, {passages:,} passages, every row as written"
    )
    if problems := store.problems():
        yield Finding(
            "store", "note", f"{len(problems):,} files could not be read", build.replace("build", "status", 1)
        )
    identity = store.identity()
    if identity.encoder != encoder.name:
        yield Finding(
            "store",
            "fail",
            f"made with the encoder {identity.encoder}, not {encoder.name}",
            f"name that one with --encoder, or run {build} --rebuild",
        )
        return
    if (identity.encoder_fingerprint, identity.segmenter_fingerprint, identity.dimension) != (
        encoder.fingerprint,
        segmenter.fingerprint,
        encoder.dimension,
    ):
        yield Finding("store", "fail", "made with another version of this encoder or of the segmentation", build)
        return
    holder = held_by(store.folder)
    if holder:
        yield Finding("lock", "note", f"{holder} is writing to this store just now", "wait until it is done")
        return
    yield Finding("lock", "ok", "nobody is writing")
    yield from _derived(store, build)


def _derived(store: Store, build: str) -> Iterator[Finding]:
    sound = fits(store)
    left = [path for path in generations(store.folder) if path.name != store.get("generation")]
    pid = store.folder / "writer.pid"
    if not store.writable:
        if sound:
            yield Finding("search files", "ok", "fit the store")
        else:
            said = "do not fit, and cannot be written here: they are made in memory each time"
            yield Finding("search files", "note", said, f"{build} --store with a place that can be written")
        return
    try:
        if sound or not store.counts()[1]:
            yield Finding("search files", "ok", "fit the store")
        else:
            write_generation(store)
            yield Finding("search files", "mended", "did not fit the store; made again from it")
            left = [path for path in generations(store.folder) if path.name != store.get("generation")]
    except StoreLocked as error:
        yield Finding("search files", "note", str(error), "wait until it is done")
        return
    except StoreError as error:
        yield Finding("search files", "fail", str(error), "make room on the disk, then run qa doctor again")
        return
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    if left or pid.exists():
        pid.unlink(missing_ok=True)
        yield Finding("leftovers", "mended", f"{len(left)} outdated or half-written folders of search files removed")
