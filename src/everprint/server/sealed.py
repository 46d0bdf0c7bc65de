"""Secrets that the database keeps encrypted, under the server's own key: a copy of the database alone tells none.

Each purpose has a key of its own, so that what was sealed for one is worth nothing for another.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def seal(purpose: str, text: str) -> str:
    """The text as it is kept."""
    return _box(purpose).encrypt(text.encode()).decode("ascii")


def unseal(purpose: str, sealed: str, *, within_s: int | None = None) -> str:
    """The text; empty if it was sealed under another key, is no such text, or is older than `within_s` seconds."""
    try:
        return _box(purpose).decrypt(sealed.encode(), ttl=within_s).decode()
    except InvalidToken:
        return ""


def _box(purpose: str) -> Fernet:
    key = hashlib.sha256(f"everprint.{purpose}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
