"""The doctor: a sound index is said to be sound; each thing broken is named, mended or given a remedy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from support import environment, python

import qa
from index.lock import write_lock
from index.records import EncoderError, QAError
from index.store import Store
from qa import doctor, offline
from qa.cli import main
from qa.doctor import examine
from qa.finding import Finding
from qa.offline import attempts_to_leave


@pytest.fixture
def place(folder: Path, tmp_path: Path) -> Path:
    """A built store of the five lines."""
    qa.open(folder, store=tmp_path / "store").store.close()
    return tmp_path / "store"


def found(place: Path, folder: Path) -> dict[str, Finding]:
    """The findings on a store by subject, the worst of each."""
    order = ["ok", "note", "mended", "fail"]
    worst: dict[str, Finding] = {}
    for finding in examine(str(folder), None, str(place)):
        if finding.subject not in worst or order.index(finding.state) > order.index(worst[finding.subject].state):
            worst[finding.subject] = finding
    return worst


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of its own: what other programs left in the machine's would be mended, and told."""
    path = tmp_path / "temporary"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    return path


@pytest.fixture
def no_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the child process, which one test runs."""
    monkeypatch.setattr(doctor, "attempts_to_leave", list)


def test_all_is_well(place: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["doctor", "--docs", str(folder), "--store", str(place)]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if not line.startswith("ok ")]
    assert len(lines) > 9
    assert main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"python", "packages", "scans", "fonts", "network", "encoder", "store", "lock", "search files"} <= {
        finding["subject"] for finding in told
    }
    assert {finding["state"] for finding in told} == {"ok"}


@pytest.mark.usefixtures("no_trial")
def test_search_files_are_mended(place: Path, folder: Path) -> None:
    (place / "derived-1" / "vectors.ids.npy").write_bytes(b"spoilt")
    (place / "derived-9").mkdir()  # half-written by a killed process
    shutil.copytree(place / "derived-1", place / "derived-7")
    (place / "writer.pid").write_text("1")
    first = found(place, folder)
    assert first["search files"].state == first["leftovers"].state == "mended"
    again = found(place, folder)
    assert again["search files"].state == "ok" and "leftovers" not in again
    assert len(list(place.glob("derived-*"))) == 1 and not (place / "writer.pid").exists()
    assert qa.open(folder, store=place).retrieve("แมวดำนอนที่ไหน", 1)[0].source == "1.txt"


@pytest.mark.usefixtures("no_trial")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET lead = lead || 'x' WHERE id = 3",
        "UPDATE vectors SET rows = zeroblob(4)",
        "UPDATE meta SET value = '1' WHERE key = 'schema_version'",
        "DELETE FROM chunks WHERE id = 2",
    ],
)
def test_a_damaged_store_fails_and_names_the_command(
    statement: str, place: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("index.store._CHECKED_WHOLE", 0)  # as a large store, which opening does not check whole
    store = Store(place, writable=True)
    with store.writing() as connection:
        connection.execute(statement)
    store.close()
    assert main(["doctor", "--docs", str(folder), "--store", str(place)]) == 1
    said = capsys.readouterr().out
    assert "FAIL    store: " in said and f"-> qa build --docs {folder} --store {place} --rebuild" in said
    assert main(["build", "--docs", str(folder), "--store", str(place), "--rebuild"]) == 0
    assert found(place, folder)["store"].state == "ok"


@pytest.mark.usefixtures("no_trial")
def test_no_store_yet_another_encoder_s_and_files_not_read(place: Path, folder: Path, tmp_path: Path) -> None:
    assert found(tmp_path / "none", folder)["store"].remedy == f"qa build --docs {folder} --store {tmp_path / 'none'}"
    (folder / "bad.txt").write_bytes(bytes(range(256)) * 8)
    qa.open(folder, store=place).store.close()
    assert found(place, folder)["store"].said == "1 files could not be read"
    store = Store.open(place)
    for key in ("encoder_fingerprint", "encoder"):
        with store.writing() as connection:
            connection.execute("UPDATE meta SET value = 'other' WHERE key = ?", (key,))
        finding = found(place, folder)["store"]
        assert finding.state == "fail" and "qa build" in finding.remedy
    store.close()


@pytest.mark.usefixtures("no_trial")
def test_a_writer_is_named_and_left_alone(place: Path, folder: Path) -> None:
    code = "import sys; from pathlib import Path; from index.lock import write_lock\n"
    code += "with write_lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        python("-c", code, str(place)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        assert found(place, folder)["lock"].said.startswith(f"process {process.pid} is writing")
        process.communicate("")
    assert found(place, folder)["lock"].state == "ok"
    with write_lock(place):
        pass


@pytest.mark.usefixtures("no_trial")
@pytest.mark.parametrize(("prefix", "subject"), [("qa-own-", "uploads"), ("qa-read-", "reading")])
def test_what_killed_programs_left_is_removed(
    prefix: str, subject: str, place: Path, folder: Path, temporary: Path
) -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    names = {"dead": f"{prefix}{done.pid}-x", "alive": f"{prefix}{os.getpid()}-x", "odd": f"{prefix}x", "other": "mine"}
    for name in names.values():
        (temporary / name).mkdir()
    assert found(place, folder)[subject].state == "mended"
    assert [name for name, folder_name in names.items() if not (temporary / folder_name).exists()] == ["dead"]
    assert subject not in found(place, folder)


@pytest.mark.usefixtures("no_trial")
def test_half_copied_uploads_are_removed(place: Path, folder: Path) -> None:
    (folder / "uploads").mkdir()
    for name, age in ((".unfinished-old", 7_200), (".unfinished-now", 0)):
        (folder / "uploads" / name).write_text("ครึ่ง")
        os.utime(folder / "uploads" / name, (time.time() - age,) * 2)
    assert "half-copied" in found(place, folder)["uploads"].said
    assert [path.name for path in (folder / "uploads").iterdir()] == [".unfinished-now"]


@pytest.mark.usefixtures("no_trial")
@pytest.mark.parametrize(
    ("subject", "spoil"),
    [
        ("fonts", lambda patch, tmp: patch.setattr("qa.style._HERE", tmp)),
        ("fonts", lambda patch, tmp: patch.setattr(doctor, "_is_font", lambda path: False)),
        ("encoder", lambda patch, tmp: patch.setattr("index.training.export.fingerprint", lambda folder: "0")),
        ("packages", lambda patch, tmp: patch.setattr(metadata, "version", lambda name: "0.0.1")),
        ("python", lambda patch, tmp: patch.setattr("platform.python_version", lambda: "3.8.1")),
        ("network", lambda patch, tmp: patch.setattr(doctor, "attempts_to_leave", lambda: ["tracker.example"])),
    ],
)
def test_what_is_broken_is_named(
    subject: str, spoil: Callable[[pytest.MonkeyPatch, Path], None], place: Path, folder: Path,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    spoil(monkeypatch, tmp_path)
    finding = found(place, folder)[subject]
    assert finding.state == "fail" and finding.remedy


@pytest.mark.usefixtures("no_trial")
def test_bad_aliases_and_an_encoder_to_be_fetched(place: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "aliases.tsv").write_text("ไม่มีแท็บ\n", encoding="utf-8")
    assert "line 1" in found(place, folder)["aliases"].said
    monkeypatch.setenv("QA_ENCODER", "nobody/such-a-model")

    def unknown(name: str | None) -> None:
        raise EncoderError("nobody/such-a-model is neither a model folder nor a model that can be reached")

    monkeypatch.setattr(doctor, "load_encoder", unknown)
    told = found(place, folder)
    assert told["network"].state == "note" and told["encoder"].state == "fail"


def test_a_trial_run_notes_who_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that starts with Python and calls home, as tracing packages do."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, threading\n"
        "class Late:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'qa':\n"
        "            import socket\n"
        "            try: socket.create_connection(('tracker.invalid', 80), 1)\n"
        "            except OSError: pass\n"
        "sys.meta_path.insert(0, Late())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert attempts_to_leave() == ["tracker.invalid"]
    monkeypatch.setattr(offline, "_TRIAL", "raise SystemExit('no such thing')")
    with pytest.raises(QAError, match="no such thing"):
        attempts_to_leave()
