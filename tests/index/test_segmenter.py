"""One segmentation for the word index and the encoder."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from support import LINES, SEEDS, hard_text
from toy import ToyEncoder

from index.encoder import load_encoder
from index.records import StoreDamaged
from index.segmenter import Segmenter, bundled_segmenter, shares_segmentation


@given(hard_text(100))
def test_three_ways_to_the_same_ids(text: str) -> None:
    segmenter = bundled_segmenter()
    ids = segmenter.ids(text)
    assert ids == segmenter.words_only(segmenter.raw_ids([text])[0]).tolist()
    assert ids == [token.id for token in segmenter.tokens(text)]


@given(hard_text(100))
def test_tokens_stand_in_the_text_in_order(text: str) -> None:
    tokens = bundled_segmenter().tokens(text)
    assert all(0 <= token.place.start <= token.place.end <= len(text) for token in tokens)
    assert all(one.place.start <= two.place.start for one, two in itertools.pairwise(tokens))


def test_words_without_spaces_and_punctuation(segmenter: Segmenter) -> None:
    text = "แมว, (แมว) - แมว!"
    cat = segmenter.ids("แมว")
    assert len(cat) == 1
    assert segmenter.ids(text) == 3 * cat
    assert [text[token.place.start : token.place.end].strip() for token in segmenter.tokens(text)] == ["แมว"] * 3
    assert segmenter.text_of(cat[0]) == "แมว"
    assert segmenter.ids(" ,.()!") == []


def test_digits_and_case_are_folded(segmenter: Segmenter) -> None:
    assert segmenter.ids("ปี ๒๕๖๗") == segmenter.ids("ปี 2567")
    assert segmenter.ids("TRUMP") == segmenter.ids("trump")


def test_each_word_of_the_seeds_reads_as_it_stands(segmenter: Segmenter) -> None:
    text = (SEEDS / "xi-trump-phone-call.txt").read_text(encoding="utf-8")
    tokens = segmenter.tokens(text)
    assert len(tokens) > 500
    known = [t for t in tokens if not segmenter.text_of(t.id).startswith("[")]
    same = sum(text[t.place.start : t.place.end].strip().lower() == segmenter.text_of(t.id) for t in known)
    assert same > 0.95 * len(known)  # digits and quotes are folded, the rest stands


def test_only_the_encoder_of_the_same_file_shares_it(segmenter: Segmenter, toy: ToyEncoder) -> None:
    encoder = load_encoder(None)
    assert shares_segmentation(encoder, segmenter)
    assert not shares_segmentation(toy, segmenter)
    raw = segmenter.raw_ids(LINES)
    assert np.array_equal(encoder.encode_ids(raw), encoder.encode(LINES, role="document"))


def test_a_broken_file_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "tokenizer.json"
    broken.write_text("{", encoding="utf-8")
    for path in (broken, tmp_path / "missing.json"):
        with pytest.raises(StoreDamaged, match=r"install again$") as caught:
            Segmenter.load(path)
        assert "\n" not in str(caught.value)
