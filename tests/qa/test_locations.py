"""Where documents and stores are, and how a store is opened, mended or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import LINES
from toy import ToyEncoder, identity_of

import qa
from index.build import BuildReport, update
from index.derived import write_generation
from index.records import StoreDamaged, StoreError, StoreMismatch, UsageError
from index.segmenter import Segmenter
from index.store import Store
from qa.locations import discard, folder_named, open_or_create, seeds_folder, store_folder


def test_the_seeds_are_found() -> None:
    assert folder_named(None) == seeds_folder()
    assert (seeds_folder() / "xi-trump-phone-call.txt").is_file()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing", "no such folder"),
        ("file.txt", "is a file, not a folder"),
        ("a\0b", "(not a|no such) folder"),  # Python 3.13 answers, others raise
        ("x" * 100_000, "not a folder"),
        ("~no-such-user-here/docs", "not a folder"),
        ("two\nlines", "no such folder"),
    ],
)
def test_a_folder_that_is_none_is_one_line(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file.txt").write_text("ก")
    with pytest.raises(UsageError, match=said) as caught:
        folder_named(name if name.startswith("~") else f"{tmp_path}/{name}")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_the_store_lies_beside_the_documents_or_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert store_folder(tmp_path, "org/model:v1", None, bundled=False) == tmp_path / ".qa" / "org-model-v1"
    in_cache = store_folder(tmp_path, "toy", None, bundled=True)
    assert in_cache.is_relative_to(tmp_path / "cache") and in_cache.name == "toy"
    assert store_folder(tmp_path, "../..", None, bundled=False) == tmp_path / ".qa" / "encoder"
    assert store_folder(tmp_path, "toy", "named", bundled=True) == Path("named")
    monkeypatch.setenv("QA_STORE", "from-environment")
    assert store_folder(tmp_path, "toy", None, bundled=True) == Path("from-environment")
    assert store_folder(tmp_path, "toy", "named", bundled=True) == Path("named")


def opened(
    place: Path, folder: Path, segmenter: Segmenter, toy: ToyEncoder, rebuild: bool = False
) -> tuple[Store, BuildReport]:
    identity = identity_of(toy, segmenter)
    return open_or_create(place, identity, rebuild, lambda store: update(store, folder, toy, segmenter))


def test_made_then_opened_then_made_again(tmp_path: Path, folder: Path, segmenter: Segmenter, toy: ToyEncoder) -> None:
    assert opened(tmp_path / "s", folder, segmenter, toy)[1].added == 5
    assert opened(tmp_path / "s", folder, segmenter, toy)[1].unchanged == 5
    assert opened(tmp_path / "s", folder, segmenter, toy, rebuild=True)[1].added == 5


def test_another_encoder_is_refused_a_newer_one_of_the_same_name_reads_again(
    tmp_path: Path, folder: Path, segmenter: Segmenter, toy: ToyEncoder
) -> None:
    opened(tmp_path / "s", folder, segmenter, toy)
    with pytest.raises(StoreMismatch, match=r"made with the encoder toy, not other; .* --rebuild"):
        opened(tmp_path / "s", folder, segmenter, ToyEncoder("other"))
    newer = ToyEncoder(fingerprint="toy-2", dimension=32)
    store, report = opened(tmp_path / "s", folder, segmenter, newer)
    assert report.added == 5 and store.identity() == identity_of(newer, segmenter)
    opened(tmp_path / "s", folder, segmenter, ToyEncoder("other"), rebuild=True)


def test_damage_found_late_is_mended_too(tmp_path: Path, folder: Path, segmenter: Segmenter, toy: ToyEncoder) -> None:
    opened(tmp_path / "s", folder, segmenter, toy)[0].close()
    calls = 0

    def fails_once(store: Store) -> BuildReport:
        nonlocal calls
        calls += 1
        if calls <= 2:
            raise StoreDamaged("found while reading")
        return update(store, folder, toy, segmenter)

    store, report = open_or_create(tmp_path / "s", identity_of(toy, segmenter), False, fails_once)
    assert (calls, report.added, store.counts()) == (3, 5, (5, 5))

    def always(store: Store) -> BuildReport:
        raise StoreDamaged("for ever")

    with pytest.raises(StoreDamaged, match="for ever"):
        open_or_create(tmp_path / "s", identity_of(toy, segmenter), False, always)


def test_what_another_process_is_making_is_not_taken_for_damage(
    tmp_path: Path, folder: Path, segmenter: Segmenter, toy: ToyEncoder
) -> None:
    """Seen half made, it is looked at again under the lock, when it is whole, and not thrown away."""
    place = tmp_path / "s"
    place.mkdir()
    (place / "store.sqlite").touch()
    other = tmp_path / "other"
    opened(other, folder, segmenter, toy)[0].close()
    seen: list[str] = []

    def bring(store: Store) -> BuildReport:
        seen.append(store.documents()[0].source if store.documents() else "empty")
        return update(store, folder, toy, segmenter)

    real_open = Store.open

    def completes_meanwhile(target: Path) -> Store:
        try:
            return real_open(target)
        except StoreDamaged:
            (place / "store.sqlite").write_bytes((other / "store.sqlite").read_bytes())
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "open", completes_meanwhile)
        _, report = open_or_create(place, identity_of(toy, segmenter), False, bring)
    assert seen == ["1.txt"] and report.unchanged == 5


def test_discarding_takes_the_store_and_nothing_else(tmp_path: Path, built: Store) -> None:
    write_generation(built)
    built.close()
    (built.folder / "derived-data").mkdir()
    (built.folder / "store.sqlite-wal").mkdir()
    (built.folder / "notes.txt").write_text(LINES[0])
    discard(built.folder)
    assert {path.name for path in built.folder.iterdir()} <= {"derived-data", "notes.txt", "writer.lock"}
    discard(tmp_path / "never there")


def test_a_store_in_a_file_s_place_is_one_line(
    tmp_path: Path, folder: Path, segmenter: Segmenter, toy: ToyEncoder
) -> None:
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/none")):
        with pytest.raises(StoreError, match="name another place with --store") as caught:
            opened(place, folder, segmenter, toy)
        assert "\n" not in str(caught.value)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_named_place_that_holds_another_folder_is_not_emptied(tmp_path: Path) -> None:
    place = tmp_path / "index"
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(LINES[0])
    qa.open(tmp_path / "first", store=place)
    for other in (tmp_path / "second", None):  # None: the seeds
        with pytest.raises(StoreMismatch, match=r"holds the documents of .*first.*--docs.*--store.*--rebuild"):
            qa.open(other, store=place)
    with Store.open(place).writing() as connection:  # made with an older version of the encoder
        connection.execute("UPDATE meta SET value = 'older' WHERE key = 'encoder_fingerprint'")
    with pytest.raises(StoreMismatch, match="holds the documents of"):
        qa.open(tmp_path / "second", store=place)
    report = qa.open(tmp_path / "first", store=place).report
    assert report is not None and report.encoded == 1  # made again for its own folder
    (tmp_path / "first").rename(tmp_path / "moved")
    report = qa.open(tmp_path / "moved", store=place).report
    assert report is not None and (report.unchanged, report.encoded) == (1, 0)
    assert qa.open(tmp_path / "second", store=place, rebuild=True).document_count == 1


def test_a_place_that_held_the_seeds_or_nothing_takes_any_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.txt").write_text(LINES[0])
    with pytest.raises(UsageError, match="no document"):
        qa.open(tmp_path / "empty", store=tmp_path / "index")
    assert qa.open(store=tmp_path / "index").document_count > 0
    assert qa.open(tmp_path / "own", store=tmp_path / "index").document_count == 1
