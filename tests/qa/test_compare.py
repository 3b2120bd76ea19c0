"""Two evaluations compared: paired differences, what flipped, and a permutation test worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from words_bot import BUILT, DOCUMENTS, FARE, LOST, MOON, WordsBot, asked

from index.records import UsageError
from qa.compare import compare, load_report, permutation_p
from qa.evaluation import evaluate
from qa.summary import Report


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate(WordsBot(DOCUMENTS), asked(BUILT, FARE, MOON, LOST))


def test_two_runs_compared(report: Report, tmp_path: Path) -> None:
    moved = tuple(
        replace(row, scores={**row.scores, "recall@1": 1.0}, failure=None) if row.id == "lost" else row
        for row in report.results
    )
    better = replace(report, results=moved, config={**report.config, "words": "other"}, _known={})
    path = tmp_path / "a.json"
    path.write_text(json.dumps(report.as_dict()), encoding="utf-8")
    found = compare(load_report(path), better)
    first = found.differences[0]
    assert (first.name, first.questions) == ("recall@1", 3)
    assert first.after - first.before == pytest.approx(1 / 3)
    assert first.p == 1.0  # one question moved: each sign is as far from nothing
    assert [flip.id for flip in found.gained] == ["lost"]
    assert found.lost == ()
    assert found.changed == ("words: newmm -> other",)
    back = compare(better, report)
    assert [flip.id for flip in back.lost] == ["lost"]


def test_only_shared_questions_are_compared(report: Report) -> None:
    fewer = replace(report, results=report.results[1:], _known={})
    found = compare(report, fewer)
    assert (found.questions, found.unpaired) == (3, 1)


def test_what_cannot_be_compared_is_refused(report: Report, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="level paragraph, the other document"):
        compare(report, replace(report, level="document"))
    with pytest.raises(UsageError, match="share no question"):
        compare(report, replace(report, results=()))
    path = tmp_path / "a.json"
    for text, message in (("{", "not JSON"), ("[]", "not a report"), ('{"per_question": [{}]}', "not a report")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=message):
            load_report(path)
    with pytest.raises(UsageError, match="cannot be read"):
        load_report(tmp_path / "absent.json")


def test_permutation_by_hand() -> None:
    # Four gains, no loss: of 2^4 sign patterns only ++++ and ---- reach a sum of 4.
    assert permutation_p(np.array([1.0, 1.0, 1.0, 1.0, 0.0])) == 2 / 2**4
    # Three gains, one loss, sum 2: all patterns but the six with sum 0.
    assert permutation_p(np.array([1.0, 1.0, 1.0, -1.0])) == (2**4 - 6) / 2**4
    assert permutation_p(np.zeros(5)) == 1.0


def test_random_permutations_agree_with_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    change = np.array([0.4, -0.1, 0.3, 0.2, 0.5, -0.3, 0.1, 0.6, -0.2, 0.3])
    exact = permutation_p(change)
    monkeypatch.setattr("qa.compare.EXACT_UP_TO", 0)
    assert permutation_p(change) == pytest.approx(exact, abs=0.01)
    assert permutation_p(change) == permutation_p(change)
