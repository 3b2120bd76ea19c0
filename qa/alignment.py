"""How a question lies on the passage that is to answer it: which of its expressions are met there, and where.

Documents that are near a question and do not answer it hold its subject and lack what it asks of it. So each
expression is looked for in the passage, the answering sentence and the words around the answer, in its own
words, in others, or in similar ones; and weighed by rarity, by nearness to the word that asks (what is asked
stands there), and by being new (the passage's title and opening hold its subject).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from index.records import Hit, Place
from index.segmenter import Segmenter
from index.thai import arabic_digits
from qa.answer_types import TELLING, expected, holds, places_of, repeats
from qa.meaning import Unit
from qa.reader import Reading
from qa.rerank import Question, RowSource

AROUND = 80  # characters on each side of the answer that are near it
OPENING = 120  # characters in which a passage names its subject
NEAR_ASKING = 8.0  # characters from the word that asks at which an expression counts 1 / e
FAR = 30.0  # ... where nothing asks
GIVEN = 0.9  # share of an expression's weight that goes where the title or the opening holds it
RARE = 2.0  # idf from which an expression that is nowhere is a gap
UNMET = 0.3
GRAM = 4  # characters in a row that count as said
_ASKS = re.compile(
    r"อะไร|ใคร|ใด|ไหน|เท่า(?:ไร|ไหร่)|เมื่อ(?:ไร|ไหร่)|อย่างไร|ยังไง|ทำไม|กี่|\b(?:what|which|who|whom|whose|when|where|why|how|many|much)\b",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")
_FIGURE = re.compile(r"[0-9]+")

PLACES = ("passage", "sentence", "near")
SCHEMES = ("rarity", "asked", "new")
ALIGNMENT = (
    *(f"{how}_{scheme}_{place}" for scheme in SCHEMES for place in PLACES for how in ("met", "like")),
    *(f"gap_{how}_{scheme}_{place}" for scheme in ("rarity", "new") for place in PLACES[:2] for how in ("met", "like")),
    *(f"weight_{scheme}" for scheme in SCHEMES),
    "second_gap",
    "all_gaps",
    "gaps",
    "gaps_like",
    "least_like",
    "asked_met",  # the expression nearest to the word that asks: met in the passage ...
    "asked_like",
    "asked_near",
    "asked_two",
    "asked_rarity",
    "named",
    "name_missing_sentence",
    "name_missing_near",
    "figures",
    "figure_missing",
    "letters_missing",  # the longest run of the question's letters that the passage lacks (/ 20)
    "letters_met",
    "letters_met_sentence",
    "kind_span",  # what was found is of the kind asked for: the answer, its sentence, the passage
    "kind_sentence",
    "kind_passage",
    "kinds",
    "reason_missing_sentence",
    "reason_missing",
    "span_said",  # the answer only repeats the question
    "expressions",
    "letters",
    "passage_letters",
    "span_letters",
)
# What can only speak against an answer; "met" and its like can only speak for it; the rest says what these mean.
AGAINST = frozenset(
    [name for name in ALIGNMENT if name.startswith(("gap_", "name_missing", "reason_missing"))]
    + ["second_gap", "all_gaps", "gaps", "gaps_like", "figure_missing", "letters_missing", "span_said"]
)
FOR = frozenset(
    [name for name in ALIGNMENT if name.startswith(("met_", "like_", "letters_met", "kind"))]
    + ["least_like", "asked_met", "asked_like", "asked_near", "asked_two"]
)


@dataclass(frozen=True, slots=True)
class Pieces:
    """The word ids of a passage and of its parts."""

    passage: np.ndarray
    sentence: np.ndarray
    near: np.ndarray
    """Around the answer."""
    title: np.ndarray
    opening: np.ndarray

    def all(self) -> list[np.ndarray]:
        """In the order of their names."""
        return [self.passage, self.sentence, self.near, self.title, self.opening]


def pieces(hit: Hit, reading: Reading, segmenter: Segmenter) -> Pieces:
    """Cut the passage of a hit, which is cut into words once, at the places that were read."""
    tokens = segmenter.tokens(hit.text)
    ids = np.asarray([token.id for token in tokens], dtype=np.int64)
    starts = np.asarray([token.place.start for token in tokens], dtype=np.int64) + hit.start
    ends = np.asarray([token.place.end for token in tokens], dtype=np.int64) + hit.start

    def within(place: Place) -> np.ndarray:
        return ids[(starts >= place.start) & (ends <= place.end)]

    return Pieces(
        ids,
        within(reading.place),
        within(Place(reading.span.start - AROUND, reading.span.end + AROUND)),
        np.asarray(segmenter.words_of(hit.title), dtype=np.int64),
        within(Place(hit.start, hit.start + OPENING)),
    )


def alignment(
    question: Question, hit: Hit, reading: Reading, parts: Pieces, exact: np.ndarray, rows: RowSource | None
) -> dict[str, float]:
    """The measurements of ALIGNMENT by name, each about 0..1.

    Args:
        question, hit, reading: as they were measured.
        parts: of the hit's passage.
        exact: (5, u) how far each of ``parts.all()`` meets each expression that says something.
        rows: the words' vectors where there are any.
    """
    text = hit.text
    sentence = text[reading.place.start - hit.start : reading.place.end - hit.start]
    span = text[reading.span.start - hit.start : reading.span.end - hit.start]
    units = saying(question)
    values = dict.fromkeys(ALIGNMENT, 0.0)
    if units:
        values |= _met(question, units, exact.astype(np.float64), parts, rows)
    values |= _letters("".join(unit.text for unit in units), text, sentence)
    values |= _kinds(question.text, text, sentence, span)
    told = arabic_digits(text)
    lacked = [unit for unit, met in zip(units, exact[0], strict=True) if not met]
    values |= {
        "figures": float(any(char.isdigit() for char in question.text)),
        # A year may be told in the other era, and a first of things without a figure: their expressions are met then.
        "figure_missing": float(any(figure not in told for unit in lacked for figure in _FIGURE.findall(unit.text))),
        "span_said": float(repeats(span.strip(), question.text)),
        "expressions": len(units) / 10,
        "letters": len(question.text) / 100,
        "passage_letters": len(text) / 1000,
        "span_letters": len(span) / 50,
    }
    return values


def saying(question: Question) -> list[Unit]:
    """The expressions that say something, beside those that only ask."""
    return [unit for unit in question.units if not unit.asks]


def _apart(question: Question) -> np.ndarray:
    """(u,) characters between each expression that says something and the nearest word that asks."""
    plain, at = question.text.lower(), 0
    asking = [match.span() for match in _ASKS.finditer(plain)]
    out = []
    for unit in question.units:
        start = max(plain.find(unit.text.lower(), at), at)
        at = start + len(unit.text)
        if not unit.asks:
            out.append(min((max(0.0, start - end, begin - at) for begin, end in asking), default=FAR))
    return np.asarray(out, dtype=np.float64)


def _met(
    question: Question, units: list[Unit], exact: np.ndarray, parts: Pieces, rows: RowSource | None
) -> dict[str, float]:
    """How far the expressions are met, by place and by how they are weighed."""
    idf = dict(zip(question.distinct.tolist(), question.idf.tolist(), strict=True))
    rarity = np.asarray([max(idf.get(token, 0.0) for token in unit.tokens) for unit in units])
    apart = _apart(question)
    like = np.maximum(exact[:3], _like(units, parts, rows))
    given = exact[3:].max(axis=0)
    values: dict[str, float] = {}
    weights = (rarity, rarity * np.exp(-apart / NEAR_ASKING), rarity * (1 - GIVEN * given))
    for scheme, weight in zip(SCHEMES, weights, strict=True):
        total = max(float(weight.sum()), 1e-9)
        values[f"weight_{scheme}"] = total / 20
        for number, place in enumerate(PLACES):
            for how, table in (("met", exact), ("like", like)):
                values[f"{how}_{scheme}_{place}"] = float(weight @ table[number]) / total
                if scheme != "asked" and place != "near":
                    values[f"gap_{how}_{scheme}_{place}"] = float((weight * (1 - table[number])).max()) / 8
    return values | _gaps(rarity, exact, like) | _nearest(rarity, apart, exact, like) | _names(units, exact)


def _like(units: list[Unit], parts: Pieces, rows: RowSource | None) -> np.ndarray:
    """(3, u) how like each expression the likest words of passage, sentence and surroundings are, by cosine."""
    out = np.zeros((3, len(units)))
    if rows is None or not len(parts.passage):
        return out
    # Each word of each expression, the expressions one behind the other.
    words = np.asarray([token for unit in units for token in unit.tokens], dtype=np.int64)
    lengths = np.asarray([len(unit.tokens) for unit in units])
    vocabulary = np.unique(parts.passage)
    cosines = np.clip(rows.cosines(vocabulary, words), 0.0, 1.0)
    for number, ids in enumerate((vocabulary, parts.sentence, parts.near)):
        if len(ids):
            best = cosines[np.searchsorted(vocabulary, ids)].max(axis=0)
            out[number] = np.add.reduceat(best, np.cumsum(lengths) - lengths) / lengths
    return out


def _gaps(rarity: np.ndarray, exact: np.ndarray, like: np.ndarray) -> dict[str, float]:
    lacking = np.sort(rarity * (1 - like[0]))[::-1]
    rare = rarity > RARE
    return {
        "second_gap": float(lacking[1]) / 8 if len(lacking) > 1 else 0.0,
        "all_gaps": float(lacking.sum()) / 20,
        "gaps": float(((exact[0] < UNMET) & rare).sum()) / 5,
        "gaps_like": float(((like[0] < UNMET) & rare).sum()) / 5,
        "least_like": float(like[0].min()),
    }


def _nearest(rarity: np.ndarray, apart: np.ndarray, exact: np.ndarray, like: np.ndarray) -> dict[str, float]:
    order = np.argsort(apart, kind="stable")[:2]
    first = int(order[0])
    return {
        "asked_met": float(exact[0, first]),
        "asked_like": float(like[0, first]),
        "asked_near": float(like[2, first]),
        "asked_two": float(like[0, order].min()),
        "asked_rarity": float(rarity[first]) / 8,
    }


def _names(units: list[Unit], exact: np.ndarray) -> dict[str, float]:
    names = np.asarray([unit.name for unit in units], dtype=np.float64)
    return {
        "named": float(names.any()),
        "name_missing_sentence": float((names * (1 - exact[1])).max()),
        "name_missing_near": float((names * (1 - exact[2])).max()),
    }


def _letters(said: str, passage: str, sentence: str) -> dict[str, float]:
    """How much of what is said stands there, letter by letter: words that are cut otherwise still meet."""
    plain, here, there = (_SPACE.sub("", text).lower() for text in (said, passage, sentence))
    grams = [plain[at : at + GRAM] for at in range(len(plain) - GRAM + 1)]
    if not grams:
        return {"letters_met": 1.0, "letters_met_sentence": 1.0, "letters_missing": 0.0}
    held = [gram in here for gram in grams]
    covered = bytearray(len(plain))
    for at, found in enumerate(held):
        if found:
            covered[at : at + GRAM] = b"\1" * GRAM
    return {
        "letters_met": sum(covered) / len(plain),
        "letters_met_sentence": sum(found and gram in there for found, gram in zip(held, grams, strict=True))
        / len(grams),
        "letters_missing": max(map(len, bytes(covered).split(b"\1"))) / 20,
    }


def _kinds(question: str, passage: str, sentence: str, span: str) -> dict[str, float]:
    """What was found is of the kind that is asked for."""
    kind = expected(question)
    values = {"kind_span": 1.0, "kind_sentence": 1.0, "kind_passage": 1.0, "kinds": 0.5}
    if kind in TELLING:
        others = sum(not repeats(passage[place.start : place.end], question) for place in places_of(kind, passage))
        values = {"kind_span": float(holds(kind, span, question)), "kinds": min(6, others) / 6}
        values |= {"kind_sentence": float(holds(kind, sentence, question)), "kind_passage": float(others > 0)}
    reason = kind == "reason"
    values["reason_missing"] = float(reason and not holds("reason", passage))
    values["reason_missing_sentence"] = float(reason and not holds("reason", sentence))
    return values
