"""One attempt to sign in with a provider: what goes out with the browser, and what must come back with it.

Whoever begins gets an attempt in a cookie, sealed and good for ten minutes; state, nonce and the PKCE verifier are in
it and in no database. Only the browser that began it can end it.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec
from django.utils.crypto import constant_time_compare

from everprint.server.oidc.asking import Offer
from everprint.server.oidc.models import OidcProvider
from everprint.server.sealed import seal, unseal

WITHIN_S = 600
LONGEST_NEXT = 1000
_PURPOSE = "oidc-attempt"


class AttemptOver(Exception):
    """What came back belongs to no attempt of this browser, or to one that is over; the text is for the person."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was made up for it."""

    slug: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    following: str  # where the person wanted to go


def begin(slug: str, following: str) -> Attempt:
    """A new one."""
    return Attempt(
        slug=slug,
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        following=following if len(following) <= LONGEST_NEXT else "/",
    )


def address_of(attempt: Attempt, provider: OidcProvider, offer: Offer, redirect_uri: str) -> str:
    """Where the browser goes (Core 1.0, section 3.1.2.1; RFC 7636, section 4.3)."""
    digest = hashlib.sha256(attempt.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": provider.scopes,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    separator = "&" if "?" in offer.authorization_endpoint else "?"
    return f"{offer.authorization_endpoint}{separator}{urlencode(asked)}"


def sealed(attempt: Attempt) -> str:
    """As the cookie has it."""
    return seal(_PURPOSE, msgspec.json.encode(attempt).decode())


def opened(cookie: str, slug: str, said: Mapping[str, str]) -> Attempt:
    """The attempt that the answer `said` of this provider belongs to.

    Raises AttemptOver.
    """
    text = unseal(_PURPOSE, cookie, within_s=WITHIN_S) if cookie else ""
    attempt = msgspec.json.decode(text, type=Attempt) if text else None
    if attempt is None or attempt.slug != slug or not constant_time_compare(attempt.state, said.get("state", "")):
        raise AttemptOver("This sign-in was begun elsewhere or took too long. Begin again.")
    return attempt


def check_issuer(said: Mapping[str, str], offer: Offer) -> None:
    """Raises AttemptOver if the answer is of another provider than the one that was asked (RFC 9207)."""
    needs_issuer = offer.authorization_response_iss_parameter_supported
    if said.get("iss", "" if needs_issuer else offer.issuer) != offer.issuer:
        raise AttemptOver("The answer is of another provider than the one that was asked. Begin again.")
