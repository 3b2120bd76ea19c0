"""Kill -9 at random instants of building, adding, removing and uploading; stops at the first that breaks a rule.

    python tests/benchmarks/kills.py [--kills 400] [--most 0.6] [--seed 0]

After each kill the store is opened as any program would (every row is looked at), each document must be whole and as
the last word on it was, each must be found by a question, and each vector must be that of its text (tests/killing.py).
Prints a line of JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from killing import KINDS, Killer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=400)
    parser.add_argument("--most", type=float, default=0.6, help="seconds that a process lives at most")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        killer = Killer(Path(place), options.seed)
        for number in range(options.kills):
            killer.kill(KINDS[number % len(KINDS)], options.most)
        killer.close()
    figures = {
        "kills": options.kills,
        "seed": options.seed,
        "changes done": killer.changes,
        "killed in the midst": killer.midst,
    }
    print(json.dumps({**figures, "seconds": round(time.monotonic() - began)}))


if __name__ == "__main__":
    main()
