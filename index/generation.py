"""One generation of derived files: a folder ``derived-N``, written whole, listed with checksums, never changed."""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from index.store import Store
from index.vectors import FaissVectors
from index.words import TantivyWords

MANIFEST = "manifest.json"


@dataclass(slots=True)
class Part:
    """A vector index and a word index over the same chunks."""

    vectors: FaissVectors
    words: TantivyWords
    total_length: int
    """Sum of the token counts of its chunks."""


def generations(folder: Path) -> list[Path]:
    """The generations in a store's folder, current or not."""
    return [path for path in folder.glob("derived-*") if number(path)]


def number(path: Path) -> int:
    """Which generation a folder is; 0 where it is none."""
    suffix = path.name.rpartition("-")[2]
    return int(suffix) if suffix.isascii() and suffix.isdigit() else 0


def write_manifest(folder: Path, store: Store, part: Part) -> int:
    """Write the list of what ``folder`` holds; its checksum."""
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
    return _checksum(path)


def _files(folder: Path) -> list[Path]:
    """The files whose content counts; tantivy's lock files come and go."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST and not p.name.endswith(".lock"))


def _checksum(path: Path) -> int:
    crc = 0
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            crc = zlib.crc32(block, crc)
    return crc


def load(folder: Path, store: Store) -> Part | None:
    """The generation in ``folder``, verified; None where it cannot be trusted and has to be made again."""
    try:
        listing = (folder / MANIFEST).read_bytes()
        if zlib.crc32(listing) != int(store.get("generation_checksum") or -1):
            return None
        manifest = json.loads(listing)
        identity = store.identity()
        if (manifest["encoder_fingerprint"], manifest["segmenter_fingerprint"]) != (
            identity.encoder_fingerprint,
            identity.segmenter_fingerprint,
        ):
            return None
        if {str(path.relative_to(folder)): _checksum(path) for path in _files(folder)} != manifest["files"]:
            return None
        part = Part(
            FaissVectors.load(folder, store.rows), TantivyWords.load(folder / "words"), int(manifest["total_length"])
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None
    return part if len(part.words) == len(part.vectors) else None
