"""A migrated database for each test, on SQLite or (EVERPRINT_TEST_DATABASE=postgresql) on PostgreSQL.

`database` is a copy of a migrated template: real commits, threads and processes may use it. Nothing is shared
between tests, and nothing is rolled back behind their backs.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

KIND = os.environ.get("EVERPRINT_TEST_DATABASE", "sqlite")


@dataclass(frozen=True, slots=True)
class Database:
    """Where a test's database is: `url` is what the *database* setting of another process takes."""

    url: str
    state_folder: Path


@pytest.fixture(scope="session")
def database_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Sets Django up once and migrates the template."""
    assert KIND in ("sqlite", "postgresql"), f"EVERPRINT_TEST_DATABASE={KIND}: expected sqlite or postgresql"
    folder = tmp_path_factory.mktemp("server")
    (folder / "secret-key").write_text("only for tests " * 4)
    with ExitStack() as stack:
        if KIND == "postgresql":
            from rig.postgresql import run_postgresql

            url = stack.enter_context(run_postgresql()).create_database("template")
        else:
            url = f"sqlite://{folder}/template.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "everprint.server.settings"
        os.environ["EVERPRINT_SERVER_STATE_FOLDER"] = str(folder)
        os.environ["EVERPRINT_SERVER_DATABASE"] = url

        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        connections.close_all()
        _close_pools()
        yield Database(url, folder)
        connections.close_all()
        _close_pools()


@pytest.fixture
def database(database_template: Database) -> Iterator[Database]:
    """A database of the test's own, connected to Django's default alias."""
    from django.db import connections

    name = f"test_{uuid.uuid4().hex[:12]}"
    settings = connections["default"].settings_dict
    if KIND == "postgresql":
        url = _sibling(database_template.url, name)
        # By files, not by its log: a half or a third of the time, for each test.
        _administer(database_template.url, f'CREATE DATABASE "{name}" TEMPLATE "template" STRATEGY FILE_COPY')
        settings["NAME"] = name
    else:
        path = database_template.state_folder / f"{name}.sqlite3"
        shutil.copyfile(database_template.state_folder / "template.sqlite3", path)
        url = f"sqlite://{path}"
        settings["NAME"] = str(path)
    yield Database(url, database_template.state_folder)
    connections.close_all()
    _close_pools()
    if KIND == "postgresql":
        _administer(database_template.url, f'DROP DATABASE "{name}" WITH (FORCE)')
    else:
        for left in database_template.state_folder.glob(f"{name}.sqlite3*"):
            left.unlink()


def _sibling(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _administer(template_url: str, statement: str) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(_sibling(template_url, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL(statement))  # type: ignore[arg-type] # our own text


def _close_pools() -> None:
    """Django keeps one pool per alias for the process's life; a test's database is gone before that."""
    if KIND == "postgresql":
        from django.db.backends.postgresql.base import DatabaseWrapper

        for pool in DatabaseWrapper._connection_pools.values():
            pool.close()
        DatabaseWrapper._connection_pools.clear()
