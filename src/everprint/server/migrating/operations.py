"""Indexes of long tables, made and removed while everybody reads and writes.

PostgreSQL does it outside of a transaction only (manual, "Building Indexes Concurrently"), so nothing is taken back
when it is broken off: such operations stand in a migration of their own, with `atomic = False`, and each can be done
again. SQLite has one writer and short tables: there they are ordinary indexes.
"""

from __future__ import annotations

import logging

from django.apps.registry import Apps
from django.db import Error
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex, RemoveIndex
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Model

log = logging.getLogger(__name__)

# PostgreSQL's words for an extension that it has not, or that this user may not make (manual, appendix A).
_NOT_AVAILABLE, _NO_FILE, _NO_PRIVILEGE = "0A000", "58P01", "42501"


class AddIndexOnline(AddIndex):
    """AddIndex that locks nobody out."""

    atomic = False

    def describe(self) -> str:
        """For whoever looks on."""
        return f"{super().describe()}, while the table is used"

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Makes it."""
        model = _model(to_state.apps, app_label, self.model_name)
        if schema_editor.connection.vendor != "postgresql":
            schema_editor.add_index(model, self.index)
            return
        _drop(schema_editor, self.index.name)
        _run_unhurried(schema_editor, str(self.index.create_sql(model, schema_editor, concurrently=True)))

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Removes it again."""
        _drop(schema_editor, self.index.name)


class RemoveIndexOnline(RemoveIndex):
    """RemoveIndex that locks nobody out."""

    atomic = False

    def describe(self) -> str:
        """For whoever looks on."""
        return f"{super().describe()}, while the table is used"

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Removes it."""
        _drop(schema_editor, self.name)


class DropColumnIndexOnline(Operation):
    """Drops the index that Django made by itself for a column: of a foreign key, or the second one of a text column
    that is for LIKE on PostgreSQL. Django's own way to do it writes the whole table anew on SQLite, and its triggers
    are gone then. What the model says of the column is for SeparateDatabaseAndState.
    """

    atomic = False
    reversible = True

    def __init__(self, model_name: str, column: str, *, for_like_only: bool = False) -> None:
        self.model_name = model_name
        self.column = column
        self.for_like_only = for_like_only

    def describe(self) -> str:
        """For whoever looks on."""
        which = "the index for LIKE" if self.for_like_only else "the index"
        return f"Drop {which} of {self.column} on {self.model_name}, while the table is used"

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Models do not know of such indexes."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drops it, if it is there."""
        model = _model(from_state.apps, app_label, self.model_name)
        with schema_editor.connection.cursor() as cursor:
            found = schema_editor.connection.introspection.get_constraints(cursor, model._meta.db_table)
        named = {index.name for index in model._meta.indexes}
        for name, about in found.items():
            is_plain = about["index"] and not about["unique"] and not about["primary_key"] and name not in named
            if is_plain and about["columns"] == [self.column] and (name.endswith("_like") or not self.for_like_only):
                _drop(schema_editor, name)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Nothing needs it: it stays away."""


class AddTextIndexOnline(Operation):
    """An index by which PostgreSQL finds rows by any part of a text, of three letters or more: that of its extension
    pg_trgm. Where the extension is not installed or may not be made, and on SQLite, there is none; nothing depends
    on it but time. Models do not know of it.
    """

    atomic = False
    reversible = True

    def __init__(self, model_name: str, name: str, expression: str) -> None:
        self.model_name = model_name
        self.name = name
        self.expression = expression

    def describe(self) -> str:
        """For whoever looks on."""
        return f"Create index {self.name} of a text of {self.model_name}, while the table is used"

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Models do not know of it."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Makes it, if it can be made."""
        if schema_editor.connection.vendor != "postgresql":
            return
        try:
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except Error as error:
            # Whatever else it is passes: the migration is not done then, and is tried again.
            if getattr(error.__cause__, "sqlstate", "") not in (_NOT_AVAILABLE, _NO_FILE, _NO_PRIVILEGE):
                raise
            log.warning("no index of parts of texts: pg_trgm cannot be made error=%s", str(error).strip())
            return
        table = schema_editor.connection.ops.quote_name(
            _model(to_state.apps, app_label, self.model_name)._meta.db_table
        )
        name = schema_editor.connection.ops.quote_name(self.name)
        _drop(schema_editor, self.name)
        statement = f"CREATE INDEX CONCURRENTLY {name} ON {table} USING gin ({self.expression} gin_trgm_ops)"
        _run_unhurried(schema_editor, statement)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Removes it again."""
        _drop(schema_editor, self.name)


def _model(apps: Apps, app_label: str, name: str) -> type[Model]:
    return apps.get_model(app_label, name)


def _drop(schema_editor: BaseDatabaseSchemaEditor, name: str) -> None:
    quoted = schema_editor.connection.ops.quote_name(name)
    if schema_editor.connection.vendor == "postgresql":
        _run_unhurried(schema_editor, f"DROP INDEX CONCURRENTLY IF EXISTS {quoted}")
    else:
        schema_editor.execute(f"DROP INDEX IF EXISTS {quoted}")


def _run_unhurried(schema_editor: BaseDatabaseSchemaEditor, statement: str) -> None:
    """It waits for every transaction that is open, and nobody waits for it: without a bound on its waiting."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        (bound,) = cursor.fetchone()
        cursor.execute("SET lock_timeout = 0")
        try:
            cursor.execute(statement)
        finally:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [bound])
