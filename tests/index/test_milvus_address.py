"""An address names a collection; anything else is told how to write one, without repeating a password."""

from __future__ import annotations

import pytest

from index.milvus_address import Address, is_address, parse_address
from index.records import UsageError


@pytest.mark.parametrize(
    ("text", "address", "uri"),
    [
        ("milvus://h/n", Address("milvus", "h", 19530, "", "n"), "http://h:19530"),
        (
            "milvus://10.0.0.1:1234/team/docs_2",
            Address("milvus", "10.0.0.1", 1234, "team", "docs_2"),
            "http://10.0.0.1:1234",
        ),
        ("milvus+tls://[::1]:443/n", Address("milvus+tls", "::1", 443, "", "n"), "https://[::1]:443"),
    ],
)
def test_what_is_read(text: str, address: Address, uri: str) -> None:
    assert parse_address(text) == address
    assert address.uri == uri
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    "text",
    ["milvus://", "milvus:///n", "milvus://h", "milvus://h/", "milvus://h/a/b/c", "milvus://h/ก", "milvus://h/a-b",
     "milvus://h:99999/n", "milvus://h:x/n", "milvus://h/1n", "milvus://h/n?x=1", "milvus://[::1/n", "http://h/n"],
)  # fmt: skip
def test_what_is_no_address_is_told_the_form(text: str) -> None:
    with pytest.raises(UsageError, match=r"milvus://host:19530/name"):
        parse_address(text)


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        parse_address("milvus://root:secret@h/n")
    assert "secret" not in str(caught.value) and "QA_MILVUS_TOKEN" in str(caught.value)


def test_folders_are_no_addresses(tmp_path: object) -> None:
    assert is_address("milvus://h/n") and is_address("milvus+tls://h/n")
    assert not any(map(is_address, (None, tmp_path, "store", "milvus", "./milvus://")))
