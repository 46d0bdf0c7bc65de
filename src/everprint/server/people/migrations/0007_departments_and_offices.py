"""Departments and offices, and in which of them each user is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0006_second_factor")]

    operations = [
        migrations.CreateModel(
            name=name,
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=128, unique=True)),
            ],
            options={"ordering": ("name",), "abstract": False},
        )
        for name in ("Department", "Office")
    ] + [
        migrations.AddField(
            model_name="user",
            name=name,
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="users",
                to=f"people.{name}",
            ),
        )
        for name in ("department", "office")
    ]
