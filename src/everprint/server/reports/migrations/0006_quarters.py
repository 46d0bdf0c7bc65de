"""Sums by quarter, beside those by month: of usage in the same table, of people's accounts in one of their own."""

from datetime import date, timedelta

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Max, Min

from everprint.server.accounts.money import MoneyField
from everprint.server.reports.triggers import put_up_quarters_trigger

PURPOSES = ("jobs", "refunds", "adjustments", "quotas", "payments", "transfers")


def begin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """From now on whoever takes a mark marks its quarter; all that were before are to be summed."""
    put_up_quarters_trigger(schema_editor.connection)
    ends = apps.get_model("jobs", "Job").objects.aggregate(first=Min("finished_at"), last=Max("finished_at"))
    if ends["first"] is None:
        return
    day = ends["first"].date() - timedelta(1)  # in whichever zone days are
    quarter = day.replace(month=day.month - (day.month - 1) % 3, day=1)
    quarters: list[date] = []
    while quarter <= ends["last"].date() + timedelta(1):
        quarters.append(quarter)
        quarter = (quarter + timedelta(95)).replace(day=1)
    stale = apps.get_model("reports", "StaleQuarter")
    stale.objects.bulk_create([stale(first_day=first) for first in quarters], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_account_sums"), ("jobs", "0018_index_of_unreleased")]
    harmless_because = "its functions lock no table that jobs are written to but the marks, for one trigger"

    operations = [
        migrations.CreateModel(
            name="StaleQuarter",
            fields=[("first_day", models.DateField(primary_key=True, serialize=False))],
        ),
        migrations.CreateModel(
            name="AccountQuarter",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "first_day", "account", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("first_day", models.DateField()),
                ("account", models.BigIntegerField()),
                *((purpose, MoneyField()) for purpose in PURPOSES),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="AccountQuartersMade",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("zone", models.CharField(max_length=100)),
                ("through", models.DateField(null=True)),
            ],
            options={"abstract": False},
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
