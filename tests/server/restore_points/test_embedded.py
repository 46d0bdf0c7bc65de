"""Restore points of the embedded database, on a real repository of restic, by the real commands where they matter."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from everprint.server.restore_points.embedded import choose, verify
from everprint.server.restore_points.keeping import keep_by_period
from everprint.server.restore_points.restic import Damaged, NoRestorePoint, Repository, RestorePoint
from rig.process import part_environment
from rig.s3_store import run_s3_store
from tests.server.conftest import KIND, Database
from tests.server.serving import server_process

embedded = pytest.mark.skipif(KIND != "sqlite", reason="for the embedded database")


class World:
    """A server's state with a database, and a place for restore points beside it."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.place = folder / "place"
        self.where = str(self.place)
        self.state.mkdir()
        self.key = self.state / "restore-points.key"
        self.key.write_text("only for this world\n")
        self.repository = Repository(str(self.place), self.key, folder / "cache", within_s=300)
        self.run("migrate")
        self.sql("CREATE TABLE noted (what TEXT)")

    def sql(self, statement: str) -> list[str]:
        with closing(sqlite3.connect(self.state / "everprint.sqlite3", timeout=60)) as connection, connection:
            return [str(row[0]) for row in connection.execute(statement)]

    def packs(self) -> set[Path]:
        return {path for path in (self.place / "data").rglob("*") if path.is_file()}

    def run(self, *arguments: str, fails: bool = False) -> subprocess.CompletedProcess[str]:
        environment = {
            "EVERPRINT_SERVER_STATE_FOLDER": str(self.state),
            "EVERPRINT_SERVER_RESTORE_POINTS": self.where,
        }
        done = subprocess.run(
            [sys.executable, "-m", "everprint", "server", *arguments],
            env=part_environment(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.delenv("EVERPRINT_SERVER_DATABASE", raising=False)
    return World(tmp_path)


@embedded
def test_what_was_deleted_comes_back_and_a_damaged_point_is_named(world: World) -> None:
    world.repository.make_ready()
    world.sql("INSERT INTO noted VALUES ('before the mistake')")
    with server_process(Database(url="", state_folder=world.state), world.state):
        world.run("restore-point", "make")
        (first,) = world.repository.points()
        assert "is running" in world.run("restore-point", "restore", first.name, fails=True).stderr
    packs = world.packs()
    world.sql("UPDATE noted SET what = 'the mistake'")
    world.run("restore-point", "make")
    _, second = world.repository.points()
    proven = world.run("restore-point", "verify").stdout
    assert proven.count("sound") == 2
    assert f"{second.name}, restored aside: " in proven
    assert "all is right" in proven

    # Blocks that only the newer one has: the older one is still good.
    added = world.packs() - packs
    for pack in added:
        octets = pack.read_bytes()
        pack.chmod(0o600)
        pack.write_bytes(octets[:100] + bytes([octets[100] ^ 0xFF]) + octets[101:])
    found = verify(world.repository)
    assert (found.sound, found.damaged, found.point) == ((first,), (second,), first)
    assert {pack.name for pack in added} == set(found.packs)
    assert found.proof is not None
    assert not found.proof.findings
    with pytest.raises(Damaged):
        world.repository.bring(second, world.state.parent / "copy")

    assert f"Restored {first.name}" in world.run("restore-point", "restore", first.name).stdout
    assert world.sql("SELECT what FROM noted") == ["before the mistake"]


@embedded
@pytest.mark.skipif(os.geteuid() != 0, reason="a file system of its own needs root")
def test_a_wrong_key_and_a_place_that_is_full_or_gone_are_told_and_change_nothing(world: World) -> None:
    assert "is it mounted?" in world.run("restore-point", "make", fails=True).stderr
    assert not world.place.exists()
    world.run("restore-point", "init")
    with pytest.raises(NoRestorePoint, match="nothing was changed"):
        world.repository.make_ready()
    with (
        full(world.place),
        (world.state / "everprint.sqlite3").open("rb") as file,
        pytest.raises(NoRestorePoint, match="it is full"),
    ):
        world.repository.keep(file)
    world.key.write_text("another one\n")
    for act in (world.repository.points, world.repository.damaged_packs, lambda: world.repository.forget({})):
        with pytest.raises(NoRestorePoint, match="the key does not open"):
            act()
    world.key.unlink()
    assert f"{world.key} is not there" in world.run("restore-point", "list", fails=True).stderr
    assert [path.name for path in world.state.iterdir() if path.name.startswith("restore-point-")] == []


@embedded
def test_what_was_deleted_comes_back_from_an_s3_store(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sql("INSERT INTO noted VALUES ('before the mistake')")
    with run_s3_store(tmp_path / "store") as store:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", store.access_key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", store.secret_access_key)
        world.where = f"{store.bucket}/restore-points"
        world.run("restore-point", "init")
        world.run("restore-point", "make")
        world.sql("UPDATE noted SET what = 'the mistake'")
        assert "sound" in world.run("restore-point", "verify").stdout
        name = world.run("restore-point", "list").stdout.split()[0]
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")
        said = world.run("restore-point", "restore", name, fails=True).stderr
        assert "the store does not let the server in" in said
        assert "another-secret" not in said
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", store.secret_access_key)
        world.run("restore-point", "restore", name)
    assert world.sql("SELECT what FROM noted") == ["before the mistake"]
    assert "nothing answers there" in world.run("restore-point", "list", fails=True).stderr


@contextmanager
def full(place: Path) -> Iterator[None]:
    """The place as a file system of its own with no room for more."""
    aside = place.rename(place.with_name("roomy"))
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24k,mode=700", "tmpfs", str(place)], check=True)
    try:
        shutil.copytree(aside, place, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)
        place.rmdir()
        aside.rename(place)


def test_the_point_at_a_moment_is_the_newest_before_it() -> None:
    noon = datetime(2026, 11, 27, 12, tzinfo=UTC)
    points = [RestorePoint(f"p{hour}", noon + timedelta(hours=hour)) for hour in range(3)]
    assert choose(points, name=None, moment=None).name == "p2"
    assert choose(points, name=None, moment=noon + timedelta(minutes=90)).name == "p1"
    assert choose(points, name=None, moment=noon).name == "p0"
    assert choose(points, name="p1", moment=None).name == "p1"
    with pytest.raises(NoRestorePoint, match="the oldest is p0 of 2026-11-27 12:00:00"):
        choose(points, name=None, moment=noon - timedelta(seconds=1))
    with pytest.raises(NoRestorePoint, match="no restore point p9"):
        choose(points, name="p9", moment=None)
    with pytest.raises(NoRestorePoint, match="restore-point make"):
        choose([], name=None, moment=None)


def test_how_many_are_kept_is_said_in_a_few_letters() -> None:
    assert keep_by_period("24h 7d 5w 12m") == {"hourly": 24, "daily": 7, "weekly": 5, "monthly": 12}
    assert keep_by_period("3d") == {"daily": 3}
