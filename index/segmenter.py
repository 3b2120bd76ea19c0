"""The bundled word segmentation as token ids: one pass that feeds the word index and the static encoder."""

from __future__ import annotations

import hashlib
import math
import sys
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from index.encoder import Encoder, StaticEncoder
from index.records import Place, StoreDamaged
from index.thai import has_thai, stop_words

PASSAGE_WORDS = 110  # words of a passage of the usual length
FEW_TEXTS = 8  # are cut sooner than other threads are woken
REMEMBERED = 32_768  # expressions whose words are kept: a lexicon's forms come up again and again
LAST_TEXTS = 16  # short texts whose cut is kept: a question is asked for in several ways, one after another
SHORT = 500  # characters
VERSION = 3  # of what is done to the tokenizer's ids here; counts into the fingerprint
TOKENIZER = Path(__file__).parent / "model" / "tokenizer.json"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text: its id, and where it stands in the text."""

    id: int
    place: Place


class Segmenter:
    """Texts -> word ids, without white space and punctuation."""

    def __init__(self, tokenizer: Any, path: Path, fingerprint: str) -> None:
        self.path = path
        self._tokenizer = tokenizer
        self.fingerprint = fingerprint
        vocabulary = tokenizer.get_vocab()
        self._is_word = np.zeros(max(vocabulary.values()) + 1, dtype=bool)
        self._canonical = np.arange(len(self._is_word), dtype=np.int32)
        self._cut = lru_cache(maxsize=REMEMBERED)(self._cut_anew)
        self._of_short = lru_cache(maxsize=LAST_TEXTS)(self._encoded_anew)
        self.compounds = lru_cache(maxsize=REMEMBERED)(self._compounds_anew)
        """Longer words of the vocabulary that begin or end with a form, the most frequent first."""
        for token, token_id in vocabulary.items():
            if token.endswith("ฯ") and token[:-1] in vocabulary:  # สหรัฐฯ is สหรัฐ, กรุงเทพฯ is กรุงเทพ
                self._canonical[token_id] = vocabulary[token[:-1]]
            self._is_word[token_id] = any(char.isalnum() for char in token) and not token.startswith("<")

    @classmethod
    def load(cls, path: Path = TOKENIZER) -> Segmenter:
        """Read a ``tokenizer.json``. Raises StoreDamaged where it is missing or unreadable."""
        from tokenizers import Tokenizer

        try:
            fingerprint = f"{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}-{VERSION}"
            return cls(Tokenizer.from_file(str(path)), path, fingerprint)
        except Exception as error:  # tokenizers raises bare Exception
            raise StoreDamaged(f"{path}: the word segmentation cannot be read ({error}); install again") from error

    def raw_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """All token ids of each text, as the static encoder takes them; many texts on all cores."""
        if len(texts) <= FEW_TEXTS:
            return [self._encoded(text).ids for text in texts]
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    def _encoded(self, text: str) -> Any:
        return self._of_short(text) if len(text) <= SHORT else self._encoded_anew(text)

    def _encoded_anew(self, text: str) -> Any:
        return self._tokenizer.encode(text, add_special_tokens=False)

    def words_only(self, ids: Sequence[int]) -> np.ndarray:
        """The ids that are words, (n,) int32, in order; an abbreviated form as its full one."""
        array = np.asarray(ids, dtype=np.int32)
        return self._canonical[array[self._is_word[array]]]

    def ids(self, text: str) -> list[int]:
        """The word ids of one text."""
        return list(self.words_of(text))

    def words_of(self, text: str) -> tuple[int, ...]:
        """The word ids of an expression, remembered."""
        return self._cut(text)

    def _cut_anew(self, text: str) -> tuple[int, ...]:
        return tuple(self.words_only(self._tokenizer.encode(text, add_special_tokens=False).ids).tolist())

    def rank(self, word: str) -> int:
        """Place of a word of the vocabulary by frequency, from 0: its id, or that of its full form."""
        return int(self._canonical[self._tokenizer.token_to_id(word)])

    def tokens(self, text: str) -> list[Token]:
        """The words of one text with their places in it."""
        encoding = self._encoded(text)
        return [
            Token(int(self._canonical[token_id]), Place(start, end))
            for token_id, (start, end) in zip(encoding.ids, encoding.offsets, strict=True)
            if self._is_word[token_id]
        ]

    @cached_property
    def stop_tokens(self) -> frozenset[int]:
        """Ids of words that say little of what a text is about."""
        found = (self._tokenizer.token_to_id(word) for word in stop_words())
        return frozenset(token for token in found if token is not None)

    def prior(self, token: int) -> float:
        """Share of passages that hold ``token`` in Thai at large, 0..1, from its rank in the vocabulary.

        The vocabulary is ordered by frequency; Zipf's law gives the word of rank r a share of about 0.1 / r of
        running text, and so a chance of ``1 - exp(-0.1 n / r)`` to stand in a passage of n words.
        """
        return 1.0 - math.exp(-0.1 * PASSAGE_WORDS / (token + 1))

    def pieces(self, text: str) -> list[Token]:
        """All that the text is cut into, single marks included, without unknown signs and white space."""
        encoding = self._encoded(text)
        return [Token(i, Place(*place)) for i, place in zip(encoding.ids, encoding.offsets, strict=True) if i]

    def count(self, text: str) -> int:
        """How many pieces ``text`` is cut into, punctuation included."""
        return len(self._encoded(text).ids)

    def vocabulary(self) -> list[str]:
        """All words, the most frequent first."""
        ranked = sorted(self._tokenizer.get_vocab().items(), key=lambda pair: pair[1])
        return [word for word, token in ranked if self._is_word[token]]

    @cached_property
    def _from_both_ends(self) -> tuple[list[str], list[str]]:
        """The Thai words in order, and again spelt backwards."""
        words = [word for word in self.vocabulary() if has_thai(word)]
        return sorted(words), sorted(word[::-1] for word in words)

    def _compounds_anew(self, form: str) -> tuple[str, ...]:
        forwards, backwards = self._from_both_ends
        found = [*_beginning(forwards, form), *(word[::-1] for word in _beginning(backwards, form[::-1]))]
        return tuple(sorted({word for word in found if len(word) > len(form)}, key=self.rank))

    def is_word(self, form: str) -> bool:
        """True where ``form`` is one word of the vocabulary."""
        token = self._tokenizer.token_to_id(form)
        return token is not None and bool(self._is_word[token])

    def text_of(self, token: int) -> str:
        """The word that ``token`` stands for, as it is kept in the vocabulary."""
        return str(self._tokenizer.id_to_token(token) or "")


@lru_cache(maxsize=1)
def bundled_segmenter() -> Segmenter:
    """The segmenter that ships with the package, read once."""
    return Segmenter.load()


def shares_segmentation(encoder: Encoder, segmenter: Segmenter) -> TypeGuard[StaticEncoder]:
    """True where ``encoder.encode_ids`` takes the ids that ``segmenter.raw_ids`` gives."""
    return isinstance(encoder, StaticEncoder) and encoder.tokenizer_file.resolve() == segmenter.path.resolve()


def _beginning(words: Sequence[str], prefix: str) -> Sequence[str]:
    """Those of ``words``, which are in order, that begin with ``prefix``."""
    return words[bisect_left(words, prefix) : bisect_left(words, prefix + chr(sys.maxunicode))]
