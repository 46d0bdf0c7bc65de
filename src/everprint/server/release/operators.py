"""Who operates which printers: they see everybody's jobs there, and release, hold, cancel and redirect them, but
nobody's elsewhere.
"""

from __future__ import annotations

from django.db.models import Q

from everprint.server.access.permissions import Permission
from everprint.server.people.models import User
from everprint.server.printers.models import Printer
from everprint.server.release.models import PrinterGroup


def operated_by(user: User) -> list[int]:
    """The ids of the printers that the user operates: as one who is named, or in a group that is."""
    if not user.may(Permission.USE_OWN):
        return []
    groups = PrinterGroup.objects.filter(Q(users=user) | Q(groups__members=user))
    return sorted(set(groups.filter(printers__is_active=True).values_list("printers", flat=True)))


def operates(user: User, printer: int) -> bool:
    """True if the user operates that printer."""
    return printer in operated_by(user)


def operators_of(printer: Printer) -> list[int]:
    """The ids of the users who operate the printer."""
    operated = PrinterGroup.objects.filter(printers=printer)
    people = Q(operated_groups__in=operated) | Q(print_groups__operated_groups__in=operated)
    return list(User.objects.filter(people, is_active=True).values_list("pk", flat=True).distinct())
