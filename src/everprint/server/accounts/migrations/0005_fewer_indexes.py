"""Drops indexes that others do the work of."""

import django.db.models.deletion
from django.db import migrations, models

from everprint.server.migrating.operations import DropColumnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0004_purses_and_overdrafts"), ("installation", "0002_online_migrations")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                DropColumnIndexOnline("entry", "transaction_id"),
                DropColumnIndexOnline("entry", "account_id"),
                DropColumnIndexOnline("transaction", "key", for_like_only=True),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="entry",
                    name="transaction",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="accounts.transaction",
                    ),
                ),
                migrations.AlterField(
                    model_name="entry",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="accounts.account",
                    ),
                ),
            ],
        ),
    ]
