"""Whether memory grows with the number of questions asked.

    python tests/benchmarks/memory.py [--questions 100000] [--served]

Asks the seeds' questions over and over, each time with another number in them so that none is the same text twice, every
third as a follow-up, and prints the resident memory at twenty places. ``--served`` sends them to a running chat instead,
in a new session every 20 questions, and prints the memory of its process. The last line compares the middle with the end:
the beginning fills caches that are bounded.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
from chat_load import PATIENCE, one_question, questions, sending, started

import qa

SAMPLES = 20
TURNS = 20  # questions of a served session


def resident(process: int | str = "self") -> float:
    """MB of memory that a process holds."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def wanted(number: int, asked: list[str]) -> str:
    """The question of this number: no two are the same text."""
    return f"{asked[number % len(asked)]} ข้อ {number}"


def measured(count: int, ask: Callable[[int], None], process: int | str) -> None:
    began, seen = time.perf_counter(), []
    for number in range(count):
        ask(number)
        if (number + 1) % max(count // SAMPLES, 1) == 0:
            seen.append(resident(process))
            print(f"{number + 1:8,} questions  {seen[-1]:7.1f} MB  {time.perf_counter() - began:7.0f} s", flush=True)
    half = seen[len(seen) // 2 - 1]
    print(f"{'second half:':>18}  {seen[-1] - half:+7.1f} MB, {(seen[-1] / half - 1):+.1%}")


def in_process(count: int) -> None:
    asked = questions()
    with tempfile.TemporaryDirectory() as folder:
        bot = qa.open(store=Path(folder) / "store")

        def ask(number: int) -> None:
            bot.ask(wanted(number, asked), [wanted(number - 1, asked)] if number % 3 == 2 else [])

        measured(count, ask, "self")


def served(count: int) -> None:
    asked, session = questions(), ""
    process, address, _ = started([])
    loop = asyncio.new_event_loop()
    client = httpx.AsyncClient(base_url=address, timeout=PATIENCE, trust_env=False)
    try:
        event = sending(loop.run_until_complete(client.get("/config")).json())

        def ask(number: int) -> None:
            nonlocal session
            if number % TURNS == 0:
                session = uuid.uuid4().hex
            loop.run_until_complete(one_question(client, event, session, wanted(number, asked)))

        measured(count, ask, process.pid)
        loop.run_until_complete(client.aclose())
    finally:
        loop.close()
        process.terminate()
        process.wait(PATIENCE)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--questions", type=int, default=100_000)
    parser.add_argument("--served", action="store_true", help="through a running chat")
    arguments = parser.parse_args()
    (served if arguments.served else in_process)(arguments.questions)
    return 0


if __name__ == "__main__":
    sys.exit(main())
