"""How answers look in a terminal: colours and bars only where there is one."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from index.records import Hit, Location
from qa.answer import Answer, Citation, merged

_BOLD, _MARK, _DIM, _PLAIN = "\033[1m", "\033[30;43m", "\033[2m", "\033[0m"
_MOST_PLACES = 3  # other places of a passage that are named
_QUIET_SECONDS = 0.5  # work shorter than this shows no bar


def safe_output() -> None:
    """Write UTF-8 whatever the locale says: Thai must never end in a UnicodeEncodeError."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def coloured() -> bool:
    """True where standard output is a terminal and nobody asked for plain text (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def visible(text: str) -> str:
    """``text`` without control characters and bidi overrides, which could redraw the terminal."""
    hidden = {*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)} - {0x0A, 0x09}
    return text.translate(dict.fromkeys(hidden, " "))


def printed_answer(answer: Answer) -> str:
    """The answer, then its citations: file, paragraph, and the quote with the answering words marked."""
    lines = [_styled(visible(answer.text), _BOLD)]
    if answer.searched != answer.question:
        lines.append(_styled(f"(ค้นหา: {visible(answer.searched)})", _DIM))
    lines.extend(_styled(visible(note), _DIM) for note in answer.notes)
    if answer.abstained and answer.related:
        lines += ["", "อาจเกี่ยวข้อง:"]
    for citation in answer.citations or answer.related:
        lines += ["", _styled(visible(_place(citation)), _DIM), _quoted(citation), *_elsewhere(citation.also)]
        behind = (h for h in answer.hits if h.source == citation.source and citation.start <= h.start < citation.end)
        lines += _explained(next(behind, None))
    return "\n".join(lines)


def printed_hits(hits: Sequence[Hit]) -> str:
    """One block a hit: rank, score, place, channels, text."""
    blocks = []
    for rank, hit in enumerate(hits, start=1):
        channels = " ".join(f"{name}={score:.3f}" for name, score in hit.channels.items())
        head = f"{rank}. {hit.source} ย่อหน้า {hit.paragraph} ({hit.start}-{hit.end})  {hit.score:.3f}  {channels}"
        more = [*_elsewhere(hit.also), *_explained(hit)]
        blocks.append("\n".join([_styled(visible(head), _DIM), visible(hit.text), *more]))
    return "\n\n".join(blocks)


def _elsewhere(places: Sequence[Location]) -> list[str]:
    """The other places of a passage, as one line."""
    if not places:
        return []
    named = ", ".join(f"{place.source} ย่อหน้า {place.paragraph}" for place in places[:_MOST_PLACES])
    rest = f" และอีก {len(places) - _MOST_PLACES} แห่ง" if len(places) > _MOST_PLACES else ""
    return [_styled(visible(f"  ข้อความเดียวกันอยู่ใน {named}{rest}"), _DIM)]


def _explained(hit: Hit | None) -> list[str]:
    """Why a hit stands where it does, where that was asked for: words, channels, shares of the score, the line."""
    if hit is None or hit.explanation is None:
        return []
    why = hit.explanation
    words = [word.asked if word.asked == word.met else f"{word.asked} → {word.met}" for word in why.matched]
    lines = [
        f"  คำที่ตรงกับคำถาม: {', '.join(words) or '–'}",
        f"  คะแนน {hit.score:.3f} = {_figures(why.contributions)}  ({_figures(why.channels)})",
        f"  {why.reason}",
    ]
    return [_styled(visible(line), _DIM) for line in lines]


def _figures(values: Mapping[str, float]) -> str:
    return "  ".join(f"{name} {value:.3f}" for name, value in values.items())


def _place(citation: Citation) -> str:
    page = f" หน้า {citation.page}" if citation.page else ""
    return f"[{citation.number}] {citation.source}{page} ย่อหน้า {citation.paragraph} ({citation.start}-{citation.end})"


def _quoted(citation: Citation) -> str:
    """The quote, its marks in colour on a terminal and in «guillemets» elsewhere."""
    opening, closing = (_MARK, _PLAIN) if coloured() else ("«", "»")
    parts, position = [], citation.start
    for mark in merged(citation.marks):
        parts.append(visible(citation.quote[position - citation.start : mark.start - citation.start]))
        parts.append(
            opening + visible(citation.quote[mark.start - citation.start : mark.end - citation.start]) + closing
        )
        position = mark.end
    parts.append(visible(citation.quote[position - citation.start :]))
    return "".join(parts)


def _styled(text: str, style: str) -> str:
    return f"{style}{text}{_PLAIN}" if coloured() else text


class Bar:
    """Progress on standard error: a bar with rate and time left on a terminal, nothing elsewhere."""

    def __init__(self) -> None:
        self._progress: Any = None
        self._tasks: dict[str, Any] = {}
        self._began = time.monotonic()

    def __enter__(self) -> Bar:
        return self

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` of ``stage`` is done."""
        if not sys.stderr.isatty() or (self._progress is None and time.monotonic() - self._began < _QUIET_SECONDS):
            return
        if self._progress is None:
            self._progress = _bar()
            self._progress.start()
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total if total > 1 else None, rate="")
        if total > 1:
            elapsed = self._progress.tasks[self._tasks[stage]].elapsed or 0.0
            rate = f"{done / elapsed:,.0f}/s" if done and elapsed else ""
            self._progress.update(self._tasks[stage], completed=done, total=total, rate=rate)
        elif done:  # a stage of one step shows that it goes on, not how far it is
            self._progress.update(self._tasks[stage], completed=1, total=1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), console=Console(stderr=True), transient=True,
    )  # fmt: skip
