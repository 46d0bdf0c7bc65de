"""Printer groups: which printers some people operate."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.edition import IfMatch, seen, tag
from everprint.server.api.endpoints.roles import check_holders
from everprint.server.api.fields import Body, Id, Name
from everprint.server.api.listing import Asked, Found, found, sort_field
from everprint.server.api.problem import Refused
from everprint.server.pages.listing import Column
from everprint.server.printers.models import Printer
from everprint.server.release.models import PrinterGroup
from everprint.server.release.printer_groups import (
    LONGEST_NAME,
    MOST_PRINTERS,
    PrinterGroupTerms,
    change_printer_group,
    make_printer_group,
    remove_printer_group,
    settable,
)

area = Area("Printers")

GroupName = Annotated[Name, Field(max_length=LONGEST_NAME)]

COLUMNS = (Column("name", "Printer group", "name"),)


class PrinterGroupRecord(BaseModel):
    """A printer group."""

    id: Id
    name: str
    printers: list[Id]
    users: list[Id] = Field(description="Ids of the users who operate its printers themselves")
    groups: list[Id] = Field(description="Ids of the groups whose members operate its printers")


class PrinterGroupsAsked(Asked):
    """Which printer groups."""

    sort: str = sort_field(COLUMNS, "name")


class PrinterGroupPatch(Body):
    """What to change; what is left out stays."""

    name: GroupName | None = None
    printers: list[Id] | None = Field(None, max_length=MOST_PRINTERS)
    users: list[Id] | None = Field(None, max_length=1000)
    groups: list[Id] | None = Field(None, max_length=1000)


class NewPrinterGroup(Body):
    """A printer group to be made."""

    name: GroupName
    printers: list[Id] = Field(max_length=MOST_PRINTERS)
    users: list[Id] = Field(default=[], max_length=1000)
    groups: list[Id] = Field(default=[], max_length=1000)


@area.get("", Found[PrinterGroupRecord], needs=Permission.MANAGE_ROLES)
def list_printer_groups(request: HttpRequest, asked: Query[PrinterGroupsAsked]) -> Found[PrinterGroupRecord]:
    """List the printer groups."""
    return found(PrinterGroup.objects.all(), COLUMNS, asked, asked.sort, _record)


@area.post("", PrinterGroupRecord, needs=Permission.MANAGE_ROLES, status=HTTPStatus.CREATED)
def make_a_printer_group(request: HttpRequest, wanted: NewPrinterGroup, response: HttpResponse) -> PrinterGroupRecord:
    """Make a printer group, and say who operates its printers."""
    _check(wanted.printers, wanted.users, wanted.groups)
    return _with_tag(make_printer_group(cast(PrinterGroupTerms, wanted.model_dump())), response)


@area.get("/{int:group_id}", PrinterGroupRecord, needs=Permission.MANAGE_ROLES)
def get_a_printer_group(request: HttpRequest, group_id: Id, response: HttpResponse) -> PrinterGroupRecord:
    """Get one printer group; the answer has an ETag."""
    return _with_tag(get_object_or_404(PrinterGroup, pk=group_id), response)


@area.patch("/{int:group_id}", PrinterGroupRecord, needs=Permission.MANAGE_ROLES)
def change_a_printer_group(
    request: HttpRequest, group_id: Id, wanted: PrinterGroupPatch, response: HttpResponse, if_match: IfMatch
) -> PrinterGroupRecord:
    """Change a printer group; with If-Match, only if nobody else did meanwhile."""
    _check(wanted.printers or [], wanted.users or [], wanted.groups or [])
    terms = cast(PrinterGroupTerms, wanted.model_dump(exclude_none=True))
    try:
        group = change_printer_group(group_id, terms, seen(if_match))
    except PrinterGroup.DoesNotExist:
        raise Http404 from None
    return _with_tag(group, response)


@area.delete("/{int:group_id}", needs=Permission.MANAGE_ROLES)
def remove_a_printer_group(request: HttpRequest, group_id: Id) -> None:
    """Remove a printer group; its printers stay, and nobody operates them by it any more."""
    remove_printer_group(get_object_or_404(PrinterGroup, pk=group_id))


def _check(printers: list[int], users: list[int], groups: list[int]) -> None:
    check_holders(users, groups)
    there = Printer.objects.filter(pk__in=printers, is_active=True).values_list("pk", flat=True)
    missing = sorted(set(printers) - set(there))
    if missing:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "no-such-printer", f"There is no printer {missing[0]}.")


def _record(group: PrinterGroup) -> PrinterGroupRecord:
    return PrinterGroupRecord.model_validate({"id": group.pk, **settable(group)})


def _with_tag(group: PrinterGroup, response: HttpResponse) -> PrinterGroupRecord:
    tag(response, settable(group))
    return _record(group)
