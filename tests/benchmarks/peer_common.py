"""What the modules of the comparison share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

MODEL = str(Path(__file__).resolve().parents[2] / "index" / "model")
DEPTH = 40  # passages asked of each channel, so that ten distinct documents are among them

Texts = Sequence[tuple[str, str]]
"""(name, text) of each document."""
Search = Callable[[str], list[str]]
"""A question to names of documents, best first; a document is named once for each of its passages found."""
Build = Callable[[Texts], Search]


@dataclass(frozen=True, slots=True)
class System:
    """One row of the table."""

    label: str
    start: Callable[[], Build]
    """Imports the library and loads the encoder: what a service does once."""
    packages: tuple[str, ...]
    """Distributions whose versions are reported."""
