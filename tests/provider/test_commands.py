"""everprint provider: enrol, run, jobs, queues."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.everprint import Server, run_server
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.submit import job_id, submit
from tests.provider.world import EVERPRINT, PrintServer, run_print_server


def everprint(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [EVERPRINT, "provider", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture(scope="module")
def real_server() -> Iterator[Server]:
    with run_server() as server:
        yield server


def test_enrolment_turns_a_code_into_a_credential_once(real_server: Server, tmp_path: Path) -> None:
    code = json.loads(real_server.command("provider", "code", "--json"))["code"]
    state = tmp_path / "state"
    how = ["--server", real_server.url, "--code", code, "--name", "Site A", "--state-folder", state]
    enrolled = everprint("enrol", *how)
    assert enrolled.returncode == 0, enrolled.stderr
    identity = state / "identity.json"
    assert identity.stat().st_mode & 0o777 == 0o600
    credential = json.loads(identity.read_text())["credential"]
    assert credential not in enrolled.stdout + enrolled.stderr
    before = identity.read_bytes()
    again = everprint("enrol", *how)
    assert again.returncode != 0
    assert "code" in again.stderr
    assert identity.read_bytes() == before


def test_enrolment_says_when_there_is_no_server(tmp_path: Path) -> None:
    result = everprint(
        "enrol", "--server", "http://127.0.0.1:1", "--code", "x", "--name", "x", "--state-folder", tmp_path / "state"
    )
    assert result.returncode == 1
    assert "cannot be reached" in result.stderr
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["enrolment.json"]


def test_a_print_server_that_is_not_enrolled_says_what_to_do(tmp_path: Path) -> None:
    config = tmp_path / "provider.toml"
    config.write_text(f'state_folder = "{tmp_path}"\n')
    result = everprint("run", "--config", config)
    assert result.returncode == 1
    assert "everprint provider enrol" in result.stderr


def test_a_wrong_setting_is_refused_by_name(tmp_path: Path) -> None:
    config = tmp_path / "provider.toml"
    config.write_text("prot = 8631\n")
    result = everprint("run", "--config", config)
    assert result.returncode == 2
    assert "did you mean port?" in result.stderr


def test_two_cannot_run_on_one_state_folder(server: ContractServer) -> None:
    with run_print_server(server.url) as first:
        second = everprint("run", "--config", first.config)
        assert second.returncode == 1
        assert "Another provider runs" in second.stderr


def test_a_command_that_looks_whether_one_runs_keeps_none_from_starting(server: ContractServer) -> None:
    with run_print_server(server.url) as office:
        office.process.stop()
        descriptor = os.open(office.state / "lock", os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # as `status` and `drain` do, for a moment
        letting_go = threading.Timer(0.5, os.close, [descriptor])
        letting_go.start()
        office.process.start()
        letting_go.join()


def test_it_stops_on_sigterm_at_once_and_without_an_error(office: PrintServer) -> None:
    job_id(submit(office))
    office.process.stop()
    assert "Traceback" not in office.process.log_tail(200)


def test_jobs_and_queues_are_listed_for_people_and_for_programs(
    server: ContractServer, printer: VirtualPrinter
) -> None:
    server.add_queue("office", printer.uri.replace("ipp://", "ipp://user:secret@"), hold=True)
    with run_print_server(server.url) as office:
        office.wait_for_queue("office")
        number = job_id(submit(office, name="a report"))
        listed = json.loads(everprint("jobs", "--config", office.config, "--json").stdout)
        assert [(job["job_id"], job["job_name"], job["user_name"]) for job in listed] == [
            (number, "a report", "anna")
        ]
        queues = everprint("queues", "--config", office.config, "--json").stdout
        assert json.loads(queues)[0]["name"] == "office"
        shown = everprint("queues", "--config", office.config).stdout
        assert "office" in shown
        assert "secret" not in queues + shown
        assert "a report" in everprint("jobs", "--config", office.config).stdout


def test_printers_are_listed_as_they_are_and_as_they_were(server: ContractServer, printer: VirtualPrinter) -> None:
    server.add_queue("office", printer.uri.replace("ipp://", "ipp://user:secret@"))
    with run_print_server(server.url) as office:

        def listed() -> dict[str, object]:
            found: dict[str, object] = json.loads(everprint("printers", "--config", office.config, "--json").stdout)
            return found

        def states() -> list[tuple[object, ...]]:
            rows = listed()["printers"] if (office.state / "snapshot.json").exists() else []
            return [(row["queue"], row["state"], row["reasons"]) for row in rows]  # type: ignore[attr-defined]

        idle = ("office", "idle", [])
        wait_for("the printer to be known", lambda: idle in states(), within_s=120)
        printer.tell("jam")
        wait_for("the jam to be known", lambda: ("office", "stopped", ["media-jam-error"]) in states(), within_s=120)
        shown = everprint("printers", "--config", office.config).stdout
        assert shown.startswith("It runs")
        assert "Everprint" in shown, "its make and model"
        assert "secret" not in shown + json.dumps(listed())
        assert json.loads(everprint("status", "--config", office.config, "--json").stdout)["printers"]["stopped"] == 1
        office.process.stop()
        assert listed()["running"] is False
        assert ("office", "stopped", ["media-jam-error"]) in states()
        assert everprint("printers", "--config", office.config).stdout.startswith("It does not run")


def test_jobs_of_a_queue_and_unfinished_ones_are_listed_alone(office: PrintServer, server: ContractServer) -> None:
    held = job_id(submit(office, template=['ATTR keyword job-hold-until "indefinite"']))
    job_id(submit(office))
    server.finished(1)

    def numbers(*options: str) -> list[int]:
        rows = json.loads(everprint("jobs", "--config", office.config, "--json", *options).stdout)
        return [row["job_id"] for row in rows]

    assert numbers() == [held, held + 1]
    assert numbers("--unfinished") == [held]
    assert numbers("--queue", "attic") == []


def test_nothing_secret_is_logged(server: ContractServer, printer: VirtualPrinter) -> None:
    server.add_queue("office", printer.uri.replace("ipp://", "ipp://user:secret-word@"))
    with run_print_server(server.url, log_level="debug") as office:
        office.wait_for_queue("office")
        job_id(submit(office))
        server.finished(1)
        log = office.process.log_tail(10_000)
    assert "secret" not in log
    assert os.environ.get("EVERPRINT_PROVIDER_STATE_FOLDER") is None
