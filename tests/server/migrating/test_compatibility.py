"""A server that is too old or too new for its database says so; one that can serve beside the next release does."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("database")


def of_the_next_release() -> None:
    """A migration that this server does not know was applied."""
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.create(app="jobs", name="0999_of_the_next_release")


def own_version() -> int:
    from everprint.server.migrating.compatibility import standing

    return standing().server


def needs_servers_from(version: int) -> None:
    from django.db import migrations

    from everprint.server.migrating.compatibility import note_version

    note_version([type("Migration", (migrations.Migration,), {"oldest_server": version})("0999", "jobs")])


def test_a_server_serves_on_its_own_database() -> None:
    from everprint.server.migrating.compatibility import is_too_old, standing

    assert standing().objection == ""
    assert standing().words == "answers and is migrated"
    assert standing().server > 50
    assert not is_too_old()


def test_the_migrations_that_a_server_knows_are_those_that_django_would_load() -> None:
    from django.db.migrations.loader import MigrationLoader

    from everprint.server.migrating.compatibility import known_migrations

    assert known_migrations() == set(MigrationLoader(None).graph.nodes)


def test_a_server_that_is_newer_than_the_database_asks_for_the_migration() -> None:
    from django.db.migrations.recorder import MigrationRecorder

    from everprint.server.migrating.compatibility import standing

    MigrationRecorder.Migration.objects.filter(app="refunds").delete()
    assert standing().objection == "1 migrations to do: run everprint server migrate"


def test_a_server_serves_beside_the_next_release_that_only_adds() -> None:
    from everprint.server.migrating.compatibility import is_too_old, standing

    of_the_next_release()
    needs_servers_from(own_version())
    assert standing().objection == ""
    assert "1 migrations of a newer release" in standing().words
    assert not is_too_old()


def test_a_server_that_uses_what_was_taken_away_refuses_and_says_what_to_do() -> None:
    from everprint.server.health.checks import check_database
    from everprint.server.migrating.compatibility import is_too_old

    of_the_next_release()
    needs_servers_from(own_version() + 1)
    assert is_too_old()
    result = check_database()
    assert result.level == "fail"
    assert f"needs servers of version {own_version() + 1}" in result.message
    assert "upgrade this server" in result.message


def test_what_a_database_needs_never_goes_down_again() -> None:
    from everprint.server.installation.models import DatabaseVersion

    needs_servers_from(70)
    needs_servers_from(60)
    assert DatabaseVersion.objects.get().oldest_server == 70


def test_before_something_is_taken_away_the_servers_that_use_it_are_told_to_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.db import connection, migrations
    from django.db.migrations.recorder import MigrationRecorder

    from everprint.server.migrating import apply
    from everprint.server.migrating.compatibility import is_too_old
    from everprint.server.refunds.migrations import __name__ as refunds

    module = __import__(f"{refunds}.0001_initial", fromlist=["Migration"])
    seen: list[bool] = []

    def look(*_: object) -> None:
        seen.append(is_too_old())

    # The last migration of the refunds takes something away; it is to be applied again.
    monkeypatch.setattr(module.Migration, "oldest_server", own_version() + 1, raising=False)
    monkeypatch.setattr(module.Migration, "operations", [migrations.RunPython(look)])
    monkeypatch.setattr(apply, "SERVERS_LOOK_S", 0.0)
    MigrationRecorder(connection).record_unapplied("refunds", "0001_initial")
    lines: list[str] = []
    apply.bring_up_to_date(lines.append)
    assert seen == [True]
    assert "too old stop now" in lines[0]
    assert lines[1] == "Database: refunds.0001_initial"


def test_the_view_of_all_entries_is_put_up_though_nothing_is_to_be_migrated() -> None:
    from django.db import connection

    from everprint.server.accounts.every_entry import VIEW, is_view_up
    from everprint.server.migrating.apply import bring_up_to_date

    with connection.cursor() as cursor:
        cursor.execute(f"DROP VIEW {VIEW}")
    assert not is_view_up(connection)
    bring_up_to_date()
    assert is_view_up(connection)
