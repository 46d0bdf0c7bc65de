"""Who that is here: the user that a provider's subject belongs to, linked or made at the first sign-in.

A link is made once, by the user name, and then goes by the subject alone: whoever gets somebody's old name at the
provider is not taken for them. Nobody is linked who is linked with somebody else there already.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from everprint.contract.user_names import BadUserName, canonical_user_name
from everprint.server.access.permissions import Role, permissions_of
from everprint.server.audit_log.acting import Acting, Origin, acting_as
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.oidc.id_token import Claims
from everprint.server.oidc.models import OidcIdentity, OidcProvider
from everprint.server.people.models import User
from everprint.server.people.users import BadEmail, UserExists, create_user

_LONGEST_FULL_NAME = 200


class NotAdmitted(Exception):
    """The provider knows the person, but they do not come in here; the text is for them."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a provider says: `name` is the user name they would have here, if it says one."""

    subject: str
    name: str
    full_name: str = ""
    email: str = ""


def person_in(provider: OidcProvider, claims: Claims) -> Person:
    """What counts of the claims. An address counts only if the provider says that it was verified."""
    email = str(claims.get("email") or "") if claims.get("email_verified") is True else ""
    said = email if provider.name_claim == "email" else str(claims.get(provider.name_claim) or "")
    if provider.domain:
        name, _, domain = said.rpartition("@")
        said = name if domain.casefold() == provider.domain.casefold() else ""
    full_name = " ".join(str(claims.get("name") or "").split())
    return Person(
        subject=str(claims["sub"]),
        name=said,
        full_name=full_name[:_LONGEST_FULL_NAME] if full_name.isprintable() else "",
        email=email if len(email) <= 254 else "",
    )


def admit(provider: OidcProvider, person: Person, address: str) -> User:
    """The user who signs in; linked, and made if need be and allowed.

    Raises NotAdmitted.
    """

    def work() -> User:
        known = OidcIdentity.objects.select_related("user").filter(provider=provider, subject=person.subject).first()
        user = known.user if known is not None else _by_name(provider, person)
        if user is not None:
            _check(provider, user)
        else:
            user = _make(provider, person)
        now = timezone.now()
        if known is None:
            OidcIdentity.objects.create(
                provider=provider, subject=person.subject, user=user, linked_at=now, last_at=now
            )
            note("user.link-sign-in", user, None, {"provider": provider.title}, name=user.name)
        else:
            OidcIdentity.objects.filter(pk=known.pk).update(last_at=now)
        return user

    with acting_as(Acting(None, f"sign-in with {provider.title}", Origin.PAGE, address)):
        return transact(work)


def _by_name(provider: OidcProvider, person: Person) -> User | None:
    """Somebody who is here by that name, and may be linked."""
    try:
        name = canonical_user_name(person.name)
    except BadUserName:
        raise NotAdmitted(f"{provider.title} says no user name for you that can be used here.") from None
    user = User.objects.select_for_update().filter(name=name).first()
    if user is None:
        return None
    if not provider.known_users:
        raise NotAdmitted(f"There is a user {name} already, and {provider.title} says nothing about them.")
    if OidcIdentity.objects.filter(provider=provider, user=user).exists():
        raise NotAdmitted(f"{name} is somebody else at {provider.title}. Ask whoever runs the printing.")
    return user


def _check(provider: OidcProvider, user: User) -> None:
    if not user.is_active or user.merged_into_id is not None:
        raise NotAdmitted(f"{user.name} is disabled here.")
    if not provider.for_staff and user.permissions - permissions_of(Role.USER):
        raise NotAdmitted(f"{user.name} may more than print, and signs in with a password here.")


def _make(provider: OidcProvider, person: Person) -> User:
    if not provider.new_users:
        raise NotAdmitted(f"There is no user {person.name} here. Ask whoever runs the printing.")
    try:
        return create_user(person.name, full_name=person.full_name, email=person.email)
    except BadEmail:
        return create_user(person.name, full_name=person.full_name)
    except UserExists:
        raise NotAdmitted(
            f"{person.name} is what somebody was called before. Ask whoever runs the printing."
        ) from None
