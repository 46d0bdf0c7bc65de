"""Setting up, running, backing up and restoring, as real processes."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from rig.process import Process
from tests.server.conftest import KIND, Database
from tests.server.serving import server_process, url_of

embedded = pytest.mark.skipif(KIND != "sqlite", reason="backup and restore are for the embedded database")


def everprint(
    folder: Path, *arguments: str, says: str = "", database: str = "", fails: bool = False
) -> subprocess.CompletedProcess[str]:
    """Runs `everprint server ...` as a process of its own."""
    environment = {**os.environ, "EVERPRINT_SERVER_STATE_FOLDER": str(folder), "EVERPRINT_SERVER_DATABASE": database}
    if not database:
        del environment["EVERPRINT_SERVER_DATABASE"]  # as the settings say
    result = subprocess.run(
        [sys.executable, "-m", "everprint", "server", *arguments],
        input=says,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=120,
    )
    assert (result.returncode != 0) == fails, result.stderr
    assert "Traceback" not in result.stderr
    return result


def init(folder: Path) -> None:
    everprint(folder, "init", "--administrator", "root", "--password-file", "-", says="correct horse\n")


def balances(folder: Path) -> str:
    return everprint(folder, "account", "list", "--json").stdout


@embedded
def test_a_server_is_set_up_once_and_nothing_is_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "state"
    weak = everprint(folder, "init", "--password-file", "-", says="short\n", fails=True)
    assert "too short" in weak.stderr
    init(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in ("secret-key", "everprint.sqlite3"):
        assert stat.S_IMODE((folder / file).stat().st_mode) == 0o600, file
    key = (folder / "secret-key").read_text()
    assert len(key) > 60

    again = everprint(folder, "init", "--password-file", "-", says="battery staple\n", fails=True)
    assert "has an administrator already; nothing was changed" in again.stderr
    assert (folder / "secret-key").read_text() == key
    assert '"role": "administrator"' in everprint(folder, "user", "list", "--json").stdout


@embedded
def test_codes_that_were_made_before_are_taken_with_the_set_up_only(tmp_path: Path) -> None:
    codes = tmp_path / "codes"
    arguments = ("init", "--password-file", "-", "--code-file", str(codes))
    codes.write_text("ABCD-EFGH-JKLM-NPQR\n\n1234\n")
    assert "number 2" in everprint(tmp_path, *arguments, says="correct horse\n", fails=True).stderr
    codes.write_text("ABCD-EFGH-JKLM-NPQR\n")
    everprint(tmp_path, *arguments, says="correct horse\n")
    codes.write_text("RSTU-VWXY-Z234-5678\n")
    everprint(tmp_path, *arguments, says="correct horse\n", fails=True)
    with closing(sqlite3.connect(tmp_path / "everprint.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM providers_enrolmentcode").fetchone() == (1,)


def test_a_server_that_is_not_set_up_does_not_run(tmp_path: Path) -> None:
    assert "everprint server init" in everprint(tmp_path, "run", fails=True).stderr


@embedded
def test_a_database_that_is_not_migrated_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("x" * 60)
    assert "everprint server migrate" in everprint(tmp_path, "run", fails=True).stderr
    assert "up to date" in everprint(tmp_path, "migrate").stdout


@embedded
def test_a_command_without_a_database_says_how_to_get_one(tmp_path: Path) -> None:
    assert "everprint server init" in everprint(tmp_path, "user", "list", fails=True).stderr


def test_a_wrong_setting_is_named_with_what_was_expected(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    for text, named in (
        ("http_listn = []", "did you mean http_listen?"),
        ('currency = "euro"', "currency"),
        ('time_zone = "Moon/Tycho"', "expected one such as UTC"),
        ('certificate_key = "/etc/key.pem"', "no certificate"),
        ('database = "mysql://x"', "expected sqlite:///"),
    ):
        file.write_text(text)
        assert named in everprint(tmp_path, "user", "list", "--config", str(file), fails=True).stderr


def test_a_server_stops_at_once_although_a_provider_waits_for_orders(database: Database, tmp_path: Path) -> None:
    from tests.server.world import PrintServer

    north = PrintServer()
    headers = {"Authorization": f"Bearer {north.credential}", "Everprint-Contract": "1"}
    with server_process(database, tmp_path / "state") as process:
        url = f"{url_of(process)}/contract/orders?after="
        last = httpx.get(f"{url}0", headers=headers).json()["orders"][-1]["sequence"]
        answers: list[httpx.Response] = []
        waiting = threading.Thread(
            target=lambda: answers.append(httpx.get(f"{url}{last}", headers=headers, timeout=30))
        )
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
        process.kill(signal.SIGTERM)
        waiting.join(5)
        assert answers
        assert answers[0].json() == {"orders": []}, "answered in peace, not cut off"


def test_only_one_server_runs_on_a_state_folder(database: Database, tmp_path: Path) -> None:
    with server_process(database, tmp_path / "state"):
        second = everprint(tmp_path / "state", "run", database=database.url, fails=True)
    assert "is running" in second.stderr


@embedded
def test_a_backup_of_a_running_server_is_whole_and_comes_back(tmp_path: Path) -> None:
    folder, backup = tmp_path / "state", tmp_path / "backup.sqlite3"
    init(folder)
    everprint(folder, "user", "add", "alice", "--no-password", "--credit", "5")
    with _running(folder):
        everprint(folder, "backup", str(backup))
        refused = everprint(folder, "restore", str(backup), fails=True)
        assert "is running" in refused.stderr
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert "already there" in everprint(folder, "backup", str(backup), fails=True).stderr
    before = balances(folder)
    everprint(folder, "account", "adjust", "alice", "1", "--comment", "after the backup")
    assert balances(folder) != before

    said = everprint(folder, "restore", str(backup)).stdout
    assert balances(folder) == before
    assert "all is right" in everprint(folder, "audit").stdout
    aside = Path(said.split("is now ")[1].strip().rstrip("."))
    with closing(sqlite3.connect(aside)) as kept:
        assert kept.execute("SELECT count(*) FROM accounts_transaction").fetchone() == (2,)


@embedded
def test_a_backup_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    from everprint.server.backup import back_up

    folder = tmp_path / "state"
    init(folder)
    database = folder / "everprint.sqlite3"
    with closing(sqlite3.connect(database)) as filling:
        filling.execute("CREATE TABLE pair (a INTEGER, b INTEGER, filling BLOB)")
        filling.executemany("INSERT INTO pair VALUES (0, 0, ?)", [(os.urandom(4000),)] * 4000)
        filling.commit()
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(database, timeout=20)) as writer:
            number = 0
            while not stop.is_set():
                number += 1
                writer.execute("UPDATE pair SET a = ? WHERE rowid <= 2000", (number,))
                writer.execute("UPDATE pair SET b = ? WHERE rowid <= 2000", (number,))
                writer.commit()

    writing = threading.Thread(target=write)
    writing.start()
    seen: list[tuple[int, int]] = []
    try:
        back_up(database, tmp_path / "backup", lambda done, total: seen.append((done, total)))
    finally:
        stop.set()
        writing.join(60)
    with closing(sqlite3.connect(tmp_path / "backup")) as copy:
        found = copy.execute("SELECT count(DISTINCT a), count(DISTINCT b), sum(a <> b) FROM pair").fetchone()
    assert found[2] == 0, "both halves of each write, or neither"
    assert len(seen) > 1, "it says how far it is"


@embedded
@pytest.mark.parametrize("damage", ["text", "torn", "foreign", "missing"])
def test_what_is_no_whole_backup_of_ours_is_refused_and_changes_nothing(tmp_path: Path, damage: str) -> None:
    folder, backup = tmp_path / "state", tmp_path / "backup.sqlite3"
    init(folder)
    if damage == "text":
        backup.write_text("this is not a database at all\n" * 1000)
    elif damage == "foreign":
        with closing(sqlite3.connect(backup)) as other:
            other.execute("CREATE TABLE recipes (name TEXT)")
    elif damage == "torn":
        everprint(folder, "backup", str(backup))
        content = bytearray(backup.read_bytes())
        content[8192:16384] = os.urandom(8192)
        backup.write_bytes(content)
    before = balances(folder)
    refused = everprint(folder, "restore", str(backup), fails=True)
    assert str(backup) in refused.stderr
    assert balances(folder) == before
    assert [file.name for file in folder.iterdir() if "incoming" in file.name or "restore" in file.name] == []


@embedded
def test_a_server_is_rebuilt_on_a_new_machine_from_its_backup_alone(tmp_path: Path) -> None:
    old, new, backup = tmp_path / "old", tmp_path / "new", tmp_path / "backup.sqlite3"
    init(old)
    everprint(old, "backup", str(backup))
    assert (old / "secret-key").read_bytes() not in backup.read_bytes()
    everprint(new, "restore", str(backup))
    assert balances(new) == balances(old)
    with _running(new) as process:
        assert httpx.get(f"{url_of(process)}/health/ready").status_code == 200


@embedded
def test_providers_may_go_on_reporting_after_a_restore(tmp_path: Path) -> None:
    folder, backup = tmp_path / "state", tmp_path / "backup.sqlite3"
    init(folder)
    with closing(sqlite3.connect(folder / "everprint.sqlite3")) as connection:
        connection.execute(
            "INSERT INTO providers_provider (id, name, credential_hash, software_version, contract_version, "
            "enrolled_at, last_address, events_taken, gap_allowed, orders_made, orders_acknowledged, "
            "away_printed, away_unlogged, away_refused) VALUES "
            "('00000000000000000000000000000001', 'north', x'00', '', 1, '2026-11-22', '', 17, 0, 0, 0, 0, 0, 0)"
        )
        connection.commit()
    everprint(folder, "backup", str(backup))
    everprint(folder, "restore", str(backup))
    with closing(sqlite3.connect(folder / "everprint.sqlite3")) as connection:
        assert connection.execute("SELECT gap_allowed FROM providers_provider").fetchone() == (1,)


def _running(folder: Path) -> Process:
    """A server on the state folder's own database."""
    return server_process(Database(url="", state_folder=folder), folder, keep_key=True)
