"""Sums of what bookings did to each person's accounts, month by month."""

from django.db import migrations, models

from everprint.server.accounts.money import MoneyField

PURPOSES = ("jobs", "refunds", "adjustments", "quotas", "payments", "transfers")


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_whole_sums")]

    operations = [
        migrations.CreateModel(
            name="AccountSum",
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
        ),
        migrations.CreateModel(
            name="AccountSumsMade",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("zone", models.CharField(max_length=100)),
                ("through", models.DateField(null=True)),
            ],
        ),
    ]
