"""The number by which a server knows that it is too old to serve on this database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("installation", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="DatabaseVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("oldest_server", models.IntegerField(default=0)),
            ],
        ),
    ]
