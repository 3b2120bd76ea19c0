"""Rows before training: an untrained matcher of words and of their company, English words beside their translations.

Random directions are almost orthogonal, so that the cosine of two texts is about their tf-idf cosine. The other numbers of a
row are the word's direction by company (``neighbours``): words of one meaning meet there. A translation dictionary
counted from sentence pairs then gives English questions on Thai text for nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.training.alignment import align
from index.training.bags import Bags, pack
from index.training.batches import Corpus
from index.training.neighbours import unit, word_directions

Rows = NDArray[np.float32]

POWER = 0.75  # of inverse document frequency, for the length of a row
BY_COMPANY = 0.53  # share of a row's numbers that tell its company; the others are random
COMPANY = 0.4  # what they make of the row's squared length, for a word that is often seen
OWN = 0.25  # length of an English word's own direction, beside 1 for its translations': names stand in Thai text too
FAINT = 0.1  # translations less probable than this are noise
LEXICON_WEIGHT = 3  # sentence pairs that one pair of lexicon forms counts for


def first_rows(corpus: Corpus, words: NDArray[np.bool_], dimension: int, seed: int) -> Rows:
    """Rows (size, dimension) to begin training with, lengths by inverse document frequency.

    Args:
        words: (size,) which tokens are words and not spaces or signs.
    """
    company = min(round(BY_COMPANY * dimension), len(words) - 1)
    directions, trust = word_directions(corpus, words, company, seed)
    chance = np.random.default_rng(seed).standard_normal((len(words), dimension - company), dtype=np.float32)
    share = (COMPANY * trust)[:, None]
    rows = np.concatenate([unit(chance) * np.sqrt(1 - share), directions * np.sqrt(share)], axis=1)
    rows *= (corpus.idf / corpus.idf.max())[:, None] ** POWER * np.sqrt(dimension)
    rows[0] = 0
    return align_english(rows.astype(np.float32), corpus)


def sentence_pairs(corpus: Corpus) -> tuple[Bags, Bags]:
    """English and Thai of one meaning: questions, glosses and the forms of the lexicon."""
    english = [corpus.english[i] for i in range(len(corpus.english))]
    thai = [corpus.english_thai[i] for i in range(len(corpus.english))]
    english += [corpus.glosses[0][i] for i in range(len(corpus.glosses[0]))]
    thai += [corpus.glosses[1][i] for i in range(len(corpus.glosses[1]))]
    for thai_forms, english_forms in corpus.entries:
        for i in range(len(thai_forms)):
            for j in range(len(english_forms)):
                english += [english_forms[j]] * LEXICON_WEIGHT
                thai += [thai_forms[i]] * LEXICON_WEIGHT
    return pack(english), pack(thai)


def align_english(rows: Rows, corpus: Corpus) -> Rows:
    """``rows`` with each Latin word turned to the mean of its translations, its length kept."""
    english, thai = sentence_pairs(corpus)
    source, target, chance = align(english, thai, len(rows))
    strong = (chance >= FAINT) & corpus.latin[source]
    source, target, chance = source[strong], target[strong], chance[strong]
    out: Rows = rows.copy()
    borders = np.searchsorted(source, np.arange(len(rows) + 1))
    for token in np.unique(source):
        part = slice(borders[token], borders[token + 1])
        moved = chance[part].astype(np.float32) @ rows[target[part]]
        length = np.linalg.norm(rows[token])
        if np.linalg.norm(moved) > 0 and length > 0:
            mixed = moved / np.linalg.norm(moved) + OWN * rows[token] / length
            out[token] = mixed / np.linalg.norm(mixed) * length
    return out
