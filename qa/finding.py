"""What an examination finds: one line a thing looked at, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "mended", "note", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    """What was looked at: "python", "store", ..."""
    state: State
    """"ok", "mended" (it was not, and is now), "note" (works, but know this), "fail" (does not work)."""
    said: str
    remedy: str = ""
    """What a person should do; empty where nothing has to be done."""
