"""The aggregate by which reports sum (whole_sums.py)."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from everprint.server.reports.whole_sums import put_up_whole_sum


def begin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    put_up_whole_sum(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_report_mails")]
    harmless_because = "it adds a function that servers of the release before do not know, and locks no table"

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
