"""What tests in different folders use: a corpus of five lines, text to break offsets with, child processes."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
Run = Callable[..., tuple[int, str, str]]
"""Runs one command: exit code, standard output, standard error."""
LINES = (
    "แมวดำนอนบนหลังคาบ้านไม้ริมคลอง",
    "โรงพยาบาลเปิดทำการทุกวันจันทร์ถึงวันศุกร์",
    "ค่าธรรมเนียมหนังสือเดินทางเล่มใหม่ 1,000 บาท",
    "รถไฟสายเหนือออกจากกรุงเทพเวลา ๑๘.๑๐ น.",
    "ข้าวหอมมะลิปลูกมากในทุ่งกุลาร้องไห้",
)

# Letters that are cut with care: Thai with its marks, SARA AM, leading vowels; emoji of several code points,
# flags, conjoining Hangul, combining accents, all kinds of line ends and spaces, invisible marks, lone marks.
HARD_LETTERS = (
    "กขฉนมยรวาะำเแโใไ\u0e31\u0e34\u0e35\u0e38\u0e48\u0e49\u0e4c\u0e4d\u0e47ๆฯ๑๒"
    "aZé\u0301İß0,.() \u00a0\t\n\r\u200b\u200d\ufeff\u00ad👩👧🏽🇹🇭❤\ufe0f각\u1100\u1161\u11a8\u0915\u094d\u0937\ufffd\u0eb3ﬁ"
)


def hard_text(most: int = 400) -> st.SearchStrategy[str]:
    """Text to break offsets with: hard letters, any character now and then, and long runs."""
    piece = st.one_of(
        st.text(HARD_LETTERS, max_size=60),
        st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=8),
        st.sampled_from([*LINES, "\r\n", "\n\n", "ที่" * 60, "่" * 90, "a" * 700, "เ" * 20, " " * 30, "🇹🇭" * 5]),
    )
    return st.lists(piece, max_size=14).map(lambda pieces: "".join(pieces)[: 4 * most])


def environment(**changes: str) -> dict[str, str]:
    """The environment for a child process: this package on its path, nothing of the user's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QA_", "PYTEST"))}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **changes}


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def one_line(err: str) -> bool:
    """True for an error of the command line as people see it."""
    return err.startswith("qa: ") and err.endswith("\n") and err.count("\n") == 1 and "Traceback" not in err
