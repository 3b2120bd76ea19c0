"""A collection in Milvus instead of a folder: opened to be asked, and built, by one process or by several."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from index.build import BuildReport, Progress, silent
from index.encoder import Encoder
from index.milvus import MilvusStore
from index.milvus_address import Address, is_address, parse_address
from index.milvus_build import Built, Share, build_collection
from index.milvus_client import Cluster
from index.records import UsageError
from index.segmenter import Segmenter
from index.store_rows import Identity
from qa.locations import cache_folder, folder_named


def address_named(store: str | Path | None) -> Address | None:
    """The address that ``store`` (or QA_STORE, where it is None) is; None for a folder. Raises UsageError."""
    named = os.environ.get("QA_STORE") if store is None else store
    return parse_address(str(named)) if is_address(named) else None


def open_collection(
    address: Address,
    folder: str | Path | None,
    encoder: Encoder,
    segmenter: Segmenter,
    *,
    rebuild: bool = False,
    progress: Progress = silent,
) -> tuple[MilvusStore, BuildReport | None]:
    """A collection to be asked: as it stands, or brought up to date first where a folder is named.

    Raises StoreError where there is none yet and none can be made, and as :func:`build` does.
    """
    cluster = Cluster(address)
    try:
        report = None
        if folder is not None or rebuild:
            built = build(cluster, folder, encoder, segmenter, rebuild=rebuild, progress=progress)
            report = built.report
        identity = Identity(encoder.name, encoder.fingerprint, segmenter.fingerprint, encoder.dimension)
        return MilvusStore(cluster, identity, _own_folder(address)), report
    except BaseException:
        cluster.close()
        raise


def build(
    cluster: Cluster,
    folder: str | Path | None,
    encoder: Encoder,
    segmenter: Segmenter,
    *,
    progress: Progress,
    rebuild: bool = False,
    share: Share | None = None,
) -> Built:
    """Bring a collection, or one share of it, up to date with ``folder`` (the seeds where None).

    Raises UsageError where nothing in it can be read, and as :func:`index.milvus_build.build_collection` does.
    """
    root = folder_named(folder)
    built = build_collection(cluster, root, encoder, segmenter, progress, rebuild=rebuild, share=share)
    if not built.documents and not built.waiting:
        problem = next(iter(built.report.problems.values()), "")
        raise UsageError(
            f"{root}: no document that can be read{': ' + problem if problem else ''}; put .txt files there"
        )
    return built


def _own_folder(address: Address) -> Path:
    """Where this machine keeps what is not shared: feedback, and a copy of the aliases."""
    names = [address.host.replace(":", "-"), str(address.port), address.database, address.name]
    folder = cache_folder() / "-".join(["milvus", *filter(None, names)])
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder
