"""Zip archives."""

import io
import zipfile
from pathlib import Path

import pytest

from index.documents import load_all, load_here
from index.loaders import package
from index.records import DocumentError

FORMATS = Path(__file__).parents[1] / "data" / "formats"


def archive(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in parts.items():
            out.writestr(name, data)
    return path


def test_members_are_documents_and_bad_ones_are_told(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as out:
        out.writestr("a.txt", "ก")
    path = archive(
        tmp_path / "รวม.zip",
        {
            "ก/ข.txt": "เนื้อหา".encode(),
            "page.html": (FORMATS / "page.html").read_bytes(),
            "records.jsonl": '{"id": "x", "text": "แถว"}'.encode(),
            "broken.pdf": b"%PDF-1.4 nothing",
            "inner.zip": inner.getvalue(),
            "program.exe": b"MZ",
            ".hidden.txt": b"x",
            "__MACOSX/ข.txt": b"x",
            "../../etc/up.txt": b"x",
            "/abs.txt": b"x",
            "..\\windows.txt": b"x",
        },
    )
    documents = load_all(path, "รวม.zip")
    assert [document.source for document in documents] == [
        "รวม.zip#ก/ข.txt",
        "รวม.zip#page.html",
        "รวม.zip#records.jsonl#x",
    ]
    told = [warning.split(": ")[0] for warning in documents[0].warnings]
    prefix = "รวม.zip#"
    assert told == [
        f"{prefix}{name}" for name in ("broken.pdf", "inner.zip", "../../etc/up.txt", "/abs.txt", "../windows.txt")
    ]
    assert sorted(tmp_path.iterdir()) == [path]  # nothing was unpacked


def test_a_member_that_breaks_its_library_spoils_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(data: bytes, source: str) -> None:
        raise UnicodeDecodeError("utf-16-le", data, 0, 1, "illegal encoding")

    monkeypatch.setattr("index.loaders.html.load_html", breaks)
    path = archive(tmp_path / "a.zip", {"bad.html": b"<p>x", "good.txt": "เนื้อหา".encode()})
    (document,) = load_here(path, "a.zip")
    assert document.source == "a.zip#good.txt"
    assert document.warnings == ("a.zip#bad.html: cannot be read (UnicodeDecodeError); save it again",)


def test_thai_names_as_windows_writes_them(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"XXXX.txt": "ก".encode()})
    path.write_bytes(path.read_bytes().replace(b"XXXX", "น้ำ".encode("cp874") + b"1"))
    assert [document.source for document in load_here(path, "a.zip")] == ["a.zip#น้ำ1.txt"]


def test_limits_of_number_and_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = archive(tmp_path / "bomb.zip", {f"{n}.txt": b"0" * 60_000_000 for n in range(5)})
    assert bomb.stat().st_size < 1_000_000
    with pytest.raises(DocumentError, match=r"bomb\.zip: unpacks to 300 MB, more than 256 MB"):
        load_all(bomb, "bomb.zip")
    monkeypatch.setattr(package, "MOST_PARTS", 3)
    with pytest.raises(DocumentError, match="holds 4 files, more than 3"):
        load_here(archive(tmp_path / "many.zip", {f"{n}.txt": b"x" for n in range(4)}), "many.zip")


def test_size_that_lies_is_not_believed(tmp_path: Path) -> None:
    path = archive(tmp_path / "lie.zip", {"a.txt": b"0" * 50_000_000})
    true, false = (50_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert path.read_bytes().count(true) == 2
    path.write_bytes(path.read_bytes().replace(true, false))
    with pytest.raises(DocumentError, match=r"lie\.zip"):
        load_here(path, "lie.zip")


def test_archive_of_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="holds no file that can be read"):
        load_here(archive(tmp_path / "a.zip", {"a.exe": b"x"}), "a.zip")
