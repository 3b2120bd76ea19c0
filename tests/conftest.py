"""What the tests share: a toy encoder, a corpus of five lines, stores made from them, and the built seeds."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import milvus_server
import pytest
from hypothesis import HealthCheck, settings
from support import LINES
from toy import ToyEncoder, identity_of

from index.build import update
from index.records import Document
from index.segmenter import Segmenter, bundled_segmenter
from index.store import Store

# Two busy cores: a slow moment is no failure, and the same examples come every time.
settings.register_profile(
    "tests", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")


# A shell starts what runs in its background with Ctrl+C ignored, and so would all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the user's cache, or obeys the user's settings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        for name in ("QA_STORE", "QA_ENCODER", "QA_RERANKER", "NO_COLOR"):
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


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``milvus://127.0.0.1:PORT`` of a milvus-lite that all tests share; each names a collection of its own."""
    if not milvus_server.available():
        pytest.skip(milvus_server.MISSING)
    with milvus_server.served(tmp_path_factory.mktemp("milvus") / "lite") as address:
        yield address
