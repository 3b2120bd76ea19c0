"""SQLite as the truth: what is put is what is read, whole or not at all, and damage is said."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from support import LINES, hard_text
from toy import ToyEncoder, identity_of

from index.build import add_documents
from index.chunking import chunk_document
from index.entries import entries
from index.records import Document, DocumentError, Place, StoreError
from index.segmenter import Segmenter
from index.store import FileState, Store

Make = Callable[[str], Store]


def put(store: Store, *documents: Document) -> None:
    batch = [(document, FileState(1, 2, "3"), chunk_document(document)) for document in documents]
    store.put(entries(batch, ToyEncoder(), SEGMENTER)[0])


SEGMENTER = Segmenter.load()


def all_chunks(store: Store) -> list[tuple[str, int, int, str]]:
    found = store.chunks(store.chunk_ids().tolist())
    return sorted(
        (stored.chunk.source, stored.chunk.start, stored.chunk.end, stored.chunk.text) for stored in found.values()
    )


def test_a_document_comes_back_as_it_was(store: Store) -> None:
    document = Document(
        "ก/ข.txt", "หัวข้อ\nเนื้อความ", "ชื่อ", "2024-12-31", (0, 7), (Place(0, 6),), {"ผู้เขียน": "ก"}, ("หน้า 2: ว่าง",)
    )
    put(store, document)
    assert store.document("ก/ข.txt") == document
    assert store.document("ไม่มี") is None
    info = store.documents()[0]
    assert (info.source, info.title, info.date, info.characters, info.passages) == (
        "ก/ข.txt",
        "ชื่อ",
        "2024-12-31",
        16,
        1,
    )
    assert (info.file, info.warnings) == (FileState(1, 2, "3"), ("หน้า 2: ว่าง",))
    assert store.counts() == (1, 1)
    stored = store.chunks([1, 99])
    assert list(stored) == [1]
    assert stored[1].chunk == chunk_document(document)[0]
    assert (stored[1].title, stored[1].page) == ("ชื่อ", 1)
    assert stored[1].tokens.tolist() == SEGMENTER.ids(document.text)
    expected = ToyEncoder().encode([document.text], role="document")[0]
    assert stored[1].vector == pytest.approx(expected, abs=1e-2)  # kept in 8 bits


def test_the_page_is_the_one_a_passage_starts_on(store: Store) -> None:
    text = "ก" * 700 + "\n" + "ข" * 700
    put(store, Document("d", text, pages=(0, 300, 701)))
    pages = {stored.chunk.start: stored.page for stored in store.chunks(store.chunk_ids().tolist()).values()}
    assert pages[0] == 1 and pages[701] == 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(text=hard_text())
def test_any_text_is_kept_to_the_letter(store: Store, text: str) -> None:
    text = "\0" + text  # which SQL's own functions on text stop at
    put(store, Document("d", text))
    kept = store.document("d")
    assert kept is not None and kept.text == text
    assert all(text[start:end] == piece for _, start, end, piece in all_chunks(store))
    assert store.documents()[0].characters == len(text)


def test_rows_read_through_and_looked_up_are_the_same(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, *(Document(str(n), "\n".join(f"{line} {n}" for line in LINES * 4)) for n in range(6)))
    store.put([], removed=["2"])
    ids = np.arange(1, store.chunk_ids().max() + 1)
    through = store.rows(ids)
    monkeypatch.setattr("index.store_vectors._SCATTERED", 0)
    looked_up = store.rows(ids[::3])
    assert (looked_up.numbers == through.numbers[::3]).all() and (looked_up.factors == through.factors[::3]).all()
    there = np.isin(ids, store.chunk_ids())
    assert (through.factors > 0).tolist() == there.tolist() and 0 < there.sum() < len(ids)


def test_half_a_surrogate_pair_is_refused_and_nothing_is_changed(store: Store) -> None:
    put(store, Document("a", "ก"))
    before = store.sequence
    with pytest.raises(DocumentError, match=r"^b: holds half a surrogate pair \(U\+D800\)"):
        put(store, Document("a", "ข"), Document("b", "x\ud800"))
    assert (store.sequence, all_chunks(store)) == (before, [("a", 0, 1, "ก")])


def test_putting_again_replaces_and_ids_are_never_used_twice(store: Store) -> None:
    put(store, Document("a", "ก"), Document("b", "ข"))
    put(store, Document("b", "ค"))
    assert all_chunks(store) == [("a", 0, 1, "ก"), ("b", 0, 1, "ค")]
    assert store.chunk_ids().tolist() == [1, 3]
    assert list(store.dead()) == [2]
    store.put([], removed=["b", "never there"])
    put(store, Document("c", "ง"))
    assert store.chunk_ids().tolist() == [1, 4]
    store.set_generation("derived-1", [2])
    assert list(store.dead()) == [3]
    assert store.get("generation") == "derived-1"


def test_renaming_keeps_passages_and_goes_over_what_bore_the_name(store: Store) -> None:
    put(store, Document("a", "ก"), Document("b", "ข"))
    assert store.rename([("a", "b", FileState(5, 6, "7"))]) == {"b"}
    assert all_chunks(store) == [("b", 0, 1, "ก")]
    assert store.document("b") == Document("b", "ก")
    assert store.files() == {"b": FileState(5, 6, "7")}
    assert store.rename([("gone", "b", FileState(0, 0))]) == set()
    assert all_chunks(store) == [("b", 0, 1, "ก")]


def test_a_problem_takes_the_document_away_and_a_document_the_problem(store: Store) -> None:
    put(store, Document("a", "ก"))
    store.report_problem("a", "a: is not text", FileState(9, 8))
    assert store.problems() == {"a": "a: is not text"} and store.counts() == (0, 0)
    assert store.files() == {"a": FileState(9, 8)}
    put(store, Document("a", "ก"))
    assert store.problems() == {} and store.counts() == (1, 1)
    store.touch({"a": FileState(4, 4, "other")})
    assert store.files() == {"a": FileState(4, 4, "3")}


def test_a_failing_change_changes_nothing(store: Store) -> None:
    put(store, Document("a", "ก"))
    before, rows = store.sequence, all_chunks(store)
    with pytest.raises(KeyError), store.writing() as connection:
        connection.execute("DELETE FROM chunks")
        raise KeyError("in the middle")
    with pytest.raises(StoreError, match="check free space"), store.writing() as connection:
        connection.execute("INSERT INTO meta VALUES ('sequence', '1')")
    assert (store.sequence, all_chunks(store)) == (before, rows)


def test_the_sequence_grows_and_other_connections_see_it(store: Store) -> None:
    other = Store.open(store.folder)
    seen, version = other.sequence, other.data_version()
    put(store, Document("a", "ก"))
    assert other.sequence == store.sequence == seen + 1
    assert other.data_version() != version


def test_a_snapshot_is_of_one_moment_and_blocks_nobody(store: Store) -> None:
    put(store, Document("a", "ก"))
    other = Store.open(store.folder)
    with other.snapshot():
        before = other.sequence
        put(store, Document("b", "ข"))
        assert (other.counts(), other.sequence) == ((1, 1), before)
        with other.snapshot():
            assert other.counts() == (1, 1)
    assert other.counts() == (2, 2)


def test_each_thread_has_its_own_connection(store: Store) -> None:
    put(store, Document("a", "ก"))
    counted: list[tuple[int, int]] = []
    threads = [threading.Thread(target=lambda: counted.append(store.counts())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted == [(1, 1)] * 4


def test_making_a_store_where_one_is_opens_it(make_store: Make) -> None:
    first = make_store("same")
    put(first, Document("a", "ก"))
    assert make_store("same").counts() == (1, 1)


def test_readers_are_not_disturbed_by_a_writer(store: Store, toy: ToyEncoder, segmenter: Segmenter) -> None:
    add_documents(store, [Document(name, "รอบ 0") for name in "abc"], toy, segmenter)
    done = threading.Event()
    seen: list[set[str]] = []

    def read() -> None:
        reader = Store.open(store.folder)
        while not done.is_set():
            with reader.snapshot():
                found = reader.chunks(reader.chunk_ids().tolist())
                seen.append({stored.chunk.text for stored in found.values()})
        reader.close()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(1, 20):
        add_documents(store, [Document(name, f"รอบ {number}") for name in "abc"], toy, segmenter)
    done.set()
    for thread in threads:
        thread.join()
    assert seen and all(len(texts) == 1 for texts in seen)


def test_two_makers_at_once_make_one_store(tmp_path: Path, toy: ToyEncoder, segmenter: Segmenter) -> None:
    problems: list[BaseException] = []

    def make(name: str) -> None:
        try:
            add_documents(
                Store.create(tmp_path / "s", identity_of(toy, segmenter)), [Document(name, "ก")], toy, segmenter
            )
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=make, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert [info.source for info in Store.open(tmp_path / "s").documents()] == list("abcd")
