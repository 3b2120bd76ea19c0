"""What a question says, and what else says the same: units of one or more words with their alternatives.

Words that are not the text's own ("แดนปลาดิบ" where the document says ญี่ปุ่น, "leader" where it says ผู้นำ)
are found through the lexicon. A unit is met by a passage that holds it, or one of its alternatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np

from index.lexicon import Lexicon, folded
from index.segmenter import Segmenter, Token
from index.words import idf
from qa.asking import asks
from qa.query import first_forms, year_forms
from qa.romanised import is_latin_word, sounds_like

STOP_SHARE = 0.35  # of its idf that a stop word keeps (chosen on iapp valid)
NOMINAL = ("การ", "ความ")  # make nouns of verbs
LONGEST_UNIT = 6  # words of one expression
ALTERNATIVE = 0.8  # an alternative counts this share of the words themselves (chosen on iapp train)
SCATTERED = 0.4  # the words of an expression apart from one another say less than the expression
MOST_ALTERNATIVES = 16  # a unit's further forms are the files' afterthoughts
SHORTEST_PART = 4  # characters of a word that compounds are known by: ประชุม in การประชุมสุดยอด
MOST_COMPOUNDS = 6


@dataclass(frozen=True, slots=True)
class Unit:
    """One expression of a question."""

    tokens: tuple[int, ...]
    """Its own word ids."""
    alternatives: tuple[tuple[int, ...], ...]
    """Word ids of each expression that means the same."""
    weight: float
    """idf of the commonest form of it that these documents hold; 0 where they hold none."""
    asks: bool = False
    """True for what asks or is polite: no passage need meet it."""
    text: str = ""
    """The expression as it was typed."""
    name: bool = False
    """True for the name of someone or something: of another one another passage tells."""


def units_of(
    text: str, segmenter: Segmenter, lexicon: Lexicon, document_frequency: Callable[[int], int], texts: int
) -> tuple[Unit, ...]:
    """Cut a question into units, the longest known expressions first."""
    plain = folded(text)
    words = segmenter.tokens(plain)
    weight_of = lru_cache(maxsize=None)(lambda token: word_weight(token, segmenter, document_frequency, texts))
    spans = _spans(plain, words, lexicon, segmenter)
    forms: list[list[str]] = []
    kinds: list[tuple[bool, str, bool]] = []
    for a, b in spans:
        said = plain[words[a].place.start : words[b - 1].place.end]
        kinds.append((asks(said), said, lexicon.is_name(said.lower())))
        same = [*derived(said, segmenter), *_other_forms(said, lexicon)]
        if not same and is_latin_word(said) and not any(document_frequency(word.id) for word in words[a:b]):
            same = list(sounds_like(said, segmenter))
        forms.append([*same, *(form for other in same for form in derived(other, segmenter))])
    units: list[Unit] = []
    for (begin, end), some, kind in zip(spans, forms, kinds, strict=True):
        own = tuple(token.id for token in words[begin:end])
        others = [ids for form in some if (ids := segmenter.words_of(form))]
        if not kind[0] and len(own) == 1:
            others += _compounds(own[0], segmenter, document_frequency)
        # An expression of several words is at home as often as its rarest word.
        held = [min(document_frequency(token) for token in form) for form in (own, *others)]
        known = [form for form, count in zip(others, held[1:], strict=True) if count]
        weight = 0.0
        if max(held):
            forms_held = [form for form, count in zip((own, *others), held, strict=True) if count]
            # The weight of an expression is that of its weightiest word.
            weight = min(max(map(weight_of, form)) for form in forms_held)
            if own[0] in segmenter.stop_tokens and len(own) == 1:
                weight = min(weight, weight_of(own[0]))
        units.append(Unit(own, tuple(dict.fromkeys(known))[:MOST_ALTERNATIVES], weight, *kind))
    return tuple(units)


def _compounds(word: int, segmenter: Segmenter, document_frequency: Callable[[int], int]) -> list[tuple[int, ...]]:
    """The commonest words that these documents hold and ``word`` is part of."""
    text = segmenter.text_of(word)
    if len(text) < SHORTEST_PART or word in segmenter.stop_tokens:
        return []
    found = ((segmenter.rank(compound),) for compound in segmenter.compounds(text))
    return list(islice((form for form in found if document_frequency(form[0])), MOST_COMPOUNDS))


def derived(word: str, segmenter: Segmenter) -> list[str]:
    """The verb of a noun and the nouns of a verb, as far as they are words: ส่งออก and การส่งออก, รัก and ความรัก."""
    made = [prefix + word for prefix in NOMINAL] + [
        word[len(prefix) :] for prefix in NOMINAL if word.startswith(prefix)
    ]
    return [form for form in made if len(form) > 2 and segmenter.is_word(form)]


def _other_forms(form: str, lexicon: Lexicon) -> tuple[str, ...]:
    """What else says ``form``: the lexicon's alternatives; a year in the other era; the first of things."""
    return year_forms(form) or (*first_forms(form), *lexicon.alternatives(form))


def word_weight(token: int, segmenter: Segmenter, frequency: Callable[[int], int], texts: int) -> float:
    """How much a word of a question counts: its idf, a share of it for a word that says little by itself."""
    weight = idf(frequency(token), texts, segmenter.prior(token))
    return weight * STOP_SHARE if token in segmenter.stop_tokens else weight


def _spans(plain: str, words: Sequence[Token], lexicon: Lexicon, segmenter: Segmenter) -> list[tuple[int, int]]:
    """Half-open runs of words: the longest that the lexicon knows from each place on, or that sounds like a Thai word,
    else one word."""
    spans: list[tuple[int, int]] = []
    begin = 0
    while begin < len(words):
        end = begin + 1
        for stop in range(min(len(words), begin + LONGEST_UNIT), begin + 1, -1):
            form = plain[words[begin].place.start : words[stop - 1].place.end]
            if len(form) <= lexicon.longest and _other_forms(form, lexicon):
                end = stop
                break
        else:
            end = max(end, _latin_run(plain, words, begin, segmenter))
        spans.append((begin, end))
        begin = end
    return spans


def _latin_run(plain: str, words: Sequence[Token], begin: int, segmenter: Segmenter) -> int:
    """Where the Latin word ends that is cut in pieces from ``begin`` on, if it sounds like a Thai one; else 0."""
    end = begin + 1
    while end < len(words) and words[end].place.start == words[end - 1].place.end:
        end += 1
    said = plain[words[begin].place.start : words[end - 1].place.end]
    whole = not begin or words[begin - 1].place.end < words[begin].place.start
    return end if whole and end > begin + 1 and is_latin_word(said) and sounds_like(said, segmenter) else 0


def met(units: Sequence[Unit], tokens: Sequence[np.ndarray]) -> np.ndarray:
    """(n, u) how far each of n texts (word ids) meets each unit.

    1 in its own words side by side, ALTERNATIVE in others, SCATTERED of that where the words stand apart, else 0.
    """
    out = np.zeros((len(tokens), len(units)), dtype=np.float32)
    if not units or not tokens:
        return out
    text = _Text(
        tokens, sorted({token for unit in units for form in (unit.tokens, *unit.alternatives) for token in form})
    )
    for number, unit in enumerate(units):
        for form in unit.alternatives:
            if text.may_hold(form):
                np.maximum(out[:, number], ALTERNATIVE * text.holds(form), out=out[:, number])
        if text.may_hold(unit.tokens):
            np.maximum(out[:, number], text.holds(unit.tokens), out=out[:, number])
    return out


class _Text:
    """Texts as one run of word ids, to be asked for expressions of some words."""

    def __init__(self, tokens: Sequence[np.ndarray], words: Sequence[int]) -> None:
        self._flat = np.concatenate(tokens)
        owner = np.repeat(np.arange(len(tokens)), [len(part) for part in tokens])
        column = np.full(1 + max(int(self._flat.max(initial=0)), max(words, default=0)), -1, dtype=np.int32)
        column[list(words)] = np.arange(len(words))
        found = column[self._flat]
        self._places = np.flatnonzero(found >= 0)
        self._words = found[self._places]
        self._owner = owner
        self._here = np.zeros((len(words), len(tokens)), dtype=bool)
        self._here[self._words, owner[self._places]] = True
        self._column = dict(zip(words, range(len(words)), strict=True))
        self._somewhere = dict(zip(words, np.any(self._here, axis=1), strict=True))
        # What is read beyond the last text is no word.
        self._padded = np.append(self._flat, np.asarray([-1], dtype=self._flat.dtype))

    def may_hold(self, form: tuple[int, ...]) -> bool:
        """False where no text has all words of ``form``."""
        return all(self._somewhere[token] for token in form)

    def holds(self, form: tuple[int, ...]) -> np.ndarray:
        """(n,) 1 where the words of ``form`` stand side by side, SCATTERED where all stand somewhere, else 0."""
        columns = [self._column[token] for token in form]
        if len(form) == 1:
            return np.asarray(self._here[columns[0]], dtype=np.float32)
        apart = self._here[columns].all(axis=0)
        out: np.ndarray = np.where(apart, np.float32(SCATTERED), np.float32(0.0))
        if apart.any():
            starts = self._places[self._words == columns[0]]
            for offset, token in enumerate(form[1:], start=1):
                starts = starts[self._padded[np.minimum(starts + offset, len(self._flat))] == token]
            # Not from one text into the next.
            starts = starts[self._owner[starts] == self._owner[starts + len(form) - 1]]
            out[self._owner[starts]] = 1.0
        return out


def search_weights(units: Sequence[Unit], tokens: Sequence[int], *, translated: bool) -> dict[int, float]:
    """Word id -> weight for the word index: the question's own words, and more lightly those that mean the same.

    With ``translated`` (a question in another script) the alternatives speak for it alone.
    """
    weights: dict[int, float] = {} if translated else dict.fromkeys(tokens, 1.0)
    for unit in units:
        for form in unit.alternatives:
            for token in form:
                weights.setdefault(token, (1.0 if translated else 0.4) / max(1, len(form)))
    return weights or dict.fromkeys(tokens, 1.0)
