"""A column for what is kept of jobs that are long over. Servers of the release before do not know it: nothing is
packed while they may serve (jobs.packing)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0013_fewer_indexes")]

    operations = [migrations.AddField("job", "history", models.BinaryField(null=True))]
