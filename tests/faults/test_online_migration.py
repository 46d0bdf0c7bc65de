"""While the next release migrates the long tables, the server of this release goes on: every question is answered.

Transactions that somebody left open keep each migration waiting: it is surely under way while the server is asked,
and the table needs not be long for that.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

import everprint.server.jobs.migrations as jobs_migrations
from bench.campus.fill import fill
from bench.campus.questions import PrintProvider
from bench.campus.sizes import Size
from rig.everprint import Provider, Server, run_server
from rig.folder import private_folder
from rig.postgresql import run_postgresql
from rig.waiting import wait_for

SIZE = Size(jobs=300, users=50, printers=3, groups=2)
QUEUE, USER = "office", "anna"

OF_TOMORROW = {
    "0998_column": """
class Migration(migrations.Migration):
    dependencies = [("jobs", {before!r})]
    operations = [migrations.AddField("job", "of_tomorrow", models.IntegerField(null=True))]
""",
    "0999_index": """
class Migration(migrations.Migration):
    atomic = False
    dependencies = [("jobs", {before!r})]
    operations = [AddIndexOnline("job", models.Index(fields=("copies",), name="job_of_tomorrow"))]
""",
}
IMPORTS = """
from django.db import migrations, models
from everprint.server.migrating.operations import AddIndexOnline
"""
MIGRATE = """
from everprint.server.start import set_up
set_up()
from django.conf import settings
settings.MIGRATION_MODULES = {"jobs": "jobs_of_tomorrow"}
from everprint.server.migrating.apply import bring_up_to_date
bring_up_to_date(print)
"""


def test_a_server_serves_while_the_next_release_changes_the_longest_table(tmp_path: Path) -> None:
    with (
        run_postgresql() as postgresql,
        run_server(postgresql.create_database("everprint")) as server,
        private_folder("provider") as folder,
        psycopg.connect(server.environment["EVERPRINT_SERVER_DATABASE"], autocommit=True) as connection,
    ):
        voice, original = _first_job(server, folder)
        fill(connection, USER, QUEUE, original, original, SIZE)

        with (
            psycopg.connect(server.environment["EVERPRINT_SERVER_DATABASE"]) as old_reader,
            psycopg.connect(server.environment["EVERPRINT_SERVER_DATABASE"]) as writer,
        ):
            old_reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            old_reader.execute("SELECT 1 FROM people_user")
            writer.execute("UPDATE jobs_job SET copies = copies WHERE number = 1")
            with _migrating(server, tmp_path):
                # A column waits for whoever has the table in use.
                _wait_until_it_waits(connection, "ALTER TABLE")
                _print(voice, 10)
                has_column = "SELECT 1 FROM pg_attribute WHERE attname = 'of_tomorrow'"
                assert not _finds(connection, has_column)
                writer.rollback()

                # An index that is made online waits for whoever might not see it yet.
                _wait_until_it_waits(connection, "CREATE INDEX CONCURRENTLY")
                assert _finds(connection, has_column)
                _print(voice, 10)
                is_made = "SELECT 1 FROM pg_index WHERE indisvalid AND indexrelid = to_regclass('job_of_tomorrow')"
                assert not _finds(connection, is_made)
                old_reader.rollback()
        assert _finds(connection, is_made)

        # Beside the next release, this one can even be started anew.
        server.process.stop()
        server.process.start()
        _print(voice, 1)
        server.command("audit")  # fails if anything is wrong with the ledger


def _first_job(server: Server, folder: Path) -> tuple[PrintProvider, str]:
    provider = Provider(server, folder)
    identity = json.loads((folder / "state/identity.json").read_text())
    server.add_user(USER, "1000")
    server.add_printer(QUEUE, provider.name, "ipp://127.0.0.1:9/ipp/print")
    server.set_cost(QUEUE, "0.05", "0.20")
    voice = PrintProvider(server, identity["provider_id"], identity["credential"], QUEUE, SIZE)
    return voice, _print(voice, 1)


def _print(voice: PrintProvider, count: int) -> str:
    """Jobs that are authorised, and settled; each answer is waited for."""
    for _ in range(count):
        job = voice.describe(USER)
        voice.authorise(job)
        voice.report(job)
    return job.job_id


@contextmanager
def _migrating(server: Server, folder: Path) -> Iterator[None]:
    """A migration to the next release; at the end it is over, and all went well."""
    package = folder / "jobs_of_tomorrow"
    shutil.copytree(Path(str(jobs_migrations.__file__)).parent, package)
    before = max(path.stem for path in package.glob("0*.py"))
    for name, text in OF_TOMORROW.items():
        (package / f"{name}.py").write_text(IMPORTS + text.format(before=before))
        before = name
    environment = {**os.environ, **server.environment, "PYTHONPATH": str(folder)}
    with subprocess.Popen([sys.executable, "-c", MIGRATE], env=environment, stderr=subprocess.PIPE) as migrating:
        try:
            yield
            _, complaint = migrating.communicate(timeout=120)
            assert migrating.returncode == 0, complaint.decode()
        finally:
            migrating.kill()


def _wait_until_it_waits(connection: psycopg.Connection, statement: str) -> None:
    waits = f"SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '{statement}%'"
    wait_for(f"{statement} waits", lambda: _finds(connection, waits), within_s=120, every_s=0.02)


def _finds(connection: psycopg.Connection, question: str) -> bool:
    return connection.execute(question.encode()).fetchone() is not None
