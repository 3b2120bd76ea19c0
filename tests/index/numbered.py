"""Documents made from a number, asked for by words and by meaning."""

from __future__ import annotations

from toy import ToyEncoder

from index.build import add_documents
from index.derived import Searchable
from index.records import Document
from index.segmenter import Segmenter
from index.store import Store

SUBJECTS = ["แมวดำ", "รถไฟ", "ข้าวหอม", "โรงพยาบาล", "หนังสือเดินทาง", "ค่าธรรมเนียม", "กรุงเทพ"]


def text_of(number: int) -> str:
    return " ".join(SUBJECTS[(number * step) % 7] for step in range(1, 2 + number % 5)) + f" เรื่องที่ {number}"


def add(store: Store, names: list[str], toy: ToyEncoder, segmenter: Segmenter) -> None:
    add_documents(store, [Document(name, text_of(int(name))) for name in names], toy, segmenter)


def sources(store: Store, pairs: list[tuple[int, float]]) -> list[str]:
    found = store.chunks([chunk_id for chunk_id, _ in pairs])
    return [found[chunk_id].chunk.source for chunk_id, _ in pairs]


def asked(searchable: Searchable, toy: ToyEncoder, segmenter: Segmenter, text: str, k: int = 100) -> tuple[list, list]:
    weights = dict.fromkeys(segmenter.ids(text), 1.0)
    return searchable.nearest(toy.encode([text], role="query")[0], k), searchable.by_words(weights, k)
