"""Figures and comparisons as tables for a terminal."""

from __future__ import annotations

import unicodedata

from qa.compare import Comparison
from qa.summary import GROUPS, LOWER_IS_BETTER, Figures, Report
from qa.terminal import visible

SHOWN_FLIPS = 20


def report_text(report: Report) -> str:
    """The figures as text: overall with intervals, then by type, then why questions failed."""
    lines = [
        f"{visible(report.name)}; questions: {len(report.results):,}; documents: {report.documents:,}; "
        f"passages: {report.passages:,}",
        f"found = the right {report.level}; answers compared in {report.tokenizer}; [ ] is 95 %, by bootstrap",
    ]
    if report.partial:
        lines.append(f"interrupted: {len(report.results):,} of {report.asked:,} questions were asked")
    if report.drafts:
        lines.append(f"{report.drafts:,} questions are drafts that nobody has looked at yet")
    columns = {"all": report.figures, **{kind: report.figures_of(kind) for kind in report.types}}
    if len(report.types) == 1:
        columns.pop(report.types[0])
    lines += ["", _table([["", "all", "95 %"], *_overall(report.figures)])]
    if len(columns) > 2:
        lines += ["", "by question type", _table(_by_type(report, columns))]
    reasons: dict[str, int] = {}
    for row in report.results:
        if row.failure:
            reasons[row.failure] = reasons.get(row.failure, 0) + 1
    if reasons:
        named = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items(), key=lambda r: -r[1]))
        lines += ["", f"failed: {sum(reasons.values())} ({named})"]
    return "\n".join(lines)


def _shown(name: str, value: float) -> str:
    return f"{value:.1f}" if name in GROUPS["latency_ms"] else f"{value:.3f}"


def _label(group: str, name: str) -> str:
    unit = " ms" if group == "latency_ms" else ""
    return f"{name}{unit}{' (lower is better)' if name in LOWER_IS_BETTER and not unit else ''}"


def _overall(figures: Figures) -> list[list[str]]:
    """A line a figure; those that the set cannot say are named together at the end."""
    lines = [
        [_label(group, name), _shown(name, f[0]), f"[{_shown(name, f[1][0])}, {_shown(name, f[1][1])}]"]
        for group, members in figures.items()
        for name, f in members.items()
        if f is not None
    ]
    missing = [name for members in figures.values() for name, f in members.items() if f is None]
    return [*lines, [f"cannot be said from this set: {', '.join(missing)}"]] if missing else lines


def _by_type(report: Report, columns: dict[str, Figures]) -> list[list[str]]:
    """A line a type and figure with its interval, a block for each figure that any type has."""
    lines = [["", "type", "questions", "value", "95 %"]]
    for group, names in GROUPS.items():
        for name in names:
            label = _label(group, name)
            for kind in report.types:
                found = columns[kind][group][name]
                if found is not None:
                    count = sum(row.type == kind for row in report.results)
                    interval = f"[{_shown(name, found[1][0])}, {_shown(name, found[1][1])}]"
                    lines.append([label, visible(kind), str(count), _shown(name, found[0]), interval])
                    label = ""
    return lines


def _width(text: str) -> int:
    """Columns on a terminal: marks above and below take none."""
    return sum(unicodedata.category(c) not in ("Mn", "Me", "Cf") for c in text)


def _table(rows: list[list[str]]) -> str:
    whole = [row for row in rows if len(row) > 1]
    widths = [max(_width(cell) for cell in column) for column in zip(*whole, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    )


def comparison_text(found: Comparison, before: str, after: str) -> str:
    """A comparison as text."""
    lines = [f"{before} -> {after}: {found.questions:,} questions in both"]
    if found.unpaired:
        lines.append(f"{found.unpaired:,} questions stand in one only and are left out")
    lines += [f"changed: {change}" for change in found.changed] or ["the settings are the same"]
    rows = [["", "before", "after", "difference", "95 %", "p"]]
    for d in found.differences:
        low, high = d.interval
        interval = f"[{low:+.3f}, {high:+.3f}]"
        rows.append(
            [
                d.name,
                f"{d.before:.3f}",
                f"{d.after:.3f}",
                f"{d.after - d.before:+.3f}",
                interval,
                f"{d.p:.4f}",
            ]
        )
    lines += ["", _table(rows), "p: paired permutation test, two-sided; small means hardly chance"]
    for title, flips in (("gained", found.gained), ("lost", found.lost)):
        lines += ["", f"{title}: {len(flips)}"]
        lines += [
            f"  {visible(f.id)}  {visible(f.question)}  ({f.before or 'right'} -> {f.after or 'right'})"
            for f in flips[:SHOWN_FLIPS]
        ]
        if len(flips) > SHOWN_FLIPS:
            lines.append(f"  and {len(flips) - SHOWN_FLIPS} more")
    return "\n".join(lines)
