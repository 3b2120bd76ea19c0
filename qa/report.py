"""An evaluation as one HTML page with plots: no network, no script, light and dark, Thai readable."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from qa.charts import Axes, Dot, bars, curve, dots, histogram, reliability_plot
from qa.metrics import DEPTH, reliability, risk_coverage
from qa.summary import FAILURES, GROUPS, Figures, Found, Report, Row, calibration

SHOWN_FAILURES = 200  # a page stays light; the rest are in the rows
SHOWN_PASSAGES = 3
BY_TYPE = ("recall@1", "ndcg@10", "f1", "sentence_hit", "refused_unanswerable", "refused_answerable")
NAMES = {
    "exact": "exact match",
    "f1": "F1 (words)",
    "f1_graphemes": "F1 (graphemes)",
    "sentence_hit": "sentence hit",
    "citations_valid": "citations valid",
    "auroc": "AUROC",
    "refused_unanswerable": "refused, unanswerable",
    "refused_answerable": "refused, answerable ↓",
    "ece": "calibration error ↓",
    "aurc": "area under risk ↓",
    "mrr@10": "MRR@10",
    "ndcg@10": "nDCG@10",
}

STYLE = """
:root { color-scheme: light dark; --paper: #fcfcfb; --card: #ffffff; --ink: #1d1d1b; --faint: #6b6b66;
  --rule: #e4e3de; --data: #2563a8; --wrong: #b4472f; --mark: #fbe9a9; }
@media (prefers-color-scheme: dark) { :root { --paper: #171816; --card: #1f201e; --ink: #ecebe6;
  --faint: #a09f98; --rule: #363732; --data: #7db4ec; --wrong: #ec937c; --mark: #5c4c12; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 48rem; padding: 2rem 1.25rem 5rem; background: var(--paper);
  color: var(--ink); font: 16px/1.65 "Sarabun", "Noto Sans Thai", "Noto Sans Thai UI", "Leelawadee UI",
  Thonburi, "Sukhumvit Set", Loma, Garuda, "Segoe UI", system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: .95rem; margin: 1.25rem 0 .25rem; color: var(--faint); font-weight: 600; }
p { margin: .25rem 0 .75rem; }
.faint { color: var(--faint); }
.notice { border-left: 3px solid var(--wrong); padding-left: .75rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; }
.scroll { overflow-x: auto; }
svg { max-width: 100%; height: auto; display: block; overflow: visible; }
svg text { font-size: 13px; fill: var(--ink); font-family: inherit; }
svg .tick { fill: var(--faint); font-size: 12px; }
svg .value { font-weight: 600; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--rule); }
.axis { stroke: var(--faint); }
.whisker { stroke: var(--data); stroke-width: 2; opacity: .55; stroke-linecap: round; }
.dot, .bar { fill: var(--data); }
.bar.wrong { fill: var(--wrong); }
.curve { fill: none; stroke: var(--data); stroke-width: 2; }
.diagonal { stroke: var(--faint); stroke-dasharray: 4 4; }
table { border-collapse: collapse; font-size: .9rem; }
th { white-space: nowrap; }
td, th { padding: .2rem .9rem .2rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule); }
details { background: var(--card); border: 1px solid var(--rule); border-radius: 6px; margin: .5rem 0;
  padding: .5rem .9rem; }
summary { cursor: pointer; }
blockquote { margin: .5rem 0; padding: .1rem 0 .1rem .9rem; border-left: 3px solid var(--rule);
  overflow-wrap: anywhere; }
blockquote.right { border-color: var(--data); }
mark { background: var(--mark); color: inherit; border-radius: 2px; }
.reason { color: var(--wrong); font-weight: 600; }
code { overflow-wrap: anywhere; }
"""


def write_report(report: Report, path: str | Path) -> None:
    """Write the page; it needs nothing beside it."""
    Path(path).write_text(report_page(report), encoding="utf-8")


def report_page(report: Report) -> str:
    """The page as HTML."""
    sections = (
        _head(report),
        _section(
            "Figures",
            _figures_chart(report.figures),
            "Dot: value; line: 95 % bootstrap interval. ↓ lower is better.",
        ),
        _section("By question type", _by_type(report), ""),
        _section(f"Rank of the first right {report.level}", _ranks(report), ""),
        _calibration(report.results),
        _section("Latency", _latency(report), "Milliseconds a question; the first is not counted."),
        _failures(report),
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!doctype html>\n<html lang="th"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.name)}: evaluation</title><style>{STYLE}</style></head>\n<body>"
        + "\n".join(part for part in sections if part)
        + "</body></html>\n"
    )


def _section(title: str, body: str, note: str) -> str:
    if not body:
        return ""
    aside = f'<p class="faint">{escape(note)}</p>' if note else ""
    return f"<h2>{escape(title)}</h2>{aside}{body}"


def _head(report: Report) -> str:
    facts = (
        f"Questions: {len(report.results):,}; documents: {report.documents:,}; passages: {report.passages:,}. "
        f"Found means: the right {report.level}. Answers are compared in {report.tokenizer}."
    )
    notices = []
    if report.partial:
        notices.append(f"Interrupted after {len(report.results):,} of {report.asked:,} questions.")
    if report.drafts:
        notices.append(f"{report.drafts:,} questions are drafts that nobody has looked at yet.")
    rows = "".join(
        f"<tr><th>{escape(str(name))}</th><td><code>{escape(str(value))}</code></td></tr>"
        for name, value in report.config.items()
    )
    return (
        f"<h1>{escape(report.name)}</h1><p>{escape(facts)}</p>"
        + "".join(f'<p class="notice">{escape(notice)}</p>' for notice in notices)
        + f'<details><summary>Settings</summary><div class="scroll"><table>{rows}</table></div></details>'
    )


def _name(figure: str) -> str:
    return NAMES.get(figure, figure)


def _figures_chart(figures: Figures) -> str:
    parts = []
    for group in ("retrieval", "answer", "abstention"):
        rows = [Dot(_name(name), found[0], *found[1]) for name, found in figures[group].items() if found is not None]
        if rows:
            parts.append(f"<h3>{group}</h3>{dots(rows, group)}")
    return "".join(parts)


def _by_type(report: Report) -> str:
    by_type = {kind: report.figures_of(kind) for kind in report.types}
    if len(by_type) < 2:
        return ""
    sizes = Counter(row.type for row in report.results)
    group_of = {name: group for group, names in GROUPS.items() for name in names}
    parts = []
    for name in BY_TYPE:
        rows = [
            Dot(f"{kind} ({sizes[kind]})", found[0], *found[1])
            for kind, figures in by_type.items()
            if (found := figures[group_of[name]][name]) is not None
        ]
        if rows:
            parts.append(f"<h3>{_name(name)}</h3>{dots(rows, f'{_name(name)} by question type')}")
    return "".join(parts)


def _ranks(report: Report) -> str:
    rows = [row for row in report.results if row.wanted]
    if not rows:
        return ""
    counts = Counter(min(row.rank or DEPTH + 1, DEPTH + 1) for row in rows)
    labels = [*map(str, range(1, DEPTH + 1)), f"> {DEPTH}"]
    return bars(labels, [counts[n] for n in range(1, DEPTH + 2)], "questions by rank", muted=[DEPTH])


def _calibration(rows: Sequence[Row]) -> str:
    confidence, right = calibration(rows)
    if not len(right):
        return ""
    risks = risk_coverage(confidence, right)
    top = max(0.05, *(risk for _, risk in risks))
    risk = curve(risks, Axes("share of questions answered", "share of those wrong", top), "risk and coverage")
    points = reliability(confidence, right)
    plot = reliability_plot(points, Axes("confidence", "share right"), "reliability diagram")
    return (
        "<h2>Knowing when not to answer</h2>"
        '<p class="faint">Right means: the first passage holds the answer. First: wrong answers as ever less sure '
        "ones are given. Second: on the dashed line, confidence is what it says.</p>"
        f'<div class="pair"><div>{risk}</div><div>{plot}</div></div>'
    )


def _latency(report: Report) -> str:
    values = [row.latency_ms for row in report.results if row.latency_ms is not None]
    if not values:
        return ""
    found = report.figures["latency_ms"]
    parts = [
        f"{name} {figure[0]:.1f} ms ({figure[1][0]:.1f}–{figure[1][1]:.1f})"
        for name, figure in found.items()
        if figure is not None
    ]
    return f"<p>{escape(' · '.join(parts))}</p>{histogram(values, 'latency in milliseconds')}"


# -- failures ----------------------------------------------------------------------------------------------


def _failures(report: Report) -> str:
    failed = [row for row in report.results if row.failure]
    counts = Counter(row.failure for row in failed)
    title = f"Failures: {len(failed):,} of {len(report.results):,}"
    if not failed:
        return f"<h2>{title}</h2><p>Nothing failed.</p>"
    chart = bars(FAILURES, [counts[reason] for reason in FAILURES], "failures by reason", muted=range(5))
    ordered = sorted(failed, key=lambda row: FAILURES.index(row.failure or ""))
    note = f"The first {SHOWN_FAILURES} are shown." if len(failed) > SHOWN_FAILURES else ""
    return _section(title, chart + "".join(_failure(row) for row in ordered[:SHOWN_FAILURES]), note)


def _failure(row: Row) -> str:
    facts = [
        ("searched", row.searched if row.searched != row.question else ""),
        ("wanted", ", ".join(row.wanted) + _numbers(row.paragraphs)),
        ("accepted answers", " | ".join(row.answers)),
        ("answered", row.answer or ""),
        (
            "rank",
            str(row.rank) if row.rank else f"not among the first {len(row.found)}" if row.wanted else "",
        ),
        ("confidence", "" if row.confidence is None else f"{row.confidence:.2f}"),
    ]
    table = "".join(f"<tr><th>{name}</th><td>{escape(text)}</td></tr>" for name, text in facts if text)
    before = "".join(f'<span class="faint">{escape(text)} → </span>' for text in row.history)
    kept = [item for number, item in enumerate(row.found, 1) if number <= SHOWN_PASSAGES or number == row.rank]
    passages = "".join(_passage(row.found.index(item) + 1, item, row.answers) for item in kept)
    return (
        f'<details><summary><span class="reason">{escape(row.failure or "")}</span> {before}'
        f'{escape(row.question)} <span class="faint">{escape(row.type)}</span></summary>'
        f'<div class="scroll"><table>{table}</table></div>{passages}</details>'
    )


def _numbers(paragraphs: Sequence[int]) -> str:
    return f", paragraph {', '.join(map(str, paragraphs))}" if paragraphs else ""


def _passage(rank: int, found: Found, answers: Iterable[str]) -> str:
    kind = ' class="right"' if found.relevant else ""
    place = f"{rank}. {found.source}, paragraph {found.paragraph}, score {found.score:.3f}"
    text = marked(found.text, answers if found.relevant else ())
    return f'<blockquote{kind}><span class="faint">{escape(place)}</span><br>{text}</blockquote>'


def marked(text: str, answers: Iterable[str]) -> str:
    """``text`` escaped for HTML, with every verbatim answer in ``<mark>``, the longest first."""
    wanted = sorted((answer for answer in answers if answer), key=len, reverse=True)
    if not wanted:
        return escape(text)
    pieces = re.split(f"({'|'.join(map(re.escape, wanted))})", text)
    return "".join(f"<mark>{escape(p)}</mark>" if number % 2 else escape(p) for number, p in enumerate(pieces))
