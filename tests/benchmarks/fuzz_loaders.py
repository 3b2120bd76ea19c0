"""Hostile bytes under every suffix: each gives documents, or one DocumentError that names the file.

Random bytes, real files cut off, spoilt, spliced and with numbers changed, inside archives spoilt before they
are packed again; each is read in this process, where nothing would hide a crash, and every tenth through the
child process that the product reads in. Stops at the first input that breaks the rule, and leaves it behind.

    python tests/benchmarks/fuzz_loaders.py [--inputs 100000] [--seed 0] [--folder FOLDER] [--no-ocr]

Prints a line of JSON: inputs, documents, errors, slowest input in seconds, most memory in MB.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from index.chunking import chunk_document
from index.documents import LOADERS, load_all, load_here
from index.records import DocumentError

FORMATS = Path(__file__).parents[1] / "data" / "formats"
APART = (".xls", ".ods")  # their library may ask for more memory than there is, which ends a process
SLOWEST = 30.0  # seconds that no input of these sizes may take
TEXTS = {
    ".txt": "น้ำท่วมที่เชียงใหม่\nปี ๒๕๖๗ " * 20,
    ".md": "---\ntitle: ก\ndate: 2567-01-01\n---\n# หัวข้อ\n\nเนื้อหา\n===\n```\n# โค้ด\n```\n" * 5,
    ".csv": 'คำถาม,คำตอบ\n"เปิดกี่โมง","แปดโมง\nครึ่ง"\n' * 10,
    ".jsonl": '{"id": 1, "text": "เนื้อหา", "date": "1 ม.ค. 2567", "metadata": {"ก": [1, {"ข": null}]}}\n' * 5,
}
SPLINTERS = (
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"<!ENTITY a '&a;&a;'>", b"]]>", b"<", b">>", b"stream\n", b"endobj", b"PK\x05\x06",
    b"\xe0\xb8", b"\x1a", b"99999999999999999999", b"-1", b"[" * 2000, b"<div>" * 500, b'"', b"\\ud800", b"/Length 0", b"1e999",
)  # fmt: skip


def samples() -> dict[str, list[bytes]]:
    """Suffix -> sound files."""
    found: dict[str, list[bytes]] = {suffix: [text.encode(), text.encode("utf-16")] for suffix, text in TEXTS.items()}
    for path in sorted(FORMATS.iterdir()):
        if path.suffix in LOADERS:
            found.setdefault(path.suffix, []).append(path.read_bytes())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix, files in list(found.items()):
            archive.writestr(f"ก{suffix}", files[0])
    found[".zip"] = [buffer.getvalue()]
    for suffix, alike in ((".htm", ".html"), (".tsv", ".csv"), (".markdown", ".md")):
        found[suffix] = found[alike]
    return found


def spoilt(data: bytes, chance: random.Random) -> bytes:
    """``data`` with a few stretches changed."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(out) + 1)
        kind = chance.randrange(6)
        if kind == 0:
            out[at:] = b""
        elif kind == 1:
            out[at:at] = chance.choice(SPLINTERS)
        elif kind == 2:
            out[at : at + 4] = chance.randbytes(4)
        elif kind == 3:
            other = chance.randrange(len(out) + 1)
            out[at:at] = out[other : other + chance.randrange(200)]
        elif kind == 4:
            out[at : at + chance.randrange(1, 200)] = b""
        elif at < len(out):
            out[at] ^= 1 << chance.randrange(8)
        if not out:
            break
    return bytes(out)


def spoilt_inside(data: bytes, chance: random.Random) -> bytes:
    """An archive with one of its files spoilt before it was packed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        victim = chance.choice([name for name in names if name.endswith((".xml", ".rels"))] or names)
        for name in names:
            part = old.read(name)
            new.writestr(name, spoilt(part, chance) if name == victim else part)
    return buffer.getvalue()


def make_input(chance: random.Random, sound: dict[str, list[bytes]]) -> tuple[str, bytes]:
    """A suffix and hostile bytes for it."""
    suffix = chance.choice(sorted(LOADERS))
    kind = chance.random()
    if kind < 0.1:
        return suffix, chance.randbytes(chance.randrange(3000))
    if kind < 0.15:  # one format under another's name
        return suffix, spoilt(chance.choice(sound[chance.choice(sorted(sound))]), chance)
    data = chance.choice(sound[suffix])
    if suffix in (".docx", ".odt", ".xlsx", ".ods", ".zip") and kind < 0.8:
        return suffix, spoilt_inside(data, chance)
    return suffix, spoilt(data, chance)


def main() -> int:
    """1 where an input broke the rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument(
        "--no-ocr", action="store_true", help="Tesseract is not found: ten times as many inputs an hour"
    )
    options = parser.parse_args()
    if options.no_ocr:
        os.environ["PATH"] = ""
    folder = options.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    chance, sound = random.Random(options.seed), samples()
    counts: Counter[str] = Counter()
    slowest = 0.0
    for number in range(options.inputs):
        suffix, data = make_input(chance, sound)
        path = folder / f"input{suffix}"
        path.write_bytes(data)
        read = load_all if number % 10 == 0 or suffix in APART else load_here
        began = time.monotonic()
        try:
            documents = read(path, path.name)
            for document in documents:
                document.text.encode("utf-8")
                for chunk in chunk_document(document):
                    assert document.text[chunk.start : chunk.end] == chunk.text
            counts["documents"] += len(documents)
        except DocumentError as error:
            assert str(error).startswith(path.name) and "\n" not in str(error), error
            counts[f"errors {suffix}"] += 1
        except Exception as error:
            kept = folder / f"broke-{options.seed}-{number}{suffix}"
            kept.write_bytes(data)
            print(json.dumps({"input": str(kept), "error": f"{type(error).__name__}: {error}"}))
            if read is load_all or type(error).__name__ in ("AssertionError", "UnicodeEncodeError"):
                return 1
            counts["other exceptions, told by the child"] += 1
        slowest = max(slowest, time.monotonic() - began)
    figures = {"inputs": options.inputs, "seed": options.seed, "slowest s": round(slowest, 2), **memory(), **counts}
    print(json.dumps(figures, ensure_ascii=False))
    return int(slowest > SLOWEST)


def memory() -> dict[str, int]:
    """Most memory that this process has held, in MB."""
    try:
        import resource
    except ImportError:
        return {}
    return {"memory MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


if __name__ == "__main__":
    raise SystemExit(main())
