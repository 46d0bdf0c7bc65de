"""A provider's credential: "<provider id>.<secret>", of which only the SHA-256 of the secret is kept.

The secret is 256 random bits, so a plain hash cannot be searched; comparing takes the same time whatever differs.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import re
import secrets
import time
import uuid
from dataclasses import dataclass

from django.db import OperationalError
from django.utils import timezone

from everprint.server import sql
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.providers.models import Provider

log = logging.getLogger(__name__)

# How often a sign of life is written down; and when it was last, by this process.
SEEN_EVERY_S = 5.0
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # 256 bits in base64, as new_secret makes them
_seen: dict[uuid.UUID, float] = {}


class BadCredential(Exception):
    """Malformed, unknown, wrong or revoked: nobody is told which."""


def new_secret() -> tuple[str, bytes]:
    """A fresh secret, and the hash to keep."""
    secret = secrets.token_urlsafe(32)
    return secret, hash_of(secret)


def is_secret(text: str) -> bool:
    """True if it looks like one: nothing else is taken from a provider that chooses for itself."""
    return bool(_SECRET.fullmatch(text))


def hash_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class Caller:
    """The provider whose credential a request carries."""

    id: uuid.UUID
    orders_acknowledged: int


def caller_of(credential: str, address: str) -> Caller:
    """Whose credential it is; that it was heard of is written down every few seconds.

    Raises BadCredential.
    """
    identity, _, secret = credential.partition(".")
    try:
        number = uuid.UUID(identity)
    except ValueError:
        raise BadCredential from None
    found = sql.rows(
        "SELECT credential_hash, revoked_at IS NOT NULL, orders_acknowledged FROM providers_provider WHERE id = %s",
        (sql.of_uuid(number),),
    )
    if not found:
        raise BadCredential
    kept, is_revoked, acknowledged = found[0]
    if is_revoked or not hmac.compare_digest(bytes(kept), hash_of(secret)):
        raise BadCredential
    _note_seen(number, address)
    return Caller(number, acknowledged)


def _note_seen(provider: uuid.UUID, address: str) -> None:
    now = time.monotonic()
    if now - _seen.get(provider, -math.inf) > SEEN_EVERY_S:
        _seen[provider] = now
        try:
            Provider.objects.filter(pk=provider).update(last_seen_at=timezone.now(), last_address=address)
        except OperationalError as error:  # others write for long: what was asked does not depend on this
            log.warning("it is not written down now that provider=%s was heard of: %s", provider, error)


def revoke(provider: Provider) -> None:
    """Ends the provider's credential for ever; its queues and their history stay."""

    def work() -> None:
        if Provider.objects.filter(pk=provider.pk, revoked_at=None).update(revoked_at=timezone.now()):
            note("provider.revoke", provider)

    transact(work)
    provider.refresh_from_db()
