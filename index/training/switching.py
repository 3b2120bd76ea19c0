"""Thai words put into English, or other Thai, by the lexicon: questions in other words for every Thai text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from index.training.bags import Bags, Ids

Table = Mapping[tuple[int, ...], Sequence[Ids]]
"""Other forms by the tokens of a Thai form."""
WIDEST = 4  # tokens of a Thai form that is looked for


def switch(ids: Ids, table: Table, share: float, rng: np.random.Generator) -> Ids:
    """``ids`` with a share of what the table knows put into another form, longest match first."""
    out: list[Ids] = []
    position = 0
    sequence = ids.tolist()
    while position < len(sequence):
        for wide in range(WIDEST, 0, -1):
            forms = table.get(tuple(sequence[position : position + wide]))
            if forms and rng.random() < share:
                out.append(forms[int(rng.integers(len(forms)))])
                break
        else:
            wide = 1
            out.append(ids[position : position + 1])
        position += wide
    return np.concatenate(out) if out else ids


def translations(entries: Sequence[tuple[Bags, Bags]]) -> Table:
    """English forms by the tokens of a Thai form, of at most WIDEST tokens."""
    table: dict[tuple[int, ...], list[Ids]] = {}
    for thai, english in entries:
        for index in range(len(thai)):
            key = tuple(thai[index].tolist())
            if len(english) and 0 < len(key) <= WIDEST:
                table.setdefault(key, []).extend(english[place] for place in range(len(english)))
    return table


def synonyms(entries: Sequence[tuple[Bags, Bags]]) -> Table:
    """Other Thai forms of its entries by the tokens of a Thai form, of at most WIDEST tokens."""
    table: dict[tuple[int, ...], list[Ids]] = {}
    for thai, _ in entries:
        for index in range(len(thai)):
            key = tuple(thai[index].tolist())
            if len(thai) > 1 and 0 < len(key) <= WIDEST:
                table.setdefault(key, []).extend(thai[place] for place in range(len(thai)) if place != index)
    return table
