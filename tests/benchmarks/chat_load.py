"""The chat as people meet it: how soon it stands, how soon an answer is painted, and fifty asking at once.

    python tests/benchmarks/chat_load.py [--people 50] [--rounds 4] [-- QA CHAT OPTIONS]

Starts ``qa chat`` in a process of its own on a free port of this machine (the seeds where no options are given) and ends it
again. Three things are timed:

* from starting the process to the page served, and (where chromium and playwright are there) to its first words painted;
* in that browser, warm: from pressing Enter to the answer painted, one question after the other;
* ``--people`` sessions that each send ``--rounds`` questions, the next when the last is answered, all at once, through
  the events that the page itself uses. A reply that is not an answer counts as an error.

Wanted: first paint under 12 s, an answer painted in 300 ms (p50), fifty people without an error and p95 under 3 s.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # else tests/qa is taken for qa

from support import free_port

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 120.0  # seconds: what takes longer is an error


def questions() -> list[str]:
    """Those of the seeds, answerable or not, that need no question before them."""
    lines = (ROOT / "seeds" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [record["question"] for record in map(json.loads, lines) if not record.get("history")]


def started(options: list[str]) -> tuple[subprocess.Popen[bytes], str, float]:
    """The process, its address, and the seconds until it served the page."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "qa.cli", "chat", "--port", str(port), *options]
    began = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        try:
            httpx.get(address, timeout=PATIENCE, trust_env=False).raise_for_status()
            return process, address, time.perf_counter() - began
        except httpx.TransportError:
            time.sleep(0.02)
    raise SystemExit(f"qa chat ended with {process.returncode}")


def processor_seconds(process: subprocess.Popen[bytes]) -> float:
    """What the server has used of the processor, which a busy machine changes little; 0 where /proc is not there."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spread(name: str, seconds: list[float]) -> str:
    p50, p95 = np.percentile(seconds, [50, 95])
    return f"{name}: p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, worst {max(seconds) * 1000:.0f} ms"


# -- in a browser


def in_browser(address: str, count: int) -> tuple[float, list[float]]:
    """Seconds from opening the page to its words painted, and from Enter to each of ``count`` answers painted."""
    from playwright.sync_api import sync_playwright

    # An answer may come in the place of an older one, so that their number stays: what the last one says tells too.
    timed = """() => { window.timed = new Promise((done, fail) => {
      const state = () => {
        const shown = document.querySelectorAll(".qa-answer");
        return shown.length + ":" + (shown.length ? shown[shown.length - 1].textContent : "");
      };
      const before = state();
      setTimeout(() => fail(new Error("no answer was painted")), PATIENCE);
      let began;
      addEventListener("keydown", () => { began = performance.now(); }, { capture: true, once: true });
      const seen = new MutationObserver(() => {
        if (state() === before) return;
        seen.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => done((performance.now() - began) / 1000)));
      });
      seen.observe(document.querySelector("#qa-chat"), { childList: true, subtree: true });
    }); }""".replace("PATIENCE", str(PATIENCE * 1000))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(locale="th-TH")
        page.set_default_timeout(PATIENCE * 1000)
        began = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_selector(".qa-title h1", state="visible")
        first = time.perf_counter() - began
        page.wait_for_selector(".qa-try", state="visible")
        taken = []
        for question in questions()[: count + 2]:
            page.evaluate(timed)
            page.fill("#qa-ask textarea", question)
            page.press("#qa-ask textarea", "Enter")
            taken.append(page.evaluate("window.timed"))
        browser.close()
    return first, taken[2:]  # the first two warm it


# -- many at once


def sending(config: dict[str, Any]) -> tuple[int, int]:
    """Number of the event that sends a question, and how many values it is given."""
    box = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "qa-ask")
    event = next(d for d in config["dependencies"] if [box, "submit"] in d["targets"])
    return event["id"], len(event["inputs"])


async def one_question(client: httpx.AsyncClient, event: tuple[int, int], session: str, question: str) -> float:
    """Seconds until the answer has come. Raises RuntimeError where what comes is none."""
    number, inputs = event
    body = {"data": [question, *[None] * (inputs - 1)], "fn_index": number, "session_hash": session}
    began = time.perf_counter()
    (await client.post("/gradio_api/queue/join", json=body)).raise_for_status()
    async with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        async for line in stream.aiter_lines():
            if not line.startswith("data:"):
                continue
            told = json.loads(line[5:])
            if told["msg"] == "process_completed":
                if not told["success"] or "qa-answer" not in line:
                    raise RuntimeError(line[:300])
                return time.perf_counter() - began
    raise RuntimeError("the server hung up")


async def many(address: str, people: int, rounds: int) -> tuple[list[float], list[str], float]:
    """Seconds of each answer, what went wrong, and the seconds of it all."""
    asked = questions()
    taken: list[float] = []
    wrong: list[str] = []

    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, limits=limits, trust_env=False) as client:
        event = sending((await client.get("/config")).json())

        async def person(number: int) -> None:
            session = uuid.uuid4().hex
            for turn in range(rounds):
                try:
                    question = asked[(number * rounds + turn) % len(asked)]
                    taken.append(await one_question(client, event, session, question))
                except (httpx.HTTPError, RuntimeError) as error:
                    wrong.append(f"{type(error).__name__}: {error}")

        began = time.perf_counter()
        await asyncio.gather(*(person(number) for number in range(people)))
        return taken, wrong, time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=4, help="questions of each, one after the other")
    parser.add_argument("--painted", type=int, default=40, help="questions timed in the browser")
    parser.add_argument("options", nargs="*", help="for qa chat")
    arguments = parser.parse_args()
    process, address, served = started(arguments.options)
    try:
        print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print(f"started to page served: {served:.1f} s, {processor_seconds(process):.1f} s of the processor")
        if CHROMIUM:
            first, taken = in_browser(address, arguments.painted)
            print(f"page opened to first words painted: {first:.1f} s; together {served + first:.1f} s (wanted: 12)")
            print(spread(f"Enter to answer painted, {len(taken)} questions", taken) + " (wanted: p50 300)")
        for people in dict.fromkeys((1, arguments.people)):
            before = processor_seconds(process)
            seconds, wrong, whole = asyncio.run(many(address, people, arguments.rounds))
            used = (processor_seconds(process) - before) / max(len(seconds), 1) * 1000
            rate = f"{len(seconds) / whole:.0f} answers/s, {used:.0f} ms of the processor each, {len(wrong)} errors"
            print(spread(f"{people} at once, {arguments.rounds} questions each", seconds or [0.0]) + f"; {rate}")
            for error in dict.fromkeys(wrong):
                print(f"    {error}", file=sys.stderr)
    finally:
        process.terminate()
        process.wait(PATIENCE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
