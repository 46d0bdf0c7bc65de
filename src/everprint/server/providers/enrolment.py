"""Enrolment: a one-time code, made by an administrator, becomes a provider with a credential of its own."""

from __future__ import annotations

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
from everprint.server.providers.credentials import hash_of, new_secret
from everprint.server.providers.models import EnrolmentCode, Provider

VALID_FOR = timedelta(hours=24)


class BadCode(Exception):
    """The code was never made, is used or expired: nobody is told which."""


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
    """A new provider for the code.

    Raises BadCode, NameTaken, NoCommonVersion.
    """
    version = agree(message.versions)
    name = kept(message.name, 128)
    secret, secret_hash = new_secret()

    def work() -> Enrolled:
        now = timezone.now()
        code = EnrolmentCode.objects.select_for_update().filter(code_hash=_hash(message.code)).first()
        if code is None or code.used_at is not None or code.expires_at < now:
            raise BadCode
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
