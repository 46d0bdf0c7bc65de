"""PINs of jobs (*job-password*, PWG 5100.11) as both sides understand them: what one may be, and how it is hashed."""

from __future__ import annotations

import hashlib

LEAST_OCTETS, MOST_OCTETS = 4, 255  # of a plain PIN
# *job-password-encryption*: the name of the method, and hashlib's.
METHODS = {"sha2-256": "sha256", "sha2-384": "sha384", "sha2-512": "sha512"}


def hashed(pin: bytes, method: str) -> bytes:
    """The hash of a plain PIN. Raises ValueError, whose text never holds the PIN."""
    if method not in METHODS:
        raise ValueError(f"{method} is no method to hash a PIN")
    if not LEAST_OCTETS <= len(pin) <= MOST_OCTETS:
        raise ValueError(f"a PIN has {LEAST_OCTETS} to {MOST_OCTETS} characters")
    return hashlib.new(METHODS[method], pin).digest()
