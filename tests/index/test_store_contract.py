"""What answering and building ask of a store, asked of both: the folder on this machine, and a collection in Milvus.

The collection lies in a milvus-lite served over TCP on loopback: Milvus' protocol, no cluster.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from support import LINES, hard_text
from toy import ToyEncoder, identity_of

from index.build import update
from index.chunking import chunk_document, search_text
from index.entries import Writer, entries
from index.milvus import MilvusStore
from index.milvus_address import parse_address
from index.milvus_client import Cluster
from index.milvus_generation import Generation, Made
from index.milvus_writer import PartWriter
from index.records import Document, DocumentError, Place
from index.segmenter import Segmenter, bundled_segmenter
from index.serving import PassageIndex, PassageStore, catalogue, open_index
from index.store import Store
from index.store_rows import FileState

TOY = ToyEncoder()


@dataclass
class Kept:
    """A store with the way to write to it."""

    store: PassageStore
    writer: Writer
    building: Callable[[], AbstractContextManager[object]]

    def put(self, *documents: Document, removed: tuple[str, ...] = ()) -> None:
        batch = [(document, FileState(1, 2, "3"), chunk_document(document)) for document in documents]
        with self.building():
            self.writer.put(entries(batch, TOY, bundled_segmenter())[0], removed)

    @property
    def index(self) -> PassageIndex:
        return open_index(self.store)

    def found(self, question: str, k: int = 100) -> list[str]:
        """Texts of the passages that the words of ``question`` lead to."""
        weights = dict.fromkeys(bundled_segmenter().ids(question), 1.0)
        return self._texts(self.index.by_words(weights, k))

    def near(self, text: str, k: int = 100) -> list[str]:
        return self._texts(self.index.nearest(TOY.encode([text], role="query")[0], k))

    def _texts(self, pairs: list[tuple[int, float]]) -> list[str]:
        stored = self.store.chunks(number for number, _ in pairs)
        return [stored[number].chunk.text for number, _ in pairs]


@pytest.fixture(params=["folder", "milvus"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, segmenter: Segmenter) -> Iterator[Kept]:
    identity = identity_of(TOY, segmenter)
    if request.param == "folder":
        store = Store.create(tmp_path / "store", identity)
        yield Kept(store, store, nullcontext)
        store.close()
        return
    cluster = Cluster(parse_address(f"{request.getfixturevalue('milvus')}/t{uuid4().hex}"))
    generation = Generation.named(cluster, 1)
    generation.create(Made(identity, 1))
    cluster.point(cluster.address.name, generation.passages)
    writer = PartWriter(generation, 1)
    yield Kept(MilvusStore(cluster, identity, tmp_path, poll=0), writer, writer.building)
    generation.drop()
    cluster.close()


def frequencies(texts: list[str]) -> dict[int, int]:
    words = [set(bundled_segmenter().ids(text)) for text in texts]
    return {word: sum(word in held for held in words) for word in set().union(*words)}


def check_counts(kept: Kept, texts: list[str]) -> None:
    """The counts that idf is computed from are those of exactly these passages."""
    index = kept.index
    expected = frequencies(texts)
    assert index.texts == len(texts) == kept.store.counts()[1]
    assert {word: index.document_frequency(word) for word in expected} == expected
    lengths = [len(bundled_segmenter().ids(text)) for text in texts]
    assert index.mean_length == pytest.approx(np.mean(lengths))


def test_a_document_comes_back_as_it_was(kept: Kept, segmenter: Segmenter) -> None:
    text = "หัวข้อ\n" + "เนื้อความ \0 ยาว " * 9_000 + "👩🏽จบ"  # several pieces where strings are short
    document = Document("ก/ข.txt", text, "ชื่อ", "2024-12-31", (0, 7), (Place(0, 6),), {"ผู้เขียน": "ก"}, ("หน้า 2: ว่าง",))
    kept.put(document)
    assert kept.store.document("ก/ข.txt") == document
    assert kept.store.document("ไม่มี") is None
    (info,) = kept.store.documents()
    assert (info.source, info.title, info.date, info.characters) == ("ก/ข.txt", "ชื่อ", "2024-12-31", len(text))
    assert (info.file, info.warnings) == (FileState(1, 2, "3"), ("หน้า 2: ว่าง",))
    assert info.metadata == {"ผู้เขียน": "ก"}
    chunks = chunk_document(document)
    assert kept.store.counts() == (1, len(chunks)) == (1, info.passages)
    ids = [number for number, _ in kept.index.nearest(TOY.encode([chunks[0].text], role="query")[0], 1000)]
    assert [b - a for a, b in zip(sorted(ids), sorted(ids)[1:], strict=False)] == [1] * (len(ids) - 1)  # neighbours
    stored = kept.store.chunks([*ids, 10**15])
    assert set(stored) == set(ids)
    assert [stored[number].chunk for number in sorted(ids)] == chunks
    first = stored[min(ids)]
    assert (first.id, first.title, first.page) == (min(ids), "ชื่อ", 2 if chunks[0].start else 1)
    assert first.tokens.tolist() == segmenter.ids(text[: chunks[0].end])
    expected = TOY.encode([chunks[0].text], role="document")[0]
    assert first.vector == pytest.approx(expected, abs=1e-2)  # a folder keeps 8 bits


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
@given(text=hard_text())
def test_any_text_is_kept_to_the_letter(kept: Kept, text: str) -> None:
    kept.put(Document("d", "\0" + text))
    document = kept.store.document("d")
    assert document is not None and document.text == "\0" + text
    assert kept.store.counts()[0] == 1


def test_words_and_vectors_find_what_they_should(kept: Kept, corpus: list[Document]) -> None:
    kept.put(*corpus)
    check_counts(kept, list(LINES))
    for line in LINES:
        assert kept.near(line)[0] == line and len(kept.near(line)) == len(LINES)
        assert kept.found(line)[0] == line
    assert kept.found("แมวดำ กรุงเทพ") and set(kept.found("แมวดำ กรุงเทพ")) <= {LINES[0], LINES[3]}
    assert kept.index.by_words({}, 5) == kept.index.by_words({36_000: 1.0}, 5) == []
    assert kept.index.nearest(np.zeros(64, dtype=np.float32), 5) == []
    assert len(kept.near(LINES[0], 2)) == 2


def test_scores_are_cosines_and_bm25(kept: Kept, corpus: list[Document], segmenter: Segmenter) -> None:
    kept.put(*corpus)
    vector = TOY.encode([LINES[2]], role="query")[0]
    scores = dict(kept.index.nearest(vector, 5))
    for number, stored in kept.store.chunks(scores).items():
        assert scores[number] == pytest.approx(float(vector @ stored.vector), abs=1e-3)
    plain, heavier = (dict(kept.index.by_words(dict.fromkeys(segmenter.ids(LINES[2]), w), 5)) for w in (1.0, 2.0))
    assert heavier == pytest.approx({number: 2 * score for number, score in plain.items()}, rel=1e-4)
    rare, common = segmenter.ids("แมว")[0], segmenter.ids("บาท")[0]
    assert kept.index.document_frequency(rare) == kept.index.document_frequency(common) == 1


def test_a_passage_without_words_or_letters_is_kept(kept: Kept) -> None:
    kept.put(Document("a", "!!!"), Document("b", "แมว"))
    assert kept.store.counts() == (2, 2)
    assert kept.found("แมว") == ["แมว"]
    assert kept.index.mean_length == 0.5


def test_what_is_put_again_is_replaced_and_counted_once(kept: Kept) -> None:
    kept.put(Document("a", "แมว"), Document("b", "หมา แมว"))
    before = kept.store.sequence
    kept.put(Document("b", "ช้าง"), Document("c", "ม้า"), removed=("a", "never there"))
    assert kept.store.sequence > before and kept.index.sequence == kept.store.sequence
    assert [info.source for info in kept.store.documents()] == ["b", "c"]
    assert kept.store.document("a") is None
    assert kept.found("แมว") == [] and kept.found("ช้าง") == ["ช้าง"]
    check_counts(kept, ["ช้าง", "ม้า"])


def test_half_a_surrogate_pair_is_refused_and_nothing_is_changed(kept: Kept) -> None:
    kept.put(Document("a", "แมว"))
    with pytest.raises(DocumentError, match=r"^b: holds half a surrogate pair \(U\+D800\)"):
        kept.put(Document("a", "หมา"), Document("b", "x\ud800"))
    assert kept.found("แมว") == ["แมว"] and kept.store.document("b") is None
    check_counts(kept, ["แมว"])


def test_a_document_that_moved_keeps_its_passages(kept: Kept) -> None:
    kept.put(Document("a", "แมว"), Document("b", "หมา"))
    before = kept.index.nearest(TOY.encode(["แมว"], role="query")[0], 1)
    with kept.building():
        moves = [("a", "b", FileState(5, 6, "7")), ("gone", "c", FileState(0, 0))]
        assert kept.writer.rename(moves) == {"b"}
    assert kept.index.nearest(TOY.encode(["แมว"], role="query")[0], 1) == before
    assert kept.store.document("b") == Document("b", "แมว")
    assert kept.writer.files() == {"b": FileState(5, 6, "7")}
    check_counts(kept, ["แมว"])


def test_a_problem_takes_the_document_away_and_a_document_the_problem(kept: Kept) -> None:
    kept.put(Document("a", "แมว"))
    with kept.building():
        kept.writer.report_problem("a", "a: is not text", FileState(9, 8))
    assert kept.store.problems() == kept.writer.problems() == {"a": "a: is not text"}
    assert kept.store.counts() == (0, 0) and kept.found("แมว") == []
    assert kept.writer.files() == {"a": FileState(9, 8)}
    kept.put(Document("a", "แมว"))
    assert kept.store.problems() == {} and kept.store.counts() == (1, 1)
    with kept.building():
        kept.writer.touch({"a": FileState(4, 4, "other")})
    assert kept.writer.files() == {"a": FileState(4, 4, "3")}


def test_what_is_kept_for_searching_can_be_had_back(kept: Kept, segmenter: Segmenter) -> None:
    kept.put(Document("a", "แมวดำ", "เรื่องแมว"), Document("b", "หมา"))
    found = dict(kept.writer.encoded(["a", "gone"]))
    text = search_text(chunk_document(Document("a", "แมวดำ", "เรื่องแมว"))[0])
    assert list(found) == [text]
    assert found[text].tokens.tolist() == segmenter.ids(text)
    ((number, _),) = kept.index.nearest(TOY.encode([text], role="query")[0], 1)
    ((same, tokens),) = kept.store.tokens(np.asarray([number]))
    assert (same, tokens.tolist()) == (number, segmenter.ids(text))
    assert kept.store.chunks([number])[number].vector.tolist() == found[text].vector.tolist()


@pytest.mark.parametrize("few", [True, False])
def test_a_search_can_be_narrowed(kept: Kept, corpus: list[Document], few: bool) -> None:
    kept.put(*corpus)
    infos, select = catalogue(kept.store)
    wanted = ["2.txt", "4.txt"] if few else ["1.txt", "2.txt", "4.txt", "5.txt"]
    among = select(np.asarray([info.source in wanted for info in infos]))
    near = kept.index.nearest(TOY.encode([LINES[2]], role="query")[0], 5, among)
    weights = dict.fromkeys(bundled_segmenter().ids(LINES[2] + LINES[3]), 1.0)
    by_words = kept.index.by_words(weights, 5, among)
    assert sorted(stored.chunk.source for stored in kept.store.chunks(n for n, _ in near).values()) == wanted
    assert {stored.chunk.source for stored in kept.store.chunks(n for n, _ in by_words).values()} <= set(wanted)
    assert by_words and kept.index.nearest(TOY.encode(["ก"], role="query")[0], 5, select(np.zeros(5, dtype=bool))) == []


def test_within_a_snapshot_what_was_found_can_be_quoted(kept: Kept) -> None:
    kept.put(Document("a", "แมวดำ"), Document("b", "หมา"))
    index = kept.index
    with kept.store.snapshot():
        sequence = kept.store.sequence
        ((number, _),) = index.nearest(TOY.encode(["แมวดำ"], role="query")[0], 1)
        stored = kept.store.chunks([number])[number]
        other = threading.Thread(target=lambda: kept.put(Document("a", "ม้าลาย")))
        other.start()
        other.join()
        document = kept.store.document("a")
        assert document is not None
        assert document.text[stored.chunk.start : stored.chunk.end] == stored.chunk.text == "แมวดำ"
        assert kept.store.sequence == sequence
    assert kept.store.sequence > sequence
    assert kept.store.document("a") == Document("a", "ม้าลาย")


def test_a_folder_is_followed(kept: Kept, folder: Path, segmenter: Segmenter) -> None:
    def build() -> tuple[int, int, int, int]:
        with kept.building():
            report = update(kept.writer, folder, TOY, segmenter)
        return report.added, report.renamed, report.removed, report.unchanged

    assert build() == (5, 0, 0, 0)
    assert build() == (0, 0, 0, 5)
    (folder / "1.txt").write_text("แมวขาว", encoding="utf-8")
    (folder / "2.txt").unlink()
    (folder / "3.txt").rename(folder / "6.txt")
    (folder / "bad.txt").write_bytes(b"\xff\xff\xff\x00\x81")
    build()
    assert [info.source for info in kept.store.documents()] == ["1.txt", "4.txt", "5.txt", "6.txt"]
    assert list(kept.store.problems()) == ["bad.txt"]
    check_counts(kept, ["แมวขาว", LINES[3], LINES[4], LINES[2]])
