"""The four system accounts, and triggers that keep what was booked from being changed or removed."""

from collections.abc import Iterator

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SYSTEM_ACCOUNTS = ((1, "reserved"), (2, "revenue"), (3, "funding"), (4, "uncollected"))
TABLES = ("accounts_transaction", "accounts_entry")
MESSAGE = "the ledger is append-only"


def make_system_accounts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    account = apps.get_model("accounts", "Account")
    account.objects.bulk_create(
        account(pk=number, kind=kind, name=f"system: {kind}", restricted=False) for number, kind in SYSTEM_ACCOUNTS
    )
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SELECT setval(pg_get_serial_sequence('accounts_account', 'id'), 4)")


def make_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    statements = {"sqlite": _sqlite, "postgresql": _postgresql}[schema_editor.connection.vendor]
    for statement in statements():
        schema_editor.execute(statement)


def _sqlite() -> Iterator[str]:
    for table in TABLES:
        for action in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION accounts_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in TABLES:
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION accounts_append_only()"
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunPython(make_system_accounts),
        migrations.RunPython(make_triggers),
    ]
