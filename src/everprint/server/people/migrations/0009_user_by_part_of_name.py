"""The index by which people are found by a part of their name (people/searching.py)."""

from django.db import migrations

from everprint.server.migrating.operations import AddTextIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("people", "0008_users_of_departments")]

    operations = [
        AddTextIndexOnline("user", "user_by_part_of_name", "UPPER(name || chr(31) || full_name || chr(31) || email)")
    ]
