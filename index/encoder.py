"""Text -> vectors: the bundled static encoder (no torch), or any sentence-transformers model by name or folder.

The bundled encoder holds one 8-bit row a token; a text's vector is the sum of its tokens' rows, normalised
(Arora et al. 2017 without the projection; the weight of a word is the length of its row). One segmentation
serves both the word index and the encoder: ``tokenizer``, ``token_ids`` and ``encode_ids``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.records import EncoderError, MissingExtra

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

BUNDLED = Path(__file__).parent / "model"
ENVIRONMENT = "QA_ENCODER"
UNKNOWN_ID = 0
_PROBE = "ทดสอบ test 123"
_GROUP = 128  # texts whose tokens are summed by one matrix product: their common words are read once

Role = Literal["query", "document"]
Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Texts to vectors whose dot product is their cosine; higher is more alike."""

    name: str
    dimension: int
    fingerprint: str
    """Changes whenever vectors would."""

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """(n, dimension) float32; rows of norm 1, or 0 for a text without a token."""
        ...


class StaticEncoder:
    """A folder of 8-bit rows and a tokenizer, read with numpy alone; rows stay on disk until they are used."""

    def __init__(self, folder: Path = BUNDLED) -> None:
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self.name: str = config["name"]
            self.fingerprint: str = config["fingerprint"]
            self._rows, self._scales = _map_rows(folder / "model.safetensors")
        except (OSError, KeyError, ValueError) as error:
            raise EncoderError(f"{folder}: no static encoder ({error}): install the package again") from error
        self.dimension = int(self._rows.shape[1])
        self.tokenizer_file = folder / "tokenizer.json"
        self._tokenizer: Tokenizer | None = None

    @property
    def tokenizer(self) -> Tokenizer:
        """The segmenter; its offsets point into the text as it was given."""
        if self._tokenizer is None:
            from tokenizers import Tokenizer

            self._tokenizer = Tokenizer.from_file(str(self.tokenizer_file))
        return self._tokenizer

    def encodings(self, texts: Sequence[str]) -> list[Encoding]:
        """Segmented texts, each with ``ids``, ``tokens`` and ``offsets`` into the original text."""
        return list(self.tokenizer.encode_batch(list(texts), add_special_tokens=False))

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text; faster than ``encodings`` as no offsets are kept."""
        return [e.ids for e in self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def rows(self, ids: Sequence[int] | NDArray[np.integer[Any]]) -> Vectors:
        """The vectors of single tokens, (n, dimension), not normalised: a row's length is its word's weight."""
        index = np.asarray(ids, np.intp)
        taken: Vectors = self._rows[index].astype(np.float32)
        taken *= self._scales[index, None]
        return taken

    @property
    def vocabulary(self) -> int:
        """How many tokens have a row."""
        return len(self._rows)

    def codes(self, ids: Sequence[int] | NDArray[np.integer[Any]]) -> Vectors:
        """As ``rows`` up to a factor of each row: its 8-bit numbers."""
        taken: Vectors = self._rows[np.asarray(ids, np.intp)].astype(np.float32)
        return taken

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> Vectors:
        """(n, dimension) float32; rows of norm 1, or 0 for a text without a token. The role changes nothing."""
        out = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), _GROUP * 8):
            part = texts[start : start + _GROUP * 8]
            out[start : start + len(part)] = self.encode_ids(self.token_ids(part))
        return out

    def encode_ids(self, ids: Sequence[Sequence[int]]) -> Vectors:
        """As ``encode``, from token ids."""
        out = np.zeros((len(ids), self.dimension), np.float32)
        for start in range(0, len(ids), _GROUP):
            group = ids[start : start + _GROUP]
            out[start : start + len(group)] = self._sums(group)
        lengths = np.sqrt(np.einsum("nd,nd->n", out, out, dtype=np.float64))
        out /= np.where(lengths > 0, lengths, 1).astype(np.float32)[:, None]
        return out

    def _sums(self, group: Sequence[Sequence[int]]) -> Vectors:
        """Sum of the rows of each sequence: counts (n, u) times the rows of the u tokens that occur."""
        flat = np.fromiter(chain.from_iterable(group), np.intp)
        if not len(flat):
            return np.zeros((len(group), self.dimension), np.float32)
        column = np.full(len(self._rows), -1, np.intp)
        column[flat] = 0
        unique = np.flatnonzero(column == 0)  # ascending, as np.unique, without the sort
        column[unique] = np.arange(len(unique))
        owner = np.repeat(np.arange(len(group)), [len(ids) for ids in group])
        counts = np.bincount(owner * len(unique) + column[flat], minlength=len(group) * len(unique))
        table: Vectors = counts.reshape(len(group), len(unique)).astype(np.float32)
        table /= np.maximum(table.sum(axis=1, keepdims=True), 1)  # means, so that no text is too long to sum
        sums: Vectors = (table * self._scales[unique]) @ self._rows[unique].astype(np.float32)
        return sums


def _map_rows(path: Path) -> tuple[NDArray[np.int8], Vectors]:
    """The 8-bit rows, mapped from disk, and their scales.

    The safetensors format: 8 bytes of header length, a JSON header of types, shapes and places, the data.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length < 1_000_000:
            raise ValueError(f"{path.name} is not a safetensors file")
        header = json.loads(file.read(length))
    start = 8 + length
    size, dimension = header["embeddings"]["shape"]
    if header["embeddings"]["dtype"] != "I8" or header["weights"]["dtype"] != "F32":
        raise ValueError(f"{path.name} does not hold 8-bit rows")
    rows = np.memmap(path, np.int8, "r", start + header["embeddings"]["data_offsets"][0], (size, dimension))
    scales = np.fromfile(path, "<f4", size, offset=start + header["weights"]["data_offsets"][0])
    return rows.view(np.ndarray), scales.astype(np.float32)  # a plain array over the map: indexing it costs less


Model = TypeVar("Model")


def local_first(name: str, load: Callable[[str, bool], Model], otherwise: str) -> Model:
    """What ``load(name, local)`` makes of a model's folder or name: what is on this machine is never looked up elsewhere.

    Raises EncoderError with the words ``otherwise`` where it cannot be had.
    """
    folder = Path(name).expanduser()
    named = str(folder) if folder.is_dir() else name
    try:
        try:
            return load(named, True)
        except Exception:
            if named != name or not reachable(name):
                raise
            return load(name, False)
    except Exception as error:  # the libraries below raise a dozen kinds for a name that cannot be had
        raise EncoderError(otherwise) from error


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by folder or name; uses its own query and document prompts."""

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtra("sentence-transformers", "models", f"the encoder {name}") from error
        self._model = local_first(
            name,
            lambda named, local: SentenceTransformer(named, local_files_only=local),
            f"{name} is neither a model folder nor a model that can be reached: unset {ENVIRONMENT} for the "
            "bundled encoder, or give the folder of a downloaded model",
        )
        probe = np.asarray(self._model.encode([_PROBE], show_progress_bar=False), np.float32)
        self.name = name
        self.dimension = int(probe.shape[1])
        self.fingerprint = _model_fingerprint(name, self._model.prompts, probe)

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """(n, dimension) float32; rows of norm 1, or 0 for an empty text."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        encode = self._model.encode_query if role == "query" else self._model.encode_document
        vectors = np.asarray(encode(list(texts), normalize_embeddings=True, show_progress_bar=False), np.float32)
        vectors[[not text.strip() for text in texts]] = 0
        return vectors


def reachable(name: str) -> bool:
    """True where the model hub answers for ``name`` within seconds; loading by itself retries for over a minute."""
    from huggingface_hub import HfApi, constants

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        HfApi().model_info(name, timeout=5)
    except Exception:  # no network, no such model, no right to it: all the same here
        return False
    return True


def _model_fingerprint(name: str, prompts: Any, probe: Vectors) -> str:
    """16 hex characters over the name, the prompts and a fixed sentence's vector, rounded."""
    import hashlib

    text = json.dumps([name, prompts, np.round(probe, 2).tolist()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def load_encoder(name: str | None = None) -> Encoder:
    """The encoder ``name``: a folder or model name; None asks QA_ENCODER, then takes the bundled one.

    Raises:
        EncoderError: the name is neither a folder nor reachable.
        MissingExtra: it needs sentence-transformers, which is not installed.
    """
    name = name or os.environ.get(ENVIRONMENT) or None
    if name is None or name == "bundled":
        return _bundled()
    folder = Path(name).expanduser()
    if (folder / "config.json").is_file() and '"model2vec"' in (folder / "config.json").read_text(encoding="utf-8"):
        return StaticEncoder(folder)
    return SentenceTransformerEncoder(name)


@lru_cache(maxsize=1)
def _bundled() -> StaticEncoder:
    return StaticEncoder(BUNDLED)
