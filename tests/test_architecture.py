"""The house stands as it is drawn: layers, rooms, single importers, sizes, and a README that names every command."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import ROOT, environment, python

from qa.cli import _parser

LONGEST_FILE = 300  # lines; a longer one has two reasons to change
ROOMS = ("index", "qa")
ONLY_IMPORTER = {
    "faiss": "index/vectors.py",
    "pymilvus": "index/milvus_client.py",
    "pythainlp": "index/thai.py",
    "tantivy": "index/words.py",
}
LOOKED_UP_ONLY = {"pickle", "marshal", "shelve", "dill", "joblib"}
NETWORK = {"requests", "httpx", "urllib.request", "aiohttp", "http.client", "socket", "ftplib", "smtplib"}


def modules(*rooms: str) -> list[Path]:
    found = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    assert len(found) > 20
    return found


def imports(path: Path) -> Iterator[str]:
    """Every module that ``path`` imports, at its head or inside a call, by full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_layers_hold() -> None:
    """The contracts of pyproject.toml, each broken one with the import that breaks it."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
    done = subprocess.run(python("-c", code), cwd=ROOT, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 0, done.stdout[-4_000:]


def test_every_module_has_its_layer() -> None:
    """A new module that no contract names would be held by none."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    unnamed = []
    for room in ROOMS:
        for path in (ROOT / room).iterdir():
            module = f"{room}.{path.stem if path.suffix == '.py' else path.name}"
            is_module = path.suffix == ".py" or (path / "__init__.py").is_file()
            if is_module and path.stem != "__init__" and f'"{module}"' not in text and f" {module} " not in text:
                unnamed.append(module)
    assert unnamed == []


def test_every_package_is_in_the_wheel() -> None:
    listed = next(
        line for line in (ROOT / "pyproject.toml").read_text("utf-8").splitlines() if line.startswith("packages = ")
    )
    packages = {path.parent.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("__init__.py")}
    assert [".".join(path.parts) for path in sorted(packages) if f'"{".".join(path.parts)}"' not in listed] == []


def test_the_rooms() -> None:
    for path in modules("index"):
        assert not [module for module in imports(path) if module.split(".")[0] in ("qa", "ui")], name(path)
    for path in modules("qa"):
        if path.name != "cli.py":  # the composition root
            assert not [module for module in imports(path) if module.split(".")[0] == "ui"], name(path)
    outside = {module for module in imports(ROOT / "ui.py") if module.split(".")[0] == "index"}
    assert outside == set(), "ui.py imports qa only"


@pytest.mark.parametrize("package", ONLY_IMPORTER)
def test_a_library_has_one_importer(package: str) -> None:
    importers = {
        name(path)
        for path in [*modules(*ROOMS), ROOT / "ui.py"]
        if "training" not in path.parts and any(module.split(".")[0] == package for module in imports(path))
    }
    assert importers == {ONLY_IMPORTER[package]}


def test_no_pickle_no_eval_no_network() -> None:
    for path in [*modules(*ROOMS), ROOT / "ui.py"]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & {"eval", "exec", "compile", "__import__"}, name(path)
        used = set(imports(path))
        assert not used & LOOKED_UP_ONLY, name(path)
        assert not used & NETWORK, name(path)


def test_no_file_grows_past_a_few_screens() -> None:
    longest = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules(*ROOMS)}
    assert {path: lines for path, lines in longest.items() if lines > LONGEST_FILE} == {}


def test_names_that_say_nothing_or_hide_another_are_not_taken() -> None:
    assert not {path.stem for path in modules(*ROOMS)} & {"utils", "helpers", "common", "misc", "types", "tokenize"}


def test_every_command_and_option_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (commands,) = (action.choices for action in _parser()._actions if action.choices and action.dest == "command")
    assert [command for command in commands if f"qa {command}" not in readme] == []


def test_the_top_level_is_as_drawn() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    drawn = {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "seeds", "index", "qa", "ui.py", "tests"}
    assert {entry for entry in top if not entry.startswith(".")} <= drawn
