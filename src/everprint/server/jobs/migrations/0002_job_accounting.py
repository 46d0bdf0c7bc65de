"""Whom a job is to be charged to, in its client's words."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds two columns with a default: older rows say nothing."""

    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.AddField("job", "job_account_id", models.CharField(blank=True, default="", max_length=255)),
        migrations.AddField(
            "job", "job_accounting_user_id", models.CharField(blank=True, default="", max_length=255)
        ),
    ]
