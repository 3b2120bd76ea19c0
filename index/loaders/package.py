"""Zip archives, which DOCX, ODT and XLSX are too: opened with limits, and XML read without entities or network."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from index.records import DocumentError

LARGEST_PART = 64_000_000  # bytes of one file unpacked
LARGEST_TOTAL = 256_000_000  # bytes of all files unpacked
MOST_PARTS = 10_000


def open_package(data: bytes, source: str) -> zipfile.ZipFile:
    """The archive in ``data``. Raises DocumentError where it is none, or unpacks to more than the limits.

    The sizes that an archive states bind it: zipfile reads no further than they say.
    """
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise DocumentError(source, f"is damaged or not what its name says ({error}); save it again") from error
    parts = package.infolist()
    total = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS:
        raise DocumentError(source, f"holds {len(parts):,} files, more than {MOST_PARTS:,}; unpack it into a folder")
    if total > LARGEST_TOTAL:
        raise DocumentError(
            source, f"unpacks to {total / 1e6:,.0f} MB, more than {LARGEST_TOTAL // 10**6} MB; split it"
        )
    return package


def read_part(package: zipfile.ZipFile, name: str | zipfile.ZipInfo, source: str) -> bytes:
    """One file of the archive, unpacked. Raises DocumentError where it is missing, damaged, locked or too large."""
    import lzma
    import zlib

    shown = name if isinstance(name, str) else name.filename
    try:
        part = package.getinfo(name) if isinstance(name, str) else name
        if part.file_size > LARGEST_PART:
            raise DocumentError(source, f"{shown} unpacks to {part.file_size / 1e6:,.0f} MB; split it")
        return package.read(part)
    except KeyError as error:
        raise DocumentError(source, f"has no {shown}; it is not what its name says") from error
    except RuntimeError as error:  # a password is needed
        raise DocumentError(source, f"{shown} is locked with a password; save a copy without") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
    ) as error:
        raise DocumentError(source, f"{shown} is damaged ({error}); save it again") from error


def parse_xml(data: bytes, source: str) -> Any:
    """The root element of an XML part (lxml). Entities are not expanded, nothing is fetched, depth is limited."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError(source, f"its XML is damaged ({error.args[0] if error.args else error})") from error
