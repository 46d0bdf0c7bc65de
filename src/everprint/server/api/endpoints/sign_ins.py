"""Which OpenID providers know a user: looked at, and ended, so that the next sign-in links anew."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import Id
from everprint.server.oidc.models import OidcIdentity
from everprint.server.oidc.unlinking import unlink
from everprint.server.people.models import User

area = Area("Users")


class SignInRecord(BaseModel):
    """A provider that knows the user."""

    id: Id
    provider: str = Field(description="What people call it")
    linked_at: datetime
    last_at: datetime = Field(description="Of the last sign-in with it")


@area.get("/of/{int:user_id}", list[SignInRecord], needs=Permission.VIEW_USERS)
def list_sign_ins(request: HttpRequest, user_id: Id) -> list[SignInRecord]:
    """List the OpenID providers that know a user."""
    known = OidcIdentity.objects.filter(user=get_object_or_404(User, pk=user_id)).select_related("provider")
    return [
        SignInRecord(id=one.pk, provider=one.provider.title, linked_at=one.linked_at, last_at=one.last_at)
        for one in known
    ]


@area.delete("/of/{int:user_id}/{int:sign_in_id}", needs=Permission.MANAGE_USERS)
def remove_a_sign_in(request: HttpRequest, user_id: Id, sign_in_id: Id) -> None:
    """Let a provider know a user no longer; the next sign-in links anew."""
    unlink(get_object_or_404(OidcIdentity.objects.select_related("provider", "user"), pk=sign_in_id, user=user_id))
