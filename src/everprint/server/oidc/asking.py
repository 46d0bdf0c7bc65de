"""Asks an OpenID provider: what it offers (Discovery 1.0), its keys, tokens for a code, what it knows of somebody.

Answers are bounded in octets and time, redirects are not followed, and everything goes over TLS; a provider on this
very machine may be asked without. What it offers, and its keys, are kept for an hour.
"""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlsplit

import msgspec

from everprint.server.oidc.id_token import BadToken, Claims, Expected, Jwk, UnknownKey, read_id_token

MOST_OCTETS = 512 * 1024
LONGEST_S = 10.0
KEPT_S = 3600.0
AWAY_S = 5.0  # so long is nobody made to wait for one that did not answer
_MOST_FRESH, _FRESH_SPAN_S = 5, 60.0  # so often may an unknown key have the keys fetched anew
_LOCAL = ("localhost", "127.0.0.1", "::1")
_at_once = threading.BoundedSemaphore(4)  # one that does not answer must not take every thread

Read = TypeVar("Read")


class ProviderAway(Exception):
    """The provider cannot be asked, or does not answer as one; the text says what was asked and what came."""


class Offer(msgspec.Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False  # RFC 9207


class Tokens(msgspec.Struct, frozen=True):
    """What a code is changed into."""

    id_token: str
    access_token: str = ""


class _Keys(msgspec.Struct, frozen=True):
    keys: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to a provider."""

    issuer: str
    client_id: str
    secret: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A code, and what goes with it (RFC 7636: PKCE)."""

    code: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    nonce: str = field(repr=False)


@dataclass(slots=True)
class _Kept:
    """What a provider said, and until when it counts."""

    value: Any
    until: float


_kept: dict[str, _Kept] = {}
_away: dict[str, _Kept] = {}
_fresh: dict[str, deque[float]] = {}


def offer_of(issuer: str, *, anew: bool = False) -> Offer:
    """What the provider offers; the issuer it names is the one that was asked for, letter by letter.

    Raises ProviderAway.
    """
    url = issuer.rstrip("/") + "/.well-known/openid-configuration"
    offer = _cached(url, Offer, anew=anew)
    if offer.issuer != issuer:
        raise ProviderAway(f"{url} is about the issuer {offer.issuer[:200]}, not {issuer}")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"):
        address = getattr(offer, name)
        if address or name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            check_address(address, issuer)
    return offer


def keys_of(offer: Offer, *, anew: bool = False) -> tuple[Jwk, ...]:
    """The keys that it signs with.

    Raises ProviderAway.
    """
    return _cached(offer.jwks_uri, _Keys, anew=anew).keys


def redeem(client: Client, redeemed: Redeemed) -> tuple[Claims, Tokens]:
    """Changes the code into tokens; what the ID token says, once it is known to be right.

    Raises ProviderAway, BadToken.
    """
    offer = offer_of(client.issuer)
    form = {
        "grant_type": "authorization_code",
        "code": redeemed.code,
        "redirect_uri": redeemed.redirect_uri,
        "code_verifier": redeemed.verifier,
    }
    headers, form = _as_client(client, offer, form)
    tokens = _answer("POST", offer.token_endpoint, Tokens, data=form, headers=headers)
    expected = Expected(client.issuer, client.client_id, redeemed.nonce)
    algorithms = offer.id_token_signing_alg_values_supported
    try:
        claims = read_id_token(tokens.id_token, keys_of(offer), algorithms, expected, time.time())
    except UnknownKey:
        if not _may_ask_anew(offer.jwks_uri):
            raise
        claims = read_id_token(tokens.id_token, keys_of(offer, anew=True), algorithms, expected, time.time())
    return claims, tokens


def more_about(client: Client, tokens: Tokens, claims: Claims) -> Claims:
    """The claims, with what the provider only says when it is asked for it (Core 1.0, section 5.3).

    Raises ProviderAway, BadToken if it speaks of somebody else.
    """
    offer = offer_of(client.issuer)
    if not offer.userinfo_endpoint or not tokens.access_token:
        return claims
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    said: dict[str, object] = _answer("GET", offer.userinfo_endpoint, dict, headers=headers)
    if said.get("sub") != claims["sub"]:
        raise BadToken("what it says of somebody is about somebody else")
    return {**said, **claims}


def check_address(address: str, issuer: str) -> None:
    """Raises ProviderAway unless it is https, or http on this machine for an issuer on this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        host = None
    here = parts.scheme == "http" and host in _LOCAL and urlsplit(issuer).hostname in _LOCAL if host else False
    if not host or not (parts.scheme == "https" or here) or parts.username is not None:
        raise ProviderAway(f"{address[:200]!r} cannot be used; expected an address that begins with https://")


def forget_all() -> None:
    """Forgets what providers said."""
    _kept.clear()
    _away.clear()
    _fresh.clear()


def _as_client(client: Client, offer: Offer, form: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Says who we are, in the way that the provider takes (RFC 6749, section 2.3.1)."""
    ways = offer.token_endpoint_auth_methods_supported
    if not client.secret:
        return {}, {**form, "client_id": client.client_id}
    if "client_secret_basic" in ways or "client_secret_post" not in ways:
        said = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"
        return {"Authorization": f"Basic {base64.b64encode(said.encode()).decode()}"}, form
    return {}, {**form, "client_id": client.client_id, "client_secret": client.secret}


def _may_ask_anew(url: str) -> bool:
    """Tokens with made-up keys must not have the keys fetched again and again."""
    times = _fresh.setdefault(url, deque(maxlen=_MOST_FRESH))
    now = time.monotonic()
    if len(times) == _MOST_FRESH and times[0] + _FRESH_SPAN_S > now:
        return False
    times.append(now)
    return True


def _cached(url: str, kind: type[Read], *, anew: bool) -> Read:
    now = time.monotonic()
    kept = _kept.get(url)
    if kept is None or anew or kept.until < now:
        away = _away.get(url)
        if away is not None and away.until > now and not anew:
            raise ProviderAway(str(away.value))
        try:
            kept = _kept[url] = _Kept(_answer("GET", url, kind), now + KEPT_S)
        except ProviderAway as error:
            _away[url] = _Kept(str(error), time.monotonic() + AWAY_S)
            raise
    value = kept.value
    assert isinstance(value, kind)
    return value


def _answer(method: str, url: str, kind: type[Read], **sent: Any) -> Read:  # noqa: ANN401 - httpx's own
    if not _at_once.acquire(timeout=LONGEST_S):
        raise ProviderAway(f"{url} cannot be asked: others wait for an answer already")
    try:
        status, body = _ask(method, url, **sent)
    finally:
        _at_once.release()
    if status != HTTPStatus.OK:
        raise ProviderAway(f"{url} answered with status {status}: {_error_in(body)}")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise ProviderAway(f"{url} did not answer as an OpenID provider does: {error}") from None


def _ask(method: str, url: str, **sent: Any) -> tuple[int, bytes]:  # noqa: ANN401 - httpx's own
    # Only when a provider is asked: whoever waits for a server to start does not wait for it, too.
    import httpx

    logging.getLogger("httpx").setLevel(logging.WARNING)  # what goes wrong is told by who asked
    end = time.monotonic() + LONGEST_S
    body = bytearray()
    headers = {"Accept": "application/json", **sent.pop("headers", {})}
    try:
        with (
            httpx.Client(timeout=LONGEST_S, follow_redirects=False) as http,
            http.stream(method, url, headers=headers, **sent) as response,
        ):
            for piece in response.iter_bytes():
                body += piece
                if len(body) > MOST_OCTETS:
                    raise ProviderAway(f"{url} answered with more than {MOST_OCTETS} octets")
                if time.monotonic() > end:
                    raise ProviderAway(f"{url} did not answer within {LONGEST_S:g} seconds")
            return response.status_code, bytes(body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderAway(f"{url} cannot be asked: {str(error) or type(error).__name__}") from None


def _error_in(body: bytes) -> str:
    """What went wrong, as OAuth says it (RFC 6749, section 5.2)."""
    try:
        said: object = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        return "no reason given"
    if not isinstance(said, Mapping):
        return "no reason given"
    return " ".join(str(said[key])[:200] for key in ("error", "error_description") if said.get(key)) or "no reason"
