"""What a migration may do while servers of the release before go on: each rule, and all migrations that there are."""

from __future__ import annotations

import pytest
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

pytestmark = pytest.mark.usefixtures("database_template")

INDEX = models.Index(fields=("copies",), name="job_by_copies")


def said(operations: list[Operation], app: str = "jobs", **attributes: object) -> str:
    """What is objected to a migration with these operations."""
    from everprint.server.migrating.rules import objections

    migration = type("Migration", (migrations.Migration,), {"operations": operations, **attributes})("0999_next", app)
    return "; ".join(objections(migration))


def added(field: models.Field[object, object], model: str = "job") -> list[Operation]:
    return [migrations.AddField(model, "added", field)]


@pytest.mark.usefixtures("database")
def test_the_migrations_lead_to_the_models_that_there_are() -> None:
    from django.core.management import call_command

    call_command("makemigrations", check_changes=True, dry_run=True)  # exits if one is missing


def test_all_migrations_since_there_are_rules_keep_them() -> None:
    from django.apps import apps
    from django.db.migrations.loader import MigrationLoader

    from everprint.server.migrating.compatibility import OURS
    from everprint.server.migrating.rules import judged

    ours = {config.label for config in apps.get_app_configs() if config.name.startswith(OURS)}
    newer = [
        migration
        for (app, name), migration in MigrationLoader(None).graph.nodes.items()
        if app in ours and name > LAST_BEFORE_THE_RULES.get(app, "")
    ]
    assert judged(newer) == [], "see docs/explanation/online-migrations.md"


# Servers were stopped for these; never lengthen it.
LAST_BEFORE_THE_RULES = {
    "accounts": "0004_purses_and_overdrafts",
    "api": "0001_initial",
    "audit_log": "0002_append_only",
    "charging": "0001_initial",
    "directory": "0001_initial",
    "installation": "0001_initial",
    "jobs": "0012_hand_overs",
    "people": "0006_second_factor",
    "printers": "0008_snmp",
    "providers": "0007_hand_overs",
    "quotas": "0001_initial",
    "refunds": "0001_initial",
    "reports": "0002_triggers",
    "rules": "0001_initial",
    "schedule": "0001_initial",
    "topup": "0001_initial",
}


def test_the_long_tables_are_there() -> None:
    from django.apps import apps

    from everprint.server.migrating.rules import LONG_TABLES

    for app, model in LONG_TABLES:
        assert apps.get_model(app, model)


@pytest.mark.parametrize(
    "field",
    [
        models.IntegerField(null=True),
        models.IntegerField(default=0, db_default=0),
        models.ForeignKey("accounts.Account", models.PROTECT, null=True, db_index=False),
    ],
)
def test_a_column_that_may_be_left_out_is_added_to_any_table(field: models.Field[object, object]) -> None:
    assert said(added(field)) == ""


def test_a_column_that_servers_of_the_release_before_would_leave_empty_is_not_added() -> None:
    assert "db_default" in said(added(models.IntegerField(default=0)))
    assert "db_default" in said(added(models.IntegerField(default=0), "pagepreview"))


@pytest.mark.parametrize(
    "field",
    [
        models.ForeignKey("accounts.Account", models.PROTECT, null=True),
        models.IntegerField(null=True, db_index=True),
        models.IntegerField(null=True, unique=True),
    ],
)
def test_no_index_comes_with_a_column_of_a_long_table(field: models.Field[object, object]) -> None:
    assert "index" in said(added(field))
    assert said(added(field, "pagepreview")) == ""


def test_an_index_of_a_long_table_is_made_online_in_a_migration_of_its_own() -> None:
    from everprint.server.migrating.operations import AddIndexOnline, RemoveIndexOnline

    assert "online" in said([migrations.AddIndex("job", INDEX)])
    assert "online" in said([migrations.RemoveIndex("job", "job_by_copies")])
    assert said([migrations.AddIndex("pagepreview", INDEX)]) == ""
    online: Operation
    for online in (AddIndexOnline("job", INDEX), RemoveIndexOnline("job", "job_by_copies")):
        assert said([online], atomic=False) == ""
        assert "atomic = False" in said([online])
        both = [online, *added(models.IntegerField(null=True))]
        assert "of its own" in said(both, atomic=False)
    assert "atomic = False" in said(added(models.IntegerField(null=True)), atomic=False)


@pytest.mark.parametrize(
    "operation", [migrations.RemoveField("job", "copies"), migrations.DeleteModel("pagepreview")]
)
def test_what_is_taken_away_says_which_servers_do_not_use_it_any_more(operation: Operation) -> None:
    assert "oldest_server" in said([operation])
    assert said([operation], oldest_server=70) == ""


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RenameField("job", "copies", "copies_asked"),
        migrations.RenameModel("Job", "PrintJob"),
        migrations.AlterField("job", "copies", models.BigIntegerField()),
        migrations.AlterField("pagepreview", "page", models.BigIntegerField()),
        migrations.AddConstraint("job", models.UniqueConstraint(fields=("copies",), name="one")),
        migrations.RunSQL("UPDATE jobs_job SET copies = 1"),
        migrations.RunPython(migrations.RunPython.noop),
    ],
)
def test_what_nobody_can_judge_from_outside_says_why_it_does_no_harm(operation: Operation) -> None:
    assert said([operation]) != ""
    assert said([operation], harmless_because="the table is empty until this release") == ""
    assert said([operation], harmless_because=" ") != ""


def test_a_table_that_is_made_just_now_is_nobodys_yet() -> None:
    made = migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))])
    unique = models.UniqueConstraint(fields=("id",), name="one_new")
    assert said([made, migrations.AddConstraint("new", unique)]) == ""
    assert said([migrations.AddConstraint("new", unique)]) != ""


def test_what_hides_in_another_operation_is_judged_too() -> None:
    hidden = migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField("job", "copies")])
    assert "oldest_server" in said([hidden])
    assert said([migrations.SeparateDatabaseAndState(state_operations=added(models.IntegerField()))]) == ""
