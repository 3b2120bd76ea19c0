"""How long the first answer takes: a cold ``qa ask`` on the built seeds, against importing sentence-transformers.

    python tests/benchmarks/cold_start.py [ROUNDS]

Each round runs every command once, in a process of its own, in turn, so that a busy machine slows all alike. The
best of the rounds is shown beside the median: the best is what the work takes, the median what else went on.
Wanted: ``qa ask`` in at most a quarter of the import's time. (tests/test_cold.py holds what may be imported.)
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "ผู้นำสองประเทศคุยกันเมื่อไร"
WANTED = 0.25  # of the time of `import sentence_transformers`


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return time.perf_counter() - began


def main(rounds: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "store")
        ask = [sys.executable, "-m", "qa.cli", "ask", QUESTION, "--store", store]
        commands = {
            "qa ask (first: builds the index)": ask,
            "qa ask": ask,
            "import qa": [sys.executable, "-c", "import qa"],
            "python alone": [sys.executable, "-c", "pass"],
            "import gradio": [sys.executable, "-c", "import gradio"],
            "import sentence_transformers": [sys.executable, "-c", "import sentence_transformers"],
        }
        first = seconds(ask)
        taken: dict[str, list[float]] = {name: [] for name in commands}
        taken["qa ask (first: builds the index)"] = [first]
        for _ in range(rounds):
            for name, command in list(commands.items())[1:]:
                taken[name].append(seconds(command))
    print(f"{'':36}{'best':>8}{'median':>8}  seconds, {rounds} rounds")
    for name, times in taken.items():
        print(f"{name:36}{min(times):8.2f}{statistics.median(times):8.2f}")
    share = min(taken["qa ask"]) / min(taken["import sentence_transformers"])
    print(f"qa ask / import sentence_transformers: {share:.0%} of the best, wanted at most {WANTED:.0%}")
    return 0 if share <= WANTED else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
