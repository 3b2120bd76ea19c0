"""Normalisation with its offset map, grapheme borders, words as places."""

from __future__ import annotations

import itertools

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from support import HARD_LETTERS, LINES, hard_text

from index.thai import (
    border_at,
    from_wrong_keyboard,
    has_latin,
    has_thai,
    is_border,
    normalise,
    thai_words,
    word_spans,
    words,
)

GRAPHEME = regex.compile(r"\X")


@pytest.mark.parametrize(
    ("written", "matched"),
    [
        ("ปี ๒๕๖๗", "ปี 2567"),
        ("ABC xyz", "abc xyz"),
        ("เเม่", "แม่"),  # SARA E twice
        ("น\u0e4dา", "น\u0e33"),  # NIKHAHIT and SARA AA
        ("น\u0e4d\u0e49า", "น\u0e49\u0e33"),  # with the tone mark between
        ("ท\u0e48\u0e35", "ท\u0e35\u0e48"),  # tone before vowel
        ("ที่\u0e48", "ที่"),  # a mark typed twice
        ("สวัส\u200bดี\ufeff", "สวัสดี"),  # invisible
        ("a\u00a0b\tc\u3000d", "a b c d"),
        ("“ก” ‘ข’ – —", "\"ก\" 'ข' - -"),
        ("ＡＢＣ１２３", "abc123"),
        ("İ", "i\u0307"),  # one letter, two when small
        ("", ""),
    ],
)
def test_what_people_do_not_mean_to_tell_apart_is_the_same(written: str, matched: str) -> None:
    assert normalise(written).text == matched


def test_offsets_point_back_into_what_was_written() -> None:
    written = "ก\u200bข ๑๒"
    normal = normalise(written)
    assert normal.text == "กข 12"
    assert normal.offsets == (0, 2, 3, 4, 5, 6)
    place = normal.original(3, 5)
    assert written[place.start : place.end] == "๑๒"
    assert len(normal.original(2, 2)) == 0


@given(hard_text())
def test_the_offset_map_is_whole_and_ascending(text: str) -> None:
    normal = normalise(text)
    assert len(normal.offsets) == len(normal.text) + 1
    assert list(normal.offsets) == sorted(normal.offsets)
    assert normal.offsets[-1] == len(text)
    assert all(0 <= offset <= len(text) for offset in normal.offsets)


@given(st.text("กขนทาเแ ๑a\u200b“İ", max_size=60))
def test_a_piece_of_the_original_normalises_to_the_piece_it_is_the_origin_of(text: str) -> None:
    # Letters that stand for themselves: no mark here composes with its neighbour but SARA E.
    text = text.replace("เ", "โ")
    normal = normalise(text)
    for start in range(len(normal.text)):
        place = normal.original(start, len(normal.text))
        if start == 0 or normal.offsets[start] > normal.offsets[start - 1]:
            assert normalise(text[place.start : place.end]).text == normal.text[start:]


@given(st.text(HARD_LETTERS, max_size=80) | hard_text(60))
def test_no_border_lies_inside_a_grapheme(text: str) -> None:
    allowed = {0, len(text)} | {match.end() for match in GRAPHEME.finditer(text)}
    assert {position for position in range(len(text) + 1) if is_border(text, position)} <= allowed


@pytest.mark.parametrize(
    "whole",
    [
        "น้ำ",
        "เก",
        "ที่",
        "ไม้",
        "é",
        "👩‍👩‍👧",
        "👍🏽",
        "🇹🇭",
        "\r\n",
        "각",
        "क्ष",
        "ກຳ",
        "❤️",
        "\u0600ก",
        "🏴\U000e0067\U000e007f",
    ],
)
def test_what_reads_as_one_is_never_cut(whole: str) -> None:
    text = f"x{whole}ก"
    assert [position for position in range(1, 1 + len(whole)) if is_border(text, position)] == [1]


@given(hard_text(100), st.integers(-5, 500))
def test_the_nearest_border_is_a_border_on_the_side_asked_for(text: str, position: int) -> None:
    before, after = border_at(text, position), border_at(text, position, forward=True)
    within = max(0, min(position, len(text)))
    assert 0 <= before <= within <= after <= len(text)
    assert is_border(text, before)
    assert is_border(text, after)
    passed_over = [*range(before + 1, within), *range(within + 1, after)]
    assert not any(is_border(text, between) for between in passed_over)


def test_words_of_a_sentence() -> None:
    assert words("แมวดำกินปลา ๒ ตัว") == ["แมว", "ดำ", "กิน", "ปลา", "2", "ตัว"]


@pytest.mark.parametrize("text", [*LINES, "น\u0e4d\u0e49าใสเเจ๋ว", "iPhone 15 ราคา ๓๐,๐๐๐ บาท"])
def test_word_places_hold_the_words(text: str) -> None:
    places = word_spans(text)
    assert [normalise(text[place.start : place.end]).text.strip() for place in places] == words(text)
    assert all(one.end <= two.start for one, two in itertools.pairwise(places))


@given(st.text(HARD_LETTERS, max_size=60))
def test_word_places_are_in_order_and_lose_no_letter(text: str) -> None:
    places = word_spans(text)
    assert all(0 <= place.start <= place.end <= len(text) for place in places)
    assert all(one.start <= two.start for one, two in itertools.pairwise(places))
    assert "".join("".join(words(text)).split()) == "".join(normalise(text).text.split())


def test_which_script_it_is() -> None:
    assert has_thai("abc ก") and not has_thai("abc ๑")
    assert has_latin("ก a") and not has_latin("ก 1")


def test_the_wrong_keyboard_and_the_dictionary() -> None:
    assert from_wrong_keyboard("l;ylfu") == "สวัสดี"
    assert {"แมว", "โรงพยาบาล"} <= thai_words()
