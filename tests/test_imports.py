"""``import qa`` is cheap, and each heavy part waits for the call that needs it."""

from __future__ import annotations

import json
import subprocess

import pytest
from support import environment, python

HEAVY = {
    "torch", "sentence_transformers", "transformers", "gradio", "faiss", "tantivy", "tokenizers", "pythainlp",
    "numpy", "scipy", "sklearn", "pandas", "matplotlib", "rich", "ir_measures", "sqlite3",
}  # fmt: skip


def loaded(statement: str) -> set[str]:
    """Top-level names of the modules that a fresh interpreter holds after ``statement``."""
    code = (
        f"import sys, json; {statement}; print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    )
    done = subprocess.run(python("-c", code), capture_output=True, text=True, env=environment(), check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import qa", set()),
        ("import index", set()),
        ("import qa.cli; qa.cli._parser()", set()),
        ("import index.store, index.derived, index.thai, index.chunking", {"numpy", "sqlite3"}),
    ],
)
def test_importing_loads_nothing_heavy(statement: str, allowed: set[str]) -> None:
    assert loaded(statement) & (HEAVY - allowed) == set()


def test_the_door_holds_what_it_says() -> None:
    import qa
    from index import records

    assert [name for name in qa.__all__ if not hasattr(qa, name)] == []
    shown = {
        name for name in vars(qa) if not name.startswith("_") and name not in ("annotations", "TYPE_CHECKING", "Any")
    }
    modules = {name for name in shown if type(getattr(qa, name)).__name__ == "module"}
    assert shown - modules - {"lru_cache"} == set(qa.__all__)
    assert list(qa.__all__) == sorted(qa.__all__)
    errors = {name for name, value in vars(records).items() if isinstance(value, type) and issubclass(value, Exception)}
    drawn = {word.strip("├└─│ ").split()[0] for word in str(records.__doc__).splitlines() if "─" in word} | {"QAError"}
    assert errors == drawn
