"""A real browser against a real server, both on this machine."""

from __future__ import annotations

import gc
import shutil
import socket
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SEED = Path(__file__).parents[2] / "seeds" / "xi-trump-phone-call.txt"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOSTILE_NAME = "<img src=x onerror=window.hacked=1>.txt"
HOSTILE = (
    "สูตรขนมครกของป้าสมศรี\n\n"
    'ขนมครกของป้าสมศรีใช้กะทิสด 3 ถ้วย <script>window.hacked=1</script><img src=x onerror="window.hacked=1"> '
    "[คลิกที่นี่](http://192.0.2.1/) **ตัวหนา** \u202eกลับหลัง\u202c ผสมแป้งข้าวเจ้า 2 ถ้วย\n"
)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The chat over the seed document and a hostile one."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (Debian: apt install chromium)")
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install playwright)")
    import qa
    import ui

    folder = tmp_path_factory.mktemp("documents")
    shutil.copy(SEED, folder)
    (folder / HOSTILE_NAME).write_text(HOSTILE, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    app = ui.start(qa.open(folder, store=tmp_path_factory.mktemp("store")), port=port)
    yield f"http://127.0.0.1:{port}"
    app.close(verbose=False)
    with warnings.catch_warnings():  # Gradio leaves event loops to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


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
    """The chat, opened; ``@pytest.mark.parametrize("page", [{...}], indirect=True)`` sets the browser up otherwise.

    Fails where the page logged an error, or asked for anything that is not on this machine.
    """
    options = {"locale": "th-TH", "viewport": {"width": 1280, "height": 900}, **getattr(request, "param", {})}
    context = browser.new_context(accept_downloads=True, **options)
    context.set_default_timeout(20_000)
    opened = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(address)
    opened.wait_for_selector(".qa-try", state="visible")
    yield opened
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    assert errors == []
    context.close()
