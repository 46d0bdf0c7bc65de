"""Nobody gives more than they have, and nobody steers those who may more: else managing users would be everything.

Checked where it is done, against whoever acts now (audit_log.acting); at the server's own command line nobody is
bound, as whoever is there may read the database anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from everprint.server.access.permissions import Permission, Role, known_permissions, permissions_of
from everprint.server.audit_log.acting import acting_now
from everprint.server.people.models import Group, OwnRole, User
from everprint.server.release.models import PrinterGroup


class BeyondOwn(PermissionDenied):
    """The actor lacks what they would give, or what the one has whom they would change; or it is their own."""


def check_may_give(permissions: Iterable[Permission]) -> None:
    """Raises BeyondOwn if the actor may not give roles, or has not all of that."""
    actor = _actor()
    if actor is None:
        return
    if not actor.may(Permission.MANAGE_ROLES):
        raise BeyondOwn(f"{actor.name} may not give roles.")
    missing = _beyond(actor, permissions)
    if missing:
        raise BeyondOwn(f"{actor.name} cannot give what they have not: {', '.join(missing)}.")


def check_may_join(groups: Iterable[Group]) -> None:
    """Raises BeyondOwn if a group has roles, or operates printers, that the actor may not give."""
    joined = list(groups)
    given = OwnRole.objects.filter(groups__in=joined).values_list("permissions", flat=True)
    permissions = known_permissions(value for values in given for value in values)
    if PrinterGroup.objects.filter(groups__in=joined).exists():
        permissions |= {Permission.MANAGE_JOBS}
    if permissions:
        check_may_give(permissions)


def check_may_give_credit(amount: Decimal) -> None:
    """Raises BeyondOwn if the actor may not give credit, and that is some."""
    actor = _actor()
    if amount and actor is not None and not actor.may(Permission.ADJUST_ACCOUNTS):
        raise BeyondOwn(f"{actor.name} may not give credit: it takes {Permission.ADJUST_ACCOUNTS}.")


def check_may_change(target: User) -> None:
    """Raises BeyondOwn if the target may something that the actor may not."""
    actor = _actor()
    if actor is None or actor.pk == target.pk:
        return
    of_target = target.permissions
    if PrinterGroup.objects.filter(Q(users=target) | Q(groups__members=target)).exists():
        of_target |= {Permission.MANAGE_JOBS}
    missing = _beyond(actor, of_target)
    if missing:
        raise BeyondOwn(f"{target.name} may more than {actor.name}: {', '.join(missing)}.")


def check_not_own(target: User, why: str) -> None:
    """Raises BeyondOwn if the actor is the target."""
    actor = _actor()
    if actor is not None and actor.pk == target.pk:
        raise BeyondOwn(f"{why}.")


def _beyond(actor: User, permissions: Iterable[Permission]) -> list[str]:
    """Those that the actor has not; what everybody may counts for nothing, also where a token may not."""
    everybody = permissions_of(Role.USER)
    return sorted(one.value for one in permissions if one not in everybody and not actor.may(one))


def _actor() -> User | None:
    acting = acting_now()
    return None if acting is None else acting.user
