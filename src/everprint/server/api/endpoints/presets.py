"""What some people may do on a printer: its presets, in the printers' own area."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from pydantic import BaseModel, Field

from everprint.documents.ticket import SidesKeyword
from everprint.server.access.permissions import Permission
from everprint.server.api.endpoints import printers
from everprint.server.api.fields import Body, Flag, Id, Name
from everprint.server.api.problem import Refused
from everprint.server.people.models import Group
from everprint.server.printers.models import Printer, PrinterPreset
from everprint.server.printers.presets import add_preset, change_preset, remove_preset

area = printers.area

Position = Annotated[
    int, Field(strict=True, ge=-1000, le=1000, description="The first preset that somebody is in counts")
]
Copies = Annotated[
    int, Field(strict=True, ge=1, le=10_000, description="Of one job; null: as many as the printer can")
]


class PresetRecord(BaseModel):
    """What the members of some groups, or everybody, may do on a printer."""

    id: Id
    name: str
    position: int
    everybody: bool = Field(description="It is for everybody whom no earlier preset is for")
    group_ids: list[Id]
    colour: bool
    two_sided_only: bool
    sides_default: SidesKeyword | None = Field(description="Of a job that does not say; null: as the printer does")
    most_copies: int | None


class NewPreset(Body):
    """A preset as it shall be; what is left out has the default that the web page has."""

    name: Annotated[Name, Field(max_length=100)]
    position: Position = 0
    group_ids: list[Annotated[Id, Field(strict=True)]] = Field(
        [], max_length=1000, description="None: it is for everybody"
    )
    colour: Flag = True
    two_sided_only: Flag = False
    sides_default: SidesKeyword | None = None
    most_copies: Copies | None = None


@area.get("/{int:printer_id}/presets", list[PresetRecord], needs=Permission.VIEW_PRINTERS)
def list_presets(request: HttpRequest, printer_id: Id) -> list[PresetRecord]:
    """List a printer's presets, the first that counts first."""
    printer = get_object_or_404(Printer, pk=printer_id)
    return [_record(row) for row in printer.presets.prefetch_related("groups")]


@area.post("/{int:printer_id}/presets", PresetRecord, needs=Permission.MANAGE_PRINTERS, status=HTTPStatus.CREATED)
def create_a_preset(request: HttpRequest, printer_id: Id, wanted: NewPreset) -> PresetRecord:
    """Make a preset of a printer."""
    printer = get_object_or_404(Printer, pk=printer_id, is_active=True)
    return _record(add_preset(printer, _groups(wanted), **_settings(wanted)))


@area.put("/{int:printer_id}/presets/{int:preset_id}", PresetRecord, needs=Permission.MANAGE_PRINTERS)
def set_a_preset(request: HttpRequest, printer_id: Id, preset_id: Id, wanted: NewPreset) -> PresetRecord:
    """Set all of a preset."""
    return _record(change_preset(_preset(printer_id, preset_id), _groups(wanted), **_settings(wanted)))


@area.delete("/{int:printer_id}/presets/{int:preset_id}", needs=Permission.MANAGE_PRINTERS)
def remove_a_preset(request: HttpRequest, printer_id: Id, preset_id: Id) -> None:
    """Remove a preset; later ones count for its people then."""
    remove_preset(_preset(printer_id, preset_id))


def _preset(printer_id: int, preset_id: int) -> PrinterPreset:
    offered = PrinterPreset.objects.select_related("printer").filter(printer=printer_id, printer__is_active=True)
    return get_object_or_404(offered, pk=preset_id)


def _groups(wanted: NewPreset) -> list[Group]:
    found = list(Group.objects.filter(pk__in=wanted.group_ids))
    missing = sorted(set(wanted.group_ids) - {group.pk for group in found})
    if missing:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "no-such-group", f"There is no group {missing[0]}.")
    return found


def _settings(wanted: NewPreset) -> dict[str, object]:
    said = wanted.model_dump(exclude={"group_ids", "sides_default"})
    return {**said, "sides_default": wanted.sides_default.value if wanted.sides_default else ""}


def _record(row: PrinterPreset) -> PresetRecord:
    return PresetRecord(
        id=row.pk,
        name=row.name,
        position=row.position,
        everybody=row.everybody,
        group_ids=sorted(group.pk for group in row.groups.all()),
        colour=row.colour,
        two_sided_only=row.two_sided_only,
        sides_default=SidesKeyword(row.sides_default) if row.sides_default else None,
        most_copies=row.most_copies,
    )
