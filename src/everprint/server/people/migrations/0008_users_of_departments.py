"""Who is in a department or an office, found without looking at everybody."""

from django.db import migrations, models

from everprint.server.migrating.operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("people", "0007_departments_and_offices"), ("installation", "0002_online_migrations")]

    operations = [
        AddIndexOnline(
            model_name="user",
            index=models.Index(condition=models.Q((f"{name}__isnull", False)), fields=[name], name=f"user_of_{name}"),
        )
        for name in ("department", "office")
    ]
