"""What an index holds, without changing it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from index.encoder import ENVIRONMENT, load_encoder
from index.milvus_address import Address
from index.records import StoreError
from index.segmenter import bundled_segmenter
from index.serving import PassageStore
from index.store import Store
from qa.cluster import address_named, open_collection
from qa.locations import folder_named, store_folder


def status(folder: str | None, encoder: str | None, store: str | None) -> dict[str, Any]:
    """Documents, passages, sizes and problems, JSON-ready. Raises UsageError or StoreError as opening does."""
    address = address_named(store)
    if address is not None:
        return _of_collection(address, encoder)
    root = folder_named(folder)
    place = store_folder(root, _encoder_name(encoder), store, bundled=folder is None)
    if not (place / "store.sqlite").exists():
        return {"folder": str(root), "store": str(place), "built": False}
    opened = Store.open(place)
    return {"folder": str(root), "store": str(place), "built": True, "bytes": _bytes(place), **_held(opened)}


def _of_collection(address: Address, encoder: str | None) -> dict[str, Any]:
    opened, _ = open_collection(address, None, load_encoder(encoder), bundled_segmenter())
    try:
        return {"folder": "", "store": str(address), "built": True, "bytes": None, **_held(opened)}
    finally:
        opened.close()


def _held(opened: PassageStore) -> dict[str, Any]:
    documents, passages = opened.counts()
    identity = opened.identity()
    return {
        "encoder": identity.encoder,
        "dimension": identity.dimension,
        "sequence": opened.sequence,
        "documents": documents,
        "passages": passages,
        "files": [
            {
                "source": d.source,
                "title": d.title,
                "characters": d.characters,
                "passages": d.passages,
                "warnings": d.warnings,
            }
            for d in opened.documents()
        ],
        "problems": opened.problems(),
    }


def status_lines(found: dict[str, Any]) -> list[str]:
    """The same for a person."""
    if not found["built"]:
        return [f"{found['folder']}: no index yet; qa build makes one in {found['store']}"]
    size = "" if found["bytes"] is None else f" ({found['bytes'] / 1e6:.1f} MB)"
    lines = [
        f"{found['folder'] or found['store']}: {found['documents']} documents, {found['passages']} passages",
        f"index {found['store']}{size}, encoder {found['encoder']} ({found['dimension']} dimensions)",
    ]
    for entry in found["files"]:
        lines.append(f"  {entry['source']}  {entry['characters']:,} characters, {entry['passages']} passages")
        lines.extend(f"    {warning}" for warning in entry["warnings"])
    lines.extend(f"  not read: {message}" for message in found["problems"].values())
    return lines


def _bytes(place: Path) -> int:
    try:
        return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    except OSError as error:
        raise StoreError(f"{place}: cannot be read ({error.strerror})") from error


def _encoder_name(asked: str | None) -> str:
    """The name that an encoder's store goes by, without loading a model that is not the bundled one."""
    return asked or os.environ.get(ENVIRONMENT) or load_encoder(None).name
