"""What is done again and again in a browser."""

from __future__ import annotations

import gc
import shutil
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

DOCUMENTS = Path(__file__).parents[1] / "data" / "docs"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 60_000  # milliseconds: the machine may be busy


@contextmanager
def served(documents: Path, store: Path, **options: Any) -> Iterator[str]:
    """The address of a chat over these documents."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (Debian: apt install chromium)")
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install playwright)")
    import qa
    import ui

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    app = ui.start(qa.open(documents, store=store), port=port, **options)
    yield f"http://127.0.0.1:{port}"
    app.close(verbose=False)
    with warnings.catch_warnings():  # Gradio leaves event loops to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@contextmanager
def visited(browser: Any, address: str, **options: Any) -> Iterator[Any]:
    """The chat, opened by a visitor of its own.

    Fails where the page logged an error, or asked for anything that is not on this machine.
    """
    origin = "/".join(address.split("/")[:3])
    options = {"locale": "th-TH", "viewport": {"width": 1280, "height": 900}, **options}
    context = browser.new_context(accept_downloads=True, **options)
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(address)
    opened.wait_for_selector(".qa-try", state="visible")
    yield opened
    assert [url for url in asked if not url.startswith((origin, "data:", "blob:"))] == []
    assert errors == []
    context.close()


def ask(page: Any, question: str) -> Any:
    """Send a question; its answer, painted."""
    before = page.locator(".qa-answer, .qa-error").count()
    page.fill("#qa-ask textarea", question)
    page.press("#qa-ask textarea", "Enter")
    reply = page.locator(".qa-answer, .qa-error").nth(before)
    reply.wait_for()
    return reply


def tab(page: Any, number: int) -> None:
    page.get_by_role("tab").nth(number).click()


def in_sight(page: Any, selector: str, box: str) -> bool:
    """True where the element stands inside the visible part of its box."""
    element, frame = page.locator(selector).first.bounding_box(), page.locator(box).bounding_box()
    return frame["y"] <= element["y"] and element["y"] + element["height"] <= frame["y"] + frame["height"]


def sideways(page: Any) -> int:
    """Pixels by which the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def choose(page: Any, folder: str) -> None:
    """Choose what is asked."""
    page.click("#qa-scope input")
    page.get_by_role("option", name=folder, exact=True).click()
    page.wait_for_function("(name) => document.querySelector('#qa-scope input').value === name", arg=folder)
    page.wait_for_timeout(300)  # the server notes it; nothing on the page tells so
