"""A printer's presets: what some people may do there. Each change tells the provider to fetch its settings anew.

A provider is told of a group's new members with the next snapshot that it fetches by itself; a decision about a job
looks at the group as it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from everprint.contract.messages import FetchSnapshot
from everprint.contract.presets import Preset
from everprint.documents.ticket import SidesKeyword
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.people.models import Group, User
from everprint.server.printers.models import Printer, PrinterPreset
from everprint.server.providers.orders import make_order

CHANGEABLE = ("name", "position", "colour", "two_sided_only", "sides_default", "most_copies")


class BadPreset(Exception):
    """A preset that cannot be; the text says why."""


def add_preset(printer: Printer, groups: Iterable[Group], **settings: object) -> PrinterPreset:
    """A new preset of the printer, for the members of these groups; for everybody if there is none.

    Raises BadPreset.
    """
    return _save(PrinterPreset(printer=printer), list(groups), settings)


def change_preset(preset: PrinterPreset, groups: Iterable[Group], **settings: object) -> PrinterPreset:
    """Changes some of the settings, and whom it is for.

    Raises BadPreset.
    """
    return _save(preset, list(groups), settings)


def remove_preset(preset: PrinterPreset) -> None:
    """Takes the preset away; later ones count for its people then."""
    printer = preset.printer

    def work() -> None:
        before = _state(preset)
        if PrinterPreset.objects.filter(pk=preset.pk).delete()[0]:
            note("printer.preset", printer, before, {})
        make_order(printer.provider_id, FetchSnapshot())

    transact(work)


def presets_for_provider(printer: Printer) -> tuple[Preset, ...]:
    """All of the printer's, with the names of the people that they are for."""
    return tuple(_preset(row, _users(row)) for row in printer.presets.prefetch_related("groups"))


def preset_for(printer: int, user: int) -> Preset | None:
    """The preset that counts for that person on that printer."""
    theirs = set(Group.objects.filter(members=user).values_list("pk", flat=True))
    for row in PrinterPreset.objects.filter(printer=printer).prefetch_related("groups"):
        if row.everybody or theirs.intersection(group.pk for group in row.groups.all()):
            return _preset(row, None)
    return None


def _users(row: PrinterPreset) -> tuple[str, ...] | None:
    if row.everybody:
        return None
    people = User.objects.filter(print_groups__in=row.groups.all())
    return tuple(sorted(set(people.values_list("name", flat=True))))


def _preset(row: PrinterPreset, users: tuple[str, ...] | None) -> Preset:
    return Preset(
        name=row.name,
        users=users,
        colour=row.colour,
        two_sided_only=row.two_sided_only,
        sides_default=SidesKeyword(row.sides_default) if row.sides_default else None,
        most_copies=row.most_copies,
    )


def _state(preset: PrinterPreset) -> dict[str, object]:
    """What the audit log tells of it."""
    groups = "everybody" if preset.everybody else [group.name for group in preset.groups.all()]
    return {**{name: getattr(preset, name) for name in CHANGEABLE}, "groups": groups}


def _save(preset: PrinterPreset, groups: list[Group], settings: dict[str, object]) -> PrinterPreset:
    for key, value in settings.items():
        if key not in CHANGEABLE:
            raise BadPreset(f"{key} is not a setting of a preset; expected one of: {', '.join(CHANGEABLE)}")
        setattr(preset, key, value)
    preset.everybody = not groups
    adding = preset._state.adding
    before = {} if adding else _state(PrinterPreset.objects.get(pk=preset.pk))

    def work() -> PrinterPreset:
        preset._state.adding = adding  # the work may be repeated
        try:
            preset.full_clean()
        except ValidationError as error:
            parts = [f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items()]
            raise BadPreset("; ".join(parts)) from None
        if adding:
            preset.pk = None
        preset.save()
        preset.groups.set(groups)
        note("printer.preset", preset.printer, before, _state(preset))
        make_order(preset.printer.provider_id, FetchSnapshot())
        return preset

    return transact(work)
