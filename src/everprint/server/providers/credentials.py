"""A provider's credential: "<provider id>.<secret>", of which only the SHA-256 of the secret is kept.

The secret is 256 random bits, so a plain hash cannot be searched; comparing takes the same time whatever differs.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from datetime import timedelta

from django.utils import timezone

from everprint.server.providers.models import Provider

# How often a sign of life is written down.
SEEN_EVERY = timedelta(seconds=5)


class BadCredential(Exception):
    """Malformed, unknown, wrong or revoked: nobody is told which."""


def new_secret() -> tuple[str, bytes]:
    """A fresh secret, and the hash to keep."""
    secret = secrets.token_urlsafe(32)
    return secret, hash_of(secret)


def hash_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def provider_of(credential: str) -> Provider:
    """Whose credential it is.

    Raises BadCredential.
    """
    identity, _, secret = credential.partition(".")
    try:
        number = uuid.UUID(identity)
    except ValueError:
        raise BadCredential from None
    provider = Provider.objects.filter(pk=number).first()
    if provider is None or provider.is_revoked:
        raise BadCredential
    if not hmac.compare_digest(bytes(provider.credential_hash), hash_of(secret)):
        raise BadCredential
    return provider


def note_seen(provider: Provider, address: str) -> None:
    """Writes down that the provider was heard of, at most every few seconds."""
    now = timezone.now()
    if provider.last_seen_at is None or now - provider.last_seen_at > SEEN_EVERY:
        Provider.objects.filter(pk=provider.pk).update(last_seen_at=now, last_address=address)


def revoke(provider: Provider) -> None:
    """Ends the provider's credential for ever; its queues and their history stay."""
    Provider.objects.filter(pk=provider.pk, revoked_at=None).update(revoked_at=timezone.now())
    provider.refresh_from_db()
