"""A zip archive -> the documents of the files in it, each as ``archive.zip#path/in/archive``."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

from index.loaders.package import open_package, read_part
from index.records import Document, DocumentError
from index.thai import has_thai

MOST_DOCUMENTS = 100_000
MOST_WARNINGS = 20

Read = Callable[[str, bytes, str], list[Document]]
"""Name of a file, its bytes, the source it is named by -> its documents."""


def load_zip(data: bytes, source: str, known: Callable[[str], bool], read: Read) -> list[Document]:
    """The documents of every file of a ``known`` name; nothing is written to disk, archives within are not opened.

    What cannot be read is told in the warnings of the first document; DocumentError where nothing can.
    """
    documents: list[Document] = []
    problems: list[str] = []
    taken: set[str] = set()
    with open_package(data, source) as package:
        for part in package.infolist():
            name = PurePosixPath(_name(part))
            inner = f"{source}#{name}"
            if part.is_dir() or any(
                (piece.startswith(".") and piece != "..") or piece == "__MACOSX" for piece in name.parts
            ):
                continue
            if name.is_absolute() or ".." in name.parts:
                problems.append(f"{inner}: its path leads out of the archive; it was left out")
            elif name.suffix.lower() == ".zip":
                problems.append(f"{inner}: an archive within an archive is not opened; unpack it")
            elif known(name.name) and inner not in taken:
                taken.add(inner)
                try:
                    documents.extend(read(name.name, read_part(package, part, inner), inner))
                except DocumentError as error:
                    problems.append(str(error))
                except Exception as error:  # the formats' libraries raise what they like; the other files are read
                    problems.append(f"{inner}: cannot be read ({type(error).__name__}); save it again")
            if len(documents) > MOST_DOCUMENTS:
                raise DocumentError(source, f"holds more than {MOST_DOCUMENTS:,} documents; unpack it into a folder")
    if not documents:
        raise DocumentError(source, f"holds no file that can be read ({problems[0] if problems else 'none is known'})")
    return _with_problems(documents, problems)


def _name(part: zipfile.ZipInfo) -> str:
    """The name with forward slashes; Thai Windows writes names in cp874 without saying so."""
    name = part.filename
    if not part.flag_bits & 0x800:  # not marked as UTF-8: zipfile took it for cp437
        try:
            thai = name.encode("cp437").decode("cp874")
            name = thai if has_thai(thai) else name
        except UnicodeError:
            pass
    return name.replace("\\", "/").encode("utf-8", "replace").decode("utf-8")


def _with_problems(documents: list[Document], problems: list[str]) -> list[Document]:
    if len(problems) > MOST_WARNINGS:
        problems[MOST_WARNINGS:] = [f"และอีก {len(problems) - MOST_WARNINGS} ไฟล์"]
    if problems:
        documents[0] = replace(documents[0], warnings=(*documents[0].warnings, *problems))
    return documents
