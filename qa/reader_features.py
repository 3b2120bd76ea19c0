"""What the reader sees of a passage: one row of numbers a word, measured against the question.

The network reads words in order, but most of what it needs it need not learn: which words the question
says (in its letters, in other words, nearly), how much of the question stands around a place, what kind of
thing stands there, and how the text is cut. All of that is here, in numpy; training and answering share it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.records import Place
from index.segmenter import Segmenter, Token
from index.sentences import sentence_spans
from index.thai import has_latin
from qa.answer_types import KINDS, expected, places_of
from qa.meaning import ALTERNATIVE, Unit

GRAM = 5  # characters in a row that a question and a passage share: words that are cut otherwise still meet
WINDOW = 10  # words on each side that count as near
TYPED = ("date", "number", "person", "place", "name")
OPENING = 12  # words in which a passage names its subject
STRONG = 0.25  # share of the heaviest question word from which a matched word is an anchor
IDF_SCALE = 10.0  # about ln(passages the word weights were counted in)

_OPENERS, _CLOSERS, _QUOTES = "([{（", ")]}）", "\"'“”‘’«»"
_SQUEEZED = re.compile(r"\s+")
_ASKING = re.compile(
    r"อะไร|เมื่อ(?:ไร|ไหร่|ใด)|เท่า(?:ไร|ไหร่|ใด)|อย่างไร|ยังไง|ที่ไหน|ที่ใด|สิ่งใด|ผู้ใด|ใคร|ทำไม|เหตุใด|ใด|ไหน|กี่|บ้าง|\b(?:what|which|who|whom|"
    r"whose|when|where|why|how|many|much|is|are|was|were|did|does|do|the|of|in|a|an)\b",
    re.IGNORECASE,
)
_AFTER_ASKING = re.compile(r"กี่|many|much|what|which", re.IGNORECASE)  # the thing asked for comes next
_HOLLOW = frozenset(("คือ", "เป็น", "ได้", "มี", "ที่", "ของ", "ใน", "ว่า", "จาก", "กับ", "ชื่อ", "และ", "ให้", "ถึง", "โดย", "ณ", "วัน"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the reader takes it."""

    text: str
    ids: np.ndarray
    """(q,) word ids in order."""
    asking: np.ndarray
    """(q,) True for a word that only asks ("อะไร")."""
    nearness: np.ndarray
    """(q,) 1 beside a word that asks, falling with distance: what is asked stands there, its subject elsewhere."""
    focus: frozenset[int]
    """Ids of the noun that is asked for: the word before "อะไร" and "ใด", after "กี่"."""
    kind: str | None
    units: tuple[Unit, ...]
    grams: tuple[frozenset[str], frozenset[str]]
    """Its runs of GRAM characters, and of three, without spaces."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text cut into words and sentences."""

    text: str
    ids: np.ndarray
    """(t,) word ids."""
    starts: np.ndarray
    ends: np.ndarray
    sentences: tuple[Place, ...]
    """Without surrounding white space; none is empty."""
    owner: np.ndarray
    """(t,) number of the sentence that each word stands in."""


def asked(text: str, tokens: Sequence[Token], units: Sequence[Unit] = ()) -> Asked:
    """Measure a question once, from its words."""
    plain = _squeezed(text)
    asking = [place.span() for place in _ASKING.finditer(text)]
    only_asks = [any(a <= t.place.start and t.place.end <= b for a, b in asking) for t in tokens]
    distance = [min((_apart(t.place, a, b) for a, b in asking), default=0) for t in tokens]
    return Asked(
        text,
        np.asarray([token.id for token in tokens], dtype=np.int64),
        np.asarray(only_asks, dtype=bool),
        np.exp(-np.asarray(distance, dtype=np.float32) / 12),
        frozenset(_focus(text, tokens, asking)),
        expected(text),
        tuple(units),
        tuple(_counted(plain, size) for size in (GRAM, 3)),
    )


def _apart(place: Place, start: int, end: int) -> int:
    """Characters between a word and a stretch of text."""
    return max(0, place.start - end, start - place.end)


def _focus(text: str, tokens: Sequence[Token], asking: Sequence[tuple[int, int]]) -> Iterator[int]:
    for start, end in asking:
        if _AFTER_ASKING.match(text[start:end]):
            beside = next((t for t in tokens if t.place.start >= end), None)
        else:
            beside = next((t for t in reversed(tokens) if t.place.end <= start), None)
        if beside and text[beside.place.start : beside.place.end] not in _HOLLOW:
            yield beside.id


def _counted(plain: str, size: int) -> frozenset[str]:
    return frozenset(plain[i : i + size] for i in range(len(plain) - size + 1))


def passage(text: str, segmenter: Segmenter) -> Passage:
    """Cut a passage into words and sentences."""
    return cut_passage(text, segmenter.tokens(text))


def cut_passage(text: str, tokens: Sequence[Token]) -> Passage:
    """:func:`passage` from words already found."""
    sentences = tuple(trimmed for span in sentence_spans(text) if (trimmed := _trim(text, span)))
    starts = np.asarray([token.place.start for token in tokens], dtype=np.int64)
    ends = np.asarray([token.place.end for token in tokens], dtype=np.int64)
    heads = np.asarray([sentence.start for sentence in sentences], dtype=np.int64)
    owner = np.maximum(np.searchsorted(heads, starts, side="right") - 1, 0)
    ids = np.asarray([token.id for token in tokens], dtype=np.int64)
    return Passage(text, ids, starts, ends, sentences, owner)


def features(question: Asked, text: Passage, weights: np.ndarray, units: np.ndarray) -> np.ndarray:
    """One row a word of the passage, (t, WIDTH) float32, each about 0..1.

    Args:
        weights: (vocabulary,) idf of each word id.
        units: (vocabulary, d) unit vector of each word id (zero where it has none).
    """
    if not len(text.ids) or not len(question.ids):
        return np.zeros((len(text.ids), WIDTH), dtype=np.float32)
    wanted, first = np.unique(question.ids, return_index=True)
    weight = np.where(question.asking[first], 0.0, weights[wanted]).astype(np.float32)
    likeness = _likeness(text, wanted, units)
    other = _alternatives(question, text, wanted)
    letters = _shared_letters(question, text)
    similarity = np.maximum(likeness, other)
    schemes = _schemes(text, similarity, weight, question.nearness[first])
    columns = [
        *_matches(text, wanted, weight, weights, likeness, other, letters),
        *_surroundings(text, similarity, schemes),
        *_letters_met(question, text),
        *_anchors(text, similarity, schemes[1], letters, weights),
        *_focussed(question, text),
        *_layout(text),
        *_surface(text, weights),
        *_typed(question, text),
        *_question(question, len(text.ids)),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


# -- words that the question says --------------------------------------------------------------------------


def _likeness(text: Passage, wanted: np.ndarray, units: np.ndarray) -> np.ndarray:
    """(t, q) 1 where a word is a question word, else their cosine squared."""
    vocabulary, inverse = np.unique(text.ids, return_inverse=True)
    cosine = np.clip(units[vocabulary] @ units[wanted].T, 0.0, 1.0) ** 2
    return np.asarray(np.maximum(cosine, vocabulary[:, None] == wanted[None, :])[inverse], dtype=np.float32)


def _alternatives(question: Asked, text: Passage, wanted: np.ndarray) -> np.ndarray:
    """(t, q) ALTERNATIVE where a word belongs to another form of a question's expression."""
    out = np.zeros((len(text.ids), len(wanted)), dtype=np.float32)
    column = {int(word): i for i, word in enumerate(wanted)}
    held = {int(word) for word in text.ids}
    for unit in question.units:
        own = [column[word] for word in unit.tokens if word in column]
        for form in unit.alternatives:
            if own and all(word in held for word in form):
                out[np.ix_(_runs(text.ids, form), own)] = ALTERNATIVE
    return out


def _runs(ids: np.ndarray, form: Sequence[int]) -> np.ndarray:
    """Where the words of ``form`` stand in a row, (t,) bool."""
    last = len(ids) - len(form) + 1
    found = np.ones(max(last, 0), dtype=bool)
    for offset, word in enumerate(form):
        found &= ids[offset : offset + last] == word
    out = np.zeros(len(ids), dtype=bool)
    for offset in range(len(form)):
        out[np.flatnonzero(found) + offset] = True
    return out


def _shared_letters(question: Asked, text: Passage) -> np.ndarray:
    """(t,) share of each word that lies in a run of GRAM characters which the question also holds."""
    kept = [(char.lower()[0], place) for place, char in enumerate(text.text) if not char.isspace()]
    plain = "".join(char for char, _ in kept)
    shared = np.zeros(len(text.text) + 1, dtype=np.float32)
    for position in range(len(plain) - GRAM + 1):
        if plain[position : position + GRAM] in question.grams[0]:
            for _, place in kept[position : position + GRAM]:
                shared[place] = 1.0
    total = np.concatenate([[0.0], np.cumsum(shared)])
    out: np.ndarray = (total[text.ends] - total[text.starts]) / np.maximum(text.ends - text.starts, 1)
    return out


def _matches(
    text: Passage,
    wanted: np.ndarray,
    weight: np.ndarray,
    weights: np.ndarray,
    likeness: np.ndarray,
    other: np.ndarray,
    letters: np.ndarray,
) -> list[np.ndarray]:
    equal = np.isin(text.ids, wanted).astype(np.float32)
    own = weights[text.ids] / IDF_SCALE
    following = np.append(equal[1:], 0.0)
    before = np.append(0.0, equal[:-1])
    return [
        equal,
        equal * own,
        likeness.max(axis=1),
        (likeness * weight).max(axis=1) / IDF_SCALE,
        other.max(axis=1),
        letters,
        letters * own,
        before,
        following,
        np.append(0.0, letters[:-1]),
        np.append(letters[1:], 0.0),
    ]


# -- how much of the question stands around ----------------------------------------------------------------


def _schemes(text: Passage, similarity: np.ndarray, weight: np.ndarray, nearness: np.ndarray) -> np.ndarray:
    """(4, q) ways to weigh the question's words, each summing to 1.

    By rarity; by rarity in this passage too (its subject is in every sentence and tells none from another); by
    rarity among words that the passage does not open with; by nearness to the word that asks.
    """
    count = len(text.sentences)
    held = np.zeros((count, len(weight)), dtype=np.float32)
    np.maximum.at(held, text.owner, similarity)
    local = np.log1p(count / (held.sum(axis=0) + 0.5)) / np.log1p(count / 0.5)
    opening = similarity[:OPENING].max(axis=0)
    rows = np.stack([weight, weight * local, weight * (1.0 - 0.9 * opening), weight * nearness])
    return np.asarray(rows / np.maximum(rows.sum(axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _surroundings(text: Passage, similarity: np.ndarray, schemes: np.ndarray) -> list[np.ndarray]:
    """Share of the question's weight that is met in the sentence, beside it, and in the words around."""
    best = np.zeros((len(text.sentences), similarity.shape[1]), dtype=np.float32)
    np.maximum.at(best, text.owner, similarity)
    met = best @ schemes.T
    beside = np.pad(best, ((1, 1), (0, 0)))
    before = np.maximum(beside[:-2], best) @ schemes.T
    after = np.maximum(beside[2:], best) @ schemes.T
    mean = np.zeros_like(met)
    mean[:] = met.mean(axis=0)
    by_sentence = np.concatenate([met, met - met.max(axis=0), met - mean, before - met, after - met], axis=1)
    left, right = _sliding(similarity, WINDOW)
    near = np.maximum(*_sliding(similarity, 4))
    windows = np.concatenate([part @ schemes.T for part in (near, np.maximum(left, right), left, right)], axis=1)
    relative = windows[:, 4:8] - windows[:, 4:8].max(axis=0)
    return [*by_sentence[text.owner].T, *windows.T, *relative.T]


def _letters_met(question: Asked, text: Passage) -> list[np.ndarray]:
    """Share of the question's runs of three letters that stand in the sentence, the rarer here weighing more."""
    grams = sorted(question.grams[1])
    table = np.zeros((len(text.sentences), len(grams)), dtype=np.float32)
    for number, sentence in enumerate(text.sentences):
        held = _counted(_squeezed(text.text[sentence.start : sentence.end]), 3)
        table[number] = [gram in held for gram in grams]
    rarity = np.log1p(len(table) / (table.sum(axis=0) + 0.5))
    rarity[table.sum(axis=0) == 0] = 0.0
    met = table @ rarity / max(float(rarity.sum()), 1e-9)
    plain = table.mean(axis=1) if grams else np.zeros(len(table), dtype=np.float32)
    return [column[text.owner] for column in (met, met - met.max(), plain, plain - plain.max())]


def _focussed(question: Asked, text: Passage) -> list[np.ndarray]:
    """The noun that is asked for stands here, before, after, beside a number, in the sentence."""
    here = np.isin(text.ids, list(question.focus)).astype(np.float32)
    digit = np.asarray([text.text[a].isdigit() for a in text.starts], dtype=np.float32)
    before, after = np.append(0.0, here[:-1]), np.append(here[1:], 0.0)
    second = np.append(0.0, before[:-1])
    counted = here * np.append(0.0, digit[:-1])
    in_sentence = np.zeros((2, len(text.sentences)), dtype=np.float32)
    np.maximum.at(in_sentence[0], text.owner, here)
    np.maximum.at(in_sentence[1], text.owner, counted)
    asked_for = np.full(len(here), float(bool(question.focus)))
    return [here, before, after, second, counted, np.append(counted[1:], 0.0), *in_sentence[:, text.owner], asked_for]


def _sliding(similarity: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Each question word's best match among the ``size`` words before, and after, each word: (t, q) twice."""
    padded = np.pad(similarity, ((size, size), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(padded, size, axis=0)
    best = view.max(axis=-1)
    t = len(similarity)
    return best[:t], best[size + 1 : size + 1 + t]


def _anchors(
    text: Passage, similarity: np.ndarray, weight: np.ndarray, letters: np.ndarray, weights: np.ndarray
) -> list[np.ndarray]:
    """How near the next heavily matched word is, to the left and to the right, and how heavy."""
    heavy = np.maximum((similarity**2 * weight).max(axis=1), letters * weights[text.ids])
    heavy = heavy / max(float(weight.max()), 1e-9)
    strong = heavy > STRONG
    places = np.arange(len(strong))
    before = np.maximum.accumulate(np.where(strong, places, -1))
    before = np.append(-1, before[:-1])
    after = np.minimum.accumulate(np.where(strong, places, len(strong))[::-1])[::-1]
    after = np.append(after[1:], len(strong))
    gap_before = np.where(before >= 0, places - before, 60)
    gap_after = np.where(after < len(strong), after - places, 60)
    padded = np.append(np.minimum(heavy, 1.5), 0.0)
    return [
        np.minimum(heavy, 1.5),
        strong.astype(np.float32),
        1.0 / gap_before,
        1.0 / gap_after,
        np.log1p(gap_before) / 4,
        np.log1p(gap_after) / 4,
        padded[np.where(before >= 0, before, -1)],
        padded[after],
    ]


# -- how the text is laid out ------------------------------------------------------------------------------


def _layout(text: Passage) -> list[np.ndarray]:
    t = len(text.ids)
    number = text.owner
    first = np.searchsorted(number, number, side="left")
    last = np.searchsorted(number, number, side="right")
    inside = (np.arange(t) - first) / np.maximum(last - first, 1)
    return [
        np.log1p(np.arange(t)) / 6,
        np.arange(t) / t,
        np.log1p(number) / 3,
        (number == 0).astype(np.float32),
        inside,
        (np.arange(t) == first).astype(np.float32),
        (np.arange(t) == last - 1).astype(np.float32),
        np.log1p(last - first) / 5,
    ]


def _surface(text: Passage, weights: np.ndarray) -> list[np.ndarray]:
    """Letters, and what stands between a word and its neighbours."""
    words = [text.text[a:b] for a, b in zip(text.starts, text.ends, strict=True)]
    gaps = [text.text[a:b] for a, b in zip(text.ends[:-1], text.starts[1:], strict=True)]
    before = ["\n", *gaps]
    after = [*gaps, "\n"]
    tests = (
        lambda gap: gap == "",
        lambda gap: gap.isspace() and "\n" not in gap,
        lambda gap: "\n" in gap,
        lambda gap: any(c in _OPENERS for c in gap),
        lambda gap: any(c in _CLOSERS for c in gap),
        lambda gap: any(c in _QUOTES for c in gap),
        lambda gap: "," in gap or "/" in gap,
        lambda gap: "-" in gap or "–" in gap or "." in gap or ":" in gap,
    )
    flags = [np.asarray([test(gap) for gap in side], dtype=np.float32) for side in (before, after) for test in tests]
    depth = np.cumsum([_depth(gap) for gap in before])
    return [
        np.asarray([word[:1].isdigit() for word in words], dtype=np.float32),
        np.asarray([has_latin(word) for word in words], dtype=np.float32),
        np.asarray([min(len(word), 12) / 12 for word in words], dtype=np.float32),
        weights[text.ids] / IDF_SCALE,
        (depth > 0).astype(np.float32),
        *flags,
    ]


def _depth(gap: str) -> int:
    return sum(c in _OPENERS for c in gap) - sum(c in _CLOSERS for c in gap)


# -- what kind of thing stands there -----------------------------------------------------------------------


def _typed(question: Asked, text: Passage) -> list[np.ndarray]:
    """For each kind: a thing of it begins, ends, goes on here; and the same for the kind that is asked for."""
    t = len(text.ids)
    columns: list[np.ndarray] = []
    sought = np.zeros((3, t), dtype=np.float32)
    for kind in TYPED:
        marks = np.zeros((3, t), dtype=np.float32)
        for place in places_of(kind, text.text):
            begin = int(np.searchsorted(text.ends, place.start, side="right"))
            end = int(np.searchsorted(text.starts, place.end, side="left"))
            if begin < end:
                marks[0, begin] = marks[1, end - 1] = 1.0
                marks[2, begin:end] = 1.0
        columns.extend(marks)
        if kind == question.kind or (kind == "name" and question.kind == "person"):
            sought = np.maximum(sought, marks)
    return [*columns, *sought]


def _question(question: Asked, count: int) -> list[np.ndarray]:
    return [np.full(count, float(kind == question.kind), dtype=np.float32) for kind in KINDS]


WIDTH = 11 + (20 + 16 + 4) + 4 + 8 + 9 + 8 + 5 + 16 + 3 * (len(TYPED) + 1) + len(KINDS)


def _squeezed(text: str) -> str:
    return _SQUEEZED.sub("", text.lower())


def _trim(text: str, span: Place) -> Place | None:
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip())
    end = span.end - (len(piece) - len(piece.rstrip()))
    return Place(start, end) if start < end else None
