"""Derived indexes: caught up = rebuilt, dead ones masked, generations verified and replaced."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numbered import SUBJECTS, add, asked, sources, text_of
from toy import ToyEncoder

from index import derived
from index.build import add_documents
from index.derived import Searchable, open_searchable, write_generation
from index.generation import generations
from index.lock import write_lock
from index.records import Document
from index.segmenter import Segmenter
from index.store import Store

Make = Callable[[str], Store]


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


def test_reading_waits_for_no_writer(built: Store, toy: ToyEncoder, segmenter: Segmenter) -> None:
    import threading

    found: list[int] = []
    with write_lock(built.folder):
        thread = threading.Thread(target=lambda: found.append(open_searchable(Store.open(built.folder)).texts))
        thread.start()
        thread.join(5)
        assert found == [5] and not generations(built.folder)


def test_an_empty_store_finds_nothing(store: Store, toy: ToyEncoder, segmenter: Segmenter) -> None:
    searchable = open_searchable(store)
    assert (searchable.texts, searchable.mean_length) == (0, 0)
    assert asked(searchable, toy, segmenter, "แมว") == ([], [])
    assert not generations(store.folder)


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
