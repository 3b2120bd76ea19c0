"""What an index holds, without changing it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from index.encoder import ENVIRONMENT, load_encoder
from index.records import StoreError
from index.store import Store
from qa.locations import folder_named, store_folder


def status(folder: str | None, encoder: str | None, store: str | None) -> dict[str, Any]:
    """Documents, passages, sizes and problems, JSON-ready. Raises UsageError or StoreError as opening does."""
    root = folder_named(folder)
    place = store_folder(root, _encoder_name(encoder), store, bundled=folder is None)
    if not (place / "store.sqlite").exists():
        return {"folder": str(root), "store": str(place), "built": False}
    opened = Store.open(place)
    documents, passages = opened.counts()
    identity = opened.identity()
    return {
        "folder": str(root),
        "store": str(place),
        "built": True,
        "encoder": identity.encoder,
        "dimension": identity.dimension,
        "sequence": opened.sequence,
        "documents": documents,
        "passages": passages,
        "bytes": _bytes(place),
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
    lines = [
        f"{found['folder']}: {found['documents']} documents, {found['passages']} passages",
        f"index {found['store']} ({found['bytes'] / 1e6:.1f} MB), encoder {found['encoder']} ({found['dimension']} dimensions)",
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
