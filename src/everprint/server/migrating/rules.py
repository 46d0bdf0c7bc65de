"""What a migration may do while servers of the release before read and write: judged by its operations alone.

Each rule and its reason: docs/explanation/online-migrations.md. A migration that breaks one on purpose says why it
does no harm in its attribute `harmless_because`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.models.fields import NOT_PROVIDED

from everprint.server.migrating.compatibility import OLDEST_SERVER, needed_server
from everprint.server.migrating.operations import (
    AddIndexOnline,
    AddTextIndexOnline,
    DropColumnIndexOnline,
    RemoveIndexOnline,
)

HARMLESS = "harmless_because"

# They grow by jobs or by people: millions of rows.
LONG_TABLES = frozenset(
    {
        ("jobs", "job"),
        ("jobs", "jobstep"),
        ("jobs", "decision"),
        ("accounts", "account"),
        ("accounts", "transaction"),
        ("accounts", "entry"),
        ("accounts", "closedjob"),
        ("people", "user"),
        ("audit_log", "auditentry"),
        ("reports", "usagesum"),
        ("reports", "accountsum"),
        ("reports", "accountquarter"),
        ("providers", "order"),
    }
)

_ALWAYS = (
    operations.CreateModel,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.AlterModelTableComment,
)
_TAKES_AWAY = (operations.RemoveField, operations.DeleteModel)
_RENAMES = (operations.RenameField, operations.RenameModel, operations.RenameIndex, operations.AlterModelTable)
_BY_HAND = (operations.RunPython, operations.RunSQL)
_ONLINE = (AddIndexOnline, AddTextIndexOnline, RemoveIndexOnline, DropColumnIndexOnline)


def objections(migration: Migration) -> list[str]:
    """What is wrong with it, in words for its author; nothing if old and new servers may serve meanwhile."""
    if str(getattr(migration, HARMLESS, "")).strip():
        return []
    made = {
        operation.name_lower for operation in migration.operations if isinstance(operation, operations.CreateModel)
    }
    found = [
        why
        for operation in migration.operations
        if _table(operation) not in made  # nobody uses it yet
        for why in _objections(migration, operation)
    ]
    online = [_is_online(operation) for operation in migration.operations]
    if any(online) and not all(online):
        found.append("what makes or removes an index online stands in a migration of its own: it is not taken back")
    if any(online) is bool(migration.atomic):
        found.append(
            "atomic = False is for indexes that are made or removed online, and they need it; nothing else has it"
        )
    return [f"{migration.app_label}.{migration.name}: {why}" for why in found]


def _objections(migration: Migration, operation: Operation) -> Iterator[str]:
    what = operation.describe()
    if isinstance(operation, (*_ALWAYS, *_ONLINE)):
        return
    if isinstance(operation, operations.SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from _objections(migration, inner)
    elif isinstance(operation, _TAKES_AWAY):
        if not needed_server(migration):
            yield (
                f"{what}: servers of the release before still use it; do it a release later, and say in "
                f"{OLDEST_SERVER} which servers do not any more"
            )
    elif isinstance(operation, _RENAMES):
        yield f"{what}: one of the two releases knows the other name; add the new one, copy, remove the old one later"
    elif isinstance(operation, _BY_HAND):
        yield f"{what}: rows are changed by scheduled work (schedule.works), a few at a time, while servers serve"
    elif isinstance(operation, operations.AddField):
        yield from _added(migration, operation)
    elif _is_long(migration, operation):
        yield f"{what}: it locks a long table while it reads or writes all of it; make it online"
    elif not isinstance(operation, (operations.AddIndex, operations.RemoveIndex)):
        yield f"{what}: nobody can say from here whether servers of the release before go on working"


def _is_online(operation: Operation) -> bool:
    if isinstance(operation, operations.SeparateDatabaseAndState):
        inner = operation.database_operations
        return bool(inner) and all(isinstance(one, _ONLINE) for one in inner)
    return isinstance(operation, _ONLINE)


def _added(migration: Migration, operation: operations.AddField) -> Iterator[str]:
    field, what = operation.field, operation.describe()
    if isinstance(field, models.ManyToManyField):
        return  # a table of its own
    if not field.null and field.db_default is NOT_PROVIDED:
        yield f"{what}: servers of the release before write rows without it; let it be null, or give it a db_default"
    if _is_long(migration, operation) and (field.unique or getattr(field, "db_index", False)):
        yield f"{what}: its index locks a long table; db_index=False, and an index that is made online"


def _is_long(migration: Migration, operation: Operation) -> bool:
    return (migration.app_label, _table(operation)) in LONG_TABLES


def _table(operation: Operation) -> str:
    return str(getattr(operation, "model_name", "") or getattr(operation, "name", "")).lower()


def judged(migrations: Sequence[Migration]) -> list[str]:
    """All objections to all of them."""
    return [why for migration in migrations for why in objections(migration)]
