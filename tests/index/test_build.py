"""A folder is brought up to date: only what changed is read again, and a kill loses nothing committed."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support import LINES, ROOT, environment, python
from toy import ToyEncoder, identity_of

from index import build, entries
from index.build import BuildReport, add_documents, update
from index.chunking import search_text
from index.derived import open_searchable
from index.encoder import load_encoder
from index.records import Chunk, Document, DocumentError, UsageError
from index.segmenter import Segmenter
from index.store import Identity, Store
from qa.locations import open_or_create

Make = Callable[[str], Store]


def counts(report: BuildReport) -> tuple[int, int, int, int]:
    return report.added, report.renamed, report.removed, report.unchanged


def write(path: Path, text: str, when: int = 0) -> None:
    path.write_text(text, encoding="utf-8")
    if when:
        os.utime(path, ns=(when, when))


def test_first_all_then_nothing(store: Store, folder: Path, toy: ToyEncoder, segmenter: Segmenter) -> None:
    seen: list[tuple[str, int, int]] = []
    report = update(store, folder, toy, segmenter, lambda *step: seen.append(step))
    assert counts(report) == (5, 0, 0, 0) and report.passages == 5 and report.problems == {}
    assert seen[0] == ("documents", 0, 5) and seen[-1] == ("documents", 5, 5)
    sequence = store.sequence
    assert counts(update(store, folder, toy, segmenter)) == (0, 0, 0, 5)
    assert store.sequence == sequence
    assert [info.source for info in store.documents()] == [f"{n}.txt" for n in range(1, 6)]


def test_changed_new_gone_and_moved(built: Store, folder: Path, toy: ToyEncoder, segmenter: Segmenter) -> None:
    ids = {stored.chunk.source: i for i, stored in built.chunks(built.chunk_ids().tolist()).items()}
    write(folder / "1.txt", "เขียนใหม่")
    write(folder / "6.txt", "ใหม่")
    (folder / "2.txt").unlink()
    (folder / "sub").mkdir()
    (folder / "3.txt").rename(folder / "sub" / "สาม.txt")
    assert counts(update(built, folder, toy, segmenter)) == (2, 1, 1, 2)
    now = {stored.chunk.source: i for i, stored in built.chunks(built.chunk_ids().tolist()).items()}
    assert set(now) == {"1.txt", "4.txt", "5.txt", "6.txt", "sub/สาม.txt"}
    assert now["sub/สาม.txt"] == ids["3.txt"] and now["4.txt"] == ids["4.txt"]
    assert now["1.txt"] not in ids.values()


def test_the_same_content_written_again_is_not_read(
    built: Store, folder: Path, segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "load_all", lambda *_: pytest.fail("read again"))
    write(folder / "1.txt", LINES[0], when=1)
    assert counts(update(built, folder, ToyEncoder(), segmenter)) == (0, 0, 0, 5)
    assert built.files()["1.txt"].modified == 1


def test_another_suffix_is_another_loader(built: Store, folder: Path, toy: ToyEncoder, segmenter: Segmenter) -> None:
    write(folder / "1.txt", "# หัวข้อ\n\nเนื้อความ")
    update(built, folder, toy, segmenter)
    (folder / "1.txt").rename(folder / "1.md")
    assert counts(update(built, folder, toy, segmenter)) == (1, 0, 1, 4)
    document = built.document("1.md")
    assert document is not None and document.headings


def test_a_file_that_cannot_be_read_is_a_problem_until_it_changes(
    built: Store, folder: Path, toy: ToyEncoder, segmenter: Segmenter
) -> None:
    (folder / "1.txt").write_bytes(bytes(range(256)) * 8)
    report = update(built, folder, toy, segmenter)
    assert list(report.problems) == ["1.txt"] and report.problems["1.txt"].startswith("1.txt: is not text")
    assert built.document("1.txt") is None and built.counts() == (4, 4)
    assert counts(update(built, folder, toy, segmenter)) == (0, 0, 0, 5)
    write(folder / "1.txt", LINES[0])
    assert update(built, folder, toy, segmenter).problems == {}


def test_built_one_by_one_is_built_at_once(tmp_path: Path, segmenter: Segmenter, folder: Path) -> None:
    encoder = load_encoder(None)
    identity = Identity(encoder.name, encoder.fingerprint, segmenter.fingerprint, encoder.dimension)
    once, steps = Store.create(tmp_path / "once", identity), Store.create(tmp_path / "steps", identity)
    update(once, folder, encoder, segmenter)
    for number, line in reversed(list(enumerate(LINES, start=1))):
        add_documents(steps, [Document(f"{number}.txt", line), Document("extra", line)], encoder, segmenter)
    steps.put([], removed=["extra"])
    found = [
        {s.chunk: (s.tokens.tolist(), s.vector.tolist()) for s in store.chunks(store.chunk_ids().tolist()).values()}
        for store in (once, steps)
    ]
    assert found[0] == found[1] and len(found[0]) == 5


def test_batches_change_nothing(
    tmp_path: Path, folder: Path, toy: ToyEncoder, segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "FIRST_PASSAGES", 2)
    monkeypatch.setattr(entries, "MOST_PASSAGES", 2)
    store = Store.create(tmp_path / "small", identity_of(toy, segmenter))
    assert update(store, folder, toy, segmenter).passages == 5
    assert store.counts() == (5, 5)


def test_half_a_surrogate_pair_is_a_document_error(store: Store, toy: ToyEncoder, segmenter: Segmenter) -> None:
    with pytest.raises(DocumentError, match=r"U\+DC80"):
        add_documents(store, [Document("a", "ก\udc80")], toy, segmenter)


def test_a_passage_is_searched_under_its_heading() -> None:
    assert search_text(Chunk("d", 0, 1, "ก", 1, "หัวข้อ")) == "หัวข้อ\nก"
    assert search_text(Chunk("d", 0, 8, "หัวข้อ ก", 1, "หัวข้อ")) == "หัวข้อ ก"
    assert search_text(Chunk("d", 0, 1, "ก", 1)) == "ก"


def test_a_folder_that_cannot_be_listed_loses_nothing(
    built: Store, folder: Path, toy: ToyEncoder, segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drive that fails for a moment must not cost its documents."""
    (folder / "sub").mkdir()
    (folder / "1.txt").rename(folder / "sub" / "1.txt")
    update(built, folder, toy, segmenter)
    listed = os.scandir

    def failing(path: Path) -> object:
        if path.name == "sub":
            raise OSError(5, "Input/output error", str(path))
        return listed(path)

    monkeypatch.setattr("index.documents.os.scandir", failing)
    assert update(built, folder, toy, segmenter).removed == 0 and built.document("sub/1.txt") is not None
    folder.rename(folder.with_name("away"))
    with pytest.raises(UsageError, match="cannot be listed"):
        update(built, folder, toy, segmenter)
    assert built.counts() == (5, 5)


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from toy import ToyEncoder, identity_of
from index import build, entries
from index.derived import write_generation
from index.segmenter import bundled_segmenter
from qa.locations import open_or_create
entries.FIRST_PASSAGES = entries.MOST_PASSAGES = 7
place, docs, toy, segmenter = Path(sys.argv[1]), Path(sys.argv[2]), ToyEncoder(), bundled_segmenter()
print("ready", flush=True)
while True:
    store, _ = open_or_create(
        place, identity_of(toy, segmenter), False, lambda made: build.update(made, docs, toy, segmenter)
    )
    write_generation(store)
    store.put([], removed=sorted(store.files())[::2])
"""


def test_builds_killed_at_any_instant_leave_whole_documents_and_are_finished_by_the_next(
    tmp_path: Path, folder: Path, toy: ToyEncoder, segmenter: Segmenter
) -> None:
    for number in range(40):
        write(folder / f"more-{number}.txt", "\n".join(f"{line} {number}" * 9 for line in LINES))
    place, instants = tmp_path / "killed", np.random.default_rng(7)
    command = python("-c", KILLED, str(place), str(folder), str(ROOT / "tests"))

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment())
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        return process

    def opened() -> tuple[Store, BuildReport]:
        identity = identity_of(toy, segmenter)
        return open_or_create(place, identity, False, lambda made: update(made, folder, toy, segmenter))

    builders = [start(), start()]  # two at once, one of which is killed in turn
    for attempt in range(5):
        time.sleep(float(instants.uniform(0.001, 0.4)))
        builders[attempt % 2].kill()
        builders[attempt % 2].communicate()
        if place.exists() and (place / "store.sqlite").exists():
            store = Store.open(place)  # looks at every row: each document has all its passages
            with store.snapshot():
                searchable = open_searchable(store)
                assert searchable.texts == store.counts()[1]
            for info in store.documents():
                document = store.document(info.source)
                assert document is None or document.text == (folder / info.source).read_text(encoding="utf-8")
        if attempt < 4:
            builders[attempt % 2] = start()
    builders[1].kill()
    builders[1].communicate()
    finished, report = opened()
    assert report.problems == {} and finished.counts()[0] == len(list(folder.glob("*.txt")))
    fresh = Store.create(tmp_path / "fresh", identity_of(toy, segmenter))
    update(fresh, folder, toy, segmenter)
    kept = [{s.chunk for s in store.chunks(store.chunk_ids().tolist()).values()} for store in (finished, fresh)]
    assert kept[0] == kept[1]
    query = toy.encode([LINES[2]], role="query")[0]
    near = [
        [store.chunks([i])[i].chunk for i, _ in open_searchable(store).nearest(query, 3)] for store in (finished, fresh)
    ]
    assert {chunk.text for chunk in near[0]} == {chunk.text for chunk in near[1]}


def test_a_file_of_several_documents_comes_and_goes_whole(tmp_path: Path, segmenter: Segmenter) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    path = folder / "faq.jsonl"
    lines = ['{"id": "a", "text": "วันลาพักร้อนมีสิบวัน"}', '{"id": "b", "text": "ที่จอดรถอยู่ชั้นใต้ดิน"}']
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    encoder = ToyEncoder()
    store = Store.create(tmp_path / "store", identity_of(encoder, segmenter))
    update(store, folder, encoder, segmenter)
    assert [info.source for info in store.documents()] == ["faq.jsonl#a", "faq.jsonl#b"]
    again = update(store, folder, encoder, segmenter)
    assert (again.added, again.unchanged) == (0, 1)
    path.write_text(lines[1] + "\n", encoding="utf-8")
    update(store, folder, encoder, segmenter)
    assert [info.source for info in store.documents()] == ["faq.jsonl#b"]
    path.unlink()
    update(store, folder, encoder, segmenter)
    assert store.documents() == []
