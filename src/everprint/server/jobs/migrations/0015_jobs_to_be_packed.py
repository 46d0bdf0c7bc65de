"""An index of the jobs that are over and not packed yet, which is short; and none any more of the few accounts that
were chosen."""

import django.db.models.deletion
from django.db import migrations, models

from everprint.server.migrating.operations import AddIndexOnline, DropColumnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("jobs", "0014_histories")]

    operations = [
        AddIndexOnline(
            "job",
            models.Index(
                condition=models.Q(("history", None), ("finished_at__isnull", False)),
                fields=["finished_at"],
                name="job_to_be_packed",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[DropColumnIndexOnline("job", "chosen_account_id")],
            state_operations=[
                migrations.AlterField(
                    model_name="job",
                    name="chosen_account",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
            ],
        ),
    ]
