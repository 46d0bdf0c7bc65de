"""Print Providers: whether they answer, enrolment codes, revocation."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import ShortText
from everprint.server.api.listing import Asked, Found, found, sort_field
from everprint.server.pages.listing import Column
from everprint.server.pages.person import person
from everprint.server.providers.credentials import revoke
from everprint.server.providers.enrolment import make_code
from everprint.server.providers.models import Provider
from everprint.server.providers.queries import is_answering

area = Area("Providers")

COLUMNS = (
    Column("name", "Print Provider", "name"),
    Column("last", "Last contact", "last_seen_at"),
    Column("version", "Version", "software_version"),
    Column("printers", "Printers", "printer_count", number=True),
    Column("orders", "Orders waiting", "orders_waiting", number=True),
)


class ProviderRecord(BaseModel):
    """A Print Provider (secondary print server)."""

    id: UUID
    name: str
    is_answering: bool = Field(description="It was heard from within the last minute")
    last_seen_at: datetime | None
    last_address: str
    software_version: str
    enrolled_at: datetime
    revoked_at: datetime | None
    printers: int
    orders_waiting: int = Field(description="Orders that it has not fetched yet")
    away_began: datetime | None = Field(description="The last time that it could not ask this server")
    away_ended: datetime | None
    away_printed: int
    away_unlogged: int
    away_refused: int


class ProvidersAsked(Asked):
    """Which Print Providers."""

    text: ShortText = Field("", description="In the name")
    sort: str = sort_field(COLUMNS, "name")


class CodeRecord(BaseModel):
    """An enrolment code, good for one Print Provider. It is shown only now."""

    code: str
    expires_at: datetime


def _providers() -> QuerySet[Provider]:
    return Provider.objects.annotate(
        printer_count=Count("printers", filter=Q(printers__is_active=True)),
        orders_waiting=F("orders_made") - F("orders_acknowledged"),
    )


def _record(provider: Provider) -> ProviderRecord:
    return ProviderRecord(
        id=provider.pk,
        name=provider.name,
        is_answering=not provider.is_revoked and is_answering(provider, timezone.now()),
        last_seen_at=provider.last_seen_at,
        last_address=provider.last_address,
        software_version=provider.software_version,
        enrolled_at=provider.enrolled_at,
        revoked_at=provider.revoked_at,
        printers=getattr(provider, "printer_count", 0),
        orders_waiting=provider.orders_made - provider.orders_acknowledged,
        away_began=provider.away_began,
        away_ended=provider.away_ended,
        away_printed=provider.away_printed,
        away_unlogged=provider.away_unlogged,
        away_refused=provider.away_refused,
    )


@area.get("", Found[ProviderRecord], needs=Permission.VIEW_PROVIDERS)
def list_providers(request: HttpRequest, asked: Query[ProvidersAsked]) -> Found[ProviderRecord]:
    """List Print Providers."""
    return found(_providers().filter(name__icontains=asked.text.strip()), COLUMNS, asked, asked.sort, _record)


@area.get("/{uuid:provider_id}", ProviderRecord, needs=Permission.VIEW_PROVIDERS)
def get_provider(request: HttpRequest, provider_id: UUID) -> ProviderRecord:
    """Get one Print Provider."""
    return _record(get_object_or_404(_providers(), pk=provider_id))


@area.post("/codes", CodeRecord, needs=Permission.MANAGE_PROVIDERS, status=HTTPStatus.CREATED)
def make_an_enrolment_code(request: HttpRequest) -> CodeRecord:
    """Make a code with which one Print Provider can be enrolled once, within a day."""
    made = make_code(person(request))
    return CodeRecord(code=made.code, expires_at=made.expires_at)


@area.post("/{uuid:provider_id}/revoke", ProviderRecord, needs=Permission.MANAGE_PROVIDERS)
def revoke_a_provider(request: HttpRequest, provider_id: UUID) -> ProviderRecord:
    """End a Print Provider's credential for ever."""
    revoke(get_object_or_404(Provider, pk=provider_id))
    return _record(get_object_or_404(_providers(), pk=provider_id))
