"""Making, checking and revoking API tokens: "everprint_KEY.SECRET", of which only the secret's SHA-256 is kept.

The secret is 256 random bits: a plain hash cannot be searched, and nobody guesses it. Failures are limited all the
same (people.attempts), so that a broken script fills neither log nor database; a right token is never kept waiting.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from everprint.server.access.permissions import Permission
from everprint.server.api.models import ApiToken
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.people.attempts import Attempts
from everprint.server.people.models import User

log = logging.getLogger(__name__)

PREFIX = "everprint_"
SEEN_EVERY = timedelta(minutes=1)
_KEY_OCTETS = 8
_KEY = re.compile(f"[0-9a-f]{{{2 * _KEY_OCTETS}}}", re.ASCII)

attempts = Attempts()


class BadToken(Exception):
    """Malformed, unknown, wrong, expired or revoked, or its owner is disabled: nobody is told which."""


class TokenNameTaken(Exception):
    """The owner has a live token of that name."""


class NotYoursToGive(Exception):
    """A permission that the token's owner has not."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A fresh token; `text` is shown once and kept nowhere."""

    token: ApiToken
    text: str


def make_token(
    owner: User, name: str, permissions: Collection[Permission], expires_at: datetime | None = None
) -> NewToken:
    """A token that acts for the owner with those permissions, at most with those that the owner has when it is used.

    Raises TokenNameTaken, NotYoursToGive.
    """
    name = " ".join(name.split())
    missing = sorted(permission.value for permission in permissions if not owner.may(permission))
    if missing:
        raise NotYoursToGive(f"{owner.name} has not: {', '.join(missing)}")
    secret = secrets.token_urlsafe(32)

    def work() -> ApiToken:
        if live_tokens().filter(owner=owner, name=name).exists():
            raise TokenNameTaken(f"{owner.name} has a token called {name} already: revoke it first, or name it anew")
        ApiToken.objects.filter(owner=owner, name=name, revoked_at=None).update(revoked_at=timezone.now())
        token = ApiToken.objects.create(
            name=name,
            key=secrets.token_hex(_KEY_OCTETS),
            secret_hash=_hash(secret),
            owner=owner,
            permissions=sorted(permission.value for permission in permissions),
            expires_at=expires_at,
        )
        note("token.make", token, after={"for": owner.name, "may": token.permissions, "expires_at": expires_at})
        return token

    token = transact(work)
    log.info("API token made name=%r owner=%s key=%s", token.name, owner.name, token.key)
    return NewToken(token, f"{PREFIX}{token.key}.{secret}")


def live_tokens() -> QuerySet[ApiToken]:
    """Those that work, as far as they themselves say."""
    return ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


def revoke_token(token: ApiToken) -> None:
    """Ends the token for ever, at once."""

    def work() -> None:
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            note("token.revoke", token, after={"for": token.owner.name})

    transact(work)
    token.refresh_from_db()
    log.info("API token revoked name=%r key=%s", token.name, token.key)


def user_of_token(text: str, address: str) -> User:
    """The owner, with no more permissions than the token has.

    Raises BadToken, TooManyAttempts (people.attempts).
    """
    key, _, secret = text.removeprefix(PREFIX).partition(".")
    token = live_tokens().select_related("owner").filter(key=key[:32]).first() if text.startswith(PREFIX) else None
    if token is None or not _is_right(token, secret) or not token.owner.is_active:
        attempts.check("", address)
        attempts.failed("", address)
        # What has no such form may be the secret itself, sent without its key.
        log.warning("API token refused key=%s address=%s", key if _KEY.fullmatch(key) else "malformed", address)
        raise BadToken
    _note_use(token, address)
    user = token.owner
    user.limited_to = frozenset(permission for permission in Permission if permission.value in token.permissions)
    user.token_name = token.name
    return user


def _is_right(token: ApiToken, secret: str) -> bool:
    return hmac.compare_digest(bytes(token.secret_hash), _hash(secret))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def _note_use(token: ApiToken, address: str) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - SEEN_EVERY or token.last_address != address:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now, last_address=address[:64])
