"""Processes killed at random instants in the midst of building, adding, removing and uploading, and what must hold then.

A parent process that has imported everything forks a worker for each kill, so that a kill costs milliseconds. The
worker says what it begins and what it has done; whatever it was killed in, the store must hold each document as it
was before or as it was to be, whole, and nothing else may be found.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from support import ROOT, environment, python
from toy import identity_of

from index import entries
from index.build import add_documents, update
from index.chunking import search_text
from index.derived import write_generation
from index.encoder import load_encoder
from index.records import Document
from index.segmenter import bundled_segmenter
from index.store import Store
from qa.assistant import Assistant
from qa.listing import UPLOADS
from qa.locations import open_or_create
from qa.shared import SharedFolder

KINDS = ("add", "remove", "build", "upload")
NAMES = ("แมว", "ช้าง", "ม้า", "วัว", "ควาย", "เสือ", "ลิง", "หมี")
PARAGRAPHS = 6


def text_of(name: str, version: int) -> str:
    """What a document says in one of its versions; every paragraph names both."""
    return "\n".join(
        f"รายงานเรื่อง{name} ฉบับที่ {version} ข้อ {number} " + f"คณะทำงานได้สำรวจ{name}ในจังหวัดที่ {version * number} แล้ว " * 12
        for number in range(1, PARAGRAPHS + 1)
    )


def version_of(text: str, name: str) -> int:
    """The version that ``text`` is, to the letter. Raises AssertionError where it is none."""
    version = int(text.split("ฉบับที่ ", 1)[1].split(" ", 1)[0])
    assert text == text_of(name, version), f"{name}: half a document"
    return version


# -- the worker


def say(*words: object) -> None:
    os.write(1, (json.dumps(words) + "\n").encode("ascii"))


def work(kind: str, place: Path, folder: Path, seed: int) -> None:
    """Change the store until killed."""
    chance, encoder, segmenter = Random(seed), load_encoder(None), bundled_segmenter()
    entries.FIRST_PASSAGES = entries.MOST_PASSAGES = 7
    store = Store.open(place)
    shared = SharedFolder(Assistant(store, encoder, segmenter), folder, uploads=True) if kind == "upload" else None
    say("started", os.getpid())
    while True:
        name, version = chance.choice(NAMES), chance.randrange(10**6)
        if kind == "build":
            (folder / "built").mkdir(exist_ok=True)
            for other in chance.sample(NAMES, 4):
                path = folder / "built" / f"{other}.txt"
                if chance.random() < 0.3:
                    path.unlink(missing_ok=True)
                else:
                    write(path, text_of(other, version))
            say("begin", "build", version)
            update(store, folder, encoder, segmenter)
            say("done", "build", version)
        elif shared is not None:
            with_name = folder.parent / "sent" / f"{name}.txt"
            with_name.parent.mkdir(exist_ok=True)
            write(with_name, text_of(name, version))
            source = f"{UPLOADS}/{name}.txt"
            say("begin", source, version)
            (outcome,) = shared.add([with_name], lambda *_: None)
            assert not outcome.problem, outcome.problem
            say("done", source, version)
        elif kind == "remove" and chance.random() < 0.5:
            say("begin", name, None)
            store.put([], removed=[name])
            say("done", name, None)
        else:
            say("begin", name, version)
            add_documents(store, [Document(name, text_of(name, version))], encoder, segmenter)
            say("done", name, version)
        if chance.random() < 0.2:
            write_generation(store)


def write(path: Path, text: str) -> None:
    """Put a file in place whole, as a person's editor does."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def serve() -> None:
    """Fork a worker for each line of standard input."""
    load_encoder(None), bundled_segmenter()
    say("ready")
    for line in sys.stdin:
        kind, place, folder, seed = json.loads(line)
        child = os.fork()
        if not child:
            try:
                work(kind, Path(place), Path(folder), seed)
            except BaseException as error:
                say("failed", f"{type(error).__name__}: {error}")
            os._exit(1)
        os.waitpid(child, 0)
        say("ended")


# -- the killer


class Killer:
    """Kills workers over one store and its document folder, and looks at what is left."""

    def __init__(self, root: Path, seed: int) -> None:
        self.place, self.folder = root / "store", root / "docs"
        self.folder.mkdir(parents=True)
        write(self.folder / "kept.txt", text_of("นก", 1))
        self._chance = Random(seed)
        self._encoder, self._segmenter = load_encoder(None), bundled_segmenter()
        self._finish().close()
        self._allowed: dict[str, set[int | None]] = {}
        self._parent = subprocess.Popen(
            python("-c", "import killing; killing.serve()"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env=environment(PYTHONPATH=os.pathsep.join((str(ROOT), str(ROOT / "tests"))), TOKENIZERS_PARALLELISM="false"),
        )  # fmt: skip
        assert self._heard() == ["ready"]
        self.changes = 0
        """What workers have said to be done."""
        self.midst = 0
        """Kills between what was begun and what was done."""

    def close(self) -> None:
        self._parent.communicate()

    def _heard(self) -> list[object]:
        assert self._parent.stdout is not None
        return list(json.loads(self._parent.stdout.readline()))

    def kill(self, kind: str, most: float) -> None:
        """Start a worker, kill it within ``most`` seconds of its first change, and check what it left."""
        if kind in ("add", "remove"):  # over documents of their own: no folder says what should be there
            place = self.place.with_name("loose")
            if not place.exists():
                shutil.copytree(self.place, place)
        else:
            place = self.place
        assert self._parent.stdin is not None
        seed = self._chance.randrange(10**9)
        self._parent.stdin.write(json.dumps([kind, str(place), str(self.folder), seed]) + "\n")
        self._parent.stdin.flush()
        word, child = self._heard()
        assert word == "started" and isinstance(child, int)
        time.sleep(self._chance.uniform(0.0, most))
        os.kill(child, signal.SIGKILL)
        word = ""
        while (heard := self._heard()) != ["ended"]:
            word, *rest = heard
            assert word in ("begin", "done"), heard
            name, version = str(rest[0]), rest[1]
            assert version is None or isinstance(version, int)
            if name == "build":  # the folder says what should be there
                self.changes += word == "done"
            elif word == "begin":
                self._allowed.setdefault(name, {None}).add(version)
            else:
                self._allowed[name] = {version}
                self.changes += 1
        self.midst += word == "begin"
        self._check(place, kind)

    def _check(self, place: Path, kind: str) -> None:
        store = Store.open(place)  # looks at every row
        loose = place != self.place
        self._check_documents(store, kind, settled=loose)
        self._check_answers(store)
        store.close()
        if not loose:
            store = self._finish()
            held = {info.source: store.document(info.source) for info in store.documents()}
            files = {
                path.relative_to(self.folder).as_posix(): path.read_text(encoding="utf-8")
                for path in self.folder.rglob("[!.]*.txt")
            }
            assert {source: document.text for source, document in held.items() if document} == files
            self._check_documents(store, kind, settled=True)
            self._check_answers(store)
            store.close()

    def _check_documents(self, store: Store, kind: str, settled: bool) -> None:
        """Every document is whole, and each that was told done is there, or gone.

        Until it is settled a file can be in its place, and the index not know it yet.
        """
        there: dict[str, int | None] = {}
        for info in store.documents():
            document = store.document(info.source)
            assert document is not None
            there[info.source] = version_of(document.text, Path(info.source).stem.replace("kept", "นก"))
        assert there["kept.txt"] == 1
        for name, allowed in self._allowed.items():
            if name.startswith(UPLOADS) == (kind in ("build", "upload")):
                assert there.get(name) in allowed, f"{name}: {there.get(name)} is none of {allowed}"
                if settled:
                    self._allowed[name] = {there.get(name)}

    def _check_answers(self, store: Store) -> None:
        """Each document is found by what it says; what is found is of the store as it is, its vectors too."""
        bot = Assistant(store, self._encoder, self._segmenter)
        for info in store.documents():
            document = store.document(info.source)
            assert document is not None
            hits = bot.retrieve(document.text.split("\n")[0][:60], 5)
            assert hits[0].source == info.source, f"{info.source} is not found"
            for hit in hits:
                held = store.document(hit.source)
                assert held is not None and held.text[hit.start : hit.end] == hit.text
        stored = list(store.chunks(store.chunk_ids().tolist()).values())
        fresh = self._encoder.encode([search_text(chunk.chunk) for chunk in stored], role="document")
        for chunk, vector in zip(stored, fresh, strict=True):
            assert abs(chunk.vector - vector).max() < 2e-3, f"a vector of {chunk.chunk.source} is not of its text"

    def _finish(self) -> Store:
        """The next program that comes by does what is left to do, by itself."""
        identity = identity_of(self._encoder, self._segmenter)
        store, report = open_or_create(
            self.place, identity, False, lambda made: update(made, self.folder, self._encoder, self._segmenter)
        )
        assert report.problems == {}
        return store
