"""The reader's weights on disk, read once: words, trees, networks, calibration."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from index.records import EncoderError, Place
from index.segmenter import Token
from qa.reader_context import Context
from qa.reader_network import Networks
from qa.reader_sentences import Trees
from qa.reader_words import WordTable

FOLDER = Path(__file__).parent / "reader_model"
FEW = 100  # texts that are cut one by one: sharing out a question's expressions among threads takes longer than cutting


class Cutter:
    """The segmentation that the reader was trained on: words, and signs it does not know as id 0.

    It is the reader's own copy, so that the index and the encoder may change theirs without touching it.
    """

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(path))
        vocabulary = self._tokenizer.get_vocab()
        self._kept = np.zeros(1 + max(vocabulary.values()), dtype=bool)
        for word, number in vocabulary.items():
            self._kept[number] = any(char.isalnum() for char in word) and not word.startswith("[")

    def __len__(self) -> int:
        return len(self._kept)

    def tokens(self, text: str) -> list[Token]:
        """The words of a text with their places in it."""
        cut = self._tokenizer.encode(text, add_special_tokens=False)
        return [Token(i, Place(*place)) for i, place in zip(cut.ids, cut.offsets, strict=True) if self._kept[i]]

    def ids(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        """The word ids of each text."""
        if len(texts) < FEW:
            cut = [self._tokenizer.encode(text, add_special_tokens=False) for text in texts]
        else:
            cut = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [tuple(i for i in one.ids if self._kept[i]) for one in cut]

    def text_of(self, word: int) -> str:
        """The word that an id stands for."""
        return str(self._tokenizer.id_to_token(word) or "")


class Model:
    """All that the reader learned, and the segmentation that it learned it on."""

    def __init__(self, arrays: Mapping[str, np.ndarray], settings: Mapping[str, Any], cutter: Cutter) -> None:
        self.cutter = cutter
        self.words = WordTable(part(arrays, "words."))
        self.context = Context(part(arrays, "context."), self.words)
        self.trees = Trees(part(arrays, "trees."))
        self.belief = Trees(part(arrays, "belief."))
        """Log-odds that a sentence answers, in passages that answer and others."""
        names = sorted({name.split(".")[0] for name in arrays if name.startswith("network")})
        doubt = {**_vectors(arrays, names[0]), **part(arrays, "doubt.")}
        self.networks = Networks([*(part(arrays, f"{name}.") for name in names), doubt])
        """Trained alike but for chance, their scores to be averaged; and last the first one trained on, passages that do not
        answer among what it learned from, to doubt."""
        self.top = int(settings["sentences"])
        """Sentences that the networks look into."""
        self.share = float(settings["share"])
        """Power to which the trees' odds count beside the networks' chances."""
        self.calibration: dict[str, float] = dict(settings["calibration"])
        """Of the chance that the span answers ..."""
        self.answering: dict[str, float] = dict(settings["answering"])
        """... and of the chance that the passage does."""


def part(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The arrays whose names begin with ``prefix``, without it."""
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def _vectors(arrays: Mapping[str, np.ndarray], network: str) -> dict[str, np.ndarray]:
    return {name: arrays[f"{network}.{name}"] for name in ("vectors", "vectors_scale")}


@lru_cache(maxsize=2)
def load_model(folder: Path = FOLDER) -> Model:
    """Read the weights. Raises EncoderError where they are missing or damaged."""
    from safetensors.numpy import load_file

    try:
        settings = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        return Model(load_file(folder / "reader.safetensors"), settings, Cutter(folder / "tokenizer.json"))
    except Exception as error:  # safetensors raises its own kinds
        raise EncoderError(
            f"{folder}: the reader's weights cannot be read ({error}): install the package again"
        ) from error
