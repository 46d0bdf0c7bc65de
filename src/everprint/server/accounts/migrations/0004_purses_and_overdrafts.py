"""Several accounts for a person, and one overdraft for all who have none of their own."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_own_overdrafts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Who has an overdraft already has it alone; all others have the installation's."""
    apps.get_model("accounts", "Account").objects.filter(overdraft__gt=0).update(overdraft_is_own=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_while_the_server_is_away"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Purse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("position", models.IntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ("position", "pk"),
            },
        ),
        migrations.AddField(
            model_name="account",
            name="holder",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="purses",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="overdraft_is_own",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="account",
            name="name",
            field=models.CharField(max_length=255),
        ),
        migrations.AddField(
            model_name="account",
            name="purse",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accounts",
                to="accounts.purse",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(fields=("kind", "name"), name="account_name_of_its_kind"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(fields=("holder", "purse"), name="one_account_of_each_purse"),
        ),
        migrations.RunPython(keep_own_overdrafts, migrations.RunPython.noop),
    ]
