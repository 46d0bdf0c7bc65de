"""SQL by hand, for the few statements in every job's path: the same text on SQLite and PostgreSQL.

Django's query builder costs ten times what such a statement takes. Values still go through Django's own adapters, so
that both ways read and write the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

MEMORY_FOR_MANY = "64MB"

Row = tuple[Any, ...]
Value = str | int | bool | bytes | uuid.UUID | datetime | None


def rows(statement: str, parameters: Sequence[Value]) -> list[Row]:
    """What a SELECT finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[Row] = cursor.fetchall()
        return found


def rows_of_many(statement: str, parameters: Sequence[Value], *, many_groups: bool = False) -> list[Row]:
    """What a SELECT finds that groups very many rows: PostgreSQL has by itself so little memory for it that it would
    do it on disk, and would compile the statement, which takes longer than it saves. Nor can it guess how many rows a
    sum of sums has: it takes them for 200, and would look up 350,000 of them one by one. With `many_groups` one
    process groups them all: what several have grouped must be sorted to be put together.
    """
    if connection.vendor != "postgresql":
        return rows(statement, parameters)
    chosen = {"work_mem": MEMORY_FOR_MANY, "jit": "off", "enable_nestloop": "off"}
    if many_groups:
        chosen["max_parallel_workers_per_gather"] = "0"
    with transaction.atomic(), connection.cursor() as cursor:
        settings = ", ".join(["set_config(%s, %s, true)"] * len(chosen))
        cursor.execute(f"SELECT {settings}", [text for setting in chosen.items() for text in setting])
        cursor.execute(statement, parameters)
        found: list[Row] = cursor.fetchall()
        return found


def insert(cursor: CursorWrapper, statement: str, parameters: Sequence[Value]) -> int:
    """Inserts one row into a table whose key is *id*; the key."""
    if connection.vendor == "postgresql":
        cursor.execute(f"{statement} RETURNING id", parameters)
        return int(cursor.fetchone()[0])
    cursor.execute(statement, parameters)
    return int(cursor.lastrowid)


def for_update() -> str:
    """What locks the rows of a SELECT; nothing on SQLite, where a write transaction has the database alone."""
    return " FOR UPDATE" if connection.features.has_select_for_update else ""


def of_uuid(value: uuid.UUID) -> Value:
    """A UUID as this database keeps it."""
    return value if connection.features.has_native_uuid_field else value.hex


def to_uuid(value: object) -> uuid.UUID:
    """A UUID as this database gave it."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))


def of_moment(value: datetime) -> Value:
    """A moment as this database keeps it."""
    adapted: Value = connection.ops.adapt_datetimefield_value(value)
    return adapted


def to_moment(value: object) -> datetime | None:
    """A moment as this database gave it."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def placeholders(values: Sequence[object]) -> str:
    """So many parameters in a list."""
    return ", ".join(["%s"] * len(values))
