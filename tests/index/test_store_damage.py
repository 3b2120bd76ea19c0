"""A store that is not there, of another version, damaged in any row, or left by a killed writer."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from pathlib import Path

import numpy as np
import pytest
from support import LINES, ROOT, environment, python
from toy import ToyEncoder

from index.build import add_documents
from index.records import Document, StoreDamaged, StoreError, StoreMismatch
from index.segmenter import bundled_segmenter
from index.store import Store


def put(store: Store, *documents: Document) -> None:
    add_documents(store, list(documents), ToyEncoder(), bundled_segmenter())


def test_no_store_and_another_version(tmp_path: Path, store: Store) -> None:
    with pytest.raises(StoreError, match="no store here; qa build makes one"):
        Store.open(tmp_path / "nowhere")
    with store.writing() as connection:
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")
    with pytest.raises(StoreMismatch, match=r"another version \(999\); run qa build --rebuild"):
        Store.open(store.folder)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE documents SET lead = lead || 'x'",
        "UPDATE documents SET text_crc = 1",
        "UPDATE documents SET title = 'other'",
        "UPDATE documents SET extra = '{'",
        "UPDATE documents SET chunks = chunks + 1",
        "UPDATE documents SET characters = 0",
        "UPDATE documents SET lead = CAST(x'ff' AS TEXT)",
        "UPDATE vectors SET rows = zeroblob(length(rows)) WHERE first = 1",
        "UPDATE vectors SET rows = x'00' WHERE first = 1",
        "UPDATE vectors SET count = 0 WHERE first = 1",
        "DELETE FROM vectors WHERE first = 1",
        "UPDATE chunks SET tokens = x'00' WHERE id = 1",
        "UPDATE chunks SET piece = 'ข' WHERE id = 1",
        "UPDATE chunks SET heading = 'ข' WHERE id = 1",
        "UPDATE chunks SET document = 2 WHERE id = 1",
        "DELETE FROM chunks WHERE id = 1",
        "DELETE FROM documents WHERE id = 1",
        "UPDATE meta SET value = 'many' WHERE key = 'dimension'",
        "UPDATE meta SET value = 'x' WHERE key = 'sequence'",
        "DROP TABLE dead",
        "DROP TABLE meta",
    ],
)
def test_a_changed_row_is_damage_on_opening_or_on_reading(store: Store, change: str) -> None:
    put(store, *(Document(str(number), line) for number, line in enumerate(LINES)))
    store.close()
    connection = sqlite3.connect(store.path)
    connection.execute(change)
    connection.commit()
    connection.close()
    with pytest.raises(StoreDamaged, match="qa build --rebuild makes it anew") as caught:
        opened = Store.open(store.folder)
        assert opened.sequence >= 0
        opened.dead()
    assert "\n" not in str(caught.value)
    for read in (
        lambda: Store(store.folder, writable=True).chunks([1, 2]),  # as a large store is read: row by row
        lambda: list(Store(store.folder, writable=True).tokens(np.array([1, 2]))),
        lambda: [Store(store.folder, writable=True).document(str(number)) for number in range(5)],
        lambda: Store(store.folder, writable=True).documents(),
    ):
        try:
            read()
        except StoreDamaged as error:
            assert "\n" not in str(error)


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from toy import ToyEncoder
from index.build import add_documents
from index.records import Document
from index.segmenter import bundled_segmenter
from index.store import Store
store = Store.open(Path(sys.argv[1]))
print("ready", flush=True)
for round in range(10**6):
    text = "\\n".join(f"รอบที่ {round} บรรทัดที่ {line} " + "ความ" * 40 for line in range(5))
    add_documents(store, [Document(f"{name}", text) for name in "abc"], ToyEncoder(), bundled_segmenter())
"""


def test_a_writer_killed_at_any_instant_leaves_whole_documents(store: Store) -> None:
    put(store, Document("kept", LINES[0]))
    sequence = store.sequence
    for attempt in range(3):
        with subprocess.Popen(
            python("-c", KILLED, str(store.folder), str(ROOT / "tests")), stdout=subprocess.PIPE, env=environment()
        ) as process:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            for _ in range(2_000):  # until it is in the midst of it
                if process.poll() is not None or store.sequence > sequence + attempt:
                    break
            os.kill(process.pid, signal.SIGKILL)
        opened = Store.open(store.folder)  # every row is looked at
        assert opened.document("kept") == Document("kept", LINES[0])
        rounds = {
            str(opened.document(info.source).text).split("บรรทัด")[0]
            for info in opened.documents()
            if info.source in "abc"
        }
        assert len(rounds) <= 1  # the three are of one transaction
        sequence = opened.sequence
