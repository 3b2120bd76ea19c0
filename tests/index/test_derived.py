"""Derived indexes: caught up = rebuilt, dead ones masked, generations verified and replaced."""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import LINES
from toy import ToyEncoder

from index import derived
from index.build import add_documents
from index.derived import Searchable, open_searchable, write_generation
from index.generation import MANIFEST, generations
from index.lock import write_lock
from index.records import Document, StoreLocked
from index.segmenter import Segmenter
from index.store import Store

Make = Callable[[str], Store]
SUBJECTS = ["แมวดำ", "รถไฟ", "ข้าวหอม", "โรงพยาบาล", "หนังสือเดินทาง", "ค่าธรรมเนียม", "กรุงเทพ"]


def text_of(number: int) -> str:
    return " ".join(SUBJECTS[(number * step) % 7] for step in range(1, 2 + number % 5)) + f" เรื่องที่ {number}"


def add(store: Store, names: list[str], toy: ToyEncoder, segmenter: Segmenter) -> None:
    add_documents(store, [Document(name, text_of(int(name))) for name in names], toy, segmenter)


def sources(store: Store, pairs: list[tuple[int, float]]) -> list[str]:
    found = store.chunks([chunk_id for chunk_id, _ in pairs])
    return [found[chunk_id].chunk.source for chunk_id, _ in pairs]


def asked(searchable: Searchable, toy: ToyEncoder, segmenter: Segmenter, text: str, k: int = 100) -> tuple[list, list]:
    weights = dict.fromkeys(segmenter.ids(text), 1.0)
    return searchable.nearest(toy.encode([text], role="query")[0], k), searchable.by_words(weights, k)


def in_parts(make_store: Make, toy: ToyEncoder, segmenter: Segmenter) -> tuple[Store, Searchable]:
    """Thirty documents, of which ten are written as a generation, two of those removed and one replaced."""
    store = make_store("parts")
    add(store, [str(n) for n in range(10)], toy, segmenter)
    write_generation(store)
    add(store, [str(n) for n in range(10, 30)], toy, segmenter)
    store.put([], removed=["3", "4", "20"])
    add(store, ["5"], toy, segmenter)
    return store, open_searchable(store)


def at_once(make_store: Make, toy: ToyEncoder, segmenter: Segmenter) -> tuple[Store, Searchable]:
    store = make_store("whole")
    add(store, [str(n) for n in range(30) if n not in (3, 4, 20)], toy, segmenter)
    return store, open_searchable(store)


def test_caught_up_is_rebuilt(make_store: Make, toy: ToyEncoder, segmenter: Segmenter) -> None:
    parts, caught_up = in_parts(make_store, toy, segmenter)
    whole, rebuilt = at_once(make_store, toy, segmenter)
    assert len(caught_up.parts) == 2 and len(caught_up.dead) == 3 and len(rebuilt.parts) == 1
    assert caught_up.texts == rebuilt.texts == 27
    assert caught_up.mean_length == pytest.approx(rebuilt.mean_length)
    tokens = {token for subject in SUBJECTS for token in segmenter.ids(subject)}
    assert all(caught_up.document_frequency(t) == rebuilt.document_frequency(t) for t in [*tokens, 10**6])
    for subject in SUBJECTS:
        (near, words), (near_too, words_too) = (
            asked(searchable, toy, segmenter, subject) for searchable in (caught_up, rebuilt)
        )
        assert dict(zip(sources(parts, near), (s for _, s in near), strict=True)) == pytest.approx(
            dict(zip(sources(whole, near_too), (s for _, s in near_too), strict=True)), abs=1e-6
        )
        assert sorted(sources(parts, words)) == sorted(sources(whole, words_too))


def test_a_word_weighs_the_same_in_every_part(make_store: Make, toy: ToyEncoder, segmenter: Segmenter) -> None:
    """A part of one text finds every word it holds common; among all texts it is rare."""
    store = make_store("parts")
    add_documents(store, [Document(str(n), f"เรื่องของรถไฟ คันที่ {n}") for n in range(50)], toy, segmenter)
    write_generation(store)
    add_documents(store, [Document("new", "เรื่องของแมวดำ คันที่ 1")], toy, segmenter)
    searchable = open_searchable(store)
    weights = dict.fromkeys(segmenter.ids("เรื่องของแมวดำ"), 1.0)
    best = searchable.by_words(weights, 3)
    assert sources(store, best)[0] == "new"
    whole = make_store("whole")
    add_documents(whole, [Document(str(n), f"เรื่องของรถไฟ คันที่ {n}") for n in range(50)], toy, segmenter)
    add_documents(whole, [Document("new", "เรื่องของแมวดำ คันที่ 1")], toy, segmenter)
    best_too = open_searchable(whole).by_words(weights, 3)
    assert [score for _, score in best] == pytest.approx(
        [score for _, score in best_too], rel=0.1
    )  # mean lengths differ


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("+-="), st.integers(0, 8)), min_size=1, max_size=8))
def test_whatever_happened_the_live_texts_are_found(
    make_store: Make, toy: ToyEncoder, segmenter: Segmenter, happened: list[tuple[str, int]]
) -> None:
    store = make_store("history")
    store.put([], removed=[info.source for info in store.documents()])
    live: set[str] = set()
    for change, number in happened:
        if change == "+":
            add(store, [str(number)], toy, segmenter)
            live.add(str(number))
        elif change == "-":
            store.put([], removed=[str(number)])
            live.discard(str(number))
        elif live:
            write_generation(store)
    searchable = open_searchable(store)
    near, words = asked(searchable, toy, segmenter, "เรื่องที่")
    assert searchable.texts == len(live)
    assert sorted(sources(store, near)) == sorted(sources(store, words)) == sorted(live)
    counted = sum(
        segmenter.ids("เรื่อง")[0] in stored.tokens for stored in store.chunks(store.chunk_ids().tolist()).values()
    )
    assert searchable.document_frequency(segmenter.ids("เรื่อง")[0]) == counted


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("++-="), st.integers(0, 8)), min_size=1, max_size=8))
def test_followed_step_by_step_is_opened_at_once(
    make_store: Make, toy: ToyEncoder, segmenter: Segmenter, happened: list[tuple[str, int]]
) -> None:
    """A running program that follows the store finds what one that starts now does, score by score."""
    store = make_store("followed")
    followed = open_searchable(store)
    for change, number in happened:
        if change == "+":
            add(store, [str(number)], toy, segmenter)
        elif change == "-":
            store.put([], removed=[str(number)])
        elif store.counts()[0]:
            write_generation(store)
        followed = open_searchable(store, followed)
        opened = open_searchable(store)
        assert (followed.sequence, followed.texts, followed.dead) == (opened.sequence, opened.texts, opened.dead)
        assert asked(followed, toy, segmenter, text_of(3)) == asked(opened, toy, segmenter, text_of(3))


def test_what_has_not_changed_is_not_read_again(
    built: Store, toy: ToyEncoder, segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_searchable(built)
    add(built, ["7"], toy, segmenter)
    monkeypatch.setattr(derived, "load", lambda *_: pytest.fail("read again"))
    followed = open_searchable(built, first)
    assert followed.base is first.base and followed.texts == 6
    monkeypatch.undo()
    write_generation(built)
    renewed = open_searchable(built, followed)
    assert renewed.base is not first.base and len(renewed.parts) == 1 and renewed.texts == 6


def test_dead_ones_never_take_the_place_of_live_ones(make_store: Make, toy: ToyEncoder, segmenter: Segmenter) -> None:
    store = make_store("dead")
    add_documents(store, [Document(str(n), "แมวดำ") for n in range(40)], toy, segmenter)
    write_generation(store)
    store.put([], removed=[str(n) for n in range(38)])
    near, words = asked(open_searchable(store), toy, segmenter, "แมวดำ", k=2)
    assert sources(store, near) == sources(store, words) == ["38", "39"]


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


def test_reading_waits_for_no_writer(built: Store, toy: ToyEncoder, segmenter: Segmenter) -> None:
    import threading

    found: list[int] = []
    with write_lock(built.folder):
        thread = threading.Thread(target=lambda: found.append(open_searchable(Store.open(built.folder)).texts))
        thread.start()
        thread.join(5)
        assert found == [5] and not generations(built.folder)


def test_a_folder_that_cannot_be_written_is_searched_in_memory(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    assert open_searchable(built).texts == 5
    assert not generations(built.folder) and built.get("generation") is None


def test_an_empty_store_finds_nothing(store: Store, toy: ToyEncoder, segmenter: Segmenter) -> None:
    searchable = open_searchable(store)
    assert (searchable.texts, searchable.mean_length) == (0, 0)
    assert asked(searchable, toy, segmenter, "แมว") == ([], [])
    assert not generations(store.folder)


def test_the_manifest_lists_every_file_by_checksum(built: Store) -> None:
    write_generation(built)
    folder = built.folder / "derived-1"
    listed = json.loads((folder / MANIFEST).read_text())["files"]
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and not p.name.endswith(".lock")}
    assert set(listed) == there - {MANIFEST}
    assert listed["vectors.ids.npy"] == zlib.crc32((folder / "vectors.ids.npy").read_bytes())
    assert built.get("generation_checksum") == str(zlib.crc32((folder / MANIFEST).read_bytes()))
    assert np.load(folder / "vectors.ids.npy").tolist() == built.chunk_ids().tolist()


def test_inside_a_snapshot_all_is_of_that_moment(built: Store, toy: ToyEncoder, segmenter: Segmenter) -> None:
    other = Store.open(built.folder)
    with built.snapshot():
        assert built.in_snapshot and not other.in_snapshot
        sequence = built.sequence
        add(other, ["7"], toy, segmenter)
        other.put([], removed=["1.txt"])
        searchable = open_searchable(built)
        assert (searchable.sequence, searchable.texts) == (sequence, 5)
        assert not generations(built.folder)
    assert open_searchable(built).texts == 5 and open_searchable(built).sequence > sequence


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
