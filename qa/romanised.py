"""Names in Latin letters for those in Thai: the consonants of both, compared.

Thai is romanised in many ways (Prayut, Prayuth; Kasetsart for what is said "kaset sat"), but the consonants hold, up to
how a final is written. A word is reduced to the classes of its consonants, as Soundex does for one script (Odell & Russell
1918), and what has nearly the same classes is taken for the same name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from index.segmenter import Segmenter

SHORTEST = 3  # consonants: names of fewer have too many that sound alike
ALIKE = 70.0  # of 100: share of the sounds, vowels too, that is the same, in order (chosen on forty names)
MOST = 2  # words that one name is taken for

_THAI = {
    **dict.fromkeys("กขคฆ", "k"), **dict.fromkeys("จฉชฌ", "c"), **dict.fromkeys("ซศษส", "s"),
    **dict.fromkeys("ดตถทธฎฏฐฑฒ", "t"), **dict.fromkeys("บปผพภ", "p"), **dict.fromkeys("ฝฟ", "f"),
    **dict.fromkeys("นณ", "n"), **dict.fromkeys("ลฬ", "l"),
    "ง": "g", "ม": "m", "ย": "y", "ญ": "y", "ร": "r", "ว": "w", "ห": "h", "ฮ": "h",
}  # fmt: skip
_LATIN_PAIRS = (("tch", "c"), ("ch", "c"), ("sh", "s"), ("th", "t"), ("ph", "p"), ("bh", "p"), ("dh", "t"), ("kh", "k"), ("gh", "k"), ("ng", "G"), ("ck", "k"), ("x", "ks"), ("qu", "kw"))  # fmt: skip
_LATIN = str.maketrans("bcdgjqvzG", "pktkckwsg", "h")


_VOWELS = {
    **dict.fromkeys("ะาัๅ", "a"), **dict.fromkeys("ิีึื", "i"), **dict.fromkeys("ุู", "u"),
    **dict.fromkeys("เแ", "e"), **dict.fromkeys("โอ", "o"), **dict.fromkeys("ใไ", "i"), "ำ": "am",
}  # fmt: skip


def is_latin_word(text: str) -> bool:
    """True for one word in Latin letters."""
    return text.isascii() and text.isalpha()


def latin_sounds(word: str) -> str:
    """A word in Latin letters as classes of consonants, and its vowels."""
    text = word.lower()
    for letters, said in _LATIN_PAIRS:
        text = text.replace(letters, said.upper() if said == "c" else said)
    text = "".join("c" if letter == "C" else letter.translate(_LATIN) for letter in text)
    return _single(re.sub("[^a-z]", "", text))


def thai_sounds(word: str) -> str:
    """The same of a Thai word: a vowel written in front is said after its consonant, ร in a pair is a vowel or n."""
    said = re.sub("([เแโใไ])([ก-ฮ])", r"\2\1", word.replace("รร", "ัน"))
    return _single("".join(_THAI.get(letter) or _VOWELS.get(letter, "") for letter in said).replace("h", ""))


def skeleton(sounds: str) -> str:
    """The consonants alone; a final korn is said and written kon, gorn or kor."""
    return _single(re.sub("[aeiou]", "", re.sub("rn(?=[^aeiou]|$)", "r", sounds)))


def _single(text: str) -> str:
    return re.sub(r"(.)\1+", r"\1", text)


@lru_cache(maxsize=2)
def _table(segmenter: Segmenter) -> dict[str, list[str]]:
    """Skeleton -> Thai words, frequent ones first; with what a thanthakhat silences and without it."""
    table: dict[str, list[str]] = {}
    for word in segmenter.vocabulary():
        if "\u0e01" <= word[0] <= "\u0e4e":
            for form in dict.fromkeys([word, re.sub("[ก-ฮ][ิุ]?์", "", word)]):
                bones = skeleton(thai_sounds(form))
                if len(bones) >= SHORTEST:
                    table.setdefault(bones, []).append(word)
    return table


@lru_cache(maxsize=512)
def sounds_like(word: str, segmenter: Segmenter) -> tuple[str, ...]:
    """Thai words that ``word``, in Latin letters, may be a spelling of, the likeliest first."""
    from rapidfuzz import fuzz

    said = latin_sounds(word)
    near = dict.fromkeys(_table(segmenter).get(skeleton(said), ()))
    scored = [(fuzz.ratio(said, thai_sounds(thai)), thai) for thai in near]
    best = sorted((pair for pair in scored if pair[0] >= ALIKE), key=lambda pair: -pair[0])
    return tuple(thai for _, thai in best[:MOST])
