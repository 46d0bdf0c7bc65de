"""Small pictures of pages, kept for some hours."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("jobs", "0002_job_accounting"),)

    operations = (
        migrations.CreateModel(
            name="PagePreview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.IntegerField()),
                ("png", models.BinaryField()),
                ("width", models.IntegerField()),
                ("height", models.IntegerField()),
                ("at", models.DateTimeField(db_index=True)),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="previews", to="jobs.job"
                    ),
                ),
            ],
            options={
                "constraints": (models.UniqueConstraint(fields=("job", "page"), name="one_preview_per_page"),),
            },
        ),
    )
