"""``milvus://host:19530/name``: where a collection that several machines share is, and what it is called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from index.records import UsageError, printable

PORT = 19530  # Milvus' own
SCHEMES = {"milvus": "http", "milvus+tls": "https"}
TOKEN = "QA_MILVUS_TOKEN"  # environment: "user:password" or an API key, kept out of command lines and messages
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")  # Milvus allows 255; what we append needs a few
_FORM = "milvus://host:19530/name"


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address."""

    scheme: str
    host: str
    port: int
    database: str
    """Milvus' database; its default one where empty."""
    name: str
    """The alias that readers ask; collections are called after it."""

    @property
    def uri(self) -> str:
        """What pymilvus connects to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{SCHEMES[self.scheme]}://{host}:{self.port}"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}/{f'{self.database}/' if self.database else ''}{self.name}"


def is_address(named: object) -> bool:
    """True where ``named`` is the address of a collection, not a folder."""
    return isinstance(named, str) and named.startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def parse_address(text: str) -> Address:
    """``milvus://host[:port]/[database/]name``; ``milvus+tls://`` for TLS. Raises UsageError for anything else."""
    said = printable(text)[:200]
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port or PORT
    except ValueError as error:
        raise UsageError(f"{said}: not an address ({error}); write {_FORM}") from error
    if parts.username or parts.password:  # not repeated in the message: it would show the password
        raise UsageError(f"--store: no user or password in an address; put user:password into {TOKEN}")
    if parts.scheme not in SCHEMES or not host:
        raise UsageError(f"{said}: not an address; write {_FORM}")
    if parts.query or parts.fragment:
        raise UsageError(f"{said}: an address ends with the collection's name; write {_FORM}")
    names = [unquote(piece) for piece in parts.path.strip("/").split("/")]
    if len(names) > 2 or not all(_NAME.fullmatch(piece) for piece in names):
        raise UsageError(f"{said}: needs a name of Latin letters, digits and underscores; write {_FORM}")
    return Address(parts.scheme, host, port, names[0] if len(names) == 2 else "", names[-1])
