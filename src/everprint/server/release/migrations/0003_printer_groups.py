from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_second_factor"),
        ("printers", "0010_find_me"),
        ("release", "0002_stations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PrinterGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("groups", models.ManyToManyField(blank=True, related_name="operated_groups", to="people.group")),
                (
                    "printers",
                    models.ManyToManyField(blank=True, related_name="printer_groups", to="printers.printer"),
                ),
                (
                    "users",
                    models.ManyToManyField(blank=True, related_name="operated_groups", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "ordering": ("name",),
            },
        ),
    ]
