"""A cross-encoder of sentence-transformers in the place of the built-in re-scorer, for those who have one.

It reads question and passage together (Nogueira & Cho 2019), which costs a pass of a transformer for each of
them: it looks at the best of what the built-in re-scorer ordered.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from index.encoder import local_first
from index.records import EncoderError, MissingExtra
from qa.rerank import Candidates, Question, Reranker
from qa.rescorer import builtin

ENVIRONMENT = "QA_RERANKER"
BUILTIN = "builtin"
ABOVE = 1e-3  # the least that a passage read scores above those not read
READ = 20  # best candidates that are read; what stands below keeps its order
BATCH = 16


class CrossEncoderReranker:
    """Any sentence-transformers CrossEncoder with one score, by folder or name."""

    def __init__(self, name: str) -> None:
        """Load the model ``name``. Raises EncoderError where it cannot be had, MissingExtra without the library."""
        try:
            from sentence_transformers import CrossEncoder
        except ImportError as error:
            raise MissingExtra("sentence-transformers", "models", f"the re-ranker {name}") from error
        self._model: Any = local_first(
            name,
            lambda named, local: CrossEncoder(named, local_files_only=local),
            f"{name} is neither a model folder nor a model that can be reached: unset {ENVIRONMENT} for the "
            "built-in re-ranker, or give the folder of a downloaded model",
        )
        if self._model.num_labels != 1:
            raise EncoderError(
                f"{name} gives {self._model.num_labels} scores for a passage, not one; name a model for re-ranking"
            )
        self.name = name

    def score(self, question: Question, candidates: Candidates, measured: np.ndarray) -> np.ndarray:
        """(n,) scores: the model's raw scores above those of what was not read."""
        return self._scored(question, candidates, measured)[0]

    def contributions(self, question: Question, candidates: Candidates, measured: np.ndarray) -> list[dict[str, float]]:
        """The model's score where it read the passage, else what the built-in re-scorer says."""
        scores, read = self._scored(question, candidates, measured)
        rows = builtin().contributions(question, candidates, measured)
        return [{"cross_encoder": float(scores[n])} if n in read else row for n, row in enumerate(rows)]

    def _scored(
        self, question: Question, candidates: Candidates, measured: np.ndarray
    ) -> tuple[np.ndarray, frozenset[int]]:
        from torch.nn import Identity

        scores = np.array(builtin().score(question, candidates, measured), dtype=np.float32)
        order = np.argsort(-scores, kind="stable")
        best, rest = order[:READ], order[READ:]
        if not len(best):
            return scores, frozenset()
        pairs = [(question.text, candidates.texts[number]) for number in best]
        said = self._model.predict(pairs, batch_size=BATCH, show_progress_bar=False, activation_fn=Identity())
        said = np.asarray(said, dtype=np.float32)
        floor = float(scores[rest].max()) if len(rest) else 0.0
        scores[best] = floor + ABOVE + said - said.min()
        return scores, frozenset(best.tolist())


def load_reranker(name: str | None = None) -> Reranker | None:
    """The re-ranker ``name``; None asks QA_RERANKER. None comes back for the built-in one.

    Raises EncoderError and MissingExtra as :class:`CrossEncoderReranker`.
    """
    name = name or os.environ.get(ENVIRONMENT) or BUILTIN
    return None if name == BUILTIN else CrossEncoderReranker(name)
