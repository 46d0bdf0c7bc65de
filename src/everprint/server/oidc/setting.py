"""Making, changing and removing OpenID providers: checked, noted in the audit log.

A provider says who somebody is, so whoever sets one could be anybody: it takes *manage-users* beside
*manage-settings*, and every permission there is for one that staff signs in with.
"""

from __future__ import annotations

import re
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from everprint.server.access.permissions import Permission
from everprint.server.audit_log.acting import acting_now
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.edits import check_edition
from everprint.server.oidc.asking import ProviderAway, check_address
from everprint.server.oidc.models import OidcProvider
from everprint.server.people.authority import BeyondOwn
from everprint.server.sealed import seal, unseal

MOST_PROVIDERS = 20
PURPOSE = "oidc-client-secret"
_CLAIM = re.compile(r"[A-Za-z0-9_:/.-]{1,60}", re.ASCII)
_DOMAIN = re.compile(r"[A-Za-z0-9.-]{1,255}", re.ASCII)


class BadOidcProvider(Exception):
    """A provider that cannot be; `part` is what of it, the text says why."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(f"{part}: {why}")
        self.part = part
        self.why = why


class ProviderTerms(TypedDict, total=False):
    """What can be set; what is left out stays. An empty secret is none: a public client."""

    slug: str
    title: str
    issuer: str
    client_id: str
    client_secret: str
    scopes: str
    name_claim: str
    domain: str
    known_users: bool
    new_users: bool
    for_staff: bool
    is_active: bool


def settable(provider: OidcProvider) -> dict[str, object]:
    """What is stored of what can be set, but for the secret: the edition of a provider is made of it."""
    names = [name for name in ProviderTerms.__annotations__ if name != "client_secret"]
    return {name: getattr(provider, name) for name in names}


def secret_of(provider: OidcProvider) -> str:
    """The client's secret; empty if there is none, or if it was sealed under another key."""
    return unseal(PURPOSE, provider.client_secret) if provider.client_secret else ""


def add_provider(terms: ProviderTerms) -> OidcProvider:
    """A new one.

    Raises BadOidcProvider, BeyondOwn.
    """

    def work() -> OidcProvider:
        if OidcProvider.objects.count() >= MOST_PROVIDERS:
            raise BadOidcProvider("title", f"there are {MOST_PROVIDERS} already")
        provider = _write(OidcProvider(), terms)
        note("oidc-provider.make", provider, after=settable(provider))
        return provider

    return transact(work)


def change_provider(provider_id: int, terms: ProviderTerms, seen: str | None) -> OidcProvider:
    """Changes it; `seen` is the edition that the editor saw, None if they do not mind.

    Raises OidcProvider.DoesNotExist, EditedMeanwhile, BadOidcProvider, BeyondOwn.
    """

    def work() -> OidcProvider:
        provider = OidcProvider.objects.select_for_update().get(pk=provider_id)
        _check_authority(provider)
        before = settable(provider)
        check_edition(before, seen)
        issuer = provider.issuer
        _write(provider, terms)
        if provider.issuer != issuer:
            provider.identities.all().delete()  # another issuer's subjects are other people
        secret = {"client_secret": "changed"} if "client_secret" in terms else {}
        note("oidc-provider.change", provider, before, {**settable(provider), **secret})
        return provider

    return transact(work)


def remove_provider(provider: OidcProvider) -> None:
    """Takes it away, and who was linked with it; the users stay.

    Raises BeyondOwn.
    """

    def work() -> None:
        _check_authority(provider)
        note("oidc-provider.remove", provider, settable(provider))
        provider.delete()

    transact(work)


def _write(provider: OidcProvider, terms: ProviderTerms) -> OidcProvider:
    for name, value in terms.items():
        if name == "client_secret":
            provider.client_secret = seal(PURPOSE, str(value)) if value else ""
        else:
            setattr(provider, name, value.strip() if isinstance(value, str) else value)
    _check(provider)
    _check_authority(provider)
    provider.save()
    return provider


def _check(provider: OidcProvider) -> None:
    try:
        validate_slug(provider.slug)
    except ValidationError:
        raise BadOidcProvider("slug", "expected letters, digits and hyphens") from None
    if OidcProvider.objects.filter(slug=provider.slug).exclude(pk=provider.pk).exists():
        raise BadOidcProvider("slug", f"there is a provider {provider.slug} already")
    for part in ("title", "client_id"):
        if not getattr(provider, part):
            raise BadOidcProvider(part, "is missing")
    try:
        check_address(provider.issuer, provider.issuer)
    except ProviderAway as error:
        raise BadOidcProvider("issuer", str(error)) from None
    if "openid" not in provider.scopes.split():
        raise BadOidcProvider("scopes", "openid must be one of them")
    if not _CLAIM.fullmatch(provider.name_claim):
        raise BadOidcProvider("name_claim", "expected the name of a claim, such as preferred_username")
    if provider.domain and not _DOMAIN.fullmatch(provider.domain):
        raise BadOidcProvider("domain", "expected a domain, such as example.org")
    try:
        provider.clean_fields()
    except ValidationError as error:
        part, texts = next(iter(error.message_dict.items()))
        raise BadOidcProvider(part, " ".join(texts)) from None


def _check_authority(provider: OidcProvider) -> None:
    acting = acting_now()
    actor = acting.user if acting is not None else None
    if actor is None:
        return
    needed = frozenset(Permission) if provider.for_staff else frozenset({Permission.MANAGE_USERS})
    missing = sorted(one.value for one in needed if not actor.may(one))
    if missing:
        raise BeyondOwn(f"{actor.name} may not say who signs in so: it takes {', '.join(missing)}.")
