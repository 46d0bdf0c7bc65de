from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Cluster",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=63, unique=True)),
                ("told_at", models.DateTimeField()),
                ("told_by", models.CharField(max_length=128)),
                ("document", models.JSONField()),
            ],
            options={"ordering": ("name",)},
        ),
    ]
