"""Another extractive question-answering model in the reader's place: where its spans stand, and what cannot be loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from measured import SEGMENTER, question

import qa
from index.records import Chunk, Document, EncoderError, Hit
from index.thai import is_border
from qa.reader import BundledReader, Reader, read
from qa.reader_named import ENVIRONMENT, TransformersReader, _likeliest, load_reader

PASSAGE = (
    "  โรงเรียนบ้านหนองแวงก่อตั้งขึ้นเมื่อวันที่ 12 พฤษภาคม พ.ศ. 2478 โดยนายบุญมี ศรีสุข ซึ่งเป็นผู้ใหญ่บ้าน "
    "ปัจจุบันตั้งอยู่ที่อำเภอเมือง จังหวัดร้อยเอ็ด นอกจากนี้มีนักเรียนทั้งหมด 248 คน และมีครู 17 คน ในน้ำมีปลา "
)


def hit(text: str, start: int = 0) -> Hit:
    return Hit(1, Chunk("a.txt", start, start + len(text), text, 1), 1.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with random weights whose tokens are single characters, so that it cuts inside graphemes."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForQuestionAnswering, PreTrainedTokenizerFast

    signs = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted(set(PASSAGE + "อะไรเมื่อใดกี่ครูwho?"))]
    tokenizer = Tokenizer(models.WordLevel({sign: i for i, sign in enumerate(signs)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(signs), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=96, initializer_range=1.0,
    )  # fmt: skip
    out = tmp_path_factory.mktemp("model")
    BertForQuestionAnswering(config).save_pretrained(out)
    fast.save_pretrained(out)
    return out


@pytest.mark.parametrize("asks", ["ก่อตั้งเมื่อใด", "มีครูกี่คน", "who?", "อะไร" * 80])
@pytest.mark.parametrize("start", [0, 1000])
def test_spans_stand_in_the_source_on_grapheme_borders(folder: Path, asks: str, start: int) -> None:
    reader: Reader = TransformersReader(str(folder))
    reading = reader.read(question(asks), hit(PASSAGE * 3, start), SEGMENTER, None)
    text = PASSAGE * 3
    assert start <= reading.place.start <= reading.span.start < reading.span.end <= reading.place.end
    assert is_border(text, reading.span.start - start) and is_border(text, reading.span.end - start)
    answer = text[reading.span.start - start : reading.span.end - start]
    assert answer and answer == answer.strip()
    assert 0.0 < reading.probability <= 1.0


def test_a_long_passage_is_read_to_its_end(folder: Path) -> None:
    reader = TransformersReader(str(folder))
    asks, text = question("มีครูกี่คน"), PASSAGE * 4
    starts = {reader.read(asks, hit(text[cut:]), SEGMENTER, None).span.start + cut for cut in range(0, 400, 40)}
    assert max(starts) > 96, "windows beyond the model's positions are read too"


def test_the_likeliest_span_of_all_windows_and_its_share() -> None:
    first = np.asarray([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 9.0, 0.0]])
    last = np.asarray([[0.0, 0.0, 1.0, 0.0], [0.0, 9.0, 0.0, 2.0]])
    inside = np.asarray([[False, True, True, False], [False, False, True, True]])
    offsets = np.asarray([[[0, 0], [0, 2], [2, 5], [0, 0]], [[0, 0], [0, 0], [5, 6], [6, 9]]])
    place, chance = _likeliest(first, last, inside, offsets)
    assert (place.start, place.end) == (5, 9)  # the end outside the passage does not count
    every = [1, 2, 1, 9, 11, 2, 0, 0]  # spans of both windows, and their two "no answer"
    assert chance == pytest.approx(np.exp(11) / np.exp(every).sum())


def test_an_empty_passage_has_no_span(folder: Path) -> None:
    reading = TransformersReader(str(folder)).read(question("มีครูกี่คน"), hit(""), SEGMENTER, None)
    assert (reading.span.start, reading.span.end, reading.probability) == (0, 0, 0.0)


def test_an_assistant_reads_with_the_named_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [Document("a.txt", PASSAGE)]
    bot = qa.open(documents=documents, reader=str(folder), min_confidence=0.0)
    assert bot.config["reader"] == str(folder)
    answer = bot.ask("โรงเรียนมีครูกี่คน")
    hits = bot.retrieve("โรงเรียนมีครูกี่คน")
    named = bot.reader.read(question("โรงเรียนมีครูกี่คน"), hits[0], SEGMENTER, None)
    own = read(question("โรงเรียนมีครูกี่คน"), hits[0], SEGMENTER, None)
    assert named.span != own.span
    assert PASSAGE[answer.citations[0].marks[0].start : answer.citations[0].marks[0].end] == answer.text
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    assert isinstance(load_reader(), TransformersReader)
    monkeypatch.delenv(ENVIRONMENT)
    assert isinstance(load_reader(), BundledReader)
    assert isinstance(load_reader("bundled"), BundledReader)


def test_what_is_no_such_model_is_said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.encoder.reachable", lambda name: False)
    with pytest.raises(EncoderError, match=r"nowhere/none.*--reader"):
        load_reader("nowhere/none")
    from transformers import AutoTokenizer, BertConfig, BertModel

    headless = tmp_path / "headless"
    BertModel(BertConfig.from_pretrained(folder)).save_pretrained(headless)
    AutoTokenizer.from_pretrained(folder).save_pretrained(headless)
    with pytest.raises(EncoderError, match="not trained to mark answers"):
        load_reader(str(headless))
