"""ID tokens that are right are believed; all others are not, whatever is wrong with them."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from everprint.server.oidc.id_token import (
    OLDEST_S,
    SKEW_S,
    BadToken,
    Expected,
    UnknownKey,
    check_claims,
    read_id_token,
)
from tests.server.oidc.openid_provider import new_key

NOW = 1_800_000_000.0
EXPECTED = Expected("https://id.example.org", "everprint", "n-1")
RIGHT: dict[str, Any] = {
    "iss": "https://id.example.org", "aud": "everprint", "sub": "s-1", "nonce": "n-1",
    "iat": NOW - 5, "exp": NOW + 60,
}  # fmt: skip
KEY = new_key("first")
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})


def public(*keys: ECKey | RSAKey) -> list[dict[str, Any]]:
    return [dict(key.as_dict(private=False)) for key in keys]


def signed(key: Any, claims: dict[str, Any] = RIGHT, **header: Any) -> str:
    return jwt.encode({"alg": "ES256", "kid": "first", **header}, claims, key, algorithms=["ES256", "RS256", "HS256"])


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def read(token: str, *keys: ECKey | RSAKey, algorithms: tuple[str, ...] = ("ES256", "RS256")) -> dict[str, Any]:
    return dict(read_id_token(token, public(*keys), algorithms, EXPECTED, NOW))


def test_a_right_token_is_read_by_the_key_that_it_names() -> None:
    assert read(signed(KEY), new_key("other"), RSA, KEY) == RIGHT
    assert read(signed(RSA, alg="RS256", kid="rsa"), RSA, KEY)["sub"] == "s-1"


def test_without_a_key_id_each_key_that_fits_is_tried() -> None:
    token = jwt.encode({"alg": "ES256"}, RIGHT, KEY, algorithms=["ES256"])
    assert read(token, new_key("a"), KEY)["sub"] == "s-1"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "https://id.example.org/"}, "not of https://id.example.org"),
        ({"iss": None}, "not of"),
        ({"aud": "another"}, "not for everprint"),
        ({"aud": ["another"]}, "not for everprint"),
        ({"aud": {"everprint": 1}}, "not for everprint"),
        ({"aud": ["everprint", "another"]}, "not to everprint"),
        ({"azp": "another"}, "not to everprint"),
        ({"nonce": "n-2"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "s" * 256}, "sub"),
        ({"sub": "a\x00b"}, "sub"),
        ({"exp": NOW - SKEW_S}, "expired"),
        ({"exp": None}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"exp": "1900000000"}, "exp"),
        ({"iat": NOW + SKEW_S + 1}, "from now"),
        ({"iat": NOW - OLDEST_S - SKEW_S - 1}, "was issued"),
        ({"iat": None}, "iat"),
        ({"nbf": NOW + SKEW_S + 1}, "not valid yet"),
    ],
)
def test_a_claim_that_is_wrong_is_named(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(BadToken, match=why):
        check_claims({**RIGHT, **changes}, EXPECTED, NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - SKEW_S + 1},
        {"iat": NOW + SKEW_S},
        {"nbf": NOW + SKEW_S},
        {"aud": ["everprint"]},
        {"aud": ["another", "everprint"], "azp": "everprint"},
    ],
)
def test_clocks_may_differ_a_little_and_audiences_be_several(changes: dict[str, Any]) -> None:
    check_claims({**RIGHT, **changes}, EXPECTED, NOW)


def test_a_token_without_a_signature_that_counts_is_refused() -> None:
    unsigned = f"{part({'alg': 'none'})}.{part(RIGHT)}."
    by_secret = signed(OctKey.import_key("a secret of the client's, long enough"), alg="HS256")
    # The published key, taken for a shared secret; the library makes no such token.
    body = f"{part({'alg': 'HS256', 'kid': 'first'})}.{part(RIGHT)}"
    digest = hmac.digest(KEY.as_pem(private=False), body.encode(), "sha256")
    confused = f"{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
    for token in (unsigned, by_secret, confused):
        for algorithms in (("ES256",), ("none", "HS256", "ES256")):
            with pytest.raises(BadToken, match="nobody should"):
                read(token, KEY, algorithms=algorithms)


def test_a_signature_of_another_key_is_refused() -> None:
    with pytest.raises(UnknownKey):
        read(signed(new_key("second"), kid="second"), KEY)
    with pytest.raises(BadToken, match="signature"):
        read(signed(new_key("first")), KEY)
    head, _, signature = signed(KEY).split(".")
    with pytest.raises(BadToken, match="signature"):
        read(f"{head}.{part({**RIGHT, 'sub': 's-2'})}.{signature}", KEY)


def test_an_algorithm_that_the_provider_does_not_use_is_refused() -> None:
    with pytest.raises(BadToken, match="nobody should"):
        read(signed(KEY), KEY, algorithms=("RS256",))


@pytest.mark.parametrize(
    "token", ["", "x", "a.b", "a.b.c", "....", "é.é.é", "x" * 70_000, f"{part([])}.{part({})}.x"]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        read(token, KEY)


@pytest.mark.parametrize("key", [{}, {"kty": "EC"}, {"kty": "EC", "kid": "first", "crv": "P-9", "x": "!", "y": 3}])
def test_a_published_key_that_is_none_does_no_harm(key: dict[str, Any]) -> None:
    assert read_id_token(signed(KEY), [key, *public(KEY)], ("ES256",), EXPECTED, NOW)["sub"] == "s-1"
