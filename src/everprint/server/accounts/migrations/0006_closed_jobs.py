"""Room for the books of jobs that are closed (accounts.closing), and triggers: what is closed may leave the ledger, and
nothing else; of a closed job nothing is reserved, settled or released again; what is closed is never changed.
"""

from __future__ import annotations

from collections.abc import Iterator

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import everprint.server.accounts.money

# 1 is the account *reserved*, 2 *revenue*.
APPEND_ONLY = "the ledger is append-only"
SETTLED = "the books of this job are closed"
ENTRY_LEAVES = """
    SELECT 1 FROM accounts_transaction booked JOIN accounts_closedjob closed ON closed.job = booked.job
    WHERE booked.id = OLD.transaction_id AND (
        booked.id = closed.reservation AND (
            OLD.id = closed.entry AND OLD.account_id = closed.account_id AND OLD.amount = -closed.amount
                AND OLD.balance_after = closed.balance_after
            OR OLD.account_id = 1 AND OLD.amount = closed.amount
        )
        OR booked.id = closed.reservation + closed.settled_after AND (
            OLD.account_id = 1 AND OLD.amount = -closed.amount
            OR OLD.account_id = 2 AND OLD.amount = closed.amount
        )
    )
"""
TRANSACTION_LEAVES = """
    SELECT 1 FROM accounts_closedjob closed
    WHERE closed.job = OLD.job AND closed.account_id = OLD.account_id AND OLD.actor_id IS NULL AND OLD.comment = '' AND (
        OLD.id = closed.reservation AND OLD.kind = 'reserve' AND OLD.at = closed.reserved_at
            AND OLD.key = 'reserve:' || {job} || ':' || closed.attempt
        OR OLD.id = closed.reservation + closed.settled_after AND OLD.kind = 'settle'
            AND OLD.at = closed.settled_at AND OLD.key = 'settle:' || {job}
    )
"""
IS_CLOSED = (
    "NEW.job IS NOT NULL AND NEW.kind IN ('reserve', 'settle', 'release') "
    "AND EXISTS (SELECT 1 FROM accounts_closedjob closed WHERE closed.job = NEW.job)"
)
LEAVES = {
    "postgresql": {
        "accounts_entry": ENTRY_LEAVES,
        "accounts_transaction": TRANSACTION_LEAVES.format(job="closed.job::text"),
    },
    "sqlite": {
        "accounts_entry": ENTRY_LEAVES,
        "accounts_transaction": TRANSACTION_LEAVES.format(
            job="(substr(closed.job, 1, 8) || '-' || substr(closed.job, 9, 4) || '-' || substr(closed.job, 13, 4) || "
            "'-' || substr(closed.job, 17, 4) || '-' || substr(closed.job, 21))"
        ),
    },
}


def make_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    vendor = schema_editor.connection.vendor
    for statement in {"sqlite": _sqlite, "postgresql": _postgresql}[vendor](LEAVES[vendor]):
        schema_editor.execute(statement)


def _sqlite(leaves: dict[str, str]) -> Iterator[str]:
    for table, condition in leaves.items():
        yield f"DROP TRIGGER {table}_no_delete"
        yield (
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT EXISTS ({condition}) "
            f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
        )
    for action in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER accounts_closedjob_no_{action.lower()} BEFORE {action} ON accounts_closedjob "
            f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
        )
    yield (
        f"CREATE TRIGGER accounts_transaction_of_closed BEFORE INSERT ON accounts_transaction WHEN {IS_CLOSED} "
        f"BEGIN SELECT RAISE(ABORT, '{SETTLED}'); END"
    )
    yield "CREATE INDEX closed_job_reserved_at ON accounts_closedjob (reserved_at)"
    yield "CREATE INDEX closed_job_settled_at ON accounts_closedjob (settled_at)"


def _postgresql(leaves: dict[str, str]) -> Iterator[str]:
    for table, condition in leaves.items():
        yield (
            f"CREATE FUNCTION {table}_leaves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS ({condition}) THEN RETURN OLD; END IF; "
            f"RAISE EXCEPTION '{APPEND_ONLY}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        yield f"DROP TRIGGER {table}_append_only ON {table}"
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION accounts_append_only()"
        )
        yield f"CREATE TRIGGER {table}_leaves BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_leaves()"
    yield (
        "CREATE TRIGGER accounts_closedjob_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts_closedjob "
        "FOR EACH STATEMENT EXECUTE FUNCTION accounts_append_only()"
    )
    yield (
        "CREATE FUNCTION accounts_of_closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {IS_CLOSED} THEN RAISE EXCEPTION '{SETTLED}' USING ERRCODE = 'unique_violation'; END IF; "
        "RETURN NEW; END $$"
    )
    yield (
        "CREATE TRIGGER accounts_transaction_of_closed BEFORE INSERT ON accounts_transaction "
        "FOR EACH ROW EXECUTE FUNCTION accounts_of_closed()"
    )
    # Rows come in the order of their moments and never change: block ranges find a day, and weigh nothing.
    yield "CREATE INDEX closed_job_reserved_at ON accounts_closedjob USING brin (reserved_at)"
    yield "CREATE INDEX closed_job_settled_at ON accounts_closedjob USING brin (settled_at)"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_fewer_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    harmless_because = (
        "the tables are new; the triggers are exchanged in one transaction, and let all pass that passed before"
    )

    operations = [
        migrations.CreateModel(
            name="ClosedJob",
            fields=[
                ("job", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                ("entry", models.BigIntegerField()),
                ("reservation", models.BigIntegerField()),
                ("reserved_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField()),
                ("amount", everprint.server.accounts.money.MoneyField()),
                ("balance_after", everprint.server.accounts.money.MoneyField()),
                ("settled_after", models.IntegerField()),
                ("attempt", models.SmallIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["account", "-entry"], name="closed_job_statement")]},
        ),
        migrations.CreateModel(
            name="ClosedThrough",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("through", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="EveryEntry",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("transaction", models.BigIntegerField(db_column="transaction_id")),
                ("amount", everprint.server.accounts.money.MoneyField()),
                ("balance_after", everprint.server.accounts.money.OptionalMoneyField(null=True)),
                ("kind", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                ("job", models.UUIDField(null=True)),
                ("booked_for", models.BigIntegerField()),
                ("comment", models.CharField(max_length=500)),
            ],
            options={"db_table": "accounts_everyentry", "ordering": ("-id",), "managed": False},
        ),
        migrations.RunPython(make_triggers),
    ]
