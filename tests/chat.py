"""What tests of the served chat share: two questions about the seeds, and what Gradio leaves open."""

from __future__ import annotations

import gc
import warnings

import pytest

QUESTION = "การประชุมสุดยอดผู้นำกลุ่มจี 20 จัดที่ประเทศอะไร"
UNANSWERABLE = "ราคาทองคำวันนี้บาทละเท่าไร"
# Gradio leaves event loops to the garbage collector.
LEFT_OPEN = pytest.mark.filterwarnings(
    "ignore::ResourceWarning",
    "ignore::FutureWarning",
    "ignore::DeprecationWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)


def sweep() -> None:
    """Collect what was left open, before the next file runs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
