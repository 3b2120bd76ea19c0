"""The reader's weights on disk, read once: words, trees, network, calibration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.records import EncoderError
from index.segmenter import Segmenter
from qa.reader_network import Network
from qa.reader_sentences import Trees

FOLDER = Path(__file__).parent / "reader_model"
_UNKNOWN = 0


class WordTable:
    """Rarity, likeness and vectors of words, by the ids of the segmentation in use.

    The reader keeps the words it was trained on; where the segmentation in use has another vocabulary, its words
    are found by their letters.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray], fingerprint: str, segmenter: Segmenter) -> None:
        self._weights = arrays["weight"].astype(np.float32)
        self._rows, self._scales = arrays["alike"], arrays["alike_scale"].astype(np.float32)
        self._vectors, self._steps = arrays["vectors"], arrays["vectors_scale"].astype(np.float32)
        self._segmenter = segmenter
        self._known: dict[str, int] | None = None
        if segmenter.fingerprint != fingerprint:
            words = bytes(arrays["vocabulary"]).decode("utf-8").split("\n")
            self._known = {word: row for row, word in enumerate(words)}

    def _row(self, ids: np.ndarray) -> np.ndarray:
        if self._known is None:
            return np.asarray(ids, dtype=np.intp)
        known, name = self._known, self._segmenter.text_of
        return np.fromiter((known.get(name(int(word)), _UNKNOWN) for word in ids), dtype=np.intp, count=len(ids))

    def weight(self, ids: np.ndarray) -> np.ndarray:
        """(n,) float32 rarity: ``ln(1 + (N - df + .5) / (df + .5))`` over the N passages it was counted in."""
        return np.asarray(self._weights[self._row(ids)])

    def unit(self, ids: np.ndarray) -> np.ndarray:
        """(n, d) float32 vectors of norm 1 (0 where a word has none), whose product is how alike two words are."""
        row = self._row(ids)
        return np.asarray(self._rows[row].astype(np.float32) * self._scales[row, None])

    def vector(self, ids: np.ndarray) -> np.ndarray:
        """(n, e) float32 vectors that the network takes."""
        row = self._row(ids)
        return np.asarray(self._vectors[row].astype(np.float32) * self._steps[row, None])


class Model:
    """All that the reader learned."""

    def __init__(self, arrays: Mapping[str, np.ndarray], settings: Mapping[str, object], segmenter: Segmenter) -> None:
        self.words = WordTable(_part(arrays, "words."), str(settings["segmenter"]), segmenter)
        self.trees = Trees(_part(arrays, "trees."))
        self.network = Network(_part(arrays, "network."))
        self.top = int(str(settings["sentences"]))
        """Sentences that the network looks into."""
        self.share = float(str(settings["share"]))
        """Weight of the trees' log-odds beside the network's score."""
        table = settings["calibration"]
        self.calibration = dict(table) if isinstance(table, Mapping) else {}


def _part(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


@lru_cache(maxsize=2)
def load_model(segmenter: Segmenter, folder: Path = FOLDER) -> Model:
    """Read the weights. Raises EncoderError where they are missing or damaged."""
    from safetensors.numpy import load_file

    try:
        settings = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        return Model(load_file(folder / "reader.safetensors"), settings, segmenter)
    except Exception as error:  # safetensors raises its own kinds
        raise EncoderError(
            f"{folder}: the reader's weights cannot be read ({error}): install the package again"
        ) from error
