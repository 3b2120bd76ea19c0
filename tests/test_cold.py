"""A cold ``qa ask`` loads little: no torch, no sentence-transformers, no gradio. What it costs in seconds is
measured in tests/benchmarks/cold_start.py, not asserted."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from support import environment, python

QUESTION = "ผู้นำสองประเทศคุยกันเมื่อไร"
ASK = """
import json, sys
from qa.cli import main
code = main(sys.argv[1:])
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
sys.exit(code)
"""


def test_asking_the_built_seeds_loads_no_deep_learning_and_no_web_server(seeds_store: Path) -> None:
    command = python("-c", ASK, "ask", QUESTION, "--store", str(seeds_store), "--json")
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    assert json.loads(done.stdout)["citations"]
    loaded = set(json.loads(done.stderr))
    never = {
        "torch", "sentence_transformers", "transformers", "gradio", "fastapi", "starlette", "uvicorn", "httpx",
        "scipy", "sklearn", "pandas", "matplotlib", "ir_measures", "huggingface_hub", "onnxruntime",
    }  # fmt: skip
    assert loaded & never == set()
    assert {"faiss", "tantivy", "tokenizers"} <= loaded  # it is the real thing that was asked
