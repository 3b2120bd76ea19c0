"""Word translation probabilities from sentence pairs (IBM model 1, Brown et al. 1993), all in numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.training.bags import Bags

ROUNDS = 6


def align(
    english: Bags, thai: Bags, size: int, rounds: int = ROUNDS
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """p(thai | english) for the token pairs that occur together.

    Returns:
        English ids, Thai ids and probabilities, three arrays of one length; for each English id they add up to 1.
    """
    pair_codes, slots = [], []  # one item for each (English token, Thai token) of each sentence pair
    slot = 0
    for number in range(len(english)):
        source, target = english[number].astype(np.int64), thai[number].astype(np.int64)
        if not len(source) or not len(target):
            continue
        pair_codes.append((source[None, :] * size + target[:, None]).ravel())
        slots.append(np.repeat(np.arange(slot, slot + len(target)), len(source)))
        slot += len(target)
    codes, item = np.unique(np.concatenate(pair_codes), return_inverse=True)
    place = np.concatenate(slots)
    source_of = codes // size
    chance = np.ones(len(codes))
    for _ in range(rounds):
        share = chance[item]
        share /= np.bincount(place, share, minlength=slot)[place]
        count = np.bincount(item, share, minlength=len(codes))
        chance = count / np.maximum(np.bincount(source_of, count, minlength=size)[source_of], 1e-12)
    return source_of, codes % size, chance
