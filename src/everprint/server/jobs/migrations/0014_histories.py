"""A column for what is kept of jobs that are long over (jobs.packing). Servers of the release before do not know it:
they show a job that is packed meanwhile without its time line."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0013_fewer_indexes")]

    operations = [migrations.AddField("job", "history", models.BinaryField(null=True))]
