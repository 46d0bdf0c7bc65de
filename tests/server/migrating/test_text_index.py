"""The index of parts of texts: left out where PostgreSQL has no extension for it, not for an error that passes."""

from __future__ import annotations

import pytest

from tests.server.conftest import KIND, Database

pytestmark = pytest.mark.skipif(KIND != "postgresql", reason="SQLite has no such index")

MIGRATION = "0009_user_by_part_of_name"
TABLE, INDEX, EXTENSION = "people_user", "user_by_part_of_name", "pg_trgm"


def migrate() -> None:
    """The operation of the migration, on a database that has neither the extension nor the index."""
    from importlib import import_module

    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    (operation,) = import_module(f"everprint.server.people.migrations.{MIGRATION}").Migration.operations
    state = MigrationLoader(connection).project_state(("people", MIGRATION))
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("people", editor, state, state)


def run(*statements: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def has_index() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        return INDEX in connection.introspection.get_constraints(cursor, TABLE)


@pytest.fixture
def without_extension(database: Database) -> Database:
    run(f"DROP EXTENSION {EXTENSION} CASCADE")
    assert not has_index()
    return database


def test_it_is_made(without_extension: Database) -> None:
    migrate()
    assert has_index()


def test_where_the_extension_may_not_be_made_there_is_none(without_extension: Database) -> None:
    run("DROP ROLE IF EXISTS everprint_modest", "CREATE ROLE everprint_modest")
    run("GRANT pg_read_all_data TO everprint_modest", "SET ROLE everprint_modest")
    migrate()
    run("RESET ROLE", "DROP ROLE everprint_modest")
    assert not has_index()


def test_an_error_that_passes_is_told_and_it_can_be_tried_again(without_extension: Database) -> None:
    import psycopg
    from django.db import OperationalError

    with psycopg.connect(without_extension.url) as other:
        other.execute(f"CREATE EXTENSION {EXTENSION}")  # not yet committed: whoever makes it too has to wait
        run("SET lock_timeout = '200ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            migrate()
        other.rollback()
    assert not has_index()
    migrate()
    assert has_index()
