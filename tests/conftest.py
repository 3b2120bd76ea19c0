"""What the tests share: a toy encoder, a corpus of five lines, stores made from them, and the built seeds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from toy import ToyEncoder, identity_of

from index.build import update
from index.records import Document
from index.segmenter import Segmenter, bundled_segmenter
from index.store import Store

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
LINES = (
    "แมวดำนอนบนหลังคาบ้านไม้ริมคลอง",
    "โรงพยาบาลเปิดทำการทุกวันจันทร์ถึงวันศุกร์",
    "ค่าธรรมเนียมหนังสือเดินทางเล่มใหม่ 1,000 บาท",
    "รถไฟสายเหนือออกจากกรุงเทพเวลา ๑๘.๑๐ น.",
    "ข้าวหอมมะลิปลูกมากในทุ่งกุลาร้องไห้",
)

# Two busy cores: a slow moment is no failure, and the same examples come every time.
settings.register_profile(
    "tests", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")


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


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the user's cache, or obeys the user's settings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        for name in ("QA_STORE", "QA_ENCODER", "NO_COLOR"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    return bundled_segmenter()


@pytest.fixture(scope="session")
def toy() -> ToyEncoder:
    return ToyEncoder()


@pytest.fixture
def corpus() -> list[Document]:
    """Five documents of one line each."""
    return [Document(f"{number}.txt", line) for number, line in enumerate(LINES, start=1)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the five lines as files."""
    path = tmp_path / "docs"
    path.mkdir()
    for number, line in enumerate(LINES, start=1):
        (path / f"{number}.txt").write_text(line, encoding="utf-8")
    return path


@pytest.fixture
def make_store(tmp_path: Path, toy: ToyEncoder, segmenter: Segmenter) -> Callable[[str], Store]:
    """name -> a new, empty store."""
    return lambda name: Store.create(tmp_path / name, identity_of(toy, segmenter))


@pytest.fixture
def store(make_store: Callable[[str], Store]) -> Store:
    return make_store("store")


@pytest.fixture
def built(store: Store, folder: Path, toy: ToyEncoder, segmenter: Segmenter) -> Store:
    """The five lines, built."""
    update(store, folder, toy, segmenter)
    return store


@pytest.fixture(scope="session")
def seeds_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the seeds, built with the bundled encoder. Not to be written to."""
    import qa

    place = tmp_path_factory.mktemp("seeds") / "store"
    qa.open(store=place).store.close()
    return place
