"""qa build --watch: the index follows its folder, a line for each change."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from index.build import BuildReport
from index.documents import scan
from index.records import QAError
from index.serving import bring_up_to_date
from index.watch import changes
from qa.terminal import visible

if TYPE_CHECKING:
    from qa.assistant import Assistant

AGAIN = 5.0  # seconds until what failed is tried again


def follow(bot: Assistant, folder: Path) -> None:
    """Bring the index up to date whenever files below ``folder`` change, until Ctrl+C.

    What cannot be done just now (another process writes, the disk is full) is said once and tried again.
    """
    told: dict[str, str] = dict(bot.report.problems) if bot.report else {}
    try:
        seen = scan(folder)
        _say(f"watching {folder} (Ctrl+C to stop)")
        for _ in changes(folder, seen):
            report = _updated(bot, folder)
            _say(_line(report, bot.store.counts()))
            for source, problem in report.problems.items():
                if told.get(source) != problem:
                    _complain(f"not read: {problem}")
            told = report.problems
    except KeyboardInterrupt:
        _say("stopped; the index is whole")


def _updated(bot: Assistant, folder: Path) -> BuildReport:
    said = ""
    while True:
        try:
            report = bring_up_to_date(bot.store, folder, bot.encoder, bot.segmenter)
            bot.catch_up()
            return report
        except QAError as error:
            if str(error) != said:
                said = str(error)
                _complain(f"qa: {said}; trying again every {AGAIN:.0f} s")
            time.sleep(AGAIN)


def _line(report: BuildReport, counts: tuple[int, int]) -> str:
    return (
        f"read {report.added}, renamed {report.renamed}, removed {report.removed}; "
        f"{report.encoded} passages encoded in {report.seconds:.1f} s; now {counts[0]} documents, {counts[1]} passages"
    )


def _complain(line: str) -> None:
    print(visible(line), file=sys.stderr, flush=True)


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {visible(line)}", flush=True)
