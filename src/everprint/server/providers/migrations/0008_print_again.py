from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0007_hand_overs"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="new_job",
            field=models.UUIDField(null=True),
        ),
    ]
