"""Mending Thai text out of PDF files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.pdf_repair import health, is_mark, mend


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("ร\uf70bาน", "ร้าน"),  # shifted copies of a font
        ("ป\uf713\uf701", "ปิ่"),  # and the tone before its vowel
        ("ประจ ำปี", "ประจำปี"),
        ("ประจ\u0e4d\u0e32", "ประจำ"),
        ("น\u0e4d\u0e49\u0e32", "น้ำ"),
        ("น\u0e33\u0e49", "น้ำ"),
        ("ท\u0e33\u0e32", "ทำ"),
        ("เปุ ็น", "เปุ็น"),
        ("ที่ ี่", "ที่"),
        ("เเละ", "และ"),
        ("ก็็", "ก็"),
        ("»ÃÐ¡ÒÈ¡ÃÐ·ÃÇ§ÊÒ¸ÒÃ³ÊØ¢ ©ºÑº·Õè", "ประกาศกระทรวงสาธารณสุข ฉบับที่"),
    ],
)
def test_what_extraction_breaks_is_put_right(broken: str, mended: str) -> None:
    assert mend(broken) == mended


@pytest.mark.parametrize("text", ["น้ำใจของผู้ที่อยู่ กินข้าวแล้ว ๆ", "Café déjà vu à Genève, naïve", "ก ข ค", ""])
def test_sound_text_stays(text: str) -> None:
    assert mend(text) == text


@given(st.text(alphabet="กขนำาเแ ่้ิีํ็\uf70a\uf711x", max_size=30))
def test_mending_keeps_letters_and_settles(text: str) -> None:
    once = mend(text)
    consonants = [char for char in text if char in "กขนx"]
    assert [char for char in once if char in "กขนx"] == consonants
    assert mend(mend(once)) == mend(once)


def test_health_tells_sound_pages_from_broken_ones() -> None:
    sound = "ในวันจันทร์ที่ ๑๕ มกราคม ผู้ว่าราชการจังหวัดเป็นประธานการประชุมคณะกรรมการป้องกันน้ำท่วม " * 5
    doubled = sound.replace("ที่", "ที่ที่ที่").replace("ผู้", "ผู้ผู้")
    floating = sound.replace("้", " ้ ").replace("น", "น\ue012")

    def no_words(text: str) -> float:
        return 0.0

    assert not health(sound, no_words).suspect
    assert health(doubled, no_words).suspect
    assert health(floating, no_words).bad
    assert health("\ue001\ue002\ue003" * 50, no_words).hopeless
    assert health(sound, lambda text: 0.2).suspect and not health(sound, lambda text: 0.2).bad


def test_marks_with_their_shifted_copies() -> None:
    assert all(map(is_mark, "ิ่์ั\uf70a\uf71a"))
    assert not any(map(is_mark, "กาำเ \uf700\uf70f\ue000a"))
