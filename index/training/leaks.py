"""Keeps measured questions out of what is trained on: near-duplicates were worth 5 points on XQuAD before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from index.thai import normalise
from index.training.corpora import Entry, read_squad

GRAM = 4  # characters
ALIKE = 0.6  # least share of common 4-grams (Jaccard) of two texts that count as one question
SHORT = 20  # characters: words and phrases are no questions

_MEASURED = (
    "xquad/xquad.th.json",
    "xquad/xquad.en.json",
    "iapp/iapp.valid.json.gz",
    "iapp/iapp.test.json.gz",
)


def measured_questions(data: Path) -> list[str]:
    """Questions of every set that figures are reported on, as far as it lies in ``data``."""
    return [q.text for name in _MEASURED if (data / name).exists() for q in read_squad(data / name)[1]]


def without_leaks(entries: Sequence[Entry], questions: Iterable[str]) -> list[Entry]:
    """The entries of which no form is nearly one of ``questions``."""
    places: dict[str, list[int]] = {}
    sizes = []
    for number, question in enumerate(questions):
        grams = _grams(question)
        sizes.append(len(grams))
        for gram in grams:
            places.setdefault(gram, []).append(number)
    return [e for e in entries if not any(_leaks(form, places, sizes) for form in e.thai + e.english)]


def _leaks(form: str, places: dict[str, list[int]], sizes: Sequence[int]) -> bool:
    if len(form) < SHORT:
        return False
    grams = _grams(form)
    common = Counter(number for gram in grams for number in places.get(gram, ()))
    return any(n / (len(grams) + sizes[number] - n) >= ALIKE for number, n in common.most_common(3))


def _grams(text: str) -> set[str]:
    letters = "".join(normalise(text).text.split()).rstrip("?")
    return {letters[i : i + GRAM] for i in range(max(len(letters) - GRAM + 1, 1))}
