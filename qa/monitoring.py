"""What a watcher of the server may know: whether it can answer (``/healthz``), and figures of it (``/metrics``).

The figures are in the text form of Prometheus, through its own client (extra ``metrics``). None of them holds a word of
a document or a question.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from index.records import MissingExtra, QAError

if TYPE_CHECKING:
    from qa.assistant import Assistant

T = TypeVar("T")
Way = Literal["chat", "api"]
Result = Literal["answered", "refused", "failed"]
LOOKED_FOR = "วันที่"  # any word will do: all channels are asked for the nearest passage
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # borders of the histogram


def health(bot: Assistant) -> tuple[int, dict[str, Any]]:
    """Status of HTTP and what is said with it: 200 where a passage is found in the store, 503 where it cannot be read."""
    try:
        found = bot.retrieve(LOOKED_FOR, 1)
    except QAError:
        return 503, {"status": "the store cannot be read"}
    return 200, {"status": "ok", "found": len(found)}


class Monitor:
    """Counts the questions of one server."""

    def __init__(self, bot: Assistant) -> None:
        """Raises MissingExtra where Prometheus's client is not installed."""
        try:
            import prometheus_client as prometheus
        except ImportError as error:
            raise MissingExtra("prometheus_client", "metrics", "serving figures for Prometheus") from error
        self._registry = registry = prometheus.CollectorRegistry()
        prometheus.ProcessCollector(registry=registry)
        self._written = prometheus.generate_latest
        self.content_type = prometheus.CONTENT_TYPE_LATEST
        self._questions = prometheus.Counter(
            "qa_questions",
            "Questions by where they came from and what came of them",
            ["way", "result"],
            registry=registry,
        )
        self._seconds = prometheus.Histogram(
            "qa_question_seconds", "Time from a question to its answer", ["way"], buckets=SECONDS, registry=registry
        )
        self._running = prometheus.Gauge("qa_questions_running", "Questions being answered now", registry=registry)
        for name, told, value in (
            ("qa_documents", "Documents that can answer", lambda: bot.document_count),
            ("qa_passages", "Passages of them", lambda: bot.passage_count),
        ):
            prometheus.Gauge(name, told, registry=registry).set_function(value)

    def counted(self, way: Way, ask: Callable[[], T], result: Callable[[T], Result]) -> T:
        """What ``ask`` gives, counted as ``result`` calls it, as "failed" where it raises."""
        began, came = time.perf_counter(), "failed"
        self._running.inc()
        try:
            answer = ask()
            came = result(answer)
            return answer
        finally:
            self._running.dec()
            self._questions.labels(way, came).inc()
            self._seconds.labels(way).observe(time.perf_counter() - began)

    def page(self) -> bytes:
        """All figures, in the text form of Prometheus."""
        return bytes(self._written(self._registry))


def counted(monitor: Monitor | None, way: Way, ask: Callable[[], T], result: Callable[[T], Result]) -> T:
    """:meth:`Monitor.counted` where there is a monitor."""
    return ask() if monitor is None else monitor.counted(way, ask, result)
