"""Enrolment: a one-time code, made by an administrator, becomes a provider with a credential of its own.

A provider that chooses its credential itself may ask again with the same code, until the code expires: it is the one
that the code enrolled, because nobody else has that credential.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from everprint.contract.enrolment_codes import new_code
from everprint.contract.messages import Enrol, Enrolled
from everprint.contract.version import agree
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.jobs.text import kept
from everprint.server.people.models import User
from everprint.server.providers.credentials import hash_of, is_secret, new_secret
from everprint.server.providers.models import EnrolmentCode, Provider

VALID_FOR = timedelta(hours=24)


class BadCode(Exception):
    """The code was never made, is used or expired: nobody is told which."""


class BadChoice(Exception):
    """The credential that the provider chose is none that nobody could guess."""


class NameTaken(Exception):
    """Another provider that is not revoked has this name."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """A fresh code; it is shown once."""

    code: str
    expires_at: datetime


def make_code(actor: User | None, valid_for: timedelta = VALID_FOR) -> NewCode:
    """A code that enrols one provider."""
    code = new_code()
    expires_at = timezone.now() + valid_for

    def work() -> None:
        made = EnrolmentCode.objects.create(code_hash=_hash(code), created_by=actor, expires_at=expires_at)
        note("provider.code", made, after={"expires_at": expires_at})

    transact(work)
    return NewCode(code, expires_at)


def take_codes(codes: Iterable[str], valid_for: timedelta) -> None:
    """Codes that were made elsewhere, with `contract.enrolment_codes`: for a set-up that nobody attends.

    One that is known already stays as it is, used or not.
    """
    expires_at = timezone.now() + valid_for

    def work() -> None:
        for code in codes:
            made, is_new = EnrolmentCode.objects.get_or_create(
                code_hash=_hash(code), defaults={"created_by": None, "expires_at": expires_at}
            )
            if is_new:
                note("provider.code", made, after={"expires_at": expires_at})

    transact(work)


def enrol(message: Enrol) -> Enrolled:
    """A new provider for the code, or the one that this very question made before.

    Raises BadCode, BadChoice, NameTaken, NoCommonVersion.
    """
    version = agree(message.versions)
    name = kept(message.name, 128)
    if message.credential and not is_secret(message.credential):
        raise BadChoice
    secret, secret_hash = (message.credential, hash_of(message.credential)) if message.credential else new_secret()

    def work() -> Enrolled:
        now = timezone.now()
        code = EnrolmentCode.objects.select_for_update().filter(code_hash=_hash(message.code)).first()
        if code is None or code.expires_at < now:
            raise BadCode
        if code.used_at is not None:
            return Enrolled(
                provider_id=str(_enrolled_before(code, name, secret_hash).pk),
                credential=secret,
                contract_version=version,
            )
        _free_the_name(name)
        provider = Provider.objects.create(
            name=name,
            credential_hash=secret_hash,
            software_version=kept(message.software_version, 64),
            contract_version=version,
            last_seen_at=now,
        )
        code.used_at, code.provider = now, provider
        code.save(update_fields=["used_at", "provider"])
        return Enrolled(provider_id=str(provider.pk), credential=secret, contract_version=version)

    return transact(work)


def _enrolled_before(code: EnrolmentCode, name: str, secret_hash: bytes) -> Provider:
    """The provider that the code enrolled, if it is asked by that one. Raises BadCode."""
    provider = code.provider
    if (
        provider is None
        or provider.is_revoked
        or provider.name != name
        or not hmac.compare_digest(bytes(provider.credential_hash), secret_hash)
    ):
        raise BadCode
    return provider


def _free_the_name(name: str) -> None:
    """A revoked provider gives its name up to its successor."""
    if not name:
        raise NameTaken("a provider needs a name")
    holder = Provider.objects.filter(name=name).first()
    if holder is None:
        return
    if not holder.is_revoked:
        raise NameTaken(f"there is already a provider called {name}: revoke it first, or choose another name")
    holder.name = f"{name[:100]} (revoked {holder.revoked_at:%Y-%m-%d %H:%M:%S})"
    holder.save(update_fields=["name"])


def _hash(code: str) -> bytes:
    return hash_of(code.strip().upper().replace(" ", ""))
