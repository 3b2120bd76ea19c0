"""Questions to begin with, and to go on with, are drawn from the documents and answered by them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import qa
from qa.assistant import Assistant
from qa.suggestions import KEPT, Suggestions, suggestions

DOCUMENTS = Path(__file__).parents[1] / "data" / "docs"


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("documents")
    for path in DOCUMENTS.iterdir():
        shutil.copy(path, folder)
    return qa.open(folder, store=tmp_path_factory.mktemp("store"))


def test_each_is_answered_from_the_document_that_it_names(bot: Assistant) -> None:
    offered = suggestions(bot)
    assert 3 < len(offered) <= KEPT
    assert len({suggestion.source for suggestion in offered[:4]}) > 1  # not all of the first document
    for suggestion in offered:
        answer = bot.ask(suggestion.question)
        assert not answer.abstained
        assert answer.citations[0].source == suggestion.source


def test_the_next_ones_stay_with_the_document_and_are_not_asked_twice(bot: Assistant) -> None:
    offered = Suggestions(bot)
    offered.wait(60)
    everything = offered.next(KEPT, [])
    last = suggestions(bot)[-1]
    assert offered.next(1, [], last.source) == [next(s.question for s in suggestions(bot) if s.source == last.source)]
    assert offered.next(KEPT, everything[:2], "") == everything[2:]
    assert offered.next(2, [], "ไม่มี.txt") == everything[:2]
