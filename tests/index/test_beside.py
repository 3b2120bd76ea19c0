"""Two searches at once: both results, the first error, and nothing left running."""

from __future__ import annotations

import threading

import pytest

from index import beside
from index.beside import side_by_side


@pytest.mark.parametrize("cores", [1, 2])
def test_both_results_come_back(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "cores", lambda: cores)
    assert side_by_side(lambda: "words", lambda: 2) == ("words", 2)


def test_they_run_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "cores", lambda: 2)
    meeting = threading.Barrier(2)
    assert side_by_side(lambda: meeting.wait(10), lambda: meeting.wait(10)) in [(0, 1), (1, 0)]


@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_of_either_is_raised_when_both_are_done(failing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "cores", lambda: 2)
    done = []

    def search(number: int) -> None:
        if number == failing:
            raise ValueError(number)
        done.append(number)

    with pytest.raises(ValueError, match=str(failing)):
        side_by_side(lambda: search(0), lambda: search(1))
    assert done == [1 - failing]
