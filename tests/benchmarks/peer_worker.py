"""One system of the comparison, in this process: ``peer_worker.py NAME WORK.json OUT.json THREADS``.

Started by peers.py, which reads what is written to OUT. The clock of the build runs from texts in memory to a search
that can be asked; importing and loading the encoder is ``start``. Memory is the process's highest resident size.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

WARMING = 5  # questions asked before the clock runs: first calls fill caches that a service keeps
LOCAL = (None, "", "localhost", "127.0.0.1", "::1", b"localhost")


def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: whatever library tries, nothing but this machine is asked."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        if arguments[0] not in LOCAL:
            raise ConnectionError(f"network used: {event} {arguments[0]!r}")
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and address[0] not in LOCAL:
            raise ConnectionError(f"network used: {event} {address!r}")


def peak_bytes() -> int:
    """Highest resident size of this process. Linux keeps it across exec in getrusage, so /proc is asked first."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def measure(name: str, work: dict[str, Any]) -> dict[str, Any]:
    """Build one system, ask it everything, and say what that took and where the right documents came."""
    from peer_systems import SYSTEMS

    system = SYSTEMS[name]
    began = time.perf_counter()
    build = system.start()
    started = time.perf_counter() - began
    loaded = peak_bytes()
    texts = [(row[0], row[1]) for row in work["documents"]]
    began, cpu = time.perf_counter(), time.process_time()
    search = build(texts)
    built, built_cpu = time.perf_counter() - began, time.process_time() - cpu
    for question, _ in work["questions"][:WARMING]:
        search(question)
    ranks, spent, worked = [], [], []
    for question, right in work["questions"]:
        began, cpu = time.perf_counter(), time.process_time()
        found = search(question)
        spent.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - cpu))
        distinct = list(dict.fromkeys(found))[:10]
        ranks.append(next((place for place, source in enumerate(distinct, start=1) if source in right), 0))
    return {
        "start_s": started,
        "build_s": built,
        "build_cpu_s": built_cpu,
        "loaded_bytes": loaded,
        "peak_bytes": peak_bytes(),
        "milliseconds": spent,
        "cpu_milliseconds": worked,
        "ranks": ranks,
        "versions": versions(system.packages),
    }


def main(name: str, work: str, out: str, threads: int) -> None:
    if hasattr(os, "sched_setaffinity"):  # whatever a library makes of the number of cores, it gets these
        cores = sorted(os.sched_getaffinity(0))
        first = os.getpid() % len(cores)  # runs side by side do not wait for the same one
        os.sched_setaffinity(0, (cores + cores)[first : first + threads])
    sys.addaudithook(refuse_network)
    try:
        result = measure(name, json.loads(Path(work).read_text(encoding="utf-8")))
    except ModuleNotFoundError as error:
        result = {"error": f"not installed: {error.name} (extra bench)"}
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
    Path(out).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
