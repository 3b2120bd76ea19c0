"""Another reader in place of the bundled one: any extractive question-answering model, through transformers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from index.encoder import local_first
from index.records import EncoderError, Hit, MissingExtra, Place
from index.segmenter import Segmenter
from index.sentences import sentence_spans
from index.thai import border_at
from qa.reader import BundledReader, Reader, Reading, met, moved, trimmed
from qa.reader_text import stripped
from qa.rerank import Question, RowSource

ENVIRONMENT = "QA_READER"
LONGEST_ANSWER = 60  # tokens of the model
LONGEST_INPUT = 512  # tokens of question and passage together; longer passages are read in overlapping windows
OVERLAP = 128  # tokens that neighbouring windows share
LONGEST_QUESTION = 128  # tokens of the question that are read, and never more than a third of the input


def load_reader(name: str | None = None) -> Reader:
    """The reader ``name``: a model folder or name; None asks QA_READER, then takes the bundled one.

    Raises:
        EncoderError: the name is neither a folder nor reachable, or no extractive question-answering model.
        MissingExtra: it needs transformers, which is not installed.
    """
    name = name or os.environ.get(ENVIRONMENT) or None
    return BundledReader() if name is None or name == "bundled" else TransformersReader(name)


class TransformersReader:
    """A model with a head for the first and the last token of an answer.

    Its probability is the share of the chosen span among all spans and "no answer" (the first token, as in
    SQuAD 2.0); it is not calibrated on Thai documents.
    """

    def __init__(self, name: str) -> None:
        try:
            import torch  # noqa: F401 - transformers imports without it and fails later
            import transformers  # noqa: F401
        except ImportError as error:
            raise MissingExtra("transformers", "models", f"the reader {name}") from error
        self._tokenizer, self._model, missing = local_first(
            name,
            lambda named, local: _loaded(named, local=local),
            f"{name} is neither a folder with an extractive question-answering model nor such a model that can be "
            f"reached: leave --reader and {ENVIRONMENT} out for the bundled reader, or give the folder of a downloaded model",
        )
        if missing:
            raise EncoderError(
                f"{name} has no weights for {', '.join(sorted(missing)[:3])}: it was not trained to mark answers; name a "
                "model for extractive question answering"
            )
        if not self._tokenizer.is_fast:
            raise EncoderError(f"{name}: its tokenizer does not say where its tokens stand; it needs a tokenizer.json")
        self.name = name
        self._size = min(LONGEST_INPUT, self._tokenizer.model_max_length, _positions(self._model))

    def read(self, question: Question, hit: Hit, segmenter: Segmenter, rows: RowSource | None) -> Reading:
        """What answers in ``hit``: the likeliest span, and the sentences that it touches."""
        span, chance = self._span(question.text, hit.text)
        text = hit.text
        start, end = border_at(text, span.start), border_at(text, span.end, forward=True)
        touched = [place for place in sentence_spans(text) if place.start < end and start < place.end]
        if not touched:
            whole = Place(hit.start, hit.end)
            return Reading(whole, 0.0, (), whole, 0.0, 0.0)
        sentence = stripped(text, Place(touched[0].start, touched[-1].end))
        score, matched = met(question, text, sentence, segmenter, rows)
        span = trimmed(text, Place(start, end), sentence)
        return Reading(
            moved(sentence, hit.start),
            score,
            tuple(moved(place, hit.start) for place in matched),
            moved(span, hit.start),
            chance,
            chance,
        )

    def _span(self, question: str, text: str) -> tuple[Place, float]:
        """The likeliest span in ``text`` and its chance; an empty one where there is none."""
        import torch

        asked = self._tokenizer(
            question,
            add_special_tokens=False,
            truncation=True,
            max_length=min(LONGEST_QUESTION, self._size // 3),
            return_offsets_mapping=True,
        )
        room = self._size - len(asked["input_ids"]) - self._tokenizer.num_special_tokens_to_add(pair=True)
        windows = self._tokenizer(
            question[: max((end for _, end in asked["offset_mapping"]), default=0)],
            text,
            truncation="only_second",
            max_length=self._size,
            stride=min(OVERLAP, room // 2),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            padding=True,
            return_tensors="pt",
        )
        offsets = windows.pop("offset_mapping").numpy()
        windows.pop("overflow_to_sample_mapping")
        with torch.inference_mode():
            out = self._model(**windows)
        inside = [[side == 1 for side in windows.sequence_ids(i)] for i in range(len(offsets))]
        return _likeliest(out.start_logits.numpy(), out.end_logits.numpy(), np.asarray(inside), offsets)


def _loaded(name: str, *, local: bool) -> tuple[Any, Any, Sequence[str]]:
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=local)
    model, loading = AutoModelForQuestionAnswering.from_pretrained(
        name, local_files_only=local, output_loading_info=True
    )
    return tokenizer, model.eval(), list(loading["missing_keys"])


def _positions(model: Any) -> int:
    """Tokens that the model has positions for; RoBERTa's kind keeps two for itself."""
    return int(getattr(model.config, "max_position_embeddings", None) or LONGEST_INPUT + 2) - (
        2 if "roberta" in str(model.config.model_type) or model.config.model_type == "camembert" else 0
    )


def _likeliest(first: np.ndarray, last: np.ndarray, inside: np.ndarray, offsets: np.ndarray) -> tuple[Place, float]:
    """The best span of all windows, and its share among all spans and each window's "no answer".

    Args:
        first: (w, t) logits of being the answer's first token.
        last: the same of its last.
        inside: (w, t) True for tokens of the passage.
        offsets: (w, t, 2) where each token stands in the passage.
    """
    t = first.shape[1]
    apart = np.arange(t)[None, :] - np.arange(t)[:, None]
    allowed = inside[:, :, None] & inside[:, None, :] & ((apart >= 0) & (apart < LONGEST_ANSWER))[None]
    if not allowed.any():
        return Place(0, 0), 0.0
    scores = np.where(allowed, first[:, :, None].astype(np.float64) + last[:, None, :], -np.inf)
    window, begin, end = np.unravel_index(int(scores.argmax()), scores.shape)
    none = first[:, 0].astype(np.float64) + last[:, 0]
    highest = max(float(scores.max()), float(none.max()))
    total = np.exp(scores - highest).sum() + np.exp(none - highest).sum()
    chance = float(np.exp(scores[window, begin, end] - highest) / total)
    return Place(int(offsets[window, begin, 0]), int(offsets[window, end, 1])), chance
