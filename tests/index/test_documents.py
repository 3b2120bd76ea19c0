"""Files -> documents: what is found in a folder, what is refused, and that no bytes at all bring anything else down."""

import contextlib
import json
import os
import sys
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.documents import LARGEST, LOADERS, decode, load, load_all, load_here, scan
from index.records import Document, DocumentError

FORMATS = Path(__file__).parents[1] / "data" / "formats"
CONTENT = json.loads((FORMATS / "content.json").read_text(encoding="utf-8"))
SAMPLES = sorted(path for path in FORMATS.iterdir() if path.suffix in LOADERS)
posix = pytest.mark.skipif(sys.platform == "win32", reason="names and links of POSIX file systems")


def check_sound(document: Document) -> None:
    """What holds for every document, whatever it was read from."""
    text = document.text
    assert text.strip()
    for field in (text, document.title, document.source, *document.metadata.values(), *document.warnings):
        field.encode("utf-8")  # no halves of surrogate pairs
    assert not {char for char in text if unicodedata.category(char) == "Cc"} - {"\n", "\t"}
    assert list(document.pages) == sorted(document.pages)
    assert all(0 <= page <= len(text) for page in document.pages)
    starts = [place.start for place in document.headings]
    assert starts == sorted(starts)
    for place in document.headings:
        heading = text[place.start : place.end]
        assert heading.strip() and "\n" not in heading


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_format_that_real_programs_wrote_is_read(path: Path) -> None:
    document = load(path, f"เอกสาร/{path.name}")
    check_sound(document)
    assert document.source == f"เอกสาร/{path.name}"
    assert document == load_here(path, document.source)[0]


@pytest.mark.parametrize("name", ["libreoffice.docx", "libreoffice.odt", "page.html"])
def test_text_headings_title_and_date_come_back_letter_for_letter(name: str) -> None:
    document = load(FORMATS / name, name)
    wanted = [CONTENT["title"]]
    for section in CONTENT["sections"]:
        wanted += [section["heading"], *section["paragraphs"]]
    wanted += [" | ".join(row) for row in CONTENT["table"]]
    lines = document.text.rstrip("\n").split("\n")
    assert [line for line in lines if line != "๒๐ ธันวาคม ๒๕๖๗"] == wanted
    headings = [document.text[place.start : place.end] for place in document.headings]
    assert headings == [CONTENT["title"], *(section["heading"] for section in CONTENT["sections"])]
    assert document.title == CONTENT["title"]
    assert document.date == "2024-12-20"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp874", "tis-620"])
def test_decode_tells_thai_encodings_apart(encoding: str) -> None:
    text = "น้ำท่วมที่เชียงใหม่ ๕ ตำบล\nปี 2567"
    assert decode(text.replace("\n", "\r\n").encode(encoding), "a.txt") == text


def test_decode_refuses_what_is_no_text_and_drops_control_characters() -> None:
    with pytest.raises(DocumentError, match=r"a\.txt: is not text"):
        decode(bytes(range(256)) * 4, "a.txt")
    long = "ข้อความ" * 500
    assert decode(f"{long}\0\x85{long}".encode(), "a.txt") == long * 2


def test_folder_gives_known_files_sorted_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("ข.txt", "ก.md", "sub/ค.CSV", ".git/x.txt", "sub/.hidden.txt", "program.exe", "txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("ก", encoding="utf-8")
    found = list(scan(tmp_path).files)
    assert found == ["sub/ค.CSV", "ก.md", "ข.txt"]


@posix
def test_links_out_of_the_folder_loops_and_pipes_are_left_out(tmp_path: Path) -> None:
    folder, outside = tmp_path / "docs", tmp_path / "secret.txt"
    (folder / "deep").mkdir(parents=True)
    outside.write_text("ความลับ", encoding="utf-8")
    (folder / "in.txt").write_text("ก", encoding="utf-8")
    (folder / "out.txt").symlink_to(outside)
    (folder / "alias.txt").symlink_to(folder / "in.txt")
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    (folder / "deep" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "elsewhere").symlink_to(tmp_path, target_is_directory=True)
    (folder / "broken.txt").symlink_to(tmp_path / "missing.txt")
    os.mkfifo(folder / "pipe.txt")
    assert list(scan(folder).files) == ["alias.txt", "in.txt"]


@posix
def test_odd_names_are_read_and_told_on_one_line(tmp_path: Path) -> None:
    odd = "บรรทัด\nใหม่\u202etxt.txt"
    (tmp_path / odd).write_bytes(b"")
    (tmp_path / "#cite-1 <b>.txt").write_text("ก", encoding="utf-8")
    assert list(scan(tmp_path).files) == ["#cite-1 <b>.txt", odd]
    with pytest.raises(DocumentError) as caught:
        load(tmp_path / odd, odd)
    assert str(caught.value) == "บรรทัด\\u000aใหม่\\u202etxt.txt: holds no text"
    assert caught.value.source == odd


@posix
def test_name_that_is_not_utf8_is_left_out_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    try:
        (tmp_path / os.fsdecode(b"\xa1\xa2.txt")).write_bytes("ก".encode())
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert scan(tmp_path).files == {}
    assert "not UTF-8" in caplog.text


def test_large_missing_unknown_and_empty_files_are_named(tmp_path: Path) -> None:
    large = tmp_path / "large.pdf"
    with large.open("wb") as handle:
        handle.truncate(1_000_000_000)  # sparse: costs no disk
    for path, problem in [
        (large, "1000 MB is more than 64 MB"),
        (tmp_path / "missing.docx", "cannot be read"),
        (tmp_path / "a.exe", ".exe is not read; known are .csv"),
        (tmp_path / "nothing", "no suffix is not read"),
        (tmp_path / "nul\0.txt", "cannot be read"),
    ]:
        with pytest.raises(DocumentError, match=problem) as caught:
            load(path, path.name)
        assert caught.value.source == path.name
    assert LARGEST == 64_000_000


def test_file_of_several_documents_is_not_one(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    path.write_text('{"text": "ก"}\n{"text": "ข"}\n', encoding="utf-8")
    assert [document.source for document in load_all(path, "two.jsonl")] == ["two.jsonl#1", "two.jsonl#2"]
    with pytest.raises(DocumentError, match="holds 2 documents"):
        load(path, "two.jsonl")


def damaged_samples() -> st.SearchStrategy[bytes]:
    """Random bytes, and real files with a stretch of them replaced or cut off."""
    samples = st.sampled_from([path.read_bytes() for path in SAMPLES])
    cut = st.builds(lambda data, at: data[: at % len(data)], samples, st.integers(0, 1 << 20))
    spoilt = st.builds(
        lambda data, at, new: data[: at % len(data)] + new + data[at % len(data) + len(new) :],
        samples,
        st.integers(0, 1 << 20),
        st.binary(min_size=1, max_size=64),
    )
    return st.one_of(st.binary(max_size=2000), cut, spoilt)


@pytest.mark.parametrize("suffix", sorted(LOADERS))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=damaged_samples())
def test_any_bytes_give_documents_or_one_error_that_names_the_file(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_bytes(data)
    try:
        documents = load_all(path, path.name)
    except DocumentError as error:
        assert str(error).startswith(path.name) and "\n" not in str(error)
        return
    assert documents
    for document in documents:
        check_sound(document)


@pytest.mark.parametrize(
    ("suffix", "piece"),
    [
        (".md", "# ก " + " " * 1000),
        (".md", "a: "),
        (".html", "<table><tr><td>"),
        (".html", "<pre>  \n"),
        (".csv", '",\n'),
        (".jsonl", "["),
        (".txt", " \u0e31"),
    ],
)
def test_time_grows_no_faster_than_the_file(tmp_path: Path, suffix: str, piece: str) -> None:
    """A megabyte of what a careless pattern would try again from every position."""
    path = tmp_path / f"long{suffix}"
    path.write_text(piece * (1_000_000 // len(piece)), encoding="utf-8")
    began = time.monotonic()
    with contextlib.suppress(DocumentError):
        load_here(path, path.name)
    assert time.monotonic() - began < 20
