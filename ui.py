"""The chat in a browser (Gradio): shows what qa returns, holds no logic.

``qa chat`` opens it, and so does ``python ui.py``; ``serve`` is the way in from code. Nothing is fetched from
elsewhere: no telemetry, no share link, and the Thai font travels with the package.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import MissingExtra, UsageError
from qa.monitoring import Monitor, health
from qa.page import build
from qa.shared import SharedFolder

if TYPE_CHECKING:
    import gradio as gr

    from qa.assistant import Assistant

AT_ONCE = 8  # events of a kind side by side; the others wait in the queue
WAITING = 400  # requests that may wait before newcomers are told to come back
LARGEST_UPLOAD = "64mb"
SESSIONS = 500  # browser tabs remembered, the one used longest ago forgotten first: each holds about 0.5 MB


def serve(
    bot: Assistant,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    root_path: str | None = None,
    auth: Sequence[tuple[str, str]] | None = None,
    mcp: bool = False,
    metrics: bool = False,
    folder: Path | None = None,
    shared_uploads: bool = False,
) -> None:
    """Serve the chat until interrupted.

    Args:
        host: the address listened on; 127.0.0.1 is this machine only.
        root_path: the path that a proxy in front serves it under.
        auth: names with passwords that are let in; everybody where None.
        mcp: offer ``ask`` and ``retrieve`` to language-model clients too, at /gradio_api/mcp/.
        metrics: tell figures for Prometheus at /metrics, to whoever can reach the port.
        folder: the document folder, where it may be read again from the browser.
        shared_uploads: keep uploads in ``folder``, for everybody; otherwise each session has its own.

    Raises UsageError where the port is taken, MissingExtra where ``mcp`` or ``metrics`` is wanted and not installed.
    """
    app = start(
        bot,
        host=host,
        port=port,
        root_path=root_path,
        auth=auth,
        mcp=mcp,
        metrics=metrics,
        folder=folder,
        shared_uploads=shared_uploads,
    )
    if host not in ("127.0.0.1", "localhost", "::1") and not auth:
        print("Anyone who reaches this machine can read the documents: name users with --auth", file=sys.stderr)
    print(f"Chat: http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}  (Ctrl+C to stop)", flush=True)
    try:
        app.block_thread()
    finally:
        app.close(verbose=False)


def start(
    bot: Assistant,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    root_path: str | None = None,
    auth: Sequence[tuple[str, str]] | None = None,
    mcp: bool = False,
    metrics: bool = False,
    folder: Path | None = None,
    shared_uploads: bool = False,
) -> gr.Blocks:
    """As :func:`serve`, in the background; ``close()`` of what is returned ends it."""
    if mcp and find_spec("mcp") is None:
        raise MissingExtra("gradio[mcp]", "mcp", "serving the Model Context Protocol")
    _stay_offline()
    from qa.style import styled, theme

    if shared_uploads and folder is None:
        raise UsageError("shared uploads are kept in the document folder: name it with --docs")
    monitor = Monitor(bot) if metrics else None
    shared = SharedFolder(bot, folder, uploads=shared_uploads) if folder else None
    app = build(bot, mcp=mcp, shared=shared, monitor=monitor)
    app.queue(default_concurrency_limit=AT_ONCE, max_size=WAITING, api_open=True)
    try:
        app.launch(
            server_name=host,
            server_port=port,
            root_path=root_path,
            auth=list(auth) if auth else None,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            show_error=True,
            max_file_size=LARGEST_UPLOAD,
            state_session_capacity=SESSIONS,
            app_kwargs={"routes": _watched(bot, monitor)},
            run_history=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=mcp,
            enable_monitoring=False,
            footer_links=["api"],
            theme=theme(),
            head=styled(),
        )
    except OSError as error:
        raise UsageError(f"port {port} of {host} cannot be used ({error}); name another with --port") from error
    return app


def _watched(bot: Assistant, monitor: Monitor | None) -> list[Any]:
    """Routes for whoever watches the server: ``/healthz``, and ``/metrics`` where there is a monitor."""
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    def healthz(_request: Any) -> Any:
        status, told = health(bot)
        return JSONResponse(told, status)

    def metrics(_request: Any) -> Any:
        return Response(monitor.page(), media_type=monitor.content_type) if monitor else None

    return [Route("/healthz", healthz), *([Route("/metrics", metrics)] if monitor else [])]


def _stay_offline() -> None:
    """Say so to Gradio before it is imported; its check of its own address must not go through a proxy."""
    os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
    # Gradio sums up all past events in a data frame at every event, for a page that is switched off here.
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**12))
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))


if __name__ == "__main__":
    from qa.cli import main

    sys.exit(main(["chat", *sys.argv[1:]]))
