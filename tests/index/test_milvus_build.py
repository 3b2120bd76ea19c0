"""Builders that share the files out, rebuilds that nobody notices, and builds that were stopped."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from support import LINES, environment, python
from test_store_contract import TOY, Kept, check_counts
from toy import ToyEncoder, identity_of

from index.build import silent
from index.milvus import MilvusStore
from index.milvus_address import Address, parse_address
from index.milvus_build import Built, Share, build_collection
from index.milvus_client import Cluster
from index.milvus_generation import Generation
from index.milvus_writer import PartWriter
from index.records import StoreError, StoreLocked, StoreMismatch, UsageError
from index.segmenter import bundled_segmenter


@pytest.fixture
def address(milvus: str) -> Address:
    return parse_address(f"{milvus}/b{uuid4().hex}")


@pytest.fixture
def cluster(address: Address) -> Iterator[Cluster]:
    made = Cluster(address)
    yield made
    made.close()


def build(cluster: Cluster, folder: Path, encoder: ToyEncoder = TOY, **options: object) -> Built:
    return build_collection(cluster, folder, encoder, bundled_segmenter(), silent, grace=0.3, **options)  # type: ignore[arg-type]


def reader(cluster: Cluster, tmp_path: Path, encoder: ToyEncoder = TOY) -> MilvusStore:
    return MilvusStore(cluster, identity_of(encoder, bundled_segmenter()), tmp_path, poll=0)


def texts(store: MilvusStore) -> list[str]:
    found = store.index().nearest(TOY.encode([LINES[0]], role="query")[0], 100)
    return sorted(stored.chunk.text for stored in store.chunks(number for number, _ in found).values())


def check(store: MilvusStore, expected: list[str]) -> None:
    assert texts(store) == sorted(expected)
    check_counts(Kept(store, PartWriter(Generation(store.cluster, ""), 1), store.snapshot), expected)


def collections(cluster: Cluster) -> set[str]:
    return {name for name in cluster.collections() if name.startswith(cluster.address.name)}


def test_a_share_is_read_and_every_file_falls_to_one() -> None:
    shares = [Share.parse(f"{number}/7") for number in range(1, 8)]
    names = [f"ก/{number}.txt" for number in range(300)]
    assert [sum(share.holds(name) for share in shares) for name in names] == [1] * 300
    assert all(10 < sum(share.holds(name) for name in names) < 90 for share in shares)
    assert Share.parse("๑/๓") == Share(1, 3)
    for text in ("", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "x/y"):
        with pytest.raises(UsageError, match="--part: write 3/8"):
            Share.parse(text)


def test_parts_are_built_side_by_side_and_asked_when_all_are_done(
    cluster: Cluster, folder: Path, tmp_path: Path
) -> None:
    built = [build(cluster, folder, share=Share(1, 3))]
    assert built[0].waiting == 2
    with pytest.raises(StoreError, match="nothing here yet"):
        reader(cluster, tmp_path)
    others = [Cluster(cluster.address) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda c=c, n=n: built.append(build(c, folder, share=Share(n, 3))))
        for n, c in enumerate(others, start=2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(each.waiting for each in built) == 0 and sum(each.report.added for each in built) == 5
    store = reader(cluster, tmp_path)
    check(store, list(LINES))
    assert [info.source for info in store.documents()] == [f"{number}.txt" for number in range(1, 6)]
    with pytest.raises(UsageError, match=r"made in 3 part\(s\), not 2; write --part N/3"):
        build(cluster, folder, share=Share(1, 2))
    (folder / "1.txt").unlink()
    again = build(cluster, folder)  # all parts, one after the other
    assert (again.report.removed, again.report.unchanged, again.generation) == (1, 4, 1)
    check(store, list(LINES[1:]))
    for other in others:
        other.close()


def test_a_rebuild_lands_without_a_gap(cluster: Cluster, folder: Path, tmp_path: Path) -> None:
    build(cluster, folder)
    store = reader(cluster, tmp_path)
    seen: list[str] = []
    failed: list[Exception] = []
    over = threading.Event()

    def keep_asking() -> None:
        try:
            while not over.is_set():
                with store.snapshot():
                    ((number, _),) = store.index().nearest(TOY.encode([LINES[0]], role="query")[0], 1)
                    chunk = store.chunks([number])[number].chunk
                    document = store.document(chunk.source)
                    assert document is not None and document.text[chunk.start : chunk.end] == chunk.text
                    seen.append(chunk.text)
        except Exception as error:
            failed.append(error)

    asking = threading.Thread(target=keep_asking)
    asking.start()
    (folder / "1.txt").write_text(LINES[0] + " ใหม่", encoding="utf-8")
    built = build(cluster, folder, rebuild=True)
    after = len(seen)
    threading.Event().wait(0.3)
    over.set()
    asking.join()
    assert failed == []
    assert set(seen) == {LINES[0], LINES[0] + " ใหม่"} and set(seen[after + 2 :]) == {LINES[0] + " ใหม่"}
    assert (built.generation, built.report.added) == (2, 5)
    assert {name.split("_")[1] for name in collections(cluster)} == {"g2"}  # the one before is gone
    check(store, [LINES[0] + " ใหม่", *LINES[1:]])


def test_a_rebuild_is_joined_or_begun_anew(cluster: Cluster, folder: Path, tmp_path: Path) -> None:
    build(cluster, folder)
    assert build(cluster, folder, rebuild=True, share=Share(2, 2)).waiting == 1
    with pytest.raises(UsageError, match="go on with that, or start anew with qa build --rebuild, without --part"):
        build(cluster, folder, rebuild=True, share=Share(1, 3))
    check(reader(cluster, tmp_path), list(LINES))  # still of the first
    assert build(cluster, folder, rebuild=True).generation == 2
    check(reader(cluster, tmp_path), list(LINES))
    build(cluster, folder, rebuild=True, share=Share(2, 2))
    assert build(cluster, folder, rebuild=True, share=Share(1, 2)).waiting == 0
    check(reader(cluster, tmp_path), list(LINES))
    assert {name.split("_")[1] for name in collections(cluster)} == {"g3"}


STOPPED = """
import os, sys
from pathlib import Path
from index.build import silent
from index.milvus_address import parse_address
from index.milvus_build import build_collection
from index.milvus_client import Cluster
from index.milvus_writer import PartWriter
from index.segmenter import bundled_segmenter
from toy import ToyEncoder
PartWriter._replace = lambda *arguments: os._exit(9)  # passages and texts are written, no document is
build_collection(Cluster(parse_address(sys.argv[1])), Path(sys.argv[2]), ToyEncoder(), bundled_segmenter(), silent)
"""


def test_what_a_killed_build_left_is_swept_up(cluster: Cluster, folder: Path, tmp_path: Path) -> None:
    build(cluster, folder)
    (folder / "1.txt").write_text("แมวขาว", encoding="utf-8")
    (folder / "6.txt").write_text("แมวส้ม", encoding="utf-8")
    command = python("-c", STOPPED, str(cluster.address), str(folder))
    tests = str(Path(__file__).resolve().parents[1])
    path = environment()["PYTHONPATH"]
    done = subprocess.run(command, env=environment(PYTHONPATH=f"{path}:{tests}"), check=False)
    assert done.returncode == 9
    store = reader(cluster, tmp_path)
    assert texts(store) == sorted(LINES)  # nothing half done is seen
    state = Generation(cluster, f"{cluster.address.name}_g1").states([1])[1]
    assert state.claim and not state.clean
    report = build(cluster, folder).report  # at once: that process is no longer
    assert (report.added, report.unchanged) == (2, 4)
    check(store, ["แมวขาว", "แมวส้ม", *LINES[1:]])
    generation = Generation(cluster, f"{cluster.address.name}_g1")
    build(cluster, folder)  # sweeps the document that was replaced
    for name, count in ((generation.passages, 6), (generation.kept("texts"), 6), (generation.kept("documents"), 6)):
        assert len(list(cluster.select(name, "id >= 0", ["id"]))) == count


def test_a_failing_build_leaves_what_was_there(cluster: Cluster, folder: Path, tmp_path: Path) -> None:
    build(cluster, folder)
    writer = PartWriter(Generation(cluster, f"{cluster.address.name}_g1"), 1)
    with pytest.raises(KeyError), writer.building():
        writer.put([], removed=["1.txt"])
        raise KeyError("in the middle")
    store = reader(cluster, tmp_path)
    assert texts(store) == sorted(LINES[1:])
    build(cluster, folder)
    check(store, list(LINES))


def test_one_builder_a_part(cluster: Cluster, folder: Path) -> None:
    build(cluster, folder)
    generation = Generation(cluster, f"{cluster.address.name}_g1")
    first, second = PartWriter(generation, 1), PartWriter(generation, 1)
    with first.building():
        with pytest.raises(StoreLocked, match=r"part 1: .+:\d+ is building it \(last sign \d+ s ago\)"):
            second._take()
        with pytest.raises(StoreLocked, match="is building it"):
            build(cluster, folder)
    build(cluster, folder)
    first._take()
    state = generation.states([1])[1]
    state.claim, state.builder = "other", "elsewhere:1"
    generation.save(1, state)  # as one does that thought the first had died
    with pytest.raises(StoreLocked, match="elsewhere:1 has taken it over"):
        first.put([], removed=["1.txt"])


def test_another_encoder_or_version_is_refused(cluster: Cluster, folder: Path, tmp_path: Path) -> None:
    build(cluster, folder)
    store = reader(cluster, tmp_path)
    for other, said in ((ToyEncoder("e5"), "made with the encoder toy, not e5"), (ToyEncoder("toy", "toy-2"), "older")):
        for attempt in (lambda o=other: reader(cluster, tmp_path, o), lambda o=other: build(cluster, folder, o)):
            with pytest.raises(StoreMismatch, match=rf"{said}.*--rebuild"):
                attempt()
    assert texts(store) == sorted(LINES)
    build(cluster, folder, ToyEncoder("toy", "toy-2"), rebuild=True)
    with pytest.raises(StoreMismatch, match="older"):  # and a process that was asking is told, not misled
        store.counts()


def test_a_name_that_is_taken_is_left_alone(cluster: Cluster, folder: Path) -> None:
    build(cluster, folder)
    stranger = Cluster(parse_address(f"{cluster.address.uri.replace('http', 'milvus')}/x{uuid4().hex}"))
    cluster.point(stranger.address.name, f"{cluster.address.name}_g1")
    with pytest.raises(UsageError, match="was not made by qa; choose another name"):
        build(stranger, folder)
    stranger.close()


def test_aliases_travel_with_the_collection(cluster: Cluster, folder: Path, tmp_path: Path) -> None:
    (folder / "aliases.tsv").write_text("บิ๊กบอส\tกรรมการผู้จัดการ\n", encoding="utf-8")
    build(cluster, folder)
    store = reader(cluster, tmp_path)
    assert (tmp_path / "aliases.tsv").read_text(encoding="utf-8") == "บิ๊กบอส\tกรรมการผู้จัดการ\n"
    (folder / "aliases.tsv").unlink()
    build(cluster, folder)
    store.counts()
    assert (tmp_path / "aliases.tsv").read_text(encoding="utf-8") == ""
