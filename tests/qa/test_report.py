"""The HTML page: whole, self-contained, well-formed, safe, and true to the figures."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_evaluation import BUILT, DOCUMENTS, FARE, LOST, MOON, asked
from words_bot import WordsBot

from index.records import Document
from qa.charts import Axes, Dot, bars, curve, dots, histogram, reliability_plot
from qa.evaluation import evaluate
from qa.questions import Question
from qa.report import marked, report_page, write_report
from qa.summary import Report

VOID = {"meta", "br", "link", "img", "hr"}


class Balance(HTMLParser):
    """Fails where a tag is left open or closed twice; gathers text and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: str) -> Balance:
    found = Balance()
    found.feed(page)
    found.close()
    assert found.open == []
    return found


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate(WordsBot(DOCUMENTS), asked(BUILT, FARE, MOON, LOST))


def test_the_page_is_whole_and_needs_nothing(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    write_report(report, path)
    page = path.read_text(encoding="utf-8")
    found = read(page)
    assert not re.search(r"https?://|//[a-z]|@import|url\(", page)
    assert "<script" not in page
    assert not [name for name, _ in found.attributes if name in ("src", "href") or name.startswith("on")]
    text = "".join(found.text)
    for heading in ("Figures", "By question type", "Rank of the first right paragraph", "Latency", "Failures: 1 of 4"):
        assert heading in text


def test_the_page_shows_the_figures(report: Report) -> None:
    text = "".join(read(report_page(report)).text)
    value = report.figures["retrieval"]["ndcg@10"]
    assert value is not None
    assert f"nDCG@10: {value[0]:.3f}" in text
    assert LOST.question in text
    assert "rice.txt, paragraph 1" in text


def test_text_of_documents_and_questions_is_escaped() -> None:
    evil = Document("<b>.txt", "<script>alert(1)</script> & แมวอยู่บนโต๊ะในห้องครัวของบ้านหลังเก่า\n")
    question = Question(
        "1",
        '<img src=x onerror="alert(1)"> แมวอยู่ไหน',
        type="<i>",
        answers=("ใต้เตียง",),
        answerable=True,
        relevant={"<b>.txt": 1},
    )
    page = report_page(evaluate(WordsBot((evil,)), asked(question)))
    read(page)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; แมว" in page


def test_drafts_and_interruption_are_said(report: Report) -> None:
    text = "".join(read(report_page(replace(report, asked=9, drafts=2))).text)
    assert "Interrupted after 4 of 9 questions." in text
    assert "2 questions are drafts" in text


def test_a_page_without_a_single_row(report: Report) -> None:
    text = "".join(read(report_page(replace(report, results=(), _known={}))).text)
    assert "Interrupted after 0 of 4 questions." in text
    assert "Nothing failed." in text


def test_answers_are_marked_in_escaped_text() -> None:
    assert marked("a<b ห้าบาท & ห้า", ["ห้า", "ห้าบาท", ""]) == "a&lt;b <mark>ห้าบาท</mark> &amp; <mark>ห้า</mark>"
    assert marked("<", []) == "&lt;"


# -- charts


@pytest.mark.parametrize(
    "svg",
    [
        dots([Dot("ก <&", 0.5, 0.25, 0.75)], "dots"),
        bars(["1", "2"], [3, 0], "bars", muted=[1]),
        bars([], [], "no bars"),
        curve([(0.5, 0.1), (1.0, 0.4)], Axes("x", "y", 0.5), "curve"),
        curve([], Axes("x", "y"), "no curve"),
        reliability_plot([(0.5, 0.6, 3)], Axes("x", "y"), "reliability"),
        histogram([5.0, 5.0], "equal"),
    ],
)
def test_charts_are_well_formed(svg: str) -> None:
    assert ElementTree.fromstring(svg).get("aria-label")


def test_a_dot_stands_where_its_value_is() -> None:
    root = ElementTree.fromstring(
        dots([Dot("a", 0.0, 0.0, 1.0), Dot("b", 0.5, 0.5, 0.5), Dot("c", 1.0, 1.0, 1.0)], "x")
    )
    low, middle, high = (float(circle.get("cx", "nan")) for circle in root.iter("circle"))
    whisker = next(line for line in root.iter("line") if line.get("class") == "whisker")
    assert middle == (low + high) / 2
    assert (float(whisker.get("x1", "nan")), float(whisker.get("x2", "nan"))) == (low, high)


def test_bars_are_as_tall_as_their_counts() -> None:
    root = ElementTree.fromstring(bars(["a", "b", "c"], [4, 2, 0], "x", muted=[2]))
    tall = [float(bar.get("height", "nan")) for bar in root.iter("rect")]
    assert tall == [pytest.approx(tall[0]), pytest.approx(tall[0] / 2), 0]
    assert [bar.get("class") for bar in root.iter("rect")] == ["bar", "bar", "bar wrong"]


def test_a_histogram_counts_every_value() -> None:
    root = ElementTree.fromstring(histogram([1.0, 1.0, 2.0, 9.0], "x", bins=4))
    counts = [int((title.text or "").rpartition(": ")[2]) for title in root.iter("title")]
    assert counts == [3, 0, 0, 1]
