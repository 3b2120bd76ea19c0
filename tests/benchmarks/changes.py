"""How fast an index follows its documents: nothing to do in a folder of many files, one document in a large store.

    python tests/benchmarks/changes.py --data FOLDER [--files 40000] [--store STORE] [--profile]

``--data``: holds ``thaigov/thaigov.jsonl.xz``, of which the folder is written into a temporary place. ``--store``:
the store of ``retrieval.py --pooled``; it is changed, and then changed back: name a copy. Prints seconds of the
clock and of this process's processor time; the first matter on an idle machine, the second on a busy one.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import lzma
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import qa
from index.build import add_documents, update
from index.documents import scan
from index.encoder import load_encoder
from index.records import Document
from index.segmenter import bundled_segmenter
from index.store import Store
from qa.assistant import Assistant

TEXT = "โครงการทดลองปลูกข้าวบาร์เลย์หิมาลัยบนดอยปุยหลวงเริ่มเมื่อวันที่ ๗ มีนาคม ๒๕๖๖\n" * 2
QUESTION = "โครงการปลูกข้าวบาร์เลย์หิมาลัยเริ่มเมื่อไร"
Result = TypeVar("Result")
PROFILE = False


def timed(what: str, work: Callable[[], Result]) -> Result:
    """Do ``work`` and print what it cost."""
    clock, processor = time.perf_counter(), time.process_time()
    profile = cProfile.Profile()
    if PROFILE:
        profile.enable()
    result = work()
    profile.disable()
    spent = time.perf_counter() - clock, time.process_time() - processor
    print(f"{what:58} {spent[0]:7.2f} s  ({spent[1]:.2f} s of processor time)", flush=True)
    if PROFILE:
        pstats.Stats(profile).sort_stats("tottime").print_stats(12)
    return result


def many_files(data: Path, files: int) -> None:
    """A folder of small files: built once, then with nothing to do, one changed, one renamed."""
    with tempfile.TemporaryDirectory(prefix="changes-") as place:
        folder = Path(place) / "docs"
        with lzma.open(data / "thaigov" / "thaigov.jsonl.xz", "rt", encoding="utf-8") as lines:
            for number, line in enumerate(islice(lines, files)):
                record = json.loads(line)
                path = folder / f"{number // 400:03d}" / f"ข่าว-{number:05d}.txt"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"{record['title']}\n\n{record['text'][:250]}", encoding="utf-8")
        bot = timed(f"first build of {files:,} files", lambda: qa.open(folder))
        timed("  the scan alone", lambda: scan(folder))
        timed("  nothing to do, in a running program", lambda: again(bot, folder))
        bot.store.close()
        bot = timed("  nothing to do, opened anew until it can answer", lambda: qa.open(folder))
        path = next(iter(sorted(folder.rglob("*.txt"))))
        path.write_text(TEXT, encoding="utf-8")
        timed("  one file changed, until it is found", lambda: again(bot, folder, path.relative_to(folder).as_posix()))
        path = path.rename(path.with_name("ใหม่.txt"))
        timed("  it is renamed, until it is found", lambda: again(bot, folder, path.relative_to(folder).as_posix()))
        bot.store.close()


def again(bot: Assistant, folder: Path, wanted: str = "") -> None:
    """Bring the index up to date and ask."""
    update(bot.store, folder, bot.encoder, bot.segmenter)
    found = bot.retrieve(QUESTION, 1)
    assert not wanted or found[0].source == wanted, found[0].source


def large_store(place: Path) -> None:
    """One document put into a large store and taken out again, each until a question is answered from it."""
    encoder, segmenter = load_encoder(None), bundled_segmenter()
    store = Store.open(place)
    print(f"{place}: {store.counts()[0]:,} documents, {store.counts()[1]:,} passages")
    bot = timed("opened", lambda: Assistant(store, encoder, segmenter))
    timed("  first question", lambda: bot.retrieve(QUESTION, 1))
    for turn in ("first", "second"):
        new = Document(f"changes/{turn}.txt", f"{TEXT}({turn})")

        def add(new: Document = new) -> None:
            add_documents(store, [new], encoder, segmenter)
            assert bot.retrieve(QUESTION, 1)[0].source == new.source

        def remove(new: Document = new) -> None:
            store.put([], removed=[new.source])
            assert not [hit for hit in bot.retrieve(QUESTION, 5) if hit.source == new.source]

        timed(f"  {turn} document added, until it is found", add)
        timed(f"  {turn} document removed, until it is not", remove)
    large = store.documents()[0]
    document = store.document(large.source)
    assert document is not None
    timed("  an old document removed", lambda: (store.put([], removed=[large.source]), bot.retrieve(QUESTION, 1)))
    timed(
        "  and put back",
        lambda: (add_documents(store, [document], encoder, segmenter), bot.retrieve(QUESTION, 1)),
    )
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--files", type=int, default=40_000)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--profile", action="store_true", help="print where the time went")
    options = parser.parse_args()
    global PROFILE
    PROFILE = options.profile
    if options.store:
        large_store(options.store)
    if options.data:
        many_files(options.data, options.files)


if __name__ == "__main__":
    main()
