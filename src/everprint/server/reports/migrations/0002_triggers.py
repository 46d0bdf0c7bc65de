"""Triggers that mark the sums of changed jobs stale, and marks for all that was printed before there were any."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from everprint.server.reports.triggers import mark_all_history, put_up_triggers


def begin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    put_up_triggers(schema_editor.connection)
    mark_all_history(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("jobs", "0011_details_of_jobs")]

    operations = [migrations.RunPython(begin)]
