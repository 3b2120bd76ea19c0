"""Where things are: the seeds that ship, the store of a folder, and how a store is opened or made again."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from index.build import BuildReport
from index.generation import generations
from index.lock import write_lock
from index.records import StoreDamaged, StoreError, StoreMismatch, UsageError, printable
from index.store import Identity, Store, can_write


def seeds_folder() -> Path:
    """The folder of the documents that ship with the package."""
    spec = find_spec("seeds")
    if spec is None or not spec.submodule_search_locations:
        raise UsageError("the seed documents are not installed; name a folder with --docs")
    return Path(next(iter(spec.submodule_search_locations)))


def folder_named(folder: str | Path | None) -> Path:
    """The document folder, checked. Raises UsageError where there is none."""
    if folder is None:
        return seeds_folder()
    try:
        path = Path(folder).expanduser()
        if path.is_dir():
            return path
        exists = path.exists()
    except (OSError, ValueError, RuntimeError) as error:  # too long; a null character; no such user
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"{printable(str(folder))[:200]}: not a folder ({reason}); name the folder that holds your documents"
        ) from error
    if exists:
        raise UsageError(f"{printable(str(path))}: is a file, not a folder; name the folder that holds it")
    raise UsageError(f"{printable(str(path))}: no such folder; name the folder that holds your documents")


def store_folder(root: Path, encoder: str, named: str | Path | None, *, bundled: bool) -> Path:
    """Where the index of ``root`` is kept: as named, else ``root/.qa``, else the user's cache.

    One folder an encoder, so that trying another loses nothing. The seeds' index goes to the cache: the
    package may be installed where it should not be written to.
    """
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", encoder).strip("-.")[-80:] or "encoder"
    place = place_named(named)
    if place is not None:
        return place
    if not bundled and can_write(root):
        return root / ".qa" / slug
    digest = hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return cache_folder() / f"{root.name}-{digest}" / slug


def place_named(named: str | Path | None) -> Path | None:
    """The place of the index that somebody named, here or by QA_STORE; None where nobody did."""
    place = named if named is not None else os.environ.get("QA_STORE") or None
    return None if place is None else Path(place).expanduser()


def refuse_other_folder(store: Store, root: Path) -> None:
    """Raise StoreMismatch where ``store`` holds the documents of another folder: bringing it up to date would forget them.

    Not where that folder is no longer there, having been moved, and not for the seeds, which are read again in a moment.
    """
    held, same = store.get("folder"), (str(root.resolve()), str(seeds_folder().resolve()))
    if held and held not in same and store.counts()[0] and Path(held).is_dir():
        raise StoreMismatch(
            f"{store.folder}: holds the documents of {printable(held)}, not of {printable(str(root))}; name that folder with "
            "--docs, another place with --store, or replace it with --rebuild"
        )


def cache_folder() -> Path:
    """The part of the user's cache that is ours."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "thai-docs-qa"


def open_or_create(
    place: Path,
    identity: Identity,
    rebuild: bool,
    bring_up_to_date: Callable[[Store], BuildReport],
    refuse: Callable[[Store], None] = lambda store: None,
) -> tuple[Store, BuildReport]:
    """The store in ``place``, brought up to date with its documents; made, or mended, where need be.

    Raises StoreMismatch where it was made with another encoder by name, and what ``refuse`` raises of a store that can be read;
    one made with an older version of the same encoder, or damaged, is made again from the documents.
    """
    if rebuild:
        discard(place)
    served = partial(_served, place, identity, refuse, bring_up_to_date)
    try:
        return served()
    except StoreDamaged:
        with write_lock(place):  # one that another process was just making is whole once the lock is ours
            try:
                return served()
            except StoreDamaged:
                discard(place)
                return served()


def _served(
    place: Path,
    identity: Identity,
    refuse: Callable[[Store], None],
    bring_up_to_date: Callable[[Store], BuildReport],
) -> tuple[Store, BuildReport]:
    store = _opened(place, identity)
    try:
        refuse(store)  # before one of an older encoder is made again
        _check_encoder(store, identity)
        return store, bring_up_to_date(store)
    except BaseException:
        store.close()  # before anyone removes its files
        raise


def _opened(place: Path, identity: Identity) -> Store:
    try:
        exists = (place / "store.sqlite").exists()
        return Store.open(place) if exists else Store.create(place, identity)
    except StoreMismatch as error:
        raise StoreDamaged(str(error)) from error  # an older layout: made again from the documents
    except OSError as error:
        raise StoreError(f"{place}: cannot be opened ({error.strerror}); name another place with --store") from error


def _check_encoder(store: Store, identity: Identity) -> None:
    """Raise StoreMismatch where another encoder made the store, StoreDamaged where an older version of the same did."""
    found = store.identity()
    if found == identity:
        return
    if found.encoder and found.encoder != identity.encoder:
        raise StoreMismatch(
            f"{store.folder}: made with the encoder {printable(found.encoder)}, not {identity.encoder}; "
            "name another place with --store, or make it again with --rebuild"
        )
    raise StoreDamaged(f"{store.folder}: made with an older encoder; run qa build --rebuild")


def discard(place: Path) -> None:
    """Remove the files of a store, and nothing else. Raises StoreError where they cannot be removed."""
    if not place.exists():
        return
    with write_lock(place):
        try:
            for path in [*(place / f"store.sqlite{end}" for end in ("-wal", "-shm", "")), *generations(place)]:
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(
                f"{place}: cannot be written ({error.strerror}); name another place with --store"
            ) from error
