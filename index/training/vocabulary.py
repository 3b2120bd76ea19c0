"""Word counts -> a Unigram tokenizer: one fast pass that cuts Thai text into the words of a dictionary.

The model is not trained by expectation maximisation (it does not end on unspaced Thai lines); the
pieces and their scores are set from counts of dictionary words.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from index.thai import THAI_DIGITS, normalise, thai_words, words

UNKNOWN = "<unk>"
_WORD = re.compile(r"[\u0e01-\u0e3a\u0e40-\u0e4e]+|[a-z]+|[0-9]+")
_LATIN = re.compile(r"[a-z]+")
_THAI = re.compile(r"[\u0e01-\u0e3a\u0e40-\u0e4e]+")
_NUMBER = re.compile(r"[0-9]+")

# A piece costs BASE plus TILT x its surprisal: fewer pieces first (as a longest match), frequency between equals.
BASE, TILT = 8.0, 0.4
CHARACTER_COST = 6.0  # a single letter is a last resort
LONGEST = 24  # characters; longer "words" of unspaced text are not words


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows of the vocabulary each kind of piece may take."""

    thai: int = 23_000
    english: int = 10_000
    numbers: int = 1_500
    pieces: int = 2_700
    """Thai and English sub-words, for names that are not words of the vocabulary."""


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Dictionary words, Latin words and numbers of the texts, normalised and lower-cased."""
    counts: Counter[str] = Counter()
    for text in texts:
        for word in words(text):
            counts.update(_WORD.findall(word))
    return counts


def latin_words(texts: Iterable[str]) -> Counter[str]:
    """Latin words and numbers only: no Thai segmentation, so fast."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(re.findall(r"[a-z]+|[0-9]+", text.lower()))
    return counts


def choose(counts: Counter[str], sizes: Sizes) -> dict[str, float]:
    """The pieces of the vocabulary and their scores (higher is likelier; natural logarithm)."""
    counts = Counter({word: n for word, n in counts.items() if len(word) <= LONGEST})
    for word in thai_words():  # every dictionary word competes, the unseen ones last
        word = normalise(word).text
        if _THAI.fullmatch(word) and 1 < len(word) <= LONGEST:
            counts[word] += 1
    kept: Counter[str] = Counter()
    for kind, size in ((_THAI, sizes.thai), (_LATIN, sizes.english), (_NUMBER, sizes.numbers)):
        kept.update(dict(_top({w: n for w, n in counts.items() if len(w) > 1 and kind.fullmatch(w)}, size)))
    kept.update({f"{number:02d}": 1 for number in range(100)})
    rest = {word: n for word, n in counts.items() if word not in kept}
    kept.update(dict(_top(_substrings(rest, kept), sizes.pieces)))
    total = sum(kept.values())
    scores = {word: -(BASE + TILT * math.log(total / n)) for word, n in kept.items()}
    letters = {letter for word in counts for letter in word} | set("abcdefghijklmnopqrstuvwxyz0123456789")
    floor = min(scores.values()) - CHARACTER_COST
    scores.update(dict.fromkeys(sorted(letters), floor))
    return scores


def _top(counts: dict[str, int], size: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:size]


def _substrings(rest: dict[str, int], kept: Counter[str]) -> dict[str, int]:
    """Sub-words of 2 to 5 letters of the words left out, counted once a word type, longer ones favoured."""
    found: Counter[str] = Counter()
    for word in rest:
        if _NUMBER.fullmatch(word):
            continue
        for start in range(len(word) - 1):
            if "\u0e30" <= word[start] <= "\u0e3a" or "\u0e45" <= word[start] <= "\u0e4e":
                continue  # a piece does not begin with a mark
            for end in range(start + 2, min(start + 5, len(word)) + 1):
                found[word[start:end]] += 1
    return {piece: n * (len(piece) - 1) for piece, n in found.items() if piece not in kept and n > 4}


def build_tokenizer(scores: dict[str, float]) -> Tokenizer:
    """A Unigram tokenizer over ``scores`` that folds what readers do not tell apart.

    Lower case, Arabic digits, no zero-width marks, SARA AM in one piece, doubled SARA E as SARA AE.
    No Unicode compatibility form: NFKC would break SARA AM in two. Offsets point into the original text.
    """
    ordered = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    tokenizer = Tokenizer(models.Unigram([(UNKNOWN, -100.0), *ordered], unk_id=0, byte_fallback=False))
    steps: list[normalizers.Normalizer] = [normalizers.Lowercase()]
    steps += [normalizers.Replace(thai, str(value)) for value, thai in enumerate(THAI_DIGITS)]
    steps.append(normalizers.Replace(Regex("[\u200b-\u200f\u2060\ufeff\u00ad]"), ""))
    steps.append(normalizers.Replace("\u0e40\u0e40", "\u0e41"))
    for tone in ("", "\u0e48", "\u0e49", "\u0e4a", "\u0e4b"):
        steps.append(normalizers.Replace(f"\u0e4d{tone}\u0e32", f"{tone}\u0e33"))
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return tokenizer
