"""The look of the chat: theme, style sheet and script, with the fonts inside, so that nothing is fetched."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_FONTS = {
    "thai": "U+02D7, U+0303, U+0331, U+0E01-0E5B, U+200C-200D, U+25CC",
    "latin": "U+0000-024F, U+2000-206F, U+20AC",
}
FONT = "Sarabun"


def theme() -> Any:
    """Gradio's plain theme, set in our font."""
    import gradio as gr

    return gr.themes.Default(
        primary_hue="blue",
        font=[FONT, "Loma", "Leelawadee UI", "Thonburi", "sans-serif"],
        font_mono=["ui-monospace", "Consolas", "monospace"],
        text_size="lg",
    )


def styled() -> str:
    """What goes into the head of the page."""
    script = (_HERE / "static" / "chat.js").read_text(encoding="utf-8")
    css = (_HERE / "static" / "chat.css").read_text(encoding="utf-8")
    return f"<style>{font_faces()}{css}</style><script>{script}</script>"


def font_faces() -> str:
    """The shipped fonts as @font-face rules that carry them."""
    rules = []
    for subset, letters in _FONTS.items():
        for weight in (400, 700):
            data = (_HERE / "fonts" / f"sarabun-{subset}-{weight}-normal.woff2").read_bytes()
            rules.append(
                f"@font-face{{font-family:{FONT};font-weight:{weight};font-display:swap;unicode-range:{letters};"
                f"src:url(data:font/woff2;base64,{base64.b64encode(data).decode('ascii')}) format('woff2')}}"
            )
    return "".join(rules)
