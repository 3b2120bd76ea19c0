"""A hit -> the words that answer, the sentence they stand in, and how sure that is.

Boosted trees choose the best sentences of a passage, a small network the words in them (``reader_network``);
both look at the same measurements (``reader_features``). Everything runs in numpy.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from index.records import Hit, Place
from index.segmenter import Segmenter
from index.sentences import sentence_spans
from index.thai import border_at
from index.threads import one_blas_thread
from qa.meaning import Unit
from qa.reader_choice import chosen
from qa.reader_context import around
from qa.reader_features import features
from qa.reader_network import LONGEST_SPAN
from qa.reader_sentences import among, sentence_features
from qa.reader_text import Asked, Passage, asked, cut_passage, stripped
from qa.reader_weights import Cutter, Model, load_model
from qa.rerank import Question, RowSource

_OPENING, _CLOSING = "([{“‘«", ")]}”’»"
CANDIDATES = 20  # spans of a sentence that are weighed against one another
ELSEWHERE = 0.37  # of their chance is left to words beside the passage that search spoke for (chosen on iapp valid)
HALF = 1.0  # what being exactly right counts beside sharing words (chosen on iapp valid)
EVIDENCE = ("span", "sentence", "lead", "odds", "score", "height", "belief")


@dataclass(frozen=True, slots=True)
class Reading:
    """What answers in one hit. Places are in the document."""

    place: Place
    """The answering sentence."""
    score: float
    """Share of the question that the sentence meets, about 0..1; higher is better."""
    matched: tuple[Place, ...]
    """Words that stand in the question, inside ``place``."""
    span: Place
    """The short answer, inside ``place``, cut on grapheme borders and between words."""
    probability: float
    """Chance that ``span`` answers, 0..1."""
    answering: float
    """Chance that the passage answers at all, 0..1: of several passages, the one to read is that where it is highest."""


class Reader(Protocol):
    """Finds the words that answer in a passage."""

    name: str

    def read(self, question: Question, hit: Hit, segmenter: Segmenter, rows: RowSource | None) -> Reading:
        """What answers in ``hit``; ``rows`` are the words' vectors where the encoder has them."""
        ...


class BundledReader:
    """The reader that comes with this package."""

    name = "bundled"

    def read(self, question: Question, hit: Hit, segmenter: Segmenter, rows: RowSource | None) -> Reading:
        """As :func:`read`."""
        return read(question, hit, segmenter, rows)


def read(question: Question, hit: Hit, segmenter: Segmenter, rows: RowSource | None) -> Reading:
    """What answers in ``hit``. Raises EncoderError where the reader's weights are missing."""
    reading, _ = read_with_evidence(question, hit, segmenter, rows)
    return reading


def glance(question: Question, hit: Hit, segmenter: Segmenter, rows: RowSource | None) -> Reading:
    """The sentence that meets most of the question, which stands for the words that answer: for a passage that is shown
    beside those that were read."""
    places = [stripped(hit.text, span) for span in sentence_spans(hit.text)] or [Place(0, len(hit.text))]
    found = [(*met(question, hit.text, place, segmenter, rows), place) for place in places]
    score, matched, place = max(found, key=lambda one: one[0])
    sentence = moved(place, hit.start)
    return Reading(sentence, score, tuple(moved(part, hit.start) for part in matched), sentence, 0.0, 0.0)


def read_among(
    question: Question,
    hit: Hit,
    places: Sequence[Place],
    found: Sequence[Place],
    segmenter: Segmenter,
    rows: RowSource | None,
) -> Reading | None:
    """What answers in ``hit``, inside one of ``places`` in its document; None where nothing can.

    Words outside the first place keep ELSEWHERE of their chance: search spoke for that one. The sentences that hold ``found``
    are looked into whatever else there is.
    """
    reading, values = read_with_evidence(question, hit, segmenter, rows, within=places, found=found)
    return reading if values else None


def read_with_evidence(
    question: Question,
    hit: Hit,
    segmenter: Segmenter,
    rows: RowSource | None,
    model: Model | None = None,
    within: Sequence[Place] = (),
    found: Sequence[Place] = (),
) -> tuple[Reading, dict[str, float]]:
    """:func:`read`, and what its probability is made of (EVIDENCE); no evidence where there is nothing to read.

    ``within`` are places of the document that the answer is to be in, as for :func:`read_among`; none means anywhere. ``found``
    are answers found there before.
    """
    model = model or load_model()
    text = _cut(hit.text, model.cutter)
    wanted = _asked(question.text, question.units, segmenter, model.cutter)
    nothing = Reading(hit.chunk.place, 0.0, (), hit.chunk.place, 0.0, 0.0), dict[str, float]()
    if not len(text.ids) or not len(wanted.ids):
        return nothing
    with one_blas_thread():
        before = {text.sentence_at(place.start - hit.start) for place in found}
        rows_of, odds, chances, height = _chances(wanted, text, model, before)
        chances = chosen(chances, wanted, question.units, text, segmenter)
        places = [moved(place, -hit.start) for place in within]
        if places:
            chances = chances * _allowed(text, places)
            if not chances.any():
                return nothing
        mass = _mass(chances, text, odds, model.share)
        number = int(mass.argmax())
        sentence = text.sentences[number]
        span, chance = _best(chances, text, number)
        sentence = _clipped(sentence, span, places)
        score, matched = met(question, hit.text, sentence, segmenter, rows)
        belief = model.belief.score(among(rows_of)[[number]])
    rest = np.delete(mass, number)
    values = {
        "span": math.log(chance + 1e-6),
        "sentence": math.log(float(mass[number]) + 1e-6),
        "lead": float(mass[number] - (rest.max() if len(rest) else 0.0)),
        "odds": float(odds[number]),
        "score": score,
        "height": height,
        "belief": float(belief[0]),
    }
    reading = Reading(
        moved(sentence, hit.start),
        score,
        tuple(moved(place, hit.start) for place in matched),
        moved(trimmed(hit.text, span, sentence), hit.start),
        _probability(values, model.calibration),
        _probability(values, model.answering),
    )
    return reading, values


def _chances(
    question: Asked, text: Passage, model: Model, found: Collection[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """The sentences' measurements (s, F), their log-odds (s,), the chance of each span (t, LONGEST_SPAN), summing to 1,
    and the log-odds of all spans together against no answer. Spans are of the best sentences, and of those numbered ``found``."""
    measured = features(question, text, model.words)
    rows = sentence_features(measured, text)
    odds = model.trees.score(rows)
    best = np.argsort(-odds, kind="stable")[: model.top]
    seen = np.flatnonzero(np.isin(text.owner, [*best.tolist(), *found]))
    extra = sentence_columns(odds)[text.owner[seen]]
    columns = np.concatenate([measured[seen], extra], axis=1)
    beside = around(text, model.context)[seen]
    *trained, doubt = model.networks.spans(question.ids, text.ids[seen], columns, beside, text.owner[seen])
    scores = np.mean(trained, axis=0)
    grown = np.exp(scores - scores.max())
    chances = np.zeros((len(text.ids), LONGEST_SPAN))
    chances[seen] = grown / grown.sum()
    return rows, odds, chances, float(np.logaddexp.reduce(doubt, axis=None))


@lru_cache(maxsize=512)
def _cut(text: str, cutter: Cutter) -> Passage:
    """A passage cut once for all questions, as long as it is asked about."""
    return cut_passage(text, cutter.tokens(text))


@lru_cache(maxsize=8)
def _asked(text: str, units: tuple[Unit, ...], segmenter: Segmenter, cutter: Cutter) -> Asked:
    """A question measured once for all passages."""
    return asked(text, cutter.tokens(text), in_own_words(units, segmenter, cutter))


def in_own_words(units: Sequence[Unit], segmenter: Segmenter, cutter: Cutter) -> tuple[Unit, ...]:
    """The units in the words of the reader's own segmentation."""
    forms = [form for unit in units for form in (unit.tokens, *unit.alternatives)]
    cut = iter(cutter.ids(["".join(segmenter.text_of(word) for word in form) for form in forms]))
    return tuple(Unit(next(cut), tuple(next(cut) for _ in unit.alternatives), unit.weight) for unit in units)


def sentence_columns(odds: np.ndarray) -> np.ndarray:
    """(s, 5) what the network is told of each sentence: its log-odds, its lead, first, second, further."""
    rank = np.empty(len(odds), dtype=np.int64)
    rank[np.argsort(-odds, kind="stable")] = np.arange(len(odds))
    return np.stack([odds / 5, (odds - odds.max()) / 5, rank == 0, rank == 1, rank > 1], axis=1).astype(np.float32)


def _mass(chances: np.ndarray, text: Passage, odds: np.ndarray, share: float) -> np.ndarray:
    """(s,) chance of each sentence: its spans' chances, times its odds to the power ``share``, summing to 1."""
    mass = np.bincount(text.owner, weights=chances.sum(axis=1), minlength=len(text.sentences))
    joined = mass * np.exp(share * (odds - odds.max()))
    return np.asarray(joined / max(float(joined.sum()), 1e-12))


def _allowed(text: Passage, places: Sequence[Place]) -> np.ndarray:
    """(t, LONGEST_SPAN) 1 for a span inside the first place, ELSEWHERE inside another, 0 for the others."""
    bounds = list(zip(text.starts.tolist(), text.ends.tolist(), strict=True))
    homes = [next((n for n, p in enumerate(places) if p.start <= a and b <= p.end), -1) for a, b in bounds]
    first = np.asarray(homes)[:, None]
    last = np.asarray([*homes, *[-1] * LONGEST_SPAN])[np.arange(len(homes))[:, None] + np.arange(LONGEST_SPAN)]
    return np.where((first >= 0) & (first == last), np.where(first == 0, 1.0, ELSEWHERE), 0.0)


def _clipped(sentence: Place, span: Place, places: Sequence[Place]) -> Place:
    """The part of a sentence that stands in the same place as its span: two passages can share a sentence."""
    home = next((place for place in places if place.start <= span.start and span.end <= place.end), sentence)
    return Place(max(sentence.start, home.start), min(sentence.end, home.end))


def _best(chances: np.ndarray, text: Passage, sentence: int) -> tuple[Place, float]:
    """The span of a sentence that is expected to share most words with the answer, and its own chance.

    The likeliest span alone is often one of several that differ by a word: each candidate is valued by the F1
    it would have were each other candidate the answer, times that one's chance, plus HALF its own chance.
    """
    inside = np.where((text.owner == sentence)[:, None], chances, 0.0).ravel()
    order = np.argsort(-inside, kind="stable")[:CANDIDATES]
    chance, first = inside[order], order // LONGEST_SPAN
    length = order % LONGEST_SPAN + 1
    last = first + length - 1
    shared = np.minimum(last[:, None], last) - np.maximum(first[:, None], first) + 1
    f1 = 2 * np.maximum(shared, 0) / (length[:, None] + length)
    best = int((f1 @ chance + HALF * chance).argmax())
    return Place(int(text.starts[first[best]]), int(text.ends[last[best]])), float(chance[best])


def met(
    question: Question, text: str, sentence: Place, segmenter: Segmenter, rows: RowSource | None
) -> tuple[float, tuple[Place, ...]]:
    """Share of the question's weight that a sentence meets, and where its words stand."""
    inside = segmenter.tokens(text[sentence.start : sentence.end])
    if not inside or not len(question.distinct):
        return 0.0, ()
    ids = np.asarray([token.id for token in inside], dtype=np.int64)
    similarity = (ids[:, None] == question.distinct[None, :]).astype(np.float32)
    if rows is not None:
        cosine = np.clip(rows.unit(ids) @ rows.unit(question.distinct).T, 0.0, 1.0)
        similarity = np.maximum(similarity, cosine**2)
    score = float(similarity.max(axis=0) @ question.idf) / max(float(question.idf.sum()), 1e-9)
    known = set(question.distinct.tolist())
    return score, tuple(moved(token.place, sentence.start) for token in inside if token.id in known)


def trimmed(text: str, span: Place, sentence: Place) -> Place:
    """The span on grapheme borders, with the bracket or quote that closes what it opens, without white space."""
    start, end = border_at(text, span.start), border_at(text, span.end, forward=True)
    for opening, closing in zip(_OPENING, _CLOSING, strict=True):
        opened = text.count(opening, start, end) - text.count(closing, start, end)
        if opened == 1 and text[end : end + 1] == closing:
            end += 1
        elif opened == -1 and text[start - 1 : start] == opening:
            start -= 1
    start, end = max(start, sentence.start), min(end, sentence.end)
    return stripped(text, Place(start, end))


def _probability(values: Mapping[str, float], calibration: Mapping[str, float]) -> float:
    """``1 / (1 + exp(-w . values))``; without weights the network's own chance."""
    if not calibration:
        return min(1.0, math.exp(values["span"]))
    total = calibration["bias"] + sum(calibration.get(name, 0.0) * values[name] for name in EVIDENCE)
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


def moved(place: Place, by: int) -> Place:
    return Place(place.start + by, place.end + by)
