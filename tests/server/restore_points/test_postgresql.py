"""A PostgreSQL that pgBackRest keeps: back to the second before a mistake, damage that is found, a target away.

One world for the whole file, for it costs seconds: what a test does to it, it undoes.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from everprint.cluster.database.pgbackrest import archiving_parameters, pgbackrest_configuration
from everprint.cluster.database.places import Places
from everprint.cluster.topology.model import DatabaseBackup
from everprint.server.restore_points.pgbackrest import kept_of
from everprint.server.restore_points.proof import NotProven
from rig.folder import private_folder
from rig.postgresql import Postgresql, program, run_postgresql
from rig.process import part_environment
from rig.waiting import wait_for

STANZA = "print"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="PostgreSQL and pgBackRest are to be the user postgres")


@dataclass(frozen=True, slots=True)
class World:
    """An Everprint database on a PostgreSQL, and pgBackRest as `everprint cluster database` sets it up."""

    postgresql: Postgresql
    folder: Path
    state: Path

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    @property
    def options(self) -> list[str]:
        return [f"--config={self.folder}/pgbackrest.conf", f"--config-include-path={self.folder}/more"]

    def set_key(self, key: str) -> None:
        more = [f"repo1-cipher-pass={key}", *(f"{name}-path={self.folder}/{name}" for name in ("lock", "log"))]
        self.write("more/own.conf", "\n".join(["[global]", *more, ""]))

    def write(self, name: str, text: str) -> None:
        """A file that postgres may read; the umask may be that of a command that ran in this process before."""
        (self.folder / name).write_text(text)
        shutil.chown(self.folder / name, "postgres", "postgres")

    def pgbackrest(self, command: str, *options: str, fails: bool = False) -> str:
        argv = ["pgbackrest", f"--stanza={STANZA}", *self.options, *options, command]
        done = as_postgres(argv)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def server(self, *arguments: str, says: str = "") -> str:
        environment = {
            "EVERPRINT_SERVER_STATE_FOLDER": str(self.state),
            "EVERPRINT_SERVER_DATABASE": self.postgresql.url_of("everprint"),
        }
        done = subprocess.run(
            [sys.executable, "-m", "everprint", "server", *arguments],
            env=part_environment(environment),
            input=says,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def verify(self, *options: str) -> subprocess.CompletedProcess[str]:
        where = [f"--pgbackrest-config={self.folder}/pgbackrest.conf", f"--pgbackrest-include={self.folder}/more"]
        argv = [sys.executable, "-m", "everprint", "server", "postgresql", "verify", "--stanza", STANZA]
        return as_postgres([*argv, *where, *options])

    def balances(self) -> dict[str, str]:
        rows = json.loads(self.server("user", "list", "--json"))
        return {row["name"]: row["balance"] for row in rows}


def as_postgres(argv: list[str]) -> subprocess.CompletedProcess[str]:
    """As its user, who may read what root may: the interpreter can be in root's home."""
    group = pwd.getpwnam("postgres").pw_gid
    drop_root = ["setpriv", "--reuid", "postgres", "--regid", str(group), "--init-groups"]
    may_read = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    return subprocess.run(
        [*drop_root, *may_read, "--", *argv], capture_output=True, text=True, errors="replace", cwd="/", check=False
    )


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with private_folder("pgbackrest") as folder, run_postgresql() as postgresql:
        made = World(postgresql, folder, folder / "state")
        for name in ("repository", "more", "lock", "log"):
            (folder / name).mkdir()
            shutil.chown(folder / name, "postgres", "postgres")
        data = str(postgresql.folder / "data")
        places = Places(data, str(Path(program("postgres")).parent), str(postgresql.folder), "")
        backup = DatabaseBackup(str(made.repository), host="", user="", keep_days=35, line=0)
        configuration = pgbackrest_configuration(STANZA, backup, places, postgresql.port)
        made.write("pgbackrest.conf", configuration)
        made.set_key("only for this world")
        archiving = archiving_parameters(STANZA, " ".join(["pgbackrest", *made.options]))
        with Path(data, "postgresql.conf").open("a") as settings:
            settings.writelines(f"{name} = '{value}'\n" for name, value in archiving.items())
        postgresql.process.stop()
        postgresql.process.start()
        postgresql.create_database("everprint")
        made.server("init", "--password-file", "-", says="correct horse\n")
        assert "WARN" not in made.pgbackrest("stanza-create")
        assert "WARN" not in made.pgbackrest("check")
        made.server("user", "add", "alice", "--credit", "5.00", "--no-password")
        made.pgbackrest("backup", "--type=full")
        yield made


def test_one_goes_back_to_the_second_before_all_users_were_deleted(world: World) -> None:
    world.server("user", "add", "bob", "--credit", "7.00", "--no-password")  # in no backup: only in the log
    before = world.balances()
    added = world.postgresql.psql("SELECT clock_timestamp()")
    wait_for("two seconds", lambda: _passed(world, added, 2))
    # As who may do everything; the ledger's own guards would refuse.
    world.postgresql.psql("SET session_replication_role = replica; DELETE FROM people_user", "everprint")
    deleted = world.postgresql.psql("SELECT clock_timestamp() - interval '1 second'")
    world.postgresql.psql("SELECT pg_switch_wal()")
    assert world.balances() == {}
    world.pgbackrest("check")  # waits until the log is in the archive

    until = ["--delta", "--type=time", f"--target={deleted}", "--target-action=promote"]
    assert "unable to restore while PostgreSQL is running" in world.pgbackrest("restore", *until, fails=True)
    world.postgresql.process.stop()
    world.pgbackrest("restore", *until)
    world.postgresql.process.start()
    wait_for("the end of recovery", lambda: world.postgresql.psql("SELECT NOT pg_is_in_recovery()") == "t")
    assert "may be started" in world.server("postgresql", "resume")
    assert world.balances() == before
    assert before["bob"] == "7.0000"
    assert "all is right" in world.server("audit")


def test_a_backup_is_proven_by_a_copy_that_is_restored_and_audited(world: World) -> None:
    proven = world.verify("--json")
    assert proven.returncode == 0, proven.stdout + proven.stderr
    said = json.loads(proven.stdout)
    assert said["kept"]["damaged"] == []
    assert said["kept"]["log_checked"] == said["kept"]["log_sound"] > 0
    assert said["copy"]["findings"] == []
    assert said["copy"]["transactions"] > 0
    assert world.postgresql.process.is_ready()


def test_a_corrupt_block_is_named_and_the_other_backups_stay_good(world: World) -> None:
    good = _labels(world)
    world.pgbackrest("backup", "--type=diff")
    (bad,) = _labels(world) - good
    kept = world.repository / "backup" / STANZA / bad / "pg_data" / "base"
    assert all(label in bad for label in good), "a differential backup, which needs its full one"
    victim = max((path for path in kept.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    octets = victim.read_bytes()
    middle = len(octets) // 2
    victim.write_bytes(octets[:middle] + bytes([octets[middle] ^ 0xFF]) + octets[middle + 1 :])
    try:
        found = world.verify("--set", min(good))
    finally:
        victim.write_bytes(octets)
    assert found.returncode == 1
    assert f"{bad}: damaged" in found.stderr
    assert f"damaged or missing: {victim.relative_to(kept.parents[2])}" in found.stderr
    for label in good:
        assert f"{label}: sound" in found.stdout
    assert "all is right" in found.stdout  # the copy out of a good one


def test_with_a_wrong_key_nothing_is_proven(world: World) -> None:
    world.set_key("another one")
    try:
        found = world.verify()
    finally:
        world.set_key("only for this world")
    assert found.returncode == 1
    assert "is repo1-cipher-pass the key" in found.stderr
    assert "Traceback" not in found.stderr


def test_people_go_on_while_the_target_is_away_and_the_log_gets_there_later(world: World) -> None:
    aside = world.folder / "aside"
    world.repository.rename(aside)
    world.repository.write_text("a share that is not mounted")
    try:
        world.server("user", "add", "carol", "--credit", "3.00", "--no-password")
        world.postgresql.psql("SELECT pg_switch_wal()")
        wait_for("a failed archiving", lambda: _archiver(world, "failed_count") != "0")
        assert world.balances()["carol"] == "3.0000"
        assert "is the target there and mounted" in world.verify().stderr
    finally:
        world.repository.unlink()
        aside.rename(world.repository)
    failed = _archiver(world, "last_failed_wal")

    def archived() -> bool:
        # PostgreSQL tries again each minute, or when there is more to archive.
        world.postgresql.psql("SELECT pg_create_restore_point('more')")
        world.postgresql.psql("SELECT pg_switch_wal()")
        return _archiver(world, "last_archived_wal") >= failed

    wait_for("that piece in the archive", archived, within_s=240, every_s=2)


def test_what_is_no_report_of_pgbackrest_is_told() -> None:
    with pytest.raises(NotProven, match="it found nothing"):
        kept_of("")


def _passed(world: World, since: str, seconds: int) -> bool:
    return world.postgresql.psql(f"SELECT clock_timestamp() > '{since}'::timestamptz + '{seconds} s'") == "t"


def _archiver(world: World, column: str) -> str:
    return world.postgresql.psql(f"SELECT {column} FROM pg_stat_archiver")


def _labels(world: World) -> set[str]:
    (stanza,) = json.loads(world.pgbackrest("info", "--output=json"))
    return {str(backup["label"]) for backup in stanza["backup"]}
