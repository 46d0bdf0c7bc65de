"""Printers, their settings, and what a side costs on each."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query
from pydantic import BaseModel, Field, StringConstraints

from everprint.contract.failure_modes import FailureMode, UnknownPages
from everprint.contract.messages import Authentication, InDoubtPolicy, OverLimit
from everprint.contract.pricing import SideCosts
from everprint.contract.supplies import AlertSeverity, SupplyState
from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.edition import IfMatch, seen, tag
from everprint.server.api.fields import AmountFromZero, Body, Flag, Id, Money, Name, ShortText
from everprint.server.api.listing import Asked, Found, found, sort_field
from everprint.server.api.problem import Refused
from everprint.server.database import transact
from everprint.server.edits import check_edition
from everprint.server.jobs.redirection import order_redirect_all
from everprint.server.pages.listing import Column
from everprint.server.pages.person import person
from everprint.server.printers.checks import LONGEST_DEVICE_URI, MOST_IN_POOL
from everprint.server.printers.costs import change_costs, prices_of, remove_costs
from everprint.server.printers.models import MOST_HOLD_HOURS, CostPerSide, Printer
from everprint.server.printers.queues import CHANGEABLE, add_printer, change_printer, remove_printer
from everprint.server.providers.queries import enrolled

area = Area("Printers")

COLUMNS = (
    Column("name", "Printer", "name"),
    Column("state", "State", "state"),
    Column("location", "Location", "location"),
    Column("provider", "Print Provider", "provider__name"),
    Column("device", "Device", "device_uri"),
)
# In a path: the prices of all paper that has none of its own.
OTHER_PAPER = "other"


DeviceUri = Annotated[str, StringConstraints(max_length=LONGEST_DEVICE_URI, pattern=r"^[^\x00-\x20\x7f]+$")]


HoldHours = Annotated[int, Field(strict=True, ge=0, le=MOST_HOLD_HOURS)]


class _Settings(BaseModel):
    pool: list[DeviceUri] = Field(max_length=MOST_IN_POOL, description="Device URIs besides device_uri: a pool")
    info: ShortText = Field(description="What it is, for people")
    location: ShortText
    authentication: Authentication
    trusted_networks: list[ShortText] = Field(max_length=100, description="In CIDR notation")
    hold: bool
    hold_hours: int = Field(description="How long a held job waits; 0: as the installation's settings say")
    accepting: bool
    find_me_target: bool = Field(description="Jobs of Find-Me queues can be released here")
    unknown_pages: UnknownPages
    in_doubt: InDoubtPolicy
    failure_mode: FailureMode
    over_limit: OverLimit = Field(description="What becomes of a job that its owner cannot pay for")
    device_formats: list[ShortText] = Field(max_length=100)
    device_media: list[ShortText] = Field(max_length=200)
    device_colour: bool
    device_two_sided: bool
    device_pjl: bool


class DeviceRecord(BaseModel):
    """What one device of a pool last said of itself."""

    device_uri: str
    state: str = Field(description="idle, processing, stopped or unreachable")
    reasons: list[str]
    message: str
    make_and_model: str


class SupplyRecord(BaseModel):
    """What is left of a supply, as the printer says."""

    name: str
    kind: str = Field(description="As marker-types of IPP: toner, ink, opc, waste-toner, ...")
    state: SupplyState
    level: int | None = Field(description="In percent; of a receptacle, how full it is")
    colour: str
    is_receptacle: bool = Field(description="It is filled, such as a box for waste toner")


class AlertRecord(BaseModel):
    """Something that the printer wants."""

    code: str = Field(description="As in the Printer MIB: jam, coverOpen, markerTonerEmpty, ...")
    severity: AlertSeverity
    description: str


class PrinterRecord(_Settings):
    """A printer: the queue that people print to, its settings, and what its device last said."""

    id: Id
    name: str
    uuid: UUID
    provider: str = Field(description="The name of its Print Provider")
    provider_id: UUID
    device_uri: str
    is_active: bool = Field(description="False: it was removed; its jobs keep it")
    state: str = Field(description="idle, processing, stopped or unreachable; empty until the device was heard of")
    state_reasons: list[str]
    state_message: str
    state_at: datetime | None
    make_and_model: str
    devices: list[DeviceRecord] = Field(description="Of a pool, each device; else empty")
    supplies: list[SupplyRecord]
    alerts: list[AlertRecord]
    life_count: int | None = Field(description="The impressions of its life, if it is asked over SNMP and says them")


class PrintersAsked(Asked):
    """Which printers."""

    text: ShortText = Field("", description="In the name, the information, the location or the device's URI")
    sort: str = sort_field(COLUMNS, "name")


class PrinterPatch(Body):
    """What to change; what is left out stays."""

    name: Name | None = None
    device_uri: ShortText | None = None
    pool: list[DeviceUri] | None = Field(None, max_length=MOST_IN_POOL)
    info: ShortText | None = None
    location: ShortText | None = None
    authentication: Authentication | None = None
    trusted_networks: list[ShortText] | None = Field(None, max_length=100)
    hold: Flag | None = None
    hold_hours: HoldHours | None = None
    accepting: Flag | None = None
    find_me_target: Flag | None = None
    unknown_pages: UnknownPages | None = None
    in_doubt: InDoubtPolicy | None = None
    failure_mode: FailureMode | None = None
    over_limit: OverLimit | None = None
    device_formats: list[ShortText] | None = Field(None, max_length=100)
    device_media: list[ShortText] | None = Field(None, max_length=200)
    device_colour: Flag | None = None
    device_two_sided: Flag | None = None
    device_pjl: Flag | None = None


class NewPrinter(PrinterPatch):
    """A queue to be made; what is left out has the default that the web page has."""

    provider_id: UUID
    name: Name
    device_uri: ShortText = Field(description="ipp://, ipps://, socket:// or lpd://; find-me: for a Find-Me queue")


class Redirection(Body):
    """Where jobs shall be sent."""

    printer: Id = Field(description="The id of another printer, of whichever Print Provider")


class RedirectedJobs(BaseModel):
    """For how many jobs it was ordered."""

    ordered: int


class Prices(BaseModel):
    """What a side costs."""

    grey_one_sided: Money
    grey_two_sided: Money
    colour_one_sided: Money
    colour_two_sided: Money


class PricesRecord(Prices):
    """What a side costs on one paper."""

    media: str = Field(description=f"A self-describing media name (PWG 5101.1); {OTHER_PAPER}: all other paper")
    and_smaller: bool = Field(description="For every paper that is no larger, too")


class NewPrices(Body):
    """What a side shall cost."""

    grey_one_sided: AmountFromZero
    grey_two_sided: AmountFromZero
    colour_one_sided: AmountFromZero
    colour_two_sided: AmountFromZero
    and_smaller: Flag = False


Media = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$",
        description=f"A self-describing media name, or {OTHER_PAPER} for paper without prices of its own",
    ),
]


def record_of(printer: Printer) -> PrinterRecord:
    """The printer as the API shows it."""
    settings = {name: getattr(printer, name) for name in _Settings.model_fields}
    return PrinterRecord(
        **settings,
        id=printer.pk,
        name=printer.name,
        uuid=printer.uuid,
        provider=printer.provider.name,
        provider_id=printer.provider_id,
        device_uri=printer.device_uri,
        is_active=printer.is_active,
        state=printer.state,
        state_reasons=printer.state_reasons,
        state_message=printer.state_message,
        state_at=printer.state_at,
        make_and_model=printer.make_and_model,
        devices=[DeviceRecord.model_validate(device) for device in printer.devices],
        supplies=[SupplyRecord.model_validate(supply) for supply in printer.supplies],
        alerts=[AlertRecord.model_validate(alert) for alert in printer.alerts],
        life_count=printer.life_count,
    )


@area.get("", Found[PrinterRecord], needs=Permission.VIEW_PRINTERS)
def list_printers(request: HttpRequest, asked: Query[PrintersAsked]) -> Found[PrinterRecord]:
    """List printers."""
    return found(printers_matching(asked.text.strip()), COLUMNS, asked, asked.sort, record_of)


@area.post("", PrinterRecord, needs=Permission.MANAGE_PRINTERS, status=HTTPStatus.CREATED)
def create_a_printer(request: HttpRequest, wanted: NewPrinter, response: HttpResponse) -> PrinterRecord:
    """Make a queue at a Print Provider."""
    provider = enrolled().filter(pk=wanted.provider_id).first()
    if provider is None:
        text = "No Print Provider with this provider_id is enrolled."
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "no-such-provider", text)
    said = wanted.model_dump(exclude_unset=True, exclude_none=True, exclude={"provider_id"})
    return _with_tag(add_printer(provider, **_plain(said)).pk, response)


@area.get("/{int:printer_id}", PrinterRecord, needs=Permission.VIEW_PRINTERS)
def get_printer(request: HttpRequest, printer_id: Id, response: HttpResponse) -> PrinterRecord:
    """Get one printer, also one that was removed; the answer has an ETag."""
    return _with_tag(printer_id, response)


@area.patch("/{int:printer_id}", PrinterRecord, needs=Permission.MANAGE_PRINTERS)
def change_a_printer(
    request: HttpRequest, printer_id: Id, wanted: PrinterPatch, response: HttpResponse, if_match: IfMatch
) -> PrinterRecord:
    """Change a printer's settings; with If-Match, only if nobody else did meanwhile."""

    def work() -> None:
        printer = get_object_or_404(Printer.objects.select_for_update(), pk=printer_id, is_active=True)
        check_edition(_changeable(printer), seen(if_match))
        change_printer(printer, **_plain(wanted.model_dump(exclude_unset=True, exclude_none=True)))

    transact(work)
    return _with_tag(printer_id, response)


@area.delete("/{int:printer_id}", needs=Permission.MANAGE_PRINTERS)
def remove_a_printer(request: HttpRequest, printer_id: Id) -> None:
    """Remove a printer; its jobs and what they cost stay."""
    remove_printer(_offered(printer_id))


@area.post("/{int:printer_id}/redirect-jobs", RedirectedJobs, needs=Permission.MANAGE_JOBS)
def redirect_jobs(request: HttpRequest, printer_id: Id, wanted: Redirection) -> RedirectedJobs:
    """Order the jobs that wait for a printer to be sent to another one, the oldest 2000."""
    printer = get_object_or_404(Printer, pk=printer_id)
    return RedirectedJobs(ordered=order_redirect_all(printer, target_of(wanted), person(request)))


@area.get("/{int:printer_id}/costs", list[PricesRecord], needs=Permission.VIEW_PRINTERS)
def list_costs(request: HttpRequest, printer_id: Id) -> list[PricesRecord]:
    """List what a side costs on a printer."""
    printer = get_object_or_404(Printer, pk=printer_id)
    return [_prices(row) for row in printer.costs.order_by("media")]


@area.get("/{int:printer_id}/costs/{media}", PricesRecord, needs=Permission.VIEW_PRINTERS)
def get_costs(request: HttpRequest, printer_id: Id, media: Media, response: HttpResponse) -> PricesRecord:
    """Get what a side costs on one paper, or on all other paper; the answer has an ETag."""
    return _tagged_prices(get_object_or_404(Printer, pk=printer_id), _stored(media), response)


@area.put("/{int:printer_id}/costs/{media}", PricesRecord, needs=Permission.MANAGE_PRINTERS)
def set_costs(
    request: HttpRequest, printer_id: Id, media: Media, wanted: NewPrices, response: HttpResponse, if_match: IfMatch
) -> PricesRecord:
    """Set what a side costs on one paper, or on all other paper; with If-Match, only if nobody else did meanwhile."""
    prices = wanted.model_dump(exclude={"and_smaller"})

    def work() -> Printer:
        printer = _priced(printer_id, media, if_match)
        change_costs(printer, _stored(media), SideCosts(**prices), and_smaller=wanted.and_smaller)
        return printer

    return _tagged_prices(transact(work), _stored(media), response)


@area.delete("/{int:printer_id}/costs/{media}", needs=Permission.MANAGE_PRINTERS)
def remove_the_costs(request: HttpRequest, printer_id: Id, media: Media, if_match: IfMatch) -> None:
    """Let a paper cost what other paper costs; with If-Match, only if nobody else changed it meanwhile."""

    def work() -> None:
        printer = _priced(printer_id, media, if_match)
        if not printer.costs.filter(media=_stored(media)).exists():
            raise Http404
        remove_costs(printer, _stored(media))

    transact(work)


def target_of(wanted: Redirection) -> Printer:
    """The printer that jobs shall be sent to. Raises Refused if there is none of that id."""
    target = Printer.objects.filter(pk=wanted.printer).first()
    if target is None:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "no-such-printer", "There is no printer of this id.")
    return target


def printers_matching(text: str) -> models.QuerySet[Printer]:
    """Printers that people can print on, with the text in what people know of them."""
    wanted = models.Q()
    for column in ("name", "info", "location", "device_uri"):
        wanted |= models.Q(**{f"{column}__icontains": text})
    return Printer.objects.filter(wanted, is_active=True).select_related("provider")


def _offered(printer_id: int) -> Printer:
    return get_object_or_404(Printer.objects.select_related("provider"), pk=printer_id, is_active=True)


def _priced(printer_id: int, media: str, if_match: str | None) -> Printer:
    """The printer, locked, if its prices for that paper are as the caller saw them. Raises EditedMeanwhile."""
    printer = get_object_or_404(Printer.objects.select_for_update(), pk=printer_id, is_active=True)
    check_edition(prices_of(printer, _stored(media)), seen(if_match))
    return printer


def _tagged_prices(printer: Printer, media: str, response: HttpResponse) -> PricesRecord:
    row = get_object_or_404(printer.costs, media=media)
    tag(response, prices_of(printer, media))
    return _prices(row)


def _changeable(printer: Printer) -> dict[str, object]:
    return {name: getattr(printer, name) for name in CHANGEABLE}


def _with_tag(printer_id: int, response: HttpResponse) -> PrinterRecord:
    printer = get_object_or_404(Printer.objects.select_related("provider"), pk=printer_id)
    tag(response, _changeable(printer))
    return record_of(printer)


def _plain(said: dict[str, object]) -> dict[str, object]:
    """Words of a fixed list as the database keeps them."""
    return {name: getattr(value, "value", value) for name, value in said.items()}


def _stored(media: str) -> str:
    return "" if media == OTHER_PAPER else media


def _prices(row: CostPerSide) -> PricesRecord:
    return PricesRecord(
        media=row.media or OTHER_PAPER,
        and_smaller=row.and_smaller,
        grey_one_sided=row.grey_one_sided,
        grey_two_sided=row.grey_two_sided,
        colour_one_sided=row.colour_one_sided,
        colour_two_sided=row.colour_two_sided,
    )
