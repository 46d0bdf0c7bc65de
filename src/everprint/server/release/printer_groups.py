"""Printer groups: one printer or several, and the users and groups who operate them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from everprint.server.access.permissions import Permission
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.edits import check_edition
from everprint.server.people.authority import check_may_give
from everprint.server.release.models import PrinterGroup

LONGEST_NAME = 100
MOST_PRINTERS = 1000


class PrinterGroupExists(Exception):
    """The name is taken."""


class PrinterGroupTerms(TypedDict, total=False):
    """What can be set, the others by id; what is left out stays."""

    name: str
    printers: Sequence[int]
    users: Sequence[int]
    groups: Sequence[int]


def settable(group: PrinterGroup) -> dict[str, object]:
    """What is stored of what can be set: the edition of a printer group is made of it."""
    return {
        "name": group.name,
        "printers": sorted(group.printers.values_list("pk", flat=True)),
        "users": sorted(group.users.values_list("pk", flat=True)),
        "groups": sorted(group.groups.values_list("pk", flat=True)),
    }


def make_printer_group(terms: PrinterGroupTerms) -> PrinterGroup:
    """A new printer group.

    Raises PrinterGroupExists, BeyondOwn.
    """

    def work() -> PrinterGroup:
        group = PrinterGroup(name=_free_name(terms["name"], None))
        _write(group, terms)
        note("printer-group.make", group, after=_kept(group))
        return group

    return transact(work)


def change_printer_group(group_id: int, terms: PrinterGroupTerms, seen: str | None) -> PrinterGroup:
    """Changes a printer group; `seen` is the edition that the editor saw, None if they do not mind.

    Raises PrinterGroup.DoesNotExist, EditedMeanwhile, PrinterGroupExists, BeyondOwn.
    """

    def work() -> PrinterGroup:
        group = PrinterGroup.objects.select_for_update().get(pk=group_id)
        check_edition(settable(group), seen)
        before = _kept(group)
        if "name" in terms:
            group.name = _free_name(terms["name"], group)
        _write(group, terms)
        note("printer-group.change", group, before, _kept(group))
        return group

    return transact(work)


def remove_printer_group(group: PrinterGroup) -> None:
    """Nobody operates its printers by it any more; the printers stay.

    Raises BeyondOwn.
    """

    def work() -> None:
        check_may_give([Permission.MANAGE_JOBS])
        note("printer-group.remove", group, _kept(group))
        group.delete()

    transact(work)


def _write(group: PrinterGroup, terms: PrinterGroupTerms) -> None:
    check_may_give([Permission.MANAGE_JOBS])
    group.save()
    if "printers" in terms:
        group.printers.set(terms["printers"])
    if "users" in terms:
        group.users.set(terms["users"])
    if "groups" in terms:
        group.groups.set(terms["groups"])


def _free_name(name: str, group: PrinterGroup | None) -> str:
    name = " ".join(name.split())
    others = PrinterGroup.objects.exclude(pk=group.pk) if group else PrinterGroup.objects.all()
    if others.filter(name__iexact=name).exists():
        raise PrinterGroupExists(f"There is already a printer group called {name}.")
    return name


def _kept(group: PrinterGroup) -> dict[str, object]:
    return {
        "name": group.name,
        "printers": sorted(group.printers.values_list("name", flat=True)),
        "users": sorted(group.users.values_list("name", flat=True)),
        "groups": sorted(group.groups.values_list("name", flat=True)),
    }
