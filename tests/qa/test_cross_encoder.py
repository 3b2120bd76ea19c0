"""A cross-encoder by folder: a real one, two layers of BERT with random weights, saved and loaded as any other."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from support import LINES

import qa
from index.records import Document, EncoderError
from qa import cross_encoder
from qa.cross_encoder import CrossEncoderReranker, load_reranker

QUESTION = "รถไฟสายเหนือออกกี่โมง"
DOCUMENTS = [Document(f"{number}.txt", line) for number, line in enumerate(LINES)]


def saved(folder: Path, labels: int = 1) -> Path:
    """A BERT of two layers over single characters, as sentence-transformers saves one."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir()
    letters = sorted({letter for line in (*LINES, QUESTION) for letter in line if letter != " "})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        initializer_range=0.5, num_labels=labels,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), strip_accents=False).save_pretrained(folder)
    CrossEncoder(str(folder), local_files_only=True).save_pretrained(str(folder))
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("models") / "tiny")


@pytest.mark.slow
def test_it_orders_what_the_built_in_one_found(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    pairs = [(QUESTION, line) for line in LINES]
    said = CrossEncoder(str(model), local_files_only=True).predict(pairs, activation_fn=Identity())
    score = {f"{number}.txt": float(value) for number, value in enumerate(said)}
    bot = qa.open(documents=DOCUMENTS, reranker=str(model))
    hits = bot.retrieve(QUESTION, 5, explain=True)
    # Batches are padded otherwise here and there, so that the last digits differ.
    assert len(hits) == len(LINES)
    for better, worse in pairwise(hits):
        assert better.score - worse.score == pytest.approx(score[better.source] - score[worse.source], abs=1e-3)
        assert better.score >= worse.score
    assert bot.config["reranker"] == str(model)
    for hit in hits:
        assert hit.explanation is not None
        assert hit.explanation.contributions == pytest.approx({"cross_encoder": hit.score} if hit.score else {})
    assert {"words", "dense", "characters"} <= hits[0].channels.keys()  # what confidence is told from

    monkeypatch.setattr(cross_encoder, "READ", 2)
    plain = [hit.source for hit in qa.open(documents=DOCUMENTS, reranker="builtin").retrieve(QUESTION)]
    some = bot.retrieve(QUESTION, 5, explain=True)
    assert {hit.source for hit in some[:2]} == set(plain[:2]) and [hit.source for hit in some[2:]] == plain[2:]
    assert [hit.score for hit in some] == sorted((hit.score for hit in some), reverse=True)
    assert all(
        sum(hit.explanation.contributions.values()) == pytest.approx(hit.score, abs=1e-4)
        for hit in some
        if hit.explanation
    )


@pytest.mark.slow
def test_the_environment_names_one_and_the_name_goes_first(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cross_encoder.ENVIRONMENT, str(model))
    assert isinstance(load_reranker(), CrossEncoderReranker)
    assert load_reranker("builtin") is None
    monkeypatch.delenv(cross_encoder.ENVIRONMENT)
    assert load_reranker() is None


@pytest.mark.slow
def test_what_is_no_re_ranker_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    (tmp_path / "empty").mkdir()
    for name in (str(tmp_path / "empty"), str(tmp_path / "none"), "nobody/no-such-reranker"):
        with pytest.raises(EncoderError, match="unset QA_RERANKER for the built-in re-ranker") as caught:
            qa.open(documents=DOCUMENTS, reranker=name)
        assert name in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(EncoderError, match="gives 3 scores for a passage, not one"):
        CrossEncoderReranker(str(saved(tmp_path / "classifier", labels=3)))
