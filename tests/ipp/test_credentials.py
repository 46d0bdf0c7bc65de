"""HTTP Basic credentials: read exactly, or not at all."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.ipp.credentials import MAX_PASSWORD_OCTETS, MAX_USER_NAME_OCTETS, Credentials, parse_basic


def basic(octets: bytes) -> bytes:
    return b"Basic " + b64encode(octets)


@pytest.mark.parametrize(
    ("header", "user_name", "password"),
    [
        (basic(b"anna:secret"), "anna", "secret"),
        (basic(b"anna:"), "anna", ""),
        (basic(b"anna:a:b:c"), "anna", "a:b:c"),
        (basic("zoë:pässwörd €".encode()), "zoë", "pässwörd €"),
        (b"bAsIc   " + b64encode(b"anna:secret") + b"  ", "anna", "secret"),
        (basic(b"a" * 255 + b":" + b"b" * 1023), "a" * 255, "b" * 1023),
    ],
)
def test_sound_credentials_are_read(header: bytes, user_name: str, password: str) -> None:
    assert parse_basic(header) == Credentials(user_name, password)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Basic",
        b"Basic ",
        b"Basic !!!!",
        b"Basic YW5uYTpzZWNyZXQ",  # no padding
        b"Basic YW5u YTpzZWNyZXQ=",
        b"Basic YW5uYTpzZWNyZXQ=, Basic YTpi",
        b"Bearer YW5uYTpzZWNyZXQ=",
        b"Negotiate YW5uYTpzZWNyZXQ=",
        b"BasicYW5uYTpzZWNyZXQ=",
        basic(b"no colon"),
        basic(b":password of nobody"),
        basic(b"\xff\xfe:latin"),
        basic(b"anna\x00admin:x"),
        basic(b"anna\n:x"),
        basic(b"anna:x\r\nX: y"),
        basic(b"a" * (MAX_USER_NAME_OCTETS + 1) + b":x"),
        basic(b"anna:" + b"x" * (MAX_PASSWORD_OCTETS + 1)),
        b"Basic " + b"QUFB" * 100_000,
        b"Basic " + "ä".encode(),
    ],
)
def test_anything_else_is_nobody(header: bytes) -> None:
    assert parse_basic(header) is None


@given(st.binary())
def test_any_header_is_somebody_or_nobody(header: bytes) -> None:
    for octets in (header, b"Basic " + header, basic(header)):
        found = parse_basic(octets)
        assert found is None or found.user_name


def test_a_password_is_not_in_the_text_of_its_credentials() -> None:
    assert "secret" not in repr(Credentials("anna", "secret"))
    assert "secret" not in str(Credentials("anna", "secret"))
