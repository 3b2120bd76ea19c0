"""Beside other tools: ``python tests/benchmarks/peers.py --data FOLDER [--documents 2000] [--json OUT]`` (extra ``bench``).

The same documents, questions and encoder for all; each system in a process of its own, offline, with a time limit.
The work: the iapp test passages among government documents, asked with the iapp test questions; right is the document that
the question was written for. Ours is measured again after every few others, and each of them is set against the
ours before and after it, so that what else the machine does in between weighs on both. On a busy machine ``--clock cpu``
shows the processor time of the process (all its threads) where the wall clock would show the neighbours. Prints a
Markdown table; a system that fails becomes a row that says why.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from peer_systems import SYSTEMS

from qa.question_files import load_questions

ROOT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("peer_worker.py")
EVERY = 3  # others between two measurements of ours
COLUMNS = ("build s", "peak MB", "p50 ms", "p95 ms", "R@1", "R@5", "MRR@10")

Figures = dict[str, float]
Report = tuple[str, dict[str, Any]]
"""The name of a system and what its process wrote."""
Run = tuple[str, Figures | None, str]
"""The name of a system, its figures, and what went wrong where there are none."""


def work_of(data: Path, documents: int) -> dict[str, Any]:
    """iapp test, and the first ``documents`` government documents, as (name, text) and (question, right names)."""
    test = load_questions(data / "iapp" / "iapp.test.json.gz")
    texts = [(document.source, document.text) for document in test.documents]
    with lzma.open(data / "thaigov" / "thaigov.jsonl.xz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, islice(lines, documents)):
            texts.append((row["id"], f"{row['title']}\n{row['text']}"))
    return {"documents": texts, "questions": [(q.question, sorted(q.relevant)) for q in test.questions]}


def run(name: str, work: Path, threads: int, limit: float) -> dict[str, Any]:
    """One system in a process of its own; its report, or what went wrong."""
    variables = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA", "RAYON")
    environment = {
        **os.environ,
        **{f"{library}_NUM_THREADS": str(threads) for library in variables},
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HAYSTACK_TELEMETRY_ENABLED": "False",
        "LANGSMITH_TRACING": "false",
        "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false",
    }
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        command = [sys.executable, str(WORKER), name, str(work), str(out), str(threads)]
        try:
            done = subprocess.run(command, env=environment, timeout=limit, capture_output=True, text=True, check=False)
        except subprocess.TimeoutExpired:
            return {"error": f"no result within {limit:.0f} s"}
        if not out.exists():
            return {"error": f"ended with {done.returncode}: {done.stderr.strip()[-200:]}"}
        report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return report


def figures(report: dict[str, Any], clock: str) -> Figures:
    """The columns of one report, by the wall's or the processor's clock."""
    places = np.asarray(report["ranks"], dtype=float)
    spent = report["milliseconds" if clock == "wall" else "cpu_milliseconds"]
    return {
        "build s": report["build_s" if clock == "wall" else "build_cpu_s"],
        "peak MB": report["peak_bytes"] / 1e6,
        "p50 ms": float(np.median(spent)),
        "p95 ms": float(np.percentile(spent, 95)),
        "R@1": float((places == 1).mean()),
        "R@5": float(((places > 0) & (places <= 5)).mean()),
        "MRR@10": float(np.where(places > 0, 1 / np.maximum(places, 1), 0.0).mean()),
    }


def plan(chosen: Sequence[str]) -> list[str]:
    """The order of the runs: ours first, last, and after every few others."""
    order = ["ours"]
    for place, name in enumerate(chosen, start=1):
        order.append(name)
        if place % EVERY == 0 or place == len(chosen):
            order.append("ours")
    return order


def mean(rows: Sequence[Figures]) -> Figures:
    return {column: statistics.fmean(row[column] for row in rows) for column in COLUMNS}


def own(runs: Sequence[Run]) -> list[Figures]:
    """Ours, each time."""
    return [row for name, row, _ in runs if name == "ours" and row]


def neighbours(runs: Sequence[Run], place: int) -> Figures | None:
    """The mean of ours before and after the run at ``place``; None where ours never came through."""
    beside = own(runs[:place])[-1:] + own(runs[place:])[:1]
    return mean(beside) if beside else None


def shown(column: str, value: float) -> str:
    if column.startswith(("R@", "MRR")):
        return f"{value:.3f}".removeprefix("0")
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def table(runs: Sequence[Run]) -> str:
    """Markdown: ours, then each system with every figure and, in brackets, its ratio to ours."""
    lines = ["| | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    if mine := own(runs):
        cells = " | ".join(f"**{shown(column, statistics.median(row[column] for row in mine))}**" for column in COLUMNS)
        lines.append(f"| **{SYSTEMS['ours'].label}** | {cells} |")
    for place, (name, row, error) in enumerate(runs):
        if name == "ours":
            continue
        label = SYSTEMS[name].label
        if row is None:
            lines.append(f"| {label} | {error.replace('|', '/')}" + " |" * len(COLUMNS))
            continue
        beside = neighbours(runs, place)
        ratio = {column: f" ({row[column] / beside[column]:.2f})" for column in COLUMNS} if beside else {}
        lines.append(f"| {label} | " + " | ".join(shown(c, row[c]) + ratio.get(c, "") for c in COLUMNS) + " |")
    return "\n".join(lines)


def drift(runs: Sequence[Run]) -> str:
    """How much ours varied: what ratios near 1 are worth."""
    mine = own(runs)
    spans = [f"{c} {shown(c, min(r[c] for r in mine))} to {shown(c, max(r[c] for r in mine))}" for c in COLUMNS[:4]]
    return f"Ours in {len(mine)} runs: " + ", ".join(spans)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure other tools on the same work.")
    parser.add_argument("--data", type=Path, help="folder with iapp/ and thaigov/")
    parser.add_argument("--documents", type=int, default=2000, help="government documents (default 2000)")
    parser.add_argument("--only", nargs="+", choices=[n for n in SYSTEMS if n != "ours"], metavar="NAME")
    parser.add_argument("--threads", type=int, default=1, help="cores and threads of every process (default 1)")
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument("--limit", type=float, default=900, help="seconds a system may take (default 900)")
    parser.add_argument("--json", type=Path, help="write everything measured there")
    parser.add_argument(
        "--show", type=Path, nargs="+", metavar="JSON", help="print the table of earlier runs, and stop"
    )
    arguments = parser.parse_args()
    if arguments.show:
        earlier = [json.loads(path.read_text(encoding="utf-8"))["runs"] for path in arguments.show]
        show([[(row["system"], row) for row in rows] for rows in earlier], arguments.clock)
        return
    if arguments.data is None:
        parser.error("--data is needed")
    chosen = arguments.only or [name for name in SYSTEMS if name != "ours"]
    work = work_of(arguments.data, arguments.documents)
    letters = sum(len(text) for _, text in work["documents"])
    print(
        f"{len(work['documents']):,} documents, {letters:,} characters, {len(work['questions'])} questions", flush=True
    )
    settings = {"documents": len(work["documents"]), "characters": letters, "threads": arguments.threads}
    reports: list[Report] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "work.json"
        place.write_text(json.dumps(work), encoding="utf-8")
        for name in plan(chosen):
            report = run(name, place, arguments.threads, arguments.limit)
            reports.append((name, report))
            row = report.get("error") or figures(report, arguments.clock)
            said = row if isinstance(row, str) else ", ".join(f"{c} {shown(c, v)}" for c, v in row.items())
            print(f"  {SYSTEMS[name].label}: {said}", file=sys.stderr, flush=True)
            if arguments.json:  # after each: what was measured stays where the rest is broken off
                rows = [{"system": name, **report} for name, report in reports]
                arguments.json.write_text(json.dumps({**settings, "runs": rows}), encoding="utf-8")
    show([reports], arguments.clock)


def show(files: Sequence[Sequence[Report]], clock: str) -> None:
    """Print the table of one run, or of several that each measured ours beside some of the others."""
    runs: list[Run] = []
    for reports in files:
        for name, report in reports:
            runs.append((name, None if "error" in report else figures(report, clock), report.get("error", "")))
    print(table(runs))
    if own(runs):
        print(f"{drift(runs)} ({clock} clock)")
    held = {p: number for reports in files for _, report in reports for p, number in report.get("versions", {}).items()}
    print(", ".join(f"{package} {number}" for package, number in sorted(held.items())))


if __name__ == "__main__":
    main()
