"""Telling people something, in the database transaction of what it is about; mailing.py writes the mails of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.utils import timezone

from everprint.server.access.permissions import ROLE_PERMISSIONS, Permission
from everprint.server.installation.settings import read_settings
from everprint.server.notifications.kinds import Kind
from everprint.server.notifications.models import Notice
from everprint.server.people.models import OwnRole, User

LONGEST_FIELD = 500


def tell(users: Iterable[int], kind: Kind, fields: Mapping[str, str]) -> int:
    """Tells each of them; how many were told. Nobody is, if the installation does not want that kind."""
    if not getattr(read_settings(), kind.setting):
        return 0
    assert fields.keys() == kind.fields.keys()
    now = timezone.now()
    kept = {name: value[:LONGEST_FIELD] for name, value in fields.items()}
    notices = [
        Notice(user_id=user, kind=kind.key, fields=kept, at=now, urgent=kind.urgent) for user in sorted(set(users))
    ]
    Notice.objects.bulk_create(notices)
    return len(notices)


def audience_of(kind: Kind) -> list[int]:
    """Everybody who may do what the kind is for."""
    assert kind.audience is not None
    return holders_of(kind.audience)


def holders_of(permission: Permission) -> list[int]:
    """Who has the permission, by the built-in role or by one of the installation's own."""
    built_in = [role.value for role, has in ROLE_PERMISSIONS.items() if permission in has]
    own = [role.pk for role in OwnRole.objects.all() if permission.value in role.permissions]
    having = Q(role__in=built_in) | Q(own_roles__in=own) | Q(print_groups__own_roles__in=own)
    return list(User.objects.filter(having, is_active=True).values_list("pk", flat=True).distinct())
