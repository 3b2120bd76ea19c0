"""The bundled encoder: equal to sentence-transformers on the same files, light, and calm on any input."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoder import BUNDLED, SentenceTransformerEncoder, StaticEncoder, load_encoder
from index.records import EncoderError
from index.training.export import fingerprint

TEXTS = [
    "",
    "   \n\t",
    "นายสี จิ้นผิง ประธานาธิบดีจีน พูดคุยทางโทรศัพท์ เมื่อวันที่ ๑ พฤศจิกายน",
    "Who did the president of China talk to on the phone?",
    "ราคา 1,990.50 บาท (VAT 7%)",
    "ซ้ำ ซ้ำ ซ้ำ ซ้ำ " * 40,
]
HOSTILE = [
    "हिन्दी 汉字 עברית",
    "\x00\x01\x02",
    "ก" * 100_000,
    "\u200b\ufeff",
    "!!!???",
    "\U0001f600" * 50,
    "\ud7ff\ufffd",
]
BUDGET = 30_000_000  # bytes of the model folder


@pytest.fixture(scope="module")
def encoder() -> StaticEncoder:
    return StaticEncoder()


def test_equals_sentence_transformers_on_the_same_files(encoder: StaticEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(BUNDLED), device="cpu").encode(TEXTS)
    assert np.allclose(encoder.encode(TEXTS, role="document"), theirs, atol=1e-5)


def test_sum_of_rows_is_the_vector(encoder: StaticEncoder) -> None:
    ids = encoder.token_ids(TEXTS)[2]
    expected = encoder.rows(ids).sum(axis=0)
    assert np.allclose(encoder.encode(TEXTS, role="query")[2], expected / np.linalg.norm(expected), atol=1e-6)


def test_rows_and_role_do_not_depend_on_the_batch(encoder: StaticEncoder) -> None:
    many = encoder.encode(TEXTS * 40, role="document")
    assert np.allclose(many[-1], encoder.encode([TEXTS[-1]], role="query")[0], atol=1e-6)


def test_no_torch_and_no_pythainlp_for_a_query() -> None:
    code = (
        "import sys; from index.encoder import load_encoder; load_encoder('bundled').encode(['ทดสอบ'], role='query');"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'pythainlp', 'scipy'} & set(sys.modules);"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_gives_a_finite_vector(encoder: StaticEncoder, text: str) -> None:
    vector = encoder.encode([text], role="document")[0]
    assert np.isfinite(vector).all()
    length = float(np.linalg.norm(vector))
    assert length == pytest.approx(1, abs=1e-5) or length == 0


def test_unknown_script_has_a_direction_and_empty_text_has_none(encoder: StaticEncoder) -> None:
    lengths = np.linalg.norm(encoder.encode(["हिन्दी", "", " "], role="query"), axis=1)
    assert np.allclose(lengths, [1, 0, 0], atol=1e-5)


def test_punctuation_hardly_turns_a_text(encoder: StaticEncoder) -> None:
    plain, marked = encoder.encode(["ราคาน้ำมัน", "«ราคาน้ำมัน»!!!"], role="query")
    assert plain @ marked > 0.999


@given(st.text(max_size=200))
def test_any_text_gives_norm_one_or_zero(text: str) -> None:
    length = float(np.linalg.norm(StaticEncoder().encode([text], role="query")))
    assert abs(length - 1) < 1e-4 or length == 0


def test_no_texts_give_no_rows(encoder: StaticEncoder) -> None:
    assert encoder.encode([], role="query").shape == (0, encoder.dimension)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ปี ๒๕๖๗", "ปี 2567"),
        ("นํ้าท่วม", "น้ำท่วม"),  # nikhahit + tone + SARA AA
        ("เเม่นํา", "แม่นำ"),  # two SARA E; nikhahit + SARA AA
        ("ภาษา\u200bไทย", "ภาษาไทย"),
        ("THAILAND", "thailand"),
    ],
)
def test_spellings_that_readers_do_not_tell_apart_are_one(encoder: StaticEncoder, one: str, other: str) -> None:
    assert encoder.token_ids([one]) == encoder.token_ids([other])


def test_sara_am_stays_one_letter(encoder: StaticEncoder) -> None:
    (encoding,) = encoder.encodings(["น้ำ"])
    assert encoding.tokens == ["น้ำ"]


def test_offsets_point_into_the_original_text(encoder: StaticEncoder) -> None:
    text = "แม่นํ้า\u200bเจ้าพระยา ปี ๒๕๖๗"
    (encoding,) = encoder.encodings([text])
    spans = [text[start:end] for start, end in encoding.offsets]
    assert "๒๕๖๗" in spans
    assert "".join(spans).replace("\u200b", "") == text.replace("\u200b", "").replace(" ", "")


def test_a_doubled_vowel_counts_as_its_second_letter(encoder: StaticEncoder) -> None:
    (encoding,) = encoder.encodings(["ไป เเม่น้ำ"])
    assert encoding.tokens == ["ไป", "แม่น้ำ"]
    assert encoding.offsets == [(0, 2), (4, 10)]  # the first of the two SARA E, at 3, belongs to no word


def test_fingerprint_is_that_of_the_files(encoder: StaticEncoder) -> None:
    assert encoder.fingerprint == fingerprint(BUNDLED)


def test_folder_is_within_its_budget_and_names_only_stock_modules() -> None:
    assert sum(path.stat().st_size for path in BUNDLED.rglob("*") if path.is_file()) < BUDGET
    modules = json.loads((BUNDLED / "modules.json").read_text(encoding="utf-8"))
    assert all(module["type"].startswith("sentence_transformers.models.") for module in modules)


def test_paraphrase_and_translation_are_nearer_than_another_matter(encoder: StaticEncoder) -> None:
    asked = encoder.encode(["ค่าผ่านทางด่วนกี่บาท", "What is the population of Thailand?"], role="query")
    passages = ["อัตราค่าธรรมเนียมทางพิเศษ 25 บาท", "ประเทศไทยมีจำนวนประชากร 66 ล้านคน", "นักร้องออกอัลบั้มใหม่เมื่อวานนี้"]
    scores = asked @ encoder.encode(passages, role="document").T
    assert scores.argmax(axis=1).tolist() == [0, 1]


def test_missing_encoder_is_one_line_that_says_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError) as caught:
        load_encoder("no-such-owner/no-such-model")
    assert "no-such-owner/no-such-model" in str(caught.value)
    assert "bundled" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_environment_names_the_encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copied = tmp_path / "model"
    shutil.copytree(BUNDLED, copied)
    monkeypatch.setenv("QA_ENCODER", str(copied))
    assert isinstance(load_encoder(), StaticEncoder)
    monkeypatch.setenv("QA_ENCODER", "")
    assert load_encoder() is load_encoder("bundled")


def test_damaged_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    copied = tmp_path / "model"
    shutil.copytree(BUNDLED, copied)
    (copied / "model.safetensors").write_bytes(b"not safetensors")
    with pytest.raises(EncoderError, match="model"):
        StaticEncoder(copied)


def test_any_sentence_transformers_folder_is_an_encoder(encoder: StaticEncoder) -> None:
    other = SentenceTransformerEncoder(str(BUNDLED))
    assert other.dimension == encoder.dimension
    assert np.allclose(other.encode(TEXTS, role="query"), encoder.encode(TEXTS, role="query"), atol=1e-5)
    assert not np.any(other.encode([""], role="document"))
