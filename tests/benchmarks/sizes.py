"""Cost as size grows: ``python tests/benchmarks/sizes.py --data FOLDER [--sizes 1000 4000 10000] [--plot OUT.svg]``.

Government documents are written as files, one a document, and built with default settings; each stage runs in a process of
its own. 40,000 documents (``--sizes 40000``) take minutes of two cores and 3 GB of disk. ``--synthetic 1000000`` measures
the vector index alone and the word index alone over passages recombined from the largest store built. ``--merge`` adds
what an earlier ``--json`` holds, so that sizes can be measured one by one. The plot needs matplotlib (extra ``bench``).
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from qa.question_files import load_questions

ROOT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("size_worker.py")
COLD_ROUNDS = 5
ASKED = 300  # questions that speed is measured with
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}

Row = dict[str, Any]

COLUMNS = {
    "documents": lambda r: f"{r['documents']:,}",
    "passages": lambda r: f"{r['passages']:,}",
    "build s": lambda r: f"{r['build_s']:.1f}",
    "CPU s": lambda r: f"{r['build_cpu_s']:.1f}",
    "M characters/s": lambda r: f"{r['characters'] / r['build_s'] / 1e6:.2f}",
    "peak GB": lambda r: f"{r['peak_bytes'] / 1e9:.2f}",
    "store / text": lambda r: f"{r['store_bytes'] / r['text_bytes']:.2f}",
    "serving GB": lambda r: f"{r['resident_bytes'] / 1e9:.2f}",
    "cold s": lambda r: f"{r['cold_s']:.2f}",
    "p50 ms": lambda r: f"{r['p50_ms']:.1f}",
    "p95 ms": lambda r: f"{r['p95_ms']:.1f}",
    "p50 CPU ms": lambda r: f"{r['p50_cpu_ms']:.1f}",
    "queries/s": lambda r: f"{r['queries_a_second_two_threads']:.0f}",
    "recall@10": lambda r: f"{r['recall']:.3f} ({r['kind'].removeprefix('Index')})",
}


def stage(name: str, *arguments: object) -> Row:
    """Run one stage in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        command = [sys.executable, str(WORKER), name, str(out), *map(str, arguments)]
        subprocess.run(command, check=True, env=ENVIRONMENT)
        row: Row = json.loads(out.read_text(encoding="utf-8"))
        return row


def write_documents(data: Path, folder: Path, count: int) -> Row:
    """The first ``count`` government documents as text files, a thousand a folder."""
    characters = size = 0
    with lzma.open(data / "thaigov" / "thaigov.jsonl.xz", "rt", encoding="utf-8") as lines:
        for number, row in enumerate(map(json.loads, islice(lines, count))):
            text = f"{row['title']}\n{row['text']}"
            place = folder / f"{number // 1000:03}" / f"{row['id']}.txt"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
            characters += len(text)
            size += place.stat().st_size
    return {"characters": characters, "text_bytes": size}


def write_questions(folder: Path, questions: Sequence[str]) -> Path:
    """The questions that speed is measured with, as a file."""
    path = folder / "questions.json"
    path.write_text(json.dumps(list(questions[:ASKED])), encoding="utf-8")
    return path


def cold(docs: Path, store: Path, question: str) -> float:
    """Seconds of a whole ``qa ask`` process on the built store, median; files are in the page cache."""
    command = [sys.executable, "-m", "qa.cli", "ask", question, "--docs", str(docs), "--store", str(store)]
    spent = []
    for _ in range(COLD_ROUNDS):
        began = time.perf_counter()
        subprocess.run(command, check=True, env=ENVIRONMENT, capture_output=True)
        spent.append(time.perf_counter() - began)
    return sorted(spent)[COLD_ROUNDS // 2]


def measure(data: Path, folder: Path, count: int, questions: Sequence[str]) -> Row:
    """Everything of one size; the store stays in ``folder``."""
    docs, store, asked = folder / f"docs-{count}", folder / f"store-{count}", write_questions(folder, questions)
    row = write_documents(data, docs, count)
    row |= stage("build", docs, store)
    row["store_bytes"] = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
    row["cold_s"] = cold(docs, store, questions[0])
    row |= stage("serve", docs, store, asked)
    return row | stage("recall", store, asked)


def table(rows: Sequence[Row]) -> str:
    """Markdown, a size a line."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    for row in rows:
        lines.append("| " + " | ".join(shown(row) for shown in COLUMNS.values()) + " |")
    return "\n".join(lines)


def plot(rows: Sequence[Row], path: Path) -> None:
    """Six panels over the number of passages, both axes logarithmic; an SVG whose text stays text."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "sizes", "font.size": 9})
    panels = {
        "build, s": "build_s",
        "peak memory, GB": "peak_bytes",
        "store on disk, GB": "store_bytes",
        "resident while serving, GB": "resident_bytes",
        "cold question, s": "cold_s",
        "query, ms (p50 and p95)": "p50_ms",
    }
    figure, axes = pyplot.subplots(2, 3, figsize=(9, 4.6), layout="constrained")
    passages = [row["passages"] for row in rows]
    for axis, (title, column) in zip(axes.flat, panels.items(), strict=True):
        scale = 1e9 if column.endswith("bytes") else 1
        values = [row[column] / scale for row in rows]
        axis.plot(passages, values, "o-", color="#1f6f8b", markersize=4)
        if column == "p50_ms":
            axis.plot(passages, [row["p95_ms"] for row in rows], "o--", color="#b5651d", markersize=4)
        axis.set(title=title, xscale="log", yscale="log")
        axis.set_xticks(passages, [f"{count / 1000:.0f}k" for count in passages])
        axis.set_yticks(values, [f"{value:.2g}" if value < 10 else f"{value:.0f}" for value in values])
        axis.minorticks_off()
        axis.grid(alpha=0.3, linewidth=0.5)
    for axis in axes[1]:
        axis.set_xlabel("passages")
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description="Measure cost as size grows.")
    parser.add_argument("--data", type=Path, required=True, help="folder with iapp/ and thaigov/")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 4000, 10000], help="documents")
    parser.add_argument("--synthetic", type=int, help="passages for the vector index and the word index alone")
    parser.add_argument("--work", type=Path, help="keep files and stores in this folder")
    parser.add_argument("--json", type=Path, help="write everything measured there")
    parser.add_argument("--merge", type=Path, nargs="*", default=[], help="earlier --json files, shown with these")
    parser.add_argument("--plot", type=Path, help="draw the sizes into this SVG")
    arguments = parser.parse_args()
    questions = [q.question for q in load_questions(arguments.data / "iapp" / "iapp.test.json.gz").questions]
    earlier = [json.loads(path.read_text(encoding="utf-8")) for path in arguments.merge]
    rows: list[Row] = [row for file in earlier for row in file["sizes"]]
    alone: dict[str, Row] = {name: row for file in earlier for name, row in file["synthetic"].items()}
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.work or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for count in arguments.sizes:
            rows.append(measure(arguments.data, folder, count, questions))
            print(f"  {rows[-1]}", file=sys.stderr, flush=True)
        if arguments.synthetic:
            stores = sorted(folder.glob("store-*"), key=lambda path: int(path.name.split("-")[1]))
            if not stores:
                parser.error("--synthetic recombines the passages of a store: name --sizes, or --work with one in it")
            for channel in ("words", "vectors"):
                alone[channel] = stage(channel, stores[-1], arguments.synthetic, write_questions(folder, questions))
    rows.sort(key=lambda row: row["documents"])
    print(table(rows))
    for channel, row in alone.items():
        print(
            f"{channel} alone: "
            + ", ".join(f"{n} {v:.4g}" if isinstance(v, float) else f"{n} {v}" for n, v in row.items())
        )
    if arguments.json:
        arguments.json.write_text(json.dumps({"sizes": rows, "synthetic": alone}, indent=1), encoding="utf-8")
    if arguments.plot:
        plot(rows, arguments.plot)


if __name__ == "__main__":
    main()
