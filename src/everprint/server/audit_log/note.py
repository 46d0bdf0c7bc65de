"""Notes an act in the audit log, in the database transaction of the act itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Model

from everprint.server.accounts.money import plain
from everprint.server.audit_log.acting import acting_now
from everprint.server.audit_log.models import AuditEntry

LONGEST_TEXT = 500
MOST_ITEMS = 200
Values = Mapping[str, object]


def note(
    action: str, target: Model | str, before: Values | None = None, after: Values | None = None, *, name: str = ""
) -> None:
    """Notes the act, if somebody acts; called where the act is done, after it.

    `target` is the record (or, for what is no record, a kind). Of two states, only what differs is kept; an act that
    changed nothing is not noted. Secrets must not be given.
    """
    acting = acting_now()
    if acting is None:
        return
    was, now = _different(before or {}, after or {})
    if before is not None and after is not None and not was and not now:
        acting.noted += 1  # it was asked for, and nothing had to be done
        return
    is_record = isinstance(target, Model)
    AuditEntry.objects.create(
        actor=acting.user,
        actor_name=acting.name[:128],
        origin=acting.origin.value,
        token=acting.token[:100],
        address=acting.address[:64],
        action=action,
        target_kind=target._meta.model_name or "" if isinstance(target, Model) else target,
        target_id=str(target.pk) if is_record and isinstance(target, Model) else "",
        target_name=(name or (str(target) if is_record else ""))[:255],
        before=was,
        after=now,
    )
    acting.noted += 1


def _different(before: Values, after: Values) -> tuple[dict[str, object], dict[str, object]]:
    changed = [
        key for key in {**before, **after} if key not in before or key not in after or before[key] != after[key]
    ]
    return (
        {key: as_kept(before[key]) for key in changed if key in before},
        {key: as_kept(after[key]) for key in changed if key in after},
    )


def as_kept(value: object) -> object:
    """A value as JSON keeps it: exact, bounded, readable."""
    match value:
        case None | bool() | int():
            return value
        case Decimal():
            return plain(value)
        case datetime() | date():
            return value.isoformat()
        case Model():
            return str(value)
        case Mapping():
            return {str(key): as_kept(item) for key, item in list(value.items())[:MOST_ITEMS]}
        case list() | tuple() | set() | frozenset():
            items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
            return [as_kept(item) for item in list(items)[:MOST_ITEMS]]
        case _:
            return str(value)[:LONGEST_TEXT]
