"""The credential that a provider chooses for itself before it enrols, and keeps until it knows that it is enrolled.

A code works once. If the answer is lost, the same question gets the same answer, because the server knows it by its
credential: so that is on disk before it is asked for the first time.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import msgspec

from everprint.provider.identity import store_durably

FILE_NAME = "enrolment.json"


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question, by its hash, and the credential that it was asked with."""

    question: str
    credential: str


def credential_for(state_folder: Path, server: str, code: str, name: str) -> str:
    """The credential of an earlier try with the same code, if there was one; else a new one, kept from now on.

    Raises OSError.
    """
    path = state_folder / FILE_NAME
    question = hashlib.sha256(msgspec.json.encode([server, code, name])).hexdigest()
    try:
        asked = msgspec.json.decode(path.read_bytes(), type=_Asked)
    except (FileNotFoundError, msgspec.DecodeError):
        asked = None
    if asked is None or asked.question != question:
        asked = _Asked(question=question, credential=secrets.token_urlsafe(32))
        store_durably(path, msgspec.json.encode(asked))
    return asked.credential


def forget_question(state_folder: Path) -> None:
    """The provider is enrolled: its identity has the credential."""
    (state_folder / FILE_NAME).unlink(missing_ok=True)
