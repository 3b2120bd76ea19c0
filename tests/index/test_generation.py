"""Derived files on disk: written, used, replaced, and believed only where they are this store's."""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numbered import add, asked, sources, text_of
from support import LINES
from toy import ToyEncoder

from index import derived
from index.build import add_documents
from index.derived import open_searchable, write_generation
from index.generation import MANIFEST, generations
from index.lock import write_lock
from index.records import Document, StoreLocked
from index.segmenter import Segmenter
from index.store import Store

Make = Callable[[str], Store]


def test_a_generation_is_written_on_first_opening_and_used_after(built: Store) -> None:
    first = open_searchable(built)
    assert [path.name for path in generations(built.folder)] == ["derived-1"]
    sequence = built.sequence
    assert open_searchable(built).sequence == first.sequence == sequence
    assert [path.name for path in generations(built.folder)] == ["derived-1"]


def test_a_new_generation_is_written_when_the_tail_grows(
    built: Store, toy: ToyEncoder, segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_searchable(built)
    monkeypatch.setattr(derived, "TAIL_ROWS", 3)
    add(built, ["7", "8", "9"], toy, segmenter)
    assert len(open_searchable(built).parts) == 2
    add(built, ["10"], toy, segmenter)
    searchable = open_searchable(built)
    assert len(searchable.parts) == 1 and searchable.texts == 9
    assert sorted(path.name for path in generations(built.folder)) == [
        "derived-1",
        "derived-2",
    ]  # a reader may be in the first
    assert built.dead() == {}
    write_generation(built)
    assert sorted(path.name for path in generations(built.folder)) == ["derived-2", "derived-3"]


def test_other_folders_are_left_alone(built: Store) -> None:
    for name in ("derived-data", "derived-", "derived-٣"):
        (built.folder / name).mkdir()
    write_generation(built)
    write_generation(built)
    write_generation(built)
    assert {path.name for path in built.folder.glob("derived-*")} == {
        "derived-data",
        "derived-",
        "derived-٣",
        "derived-2",
        "derived-3",
    }


def answers(store: Store, toy: ToyEncoder, segmenter: Segmenter) -> list[object]:
    searchable = open_searchable(store)
    return [asked(searchable, toy, segmenter, line) for line in LINES]


def test_another_store_s_generation_is_not_taken_for_ours(
    make_store: Make, built: Store, toy: ToyEncoder, segmenter: Segmenter
) -> None:
    expected = answers(built, toy, segmenter)
    other = make_store("other")
    add_documents(other, [Document(f"{n}.txt", line[::-1]) for n, line in enumerate(LINES)], toy, segmenter)
    open_searchable(other)
    shutil.rmtree(built.folder / "derived-1")
    shutil.copytree(other.folder / "derived-1", built.folder / "derived-1")
    assert answers(built, toy, segmenter) == expected
    assert built.get("generation") == "derived-2"


def test_a_manifest_with_another_length_is_not_believed(built: Store, toy: ToyEncoder, segmenter: Segmenter) -> None:
    expected = open_searchable(built).mean_length
    path = built.folder / "derived-1" / MANIFEST
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "total_length": manifest["total_length"] * 2}))
    assert open_searchable(built).mean_length == expected


def test_a_past_that_was_lost_is_not_mixed_with_the_present(
    built: Store, toy: ToyEncoder, segmenter: Segmenter
) -> None:
    """The write-ahead log is deleted: the store is back where it was, derived files hold what is no more."""
    open_searchable(built)
    built.close()
    kept = built.path.read_bytes()
    add(built, ["7"], toy, segmenter)
    write_generation(built)
    built.close()
    built.path.write_bytes(kept)
    back = Store.open(built.folder)
    assert open_searchable(back).texts == 5
    add(back, ["8"], toy, segmenter)
    near, _ = asked(open_searchable(back), toy, segmenter, text_of(8))
    assert sources(back, near)[0] == "8"


def test_a_folder_that_cannot_be_written_is_searched_in_memory(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    assert open_searchable(built).texts == 5
    assert not generations(built.folder) and built.get("generation") is None


def test_the_manifest_lists_every_file_by_checksum(built: Store) -> None:
    write_generation(built)
    folder = built.folder / "derived-1"
    listed = json.loads((folder / MANIFEST).read_text())["files"]
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and not p.name.endswith(".lock")}
    assert set(listed) == there - {MANIFEST}
    assert listed["vectors.ids.npy"] == zlib.crc32((folder / "vectors.ids.npy").read_bytes())
    assert built.get("generation_checksum") == str(zlib.crc32((folder / MANIFEST).read_bytes()))
    assert np.load(folder / "vectors.ids.npy").tolist() == built.chunk_ids().tolist()


def test_a_locked_store_says_so(built: Store) -> None:
    import threading

    said: list[BaseException] = []

    def write() -> None:
        try:
            write_generation(built, wait=0)
        except StoreLocked as error:
            said.append(error)

    with write_lock(built.folder):
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert len(said) == 1
