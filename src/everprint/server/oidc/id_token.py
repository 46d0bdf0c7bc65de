"""Is that ID token of this provider, for us, for this attempt, and now? Pure: keys, token and time are given.

OpenID Connect Core 1.0, section 3.1.3.7. Only public-key signatures count: *none* says nothing, and of a shared key
(HS256) the client secret would be the key, which others have seen.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
SKEW_S = 120  # by which our clock and the provider's may differ
OLDEST_S = 3600  # since it was issued
LONGEST_TOKEN = 64 * 1024
LONGEST_SUBJECT = 255
_MOST_TRIED = 10
_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}

Claims = Mapping[str, object]
Jwk = Mapping[str, object]


class BadToken(Exception):
    """The ID token is not to be trusted; the text says why, for the log."""


class UnknownKey(BadToken):
    """It is signed with a key that the provider did not publish: perhaps it has a new one since."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must say."""

    issuer: str
    client_id: str
    nonce: str


def read_id_token(
    token: str, keys: Sequence[Jwk], algorithms: Collection[str], expected: Expected, now: float
) -> Claims:
    """What the token says, once its signature and its claims are right.

    Raises BadToken, UnknownKey.
    """
    claims = _signed(token, keys, frozenset(algorithms) & frozenset(ALGORITHMS))
    check_claims(claims, expected, now)
    return claims


def check_claims(claims: Claims, expected: Expected, now: float) -> None:
    """Raises BadToken if the token is another's, for another, of another attempt, or not of now."""
    if claims.get("iss") != expected.issuer:
        raise BadToken(f"it is of {_shown(claims.get('iss'))}, not of {expected.issuer}")
    audience = claims.get("aud")
    for_whom = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in for_whom:
        raise BadToken(f"it is for {_shown(audience)}, not for {expected.client_id}")
    if (len(for_whom) > 1 or "azp" in claims) and claims.get("azp") != expected.client_id:
        raise BadToken(f"it was given to {_shown(claims.get('azp'))}, not to {expected.client_id}")
    if claims.get("nonce") != expected.nonce:
        raise BadToken("it is of another attempt to sign in (nonce)")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise BadToken("it does not say whom it is about (sub)")
    issued, expires = _moment(claims, "iat"), _moment(claims, "exp")
    if expires + SKEW_S <= now:
        raise BadToken(f"it expired {now - expires:.0f} seconds ago; perhaps a clock is wrong")
    if issued - SKEW_S > now:
        raise BadToken(f"it is issued {issued - now:.0f} seconds from now; perhaps a clock is wrong")
    if issued + OLDEST_S + SKEW_S < now:
        raise BadToken(f"it was issued {now - issued:.0f} seconds ago")
    if "nbf" in claims and _moment(claims, "nbf") - SKEW_S > now:
        raise BadToken("it is not valid yet; perhaps a clock is wrong")


def _signed(token: str, keys: Sequence[Jwk], algorithms: Collection[str]) -> Claims:
    if len(token) > LONGEST_TOKEN:
        raise BadToken("it is too long")
    # Only when somebody signs in so: whoever waits for a server to start does not wait for it, too.
    from joserfc import jws, jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise BadToken(f"it is no signed token ({error})") from None
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise BadToken(f"it is signed by {_shown(algorithm)}, which this provider does not use or nobody should")
    fitting = [key for key in keys if _fits(key, algorithm, key_id)]
    if not fitting:
        raise UnknownKey(f"the provider publishes no key {_shown(key_id)} for {algorithm}")
    for key in fitting[:_MOST_TRIED]:
        try:
            # Through JSON, as the library takes keys of known parts only.
            return jwt.decode(token, import_key(json.loads(json.dumps(dict(key)))), algorithms=[algorithm]).claims
        except (JoseError, ValueError, TypeError):
            continue
    raise BadToken("its signature is wrong")


def _fits(key: Jwk, algorithm: str, key_id: object) -> bool:
    return (
        key.get("kty") == _KEY_TYPES[algorithm[:2]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (key_id is None or key.get("kid") == key_id)
    )


def _moment(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise BadToken(f"it does not say when ({name})")
    return value


def _shown(value: object) -> str:
    return repr(value)[:100]
