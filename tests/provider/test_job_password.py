"""PIN printing: a job with a PIN is printed with its PIN only, whoever asks, and the PIN is found nowhere."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import Hold, JobHeld, PasswordRefused, ReleaseJob
from everprint.provider.job import Job
from everprint.provider.job_password import ENCRYPTIONS, MOST_WRONG, JobPassword, SentPassword, is_right, keep
from everprint.provider.journal.schema import VERSION, open_journal
from rig.waiting import wait_for
from tests.provider.contract_server import PRINT, ContractServer
from tests.provider.submit import about, job_id, submit
from tests.provider.world import PrintServer

PIN = "83140275"
WITH_PIN = [f"ATTR octetString job-password {PIN}", "ATTR keyword job-password-encryption none"]


def sent(pin: str, encryption: str = "none") -> SentPassword:
    octets = pin.encode()
    if encryption != "none":
        octets = hashlib.new(encryption.replace("sha2-", "sha"), octets).digest()
    return SentPassword(octets, encryption)


@pytest.mark.parametrize("kept_by", ENCRYPTIONS)
@pytest.mark.parametrize("given_by", ENCRYPTIONS)
def test_a_pin_is_compared_plain_or_by_the_method_it_came_with(kept_by: str, given_by: str) -> None:
    kept = keep(sent(PIN, kept_by))
    comparable = given_by in ("none", kept_by) or (kept_by, given_by) == ("none", "sha2-256")
    assert is_right(kept, sent(PIN, given_by)) is comparable
    assert not is_right(kept, sent("83140276", given_by))


def test_what_is_kept_does_not_show_it() -> None:
    kept = keep(sent(PIN))
    assert keep(sent(PIN)).digest != kept.digest  # salted
    assert PIN not in repr(kept) and PIN not in repr(sent(PIN))
    assert kept.digest.hex() not in repr(kept)
    assert JobPassword("sha2-256", b"", b"", guesses=MOST_WRONG).is_locked


def test_a_job_waits_for_its_pin_and_nobody_else_releases_it(office: PrintServer, server: ContractServer) -> None:
    number = job_id(submit(office, operation=WITH_PIN))
    job = office.wait_for_state(number, JobState.HELD)
    assert about(office, "Get-Job-Attributes", number).first["job-state-reasons"] == "job-password-wait"
    set_hold = ["GROUP job-attributes-tag", "ATTR keyword job-hold-until no-hold"]
    for operation, lines in (
        ("Release-Job", []),
        ("Hold-Job", ["ATTR keyword job-hold-until no-hold"]),
        ("Set-Job-Attributes", set_hold),
    ):
        assert about(office, operation, number, *lines).status == "client-error-not-possible", operation
    assert about(office, "Release-Job", number, *WITH_PIN, user="bert").status == "client-error-not-authorized"
    server.order(ReleaseJob(job_id=job.uuid, by="olga"))
    wait_for("the order to be refused", lambda: "released with its PIN only" in office.process.log_tail(50))
    assert office.job(number).state is JobState.HELD
    # The decision is the provider's alone, and holds over a crash.
    server.away = True
    office.process.kill()
    office.process.start()
    wrong = about(office, "Release-Job", number, "ATTR octetString job-password 83140276")
    assert (wrong.status, "4 more tries" in wrong.message) == ("client-error-not-authorized", True)
    assert about(office, "Release-Job", number, *WITH_PIN).status == "successful-ok"
    released = office.job(number)
    assert released.state is not JobState.HELD and not released.waits_for_password
    server.away = False
    server.finished(1)
    _require_nowhere(office, server)


def _require_nowhere(office: PrintServer, server: ContractServer) -> None:
    """The PIN is in no file and in no message."""
    assert PIN not in str(server.events) and PIN not in str(server.asked)
    for path in office.folder.rglob("*"):
        if path.is_file():
            assert PIN.encode() not in path.read_bytes(), path


def test_guessing_ends_the_job(office: PrintServer) -> None:
    number = job_id(submit(office, operation=WITH_PIN))
    office.wait_for_state(number, JobState.HELD)
    for guess in range(MOST_WRONG):
        answer = about(office, "Release-Job", number, f"ATTR octetString job-password {1000 + guess}")
        assert answer.status == "client-error-not-authorized"
    office.process.kill()
    office.process.start()
    right = about(office, "Release-Job", number, *WITH_PIN)
    assert right.status == "client-error-not-possible" and "Too many wrong PINs" in right.message
    assert about(office, "Cancel-Job", number).status == "successful-ok"
    assert office.job(number).job_password is None


def test_what_cannot_be_protected_is_not_printed(office: PrintServer, tmp_path: Path) -> None:
    for lines, status in (
        (["ATTR octetString job-password 123"], "client-error-attributes-or-values-not-supported"),
        (
            ["ATTR octetString job-password 1234", "ATTR keyword job-password-encryption rot13"],
            "client-error-attributes-or-values-not-supported",
        ),
        (
            ["ATTR octetString job-password 1234", "ATTR keyword job-password-encryption sha2-256"],
            "client-error-attributes-or-values-not-supported",
        ),
        (["ATTR integer job-password 1234"], "client-error-bad-request"),
        (["ATTR octetString job-password 1234,5678"], "client-error-bad-request"),
    ):
        answer = submit(office, operation=lines)
        assert answer.status == status, lines
        assert "1234" not in answer.message
    action = ["ATTR keyword job-release-action job-password"]
    assert submit(office, template=action).status == "client-error-conflicting-attributes"
    assert office.jobs() == []


def test_a_job_may_wait_for_its_owners_word(office: PrintServer, server: ContractServer) -> None:
    number = job_id(submit(office, template=["ATTR keyword job-release-action owner-authorized"]))
    office.wait_for_state(number, JobState.HELD)
    assert about(office, "Release-Job", number).status == "successful-ok"
    server.finished(1)


def test_a_journal_of_the_first_release_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    open_journal(path).close()
    old = sqlite3.connect(path)
    younger = ("job_password", "cups", "first_queue", "job_id_unique", "by_rules", "moving")
    old.executescript("".join(f"ALTER TABLE jobs DROP COLUMN {column};" for column in younger))
    old.executescript("DROP TABLE job_ids; DROP TABLE told;")
    old.execute("PRAGMA user_version = 1")
    old.close()
    upgraded = open_journal(path)
    assert upgraded.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert upgraded.execute("SELECT job_password, first_queue FROM jobs").fetchall() == []
    upgraded.close()


def by_order(job: Job, pin: str) -> ReleaseJob:
    """The order that the job's page makes."""
    password = hashlib.sha256(pin.encode()).digest()
    return ReleaseJob(job_id=job.uuid, by="anna", password=password, password_encryption="sha2-256")


def test_an_order_with_the_pin_releases_it_and_one_with_a_wrong_pin_counts_and_is_told(
    office: PrintServer, server: ContractServer
) -> None:
    job = office.wait_for_state(job_id(submit(office, operation=WITH_PIN)), JobState.HELD)
    server.order(by_order(job, "83140276"))
    told = wait_for("the answer", lambda: [one for one in server.facts(job.uuid) if isinstance(one, PasswordRefused)])
    assert "4 more tries" in told[0].reason
    held = next(one for one in server.facts(job.uuid) if isinstance(one, JobHeld))
    assert held.password_encryption == "sha2-256"
    server.order(by_order(job, PIN))
    office.wait_for_state(job.job_id, JobState.COMPLETED)
    assert PIN not in office.process.log_tail(10_000)
    assert hashlib.sha256(PIN.encode()).hexdigest() not in office.process.log_tail(10_000)


def test_orders_take_no_more_tries_than_other_ways(office: PrintServer, server: ContractServer) -> None:
    job = office.wait_for_state(job_id(submit(office, operation=WITH_PIN)), JobState.HELD)
    for _ in range(MOST_WRONG):
        server.order(by_order(job, "00000000"))
    server.order(by_order(job, PIN))

    def refusals() -> list[str]:
        found = [one.reason for one in server.facts(job.uuid) if isinstance(one, PasswordRefused)]
        return found if len(found) > MOST_WRONG else []

    assert "Too many wrong PINs" in wait_for("all answers", refusals)[-1]
    assert office.job(job.job_id).state is JobState.HELD
    assert about(office, "Release-Job", job.job_id, *WITH_PIN).status == "client-error-not-possible"


def test_one_over_the_limit_after_its_release_needs_its_pin_again(
    office: PrintServer, server: ContractServer
) -> None:
    limit = "account-limit-reached"
    server.decide = lambda asked: PRINT if asked.attempt > 2 else Hold(reason="No credit.", keyword=limit)
    number = job_id(submit(office, operation=WITH_PIN))
    office.wait_for_state(number, JobState.HELD)
    assert about(office, "Release-Job", number, *WITH_PIN).status == "successful-ok"
    job = wait_for("the limit", lambda: (now := office.job(number)).job_state_reasons[:1] == (limit,) and now)
    assert isinstance(job, Job)
    assert job.job_state_reasons == (limit, "job-password-wait")
    assert "needs its PIN again" in job.job_state_message
    assert about(office, "Release-Job", number).status == "client-error-not-possible"
    assert about(office, "Release-Job", number, *WITH_PIN).status == "successful-ok"
    assert office.wait_for_state(number, JobState.COMPLETED).job_password is None
