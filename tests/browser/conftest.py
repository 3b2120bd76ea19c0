"""A real browser against a real server, both on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from steps import CHROMIUM, DOCUMENTS, served, visited

SEED = Path(__file__).parents[2] / "seeds" / "xi-trump-phone-call.txt"
HOSTILE_NAME = "<img src=x onerror=window.hacked=1>.txt"
HOSTILE = (
    "สูตรขนมครกของป้าสมศรี\n\n"
    'ขนมครกของป้าสมศรีใช้กะทิสด 3 ถ้วย <script>window.hacked=1</script><img src=x onerror="window.hacked=1"> '
    "[คลิกที่นี่](http://192.0.2.1/) **ตัวหนา** \u202eกลับหลัง\u202c ผสมแป้งข้าวเจ้า 2 ถ้วย\n"
)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The chat over the seed document and a hostile one."""
    folder = tmp_path_factory.mktemp("documents")
    shutil.copy(SEED, folder)
    (folder / HOSTILE_NAME).write_text(HOSTILE, encoding="utf-8")
    with served(folder, tmp_path_factory.mktemp("store")) as address:
        yield address


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A chat that an office shares, and its document folder: folders in it, uploads for everybody."""
    folder = tmp_path_factory.mktemp("office")
    for name, place in (("office-leave-rules.txt", "บุคคล"), ("fan-warranty.txt", "พัสดุ/เครื่องใช้")):
        (folder / place).mkdir(parents=True)
        shutil.copy(DOCUMENTS / name, folder / place)
    with served(folder, tmp_path_factory.mktemp("store"), folder=folder, shared_uploads=True) as address:
        yield address, folder


@pytest.fixture(scope="session")
def browser(address: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # A container has no user namespaces for chromium's own sandbox; only our own page is opened.
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The chat, opened; ``@pytest.mark.parametrize("page", [{...}], indirect=True)`` sets the browser up otherwise."""
    with visited(browser, address, **getattr(request, "param", {})) as opened:
        yield opened
