"""Which jobs were held when they ended, and never released. Of those that ended before, nobody noted it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0016_recent_job_ids")]

    operations = [
        migrations.AddField("job", "unreleased", models.BooleanField(db_default=False, default=False)),
    ]
