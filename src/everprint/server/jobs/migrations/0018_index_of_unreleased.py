"""The index by which reports find the jobs that were held and never released: few of very many."""

from django.db import migrations, models

from everprint.server.migrating.operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("jobs", "0017_unreleased")]

    operations = [
        AddIndexOnline(
            "job",
            models.Index(condition=models.Q(("unreleased", True)), fields=["finished_at"], name="job_unreleased"),
        ),
    ]
