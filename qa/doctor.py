"""qa doctor: looks at everything an answer depends on, mends what can be mended, and says what cannot and how to."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from index.encoder import BUNDLED, ENVIRONMENT, Encoder, StaticEncoder, load_encoder
from index.lexicon import ALIASES, read_aliases
from index.loaders.ocr import languages
from index.milvus_address import Address
from index.records import QAError
from index.segmenter import bundled_segmenter
from qa.cluster import address_named, open_collection
from qa.doctor_store import examine_leftovers, examine_place, examine_store
from qa.finding import Finding
from qa.locations import folder_named, store_folder
from qa.offline import attempts_to_leave

PACKAGE = "thai-docs-qa"
_REINSTALL = "pip install --force-reinstall --no-deps thai-docs-qa, or check the files out again"
_SIGNS = {"ok": "ok    ", "mended": "mended", "note": "note  ", "fail": "FAIL  "}


def examine(folder: str | None, encoder: str | None, store: str | None) -> Iterator[Finding]:
    """Each finding as soon as it is known. Raises UsageError where there is no such folder."""
    root = folder_named(folder)
    yield from _python()
    yield from _packages()
    yield from _extras()
    yield from _fonts()
    yield from _network(encoder)
    try:
        segmenter = bundled_segmenter()
        chosen = load_encoder(encoder)
    except QAError as error:
        yield Finding("encoder", "fail", str(error), _REINSTALL if not encoder else "")
        return
    yield from _encoder(chosen)
    if (root / ALIASES).exists() and (problem := read_aliases(root / ALIASES)[1]):
        yield Finding("aliases", "note", problem, f"edit {root / ALIASES}")
    address = address_named(store)
    if address is not None:
        yield from examine_collection(address, chosen, _command("build", folder, encoder, store))
        yield from examine_leftovers(root)
        return
    place = store_folder(root, chosen.name, store, bundled=folder is None)
    yield from examine_place(place)
    yield from examine_store(place, chosen, segmenter, _command("build", folder, encoder, store))
    yield from examine_leftovers(root)


def printed(finding: Finding) -> str:
    """The finding for a person."""
    line = f"{_SIGNS[finding.state]}  {finding.subject}: {finding.said}"
    return f"{line}\n        -> {finding.remedy}" if finding.remedy else line


def as_dict(finding: Finding) -> dict[str, Any]:
    """The finding, JSON-ready."""
    return {name: getattr(finding, name) for name in ("subject", "state", "said", "remedy")}


def examine_collection(address: Address, encoder: Encoder, build: str) -> Iterator[Finding]:
    """Whether a collection can be asked; ``build`` is the command that makes it."""
    try:
        opened, _ = open_collection(address, None, encoder, bundled_segmenter())
    except QAError as error:
        yield Finding("collection", "fail", str(error), "" if "qa build" in str(error) else build)
        return
    documents, passages = opened.counts()
    version = opened.cluster.version
    opened.close()
    yield Finding("collection", "ok", f"{address}: {documents:,} documents, {passages:,} passages, Milvus {version}")


def _command(name: str, folder: str | None, encoder: str | None, store: str | None) -> str:
    parts = ["qa", name]
    for option, value in (("--docs", folder), ("--store", store), ("--encoder", encoder)):
        if value:
            parts += [option, shlex.quote(value)]
    return " ".join(parts)


def _python() -> Iterator[Finding]:
    said = f"{platform.python_version()} on {platform.platform(terse=True)}, {sys.executable}"
    try:
        from packaging.specifiers import SpecifierSet

        wanted = metadata.metadata(PACKAGE)["Requires-Python"]
        fits = SpecifierSet(wanted).contains(platform.python_version(), prereleases=True)
    except metadata.PackageNotFoundError:
        wanted, fits = "", True
    yield (
        Finding("python", "ok", said)
        if fits
        else Finding("python", "fail", said, f"make a virtual environment with Python {wanted}")
    )


def _packages() -> Iterator[Finding]:
    """What the package asks for against what is installed."""
    from packaging.requirements import Requirement

    try:
        asked = [Requirement(text) for text in metadata.requires(PACKAGE) or ()]
        version = metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        yield Finding(
            "packages", "note", f"{PACKAGE} itself is not installed; it runs from its folder", "pip install -e ."
        )
        return
    wrong = []
    needed = [wanted for wanted in asked if wanted.marker is None or wanted.marker.evaluate({"extra": ""})]
    for wanted in needed:
        try:
            found = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            wrong.append(f"{wanted.name} is {found}, not {wanted.specifier}")
    if wrong:
        yield Finding(
            "packages", "fail", "; ".join(wrong), f"pip install --upgrade {PACKAGE}, or pip install -e . again"
        )
    else:
        yield Finding("packages", "ok", f"{PACKAGE} {version} and the {len(needed)} packages that it asks for")


def _extras() -> Iterator[Finding]:
    """Which optional parts are installed."""
    from packaging.requirements import Requirement

    try:
        extras = metadata.metadata(PACKAGE).get_all("Provides-Extra") or []
        asked = [Requirement(text) for text in metadata.requires(PACKAGE) or ()]
    except metadata.PackageNotFoundError:
        return
    present: list[str] = []
    absent: list[str] = []
    for extra in extras:
        names = [r.name for r in asked if r.marker and r.marker.evaluate({"extra": extra}) and extra in str(r.marker)]
        missing = [name for name in names if not _installed(name)]
        (absent if missing else present).append(f"{extra} ({', '.join(missing)})" if missing else extra)
    said = f"installed: {', '.join(present) or 'none'}; not installed: {', '.join(absent) or 'none'}"
    yield Finding("extras", "ok", said)
    if read_in := languages():
        scans = f"pages of PDF files that are pictures are read by Tesseract ({read_in})"
    else:
        scans = (
            "pages of PDF files that are pictures are told, not read: that takes the extra ocr, and Tesseract with Thai"
        )
    yield Finding("scans", "ok", scans)


def _installed(name: str) -> bool:
    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False


def _fonts() -> Iterator[Finding]:
    from qa.style import font_faces

    try:
        font_faces()
        bad = [path.name for path in (Path(__file__).parent / "fonts").glob("*.woff2") if not _is_font(path)]
    except OSError as error:
        bad = [Path(str(error.filename)).name]
    if bad:
        yield Finding("fonts", "fail", f"missing or damaged: {', '.join(bad)}", _REINSTALL)
    else:
        yield Finding("fonts", "ok", "the chat's Thai and Latin letters are here")


def _is_font(path: Path) -> bool:
    """A WOFF2 file, whole: it states its own length (W3C WOFF 2.0, section 4.1)."""
    data = path.read_bytes()
    return data[:4] == b"wOF2" and int.from_bytes(data[8:12], "big") == len(data)


def _network(encoder: str | None) -> Iterator[Finding]:
    """Builds and asks in a child process that notes every attempt to reach another machine."""
    name = encoder or os.environ.get(ENVIRONMENT)
    if name and name != "bundled" and not Path(name).expanduser().is_dir():
        yield Finding(
            "network", "note", f"the encoder {name} is a name, not a folder: what is not on this machine is fetched",
            "give its folder, or set HF_HUB_OFFLINE=1",
        )  # fmt: skip
    try:
        left = attempts_to_leave()
    except QAError as error:
        yield Finding("network", "fail", f"a trial run failed: {error}", _REINSTALL)
        return
    if left:
        yield Finding(
            "network", "fail", f"a trial run tried to reach {', '.join(left)}", "look what starts with Python here: "
            "sitecustomize, PYTHONSTARTUP, a tracing or proxy package",
        )  # fmt: skip
    else:
        yield Finding("network", "ok", "a trial run with the bundled encoder reached for no other machine")


def _encoder(chosen: Encoder) -> Iterator[Finding]:
    if isinstance(chosen, StaticEncoder) and chosen.tokenizer_file.parent == BUNDLED:
        from index.training.export import fingerprint

        if fingerprint(BUNDLED) != chosen.fingerprint:
            yield Finding("encoder", "fail", f"{BUNDLED}: its files are not those that were shipped", _REINSTALL)
            return
    vectors = chosen.encode(["ทดสอบ", "test"], role="document")
    lengths = np.linalg.norm(vectors, axis=1)
    if vectors.shape != (2, chosen.dimension) or not np.isfinite(vectors).all() or abs(lengths - 1).max() > 1e-2:
        yield Finding("encoder", "fail", f"{chosen.name} gives no unit vectors", "name another with --encoder")
    else:
        yield Finding("encoder", "ok", f"{chosen.name} ({chosen.dimension} dimensions, {chosen.fingerprint})")
