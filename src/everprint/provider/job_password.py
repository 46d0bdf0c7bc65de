"""The PIN of a job (*job-password*, PWG 5100.11): kept as a salted slow hash, compared in constant time.

A client sends it plain, or hashed by a named method (*job-password-encryption*). What is kept is always a hash of
that hash, so that a job may be released with the plain PIN at a release station, or with the hash that it came with.
A PIN of four digits is found by trying all of them by whoever can read the journal: its protection there is that the
file is readable by the provider's user only, and that the hash is gone once the job is over.
"""

from __future__ import annotations

import hashlib
import hmac
import os

import msgspec

from everprint.contract.job_passwords import LEAST_OCTETS, METHODS, MOST_OCTETS, hashed

PLAIN = "none"
_METHOD_OF_PLAIN = "sha2-256"
ENCRYPTIONS = (PLAIN, *METHODS)
# A guess is counted before it is compared; after so many the job can only be cancelled.
MOST_WRONG = 5
_SALT_OCTETS = 16
# About ten milliseconds and 4 MiB a guess.
_COST, _BLOCK, _PARALLEL = 1 << 12, 8, 1


class SentPassword:
    """A PIN as a client sent it. It shows itself nowhere."""

    __slots__ = ("_octets", "encryption")

    def __init__(self, octets: bytes, encryption: str) -> None:
        """Raises ValueError, whose text never holds the PIN."""
        if encryption not in ENCRYPTIONS:
            raise ValueError(f"job-password-encryption is one of {', '.join(ENCRYPTIONS)}")
        if encryption == PLAIN:
            if not LEAST_OCTETS <= len(octets) <= MOST_OCTETS:
                raise ValueError(f"a job-password has {LEAST_OCTETS} to {MOST_OCTETS} octets")
        elif len(octets) != hashlib.new(METHODS[encryption]).digest_size:
            raise ValueError(f"the job-password is no {encryption} hash")
        self._octets = octets
        self.encryption = encryption

    def hashed_by(self, method: str) -> bytes | None:
        """The hash by that method; None if it was sent hashed by another one."""
        if self.encryption == PLAIN:
            return hashed(self._octets, method)
        return self._octets if self.encryption == method else None

    def __repr__(self) -> str:
        return "SentPassword(...)"


class JobPassword(msgspec.Struct, frozen=True):
    """A PIN as it is kept in the journal."""

    method: str  # by which it can be compared
    salt: bytes
    digest: bytes
    guesses: int = 0
    given: bool = False  # the job was released with it

    def __repr__(self) -> str:
        return "JobPassword(...)"

    @property
    def is_locked(self) -> bool:
        """True if no further guess is taken."""
        return self.guesses >= MOST_WRONG


def keep(sent: SentPassword) -> JobPassword:
    """What is kept of it. Takes a moment: not for the event loop."""
    method = _METHOD_OF_PLAIN if sent.encryption == PLAIN else sent.encryption
    salt = os.urandom(_SALT_OCTETS)
    hashed = sent.hashed_by(method)
    assert hashed is not None
    return JobPassword(method, salt, _slow_hash(hashed, salt))


def is_right(kept: JobPassword, sent: SentPassword) -> bool:
    """Whether that is the PIN; never for one hashed by another method. Takes a moment: not for the event loop."""
    hashed = sent.hashed_by(kept.method)
    return hashed is not None and hmac.compare_digest(_slow_hash(hashed, kept.salt), kept.digest)


def _slow_hash(octets: bytes, salt: bytes) -> bytes:
    return hashlib.scrypt(octets, salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL)
