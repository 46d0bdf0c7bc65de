"""Nobody gives more than they have, and nobody steers those who may more: else managing users would be everything.

Checked where it is done, against whoever acts now (audit_log.acting); at the server's own command line nobody is
bound, as whoever is there may read the database anyway.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from everprint.server.access.permissions import Permission, known_permissions
from everprint.server.audit_log.acting import acting_now
from everprint.server.people.models import Group, OwnRole, User


class BeyondOwn(PermissionDenied):
    """The actor lacks what they would give, or what the one has whom they would change."""


def check_may_give(permissions: Iterable[Permission]) -> None:
    """Raises BeyondOwn if the actor may not give roles, or has not all of that."""
    actor = _actor()
    if actor is None:
        return
    if not actor.may(Permission.MANAGE_ROLES):
        raise BeyondOwn(f"{actor.name} may not give roles.")
    missing = sorted(permission.value for permission in permissions if not actor.may(permission))
    if missing:
        raise BeyondOwn(f"{actor.name} cannot give what they have not: {', '.join(missing)}.")


def check_may_join(groups: Iterable[Group]) -> None:
    """Raises BeyondOwn if a group has roles that the actor may not give."""
    given = OwnRole.objects.filter(groups__in=list(groups)).values_list("permissions", flat=True)
    permissions = known_permissions(value for values in given for value in values)
    if permissions:
        check_may_give(permissions)


def check_may_change(target: User) -> None:
    """Raises BeyondOwn if the target may something that the actor may not."""
    actor = _actor()
    if actor is None or actor.pk == target.pk:
        return
    missing = sorted(permission.value for permission in target.permissions if not actor.may(permission))
    if missing:
        raise BeyondOwn(f"{target.name} may more than {actor.name}: {', '.join(missing)}.")


def _actor() -> User | None:
    acting = acting_now()
    return None if acting is None else acting.user
