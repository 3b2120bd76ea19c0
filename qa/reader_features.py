"""What the reader sees of a passage: one row of numbers a word, measured against the question.

The network reads words in order, but most of what it needs it need not learn: which words the question
says (in its letters, in other words, nearly), how much of the question stands around a place, what kind of
thing stands there, and how the text is cut. All of that is here, in numpy; training and answering share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np

from index.thai import arabic_digits
from qa.answer_types import KINDS
from qa.meaning import ALTERNATIVE
from qa.reader_surface import IDF_SCALE, TYPED, layout, marked, question_of, sought, surface
from qa.reader_text import GRAM, Asked, Passage, most_in, squeezed

WINDOW = 10  # words on each side that count as near
OPENING = 12  # words in which a passage names its subject
KEPT = 128  # passages, of about 40 kB
STRONG = 0.25  # share of the heaviest question word from which a matched word is an anchor


class Words(Protocol):
    """What is known of single words. One is like no other: what was measured with it is kept for it."""

    def __hash__(self) -> int: ...

    def weight(self, ids: np.ndarray) -> np.ndarray:
        """(n,) float32 rarity of each word: ln((1 + passages) / passages that hold it), about."""
        ...

    def unit(self, ids: np.ndarray) -> np.ndarray:
        """(n, d) float32 unit vectors (zero where a word has none)."""
        ...


def features(question: Asked, text: Passage, words: Words) -> np.ndarray:
    """One row a word of the passage, (t, WIDTH) float32, each about 0..1."""
    if not len(text.ids) or not len(question.ids):
        return np.zeros((len(text.ids), WIDTH), dtype=np.float32)
    wanted, first = np.unique(question.ids, return_index=True)
    weight = np.where(question.asking[first], 0.0, words.weight(wanted)).astype(np.float32)
    own = words.weight(text.ids)
    likeness = _likeness(text, wanted, words)
    other = _alternatives(question, text, wanted)
    letters = _shared_letters(question, text)
    similarity = np.maximum(likeness, other)
    by_itself = _by_itself(text, words)
    schemes = _schemes(text, similarity, weight, question.nearness[first])
    columns = [
        *_matches(text, wanted, weight, own, likeness, other, letters),
        *_surroundings(text, similarity, schemes),
        *_letters_met(question, text),
        *_anchors(similarity, schemes[1], letters * own),
        *_focussed(question, text),
        *by_itself,
        *sought(question, by_itself[-3 * len(TYPED) :]),
        *question_of(question, len(text.ids)),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


@lru_cache(maxsize=KEPT)
def _by_itself(text: Passage, words: Words) -> np.ndarray:
    """(n, t) float32 what is measured of a passage without a question; kept while it is asked about. Things of the kinds come last."""
    return np.stack([*layout(text), *surface(text, words.weight(text.ids)), *marked(text)]).astype(np.float32)


# -- words that the question says --------------------------------------------------------------------------


def _likeness(text: Passage, wanted: np.ndarray, words: Words) -> np.ndarray:
    """(t, q) 1 where a word is a question word, else their cosine squared."""
    vocabulary, inverse = np.unique(text.ids, return_inverse=True)
    cosine = np.clip(words.unit(vocabulary) @ words.unit(wanted).T, 0.0, 1.0) ** 2
    return np.asarray(np.maximum(cosine, vocabulary[:, None] == wanted[None, :])[inverse], dtype=np.float32)


def _alternatives(question: Asked, text: Passage, wanted: np.ndarray) -> np.ndarray:
    """(t, q) ALTERNATIVE where a word belongs to another form of a question's expression."""
    out = np.zeros((len(text.ids), len(wanted)), dtype=np.float32)
    column = {int(word): i for i, word in enumerate(wanted)}
    held = {int(word) for word in text.ids}
    for unit in question.units:
        own = [column[word] for word in unit.tokens if word in column]
        for form in unit.alternatives:
            if own and form and all(word in held for word in form):
                out[np.flatnonzero(_runs(text.ids, form))[:, None], np.asarray(own)] = ALTERNATIVE
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


@lru_cache(maxsize=512)
def _letters(text: str) -> tuple[str, np.ndarray]:
    """The letters of a text as they are compared, white space left out, and where each stands; kept while it is asked about."""
    kept = [(char.lower()[0], place) for place, char in enumerate(arabic_digits(text)) if not char.isspace()]
    return "".join(char for char, _ in kept), np.asarray([place for _, place in kept], dtype=np.int64)


def _shared_letters(question: Asked, text: Passage) -> np.ndarray:
    """(t,) share of each word that lies in a run of GRAM characters which the question also holds."""
    plain, places = _letters(text.text)
    covered = np.zeros(len(plain), dtype=bool)
    for gram in question.grams[0]:
        position = plain.find(gram)
        while position >= 0:
            covered[position : position + GRAM] = True
            position = plain.find(gram, position + 1)
    shared = np.zeros(len(text.text) + 1, dtype=np.float32)
    shared[places[covered]] = 1.0
    total = np.concatenate([[0.0], np.cumsum(shared)])
    out: np.ndarray = (total[text.ends] - total[text.starts]) / np.maximum(text.ends - text.starts, 1)
    return out


def _matches(
    text: Passage,
    wanted: np.ndarray,
    weight: np.ndarray,
    rarity: np.ndarray,
    likeness: np.ndarray,
    other: np.ndarray,
    letters: np.ndarray,
) -> list[np.ndarray]:
    equal = np.isin(text.ids, wanted).astype(np.float32)
    own = rarity / IDF_SCALE
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
    held = most_in(text.owner, similarity, count)
    local = np.log1p(count / (held.sum(axis=0) + 0.5)) / np.log1p(count / 0.5)
    opening = similarity[:OPENING].max(axis=0)
    rows = np.stack([weight, weight * local, weight * (1.0 - 0.9 * opening), weight * nearness])
    return np.asarray(rows / np.maximum(rows.sum(axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _surroundings(text: Passage, similarity: np.ndarray, schemes: np.ndarray) -> list[np.ndarray]:
    """Share of the question's weight that is met in the sentence, beside it, and in the words around."""
    best = most_in(text.owner, similarity, len(text.sentences))
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
    for number, held in enumerate(_squeezed_sentences(text)):
        table[number] = [gram in held for gram in grams]
    rarity = np.log1p(len(table) / (table.sum(axis=0) + 0.5))
    rarity[table.sum(axis=0) == 0] = 0.0
    met = table @ rarity / max(float(rarity.sum()), 1e-9)
    plain = table.mean(axis=1) if grams else np.zeros(len(table), dtype=np.float32)
    return [column[text.owner] for column in (met, met - met.max(), plain, plain - plain.max())]


@lru_cache(maxsize=KEPT)
def _squeezed_sentences(text: Passage) -> tuple[str, ...]:
    return tuple(squeezed(text.text[sentence.start : sentence.end]) for sentence in text.sentences)


def _focussed(question: Asked, text: Passage) -> list[np.ndarray]:
    """The noun that is asked for stands here, before, after, beside a number, in the sentence."""
    here = np.isin(text.ids, list(question.focus)).astype(np.float32)
    digit = np.asarray([text.text[a].isdigit() for a in text.starts], dtype=np.float32)
    before, after = np.append(0.0, here[:-1]), np.append(here[1:], 0.0)
    second = np.append(0.0, before[:-1])
    counted = here * np.append(0.0, digit[:-1])
    in_sentence = most_in(text.owner, np.stack([here, counted], axis=1), len(text.sentences)).T
    asked_for = np.full(len(here), float(bool(question.focus)))
    return [here, before, after, second, counted, np.append(counted[1:], 0.0), *in_sentence[:, text.owner], asked_for]


def _sliding(similarity: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Each question word's best match among the ``size`` words before, and after, each word: (t, q) twice."""
    edge = np.zeros((size, similarity.shape[1]), dtype=similarity.dtype)
    padded = np.concatenate([edge, similarity, edge])
    view = np.lib.stride_tricks.sliding_window_view(padded, size, axis=0)
    best = view.max(axis=-1)
    t = len(similarity)
    return best[:t], best[size + 1 : size + 1 + t]


def _anchors(similarity: np.ndarray, weight: np.ndarray, letters: np.ndarray) -> list[np.ndarray]:
    """How near the next heavily matched word is, to the left and to the right, and how heavy."""
    heavy = np.maximum((similarity**2 * weight).max(axis=1), letters)
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


WIDTH = 11 + (20 + 16 + 4) + 4 + 8 + 9 + 8 + 5 + 16 + 3 * (len(TYPED) + 1) + len(KINDS)
