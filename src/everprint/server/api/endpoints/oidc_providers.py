"""OpenID providers that people may sign in with. The client secret is written, and never read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.edition import IfMatch, seen, tag
from everprint.server.api.fields import Body, Flag, Id, ShortText
from everprint.server.oidc.models import NAME_CLAIM, SCOPES, OidcProvider
from everprint.server.oidc.setting import (
    ProviderTerms,
    add_provider,
    change_provider,
    remove_provider,
    settable,
)

area = Area("OpenID providers")

Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Text = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
Title = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]
Secret = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$", description="Empty: a public client")]


class OidcProviderRecord(BaseModel):
    """An OpenID provider."""

    id: Id
    slug: str
    title: str
    issuer: str
    client_id: str
    has_secret: bool
    scopes: str
    name_claim: str
    domain: str
    known_users: bool
    new_users: bool
    for_staff: bool
    is_active: bool


class NewOidcProvider(Body):
    """A provider to be made."""

    slug: Slug
    title: Title
    issuer: Text
    client_id: Text
    client_secret: Secret = ""
    scopes: ShortText = SCOPES
    name_claim: ShortText = NAME_CLAIM
    domain: ShortText = ""
    known_users: Flag = True
    new_users: Flag = False
    for_staff: Flag = False
    is_active: Flag = True


class OidcProviderPatch(Body):
    """What to change; what is left out stays."""

    slug: Slug | None = None
    title: Title | None = None
    issuer: Text | None = None
    client_id: Text | None = None
    client_secret: Secret | None = None
    scopes: ShortText | None = None
    name_claim: ShortText | None = None
    domain: ShortText | None = None
    known_users: Flag | None = None
    new_users: Flag | None = None
    for_staff: Flag | None = None
    is_active: Flag | None = None


@area.get("", list[OidcProviderRecord], needs=Permission.MANAGE_SETTINGS)
def list_oidc_providers(request: HttpRequest) -> list[OidcProviderRecord]:
    """List the OpenID providers; there are at most 20."""
    return [_record(provider) for provider in OidcProvider.objects.all()]


@area.post("", OidcProviderRecord, needs=Permission.MANAGE_SETTINGS, status=HTTPStatus.CREATED)
def make_an_oidc_provider(
    request: HttpRequest, wanted: NewOidcProvider, response: HttpResponse
) -> OidcProviderRecord:
    """Make an OpenID provider; takes manage-users too, and for staff every permission."""
    return _with_tag(add_provider(cast(ProviderTerms, wanted.model_dump())), response)


@area.get("/{int:provider_id}", OidcProviderRecord, needs=Permission.MANAGE_SETTINGS)
def get_oidc_provider(request: HttpRequest, provider_id: Id, response: HttpResponse) -> OidcProviderRecord:
    """Get one OpenID provider; the answer has an ETag."""
    return _with_tag(get_object_or_404(OidcProvider, pk=provider_id), response)


@area.patch("/{int:provider_id}", OidcProviderRecord, needs=Permission.MANAGE_SETTINGS)
def change_an_oidc_provider(
    request: HttpRequest, provider_id: Id, wanted: OidcProviderPatch, response: HttpResponse, if_match: IfMatch
) -> OidcProviderRecord:
    """Change an OpenID provider; with If-Match, only if nobody else did meanwhile."""
    terms = cast(ProviderTerms, wanted.model_dump(exclude_none=True))
    try:
        return _with_tag(change_provider(provider_id, terms, seen(if_match)), response)
    except OidcProvider.DoesNotExist:
        raise Http404 from None


@area.delete("/{int:provider_id}", needs=Permission.MANAGE_SETTINGS)
def remove_an_oidc_provider(request: HttpRequest, provider_id: Id) -> None:
    """Remove an OpenID provider; the users whom it knew stay."""
    remove_provider(get_object_or_404(OidcProvider, pk=provider_id))


def _record(provider: OidcProvider) -> OidcProviderRecord:
    has_secret = bool(provider.client_secret)
    return OidcProviderRecord.model_validate({"id": provider.pk, "has_secret": has_secret, **settable(provider)})


def _with_tag(provider: OidcProvider, response: HttpResponse) -> OidcProviderRecord:
    tag(response, settable(provider))
    return _record(provider)
