"""A trained table of rows -> a folder that sentence-transformers, model2vec and index.encoder all read.

8-bit rows with a scale each: ``embeddings`` int8 (size, dimension) and ``weights`` float32 (size,). The row
of a token is ``embeddings[token] * weights[token]``; both libraries fold the two when they load.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

FILES = ("model.safetensors", "tokenizer.json")  # what vectors depend on
UNKNOWN_LENGTH = 1e-4  # of the unknown token's row, against about 1 for others: it speaks only where nothing else does

_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def quantise(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """8-bit rows (size, dimension) and the scale of each (size,); a row's largest value becomes 127."""
    scales: NDArray[np.float32] = np.divide(np.amax(np.abs(rows), axis=1), 127, dtype=np.float32)
    safe = np.where(scales > 0, scales, 1)
    return np.rint(rows / safe[:, None]).astype(np.int8), scales


def fingerprint(folder: Path) -> str:
    """Hex digest of the files that vectors depend on; 16 characters."""
    digest = hashlib.sha256()
    for name in FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:16]


def save(rows: NDArray[np.float32], tokenizer: Tokenizer, folder: Path, name: str) -> None:
    """Write the model folder whole, then put it in place of the old one; the card is kept."""
    from safetensors.numpy import save_file

    rows = rows.copy()
    direction = np.random.default_rng(0).standard_normal(rows.shape[1], dtype=np.float32)
    rows[0] = direction / np.linalg.norm(direction) * UNKNOWN_LENGTH
    embeddings, weights = quantise(rows)
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "1_Normalize").mkdir(parents=True)
    save_file({"embeddings": embeddings, "weights": weights}, fresh / "model.safetensors")
    (fresh / "model.safetensors").chmod(0o644)
    (fresh / "tokenizer.json").write_text(_compact(tokenizer), encoding="utf-8")
    _write(fresh / "modules.json", _MODULES)
    _write(fresh / "1_Normalize" / "config.json", {})
    _write(
        fresh / "config_sentence_transformers.json",
        {"model_type": "SentenceTransformer", "similarity_fn_name": "cosine", "prompts": {}},
    )
    _write(
        fresh / "config.json",
        {
            "model_type": "model2vec",
            "architectures": ["StaticModel"],
            "normalize": True,
            "name": name,
            "dimension": int(rows.shape[1]),
            "vocabulary": int(rows.shape[0]),
            "fingerprint": fingerprint(fresh),
        },
    )
    if (folder / "README.md").exists():
        shutil.copy(folder / "README.md", fresh / "README.md")
    replace_folder(fresh, folder)


def replace_folder(fresh: Path, folder: Path) -> None:
    """Move ``fresh`` to where ``folder`` is, by two renames: a reader sees the old folder or the new one."""
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _compact(tokenizer: Tokenizer) -> str:
    """The tokenizer as JSON, scores at three decimals: half the size, the same words."""
    parts = json.loads(tokenizer.to_str())
    parts["model"]["vocab"] = [[piece, round(score, 3)] for piece, score in parts["model"]["vocab"]]
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
