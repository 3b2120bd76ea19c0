"""What a build encodes: texts that are new, and none that only moved."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from support import LINES
from toy import ToyEncoder

from index.build import BuildReport, update
from index.encoder import Role
from index.records import Chunk
from index.segmenter import Segmenter
from index.store import Store

Make = Callable[[str], Store]


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


class Counting(ToyEncoder):
    """Notes every text that it is asked to encode."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str], *, role: Role) -> np.ndarray:
        self.texts.extend(texts)
        return super().encode(texts, role=role)

    def take(self) -> list[str]:
        taken, self.texts = self.texts, []
        return taken


def rows(store: Store) -> dict[Chunk, tuple[list[int], list[float]]]:
    found = store.chunks(store.chunk_ids().tolist()).values()
    return {stored.chunk: (stored.tokens.tolist(), stored.vector.tolist()) for stored in found}


def test_only_new_texts_are_encoded(make_store: Make, folder: Path, segmenter: Segmenter) -> None:
    """Changed, moved, copied, moved and changed, swapped: each costs what is new in it, and gives what a fresh index has."""
    encoder, store = Counting(), make_store("counted")
    paragraphs = [f"ย่อหน้าที่ {number} " + "ถ้อยคำของเอกสารฉบับนี้ " * 20 for number in range(12)]
    write(folder / "long.txt", "\n".join(paragraphs))
    assert update(store, folder, encoder, segmenter).encoded == len(encoder.take()) > 15

    def after(change: Callable[[], object], *, encoded: int) -> BuildReport:
        change()
        report = update(store, folder, encoder, segmenter)
        assert (report.encoded, len(encoder.take())) == (encoded, encoded)
        fresh = make_store(f"fresh-{store.sequence}")
        update(fresh, folder, ToyEncoder(), segmenter)
        assert rows(store) == rows(fresh)
        return report

    changed = [*paragraphs[:5], "ย่อหน้าใหม่ " + "ถ้อยคำอื่น " * 40, *paragraphs[5:]]
    assert after(lambda: write(folder / "long.txt", "\n".join(changed)), encoded=1).passages > 10
    assert after(lambda: (folder / "long.txt").rename(folder / "ยาว.txt"), encoded=0).renamed == 1
    assert after(lambda: shutil.copy(folder / "ยาว.txt", folder / "copy.txt"), encoded=0).added == 1

    def move_and_change() -> None:
        (folder / "ยาว.txt").unlink()
        write(folder / "sub.txt", "\n".join([*changed, "บรรทัดท้าย " * 30]))

    assert after(move_and_change, encoded=1).removed == 1

    def swap() -> None:
        one, two = (folder / "1.txt").read_text(encoding="utf-8"), (folder / "2.txt").read_text(encoding="utf-8")
        write(folder / "1.txt", two)
        write(folder / "2.txt", one)

    assert after(swap, encoded=0).added == 2


def test_a_moved_file_of_several_documents_costs_no_encoding(
    store: Store, tmp_path: Path, segmenter: Segmenter
) -> None:
    folder, encoder = tmp_path / "docs", Counting()
    folder.mkdir()
    write(folder / "faq.jsonl", "".join(f'{{"id": "{name}", "text": "{name} {LINES[0]}"}}\n' for name in "ab"))
    update(store, folder, encoder, segmenter)
    assert len(encoder.take()) == 2
    (folder / "faq.jsonl").rename(folder / "ถามตอบ.jsonl")
    update(store, folder, encoder, segmenter)
    assert encoder.take() == []
    assert [info.source for info in store.documents()] == ["ถามตอบ.jsonl#a", "ถามตอบ.jsonl#b"]


def test_another_encoder_s_vectors_are_not_taken_over(built: Store, folder: Path, segmenter: Segmenter) -> None:
    """The caller refuses such a store; should one not, its vectors still stay out of the new documents."""
    other = Counting()
    other.fingerprint = "toy-2"
    write(folder / "1.txt", LINES[0] + "\n" + LINES[1] * 12)
    update(built, folder, other, segmenter)
    assert len(other.texts) == built.counts()[1] - 4
