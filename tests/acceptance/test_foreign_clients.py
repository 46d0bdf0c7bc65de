"""Clients that we did not write print to an Everprint queue: each job is printed, counted and charged rightly."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyipp
import pytest
from pyipp.enums import IppOperation

from rig import curl, ipptool
from rig.waiting import wait_for
from tests.acceptance.conftest import PASSWORD, World

# The report: two grey sides and one in colour.
ONE_SIDED = Decimal("0.05") * 2 + Decimal("0.20")
# The second page is on the back of the first; the third has a sheet for itself.
TWO_SIDED = Decimal("0.04") + Decimal("0.15") + Decimal("0.05")

NewUser = Callable[..., str]


def test_lp_prints_through_a_driverless_cups_queue(world: World, new_user: NewUser, report: Path) -> None:
    user = new_user("5.00")
    job = world.cups.lp(report, "office", user=user, title="Quarterly report")
    assert world.cups.wait_for_end(job).state == "completed"
    (logged,) = world.jobs_of(user)
    assert (logged["name"], logged["state"], logged["pages"]) == ("Quarterly report", "completed", 3)
    assert (logged["impressions"], logged["colour_impressions"], logged["sheets"]) == (3, 1, 3)
    assert world.printed(user) == [(3, 3, 1)]
    assert world.charged(user) == [ONE_SIDED]
    assert world.server.balance(user) == Decimal("5.00") - ONE_SIDED


def test_lp_prints_two_copies_on_both_sides(world: World, new_user: NewUser, report: Path) -> None:
    user = new_user("5.00")
    options = {"sides": "two-sided-long-edge", "copies": "2"}
    job = world.cups.lp(report, "office", user=user, options=options)
    assert world.cups.wait_for_end(job).state == "completed"
    assert world.printed(user) == [(4, 6, 2)]
    assert world.charged(user) == [2 * TWO_SIDED]


def test_lp_prints_in_grey_what_is_in_colour(world: World, new_user: NewUser, report: Path) -> None:
    user = new_user("5.00")
    job = world.cups.lp(report, "office", user=user, options={"print-color-mode": "monochrome"})
    assert world.cups.wait_for_end(job).state == "completed"
    assert world.printed(user) == [(3, 3, 0)]
    assert world.charged(user) == [3 * Decimal("0.05")]


def test_ipptool_prints_and_reads_how_the_job_went(world: World, new_user: NewUser, report: Path) -> None:
    user = new_user("5.00")
    uri = world.provider.uri("office")
    who = f"ATTR name requesting-user-name {user}"
    made = ipptool.ask(uri, "Print-Job", [who, "ATTR mimeMediaType document-format application/pdf"], document=report)
    assert made.status == "successful-ok"
    job_id = made.first["job-id"]

    def completed() -> ipptool.Attributes | None:
        job = ipptool.ask(uri, "Get-Job-Attributes", [f"ATTR integer job-id {job_id}", who]).first
        return job if job["job-state"] == 9 else None

    job = wait_for("completion", completed, every_s=0.1)
    assert job is not None
    assert (job["job-impressions-completed"], job["job-media-sheets-completed"]) == (3, 3)
    assert job["job-state-reasons"] == "job-completed-successfully"
    assert world.printed(user) == [(3, 3, 1)]
    assert world.charged(user) == [ONE_SIDED]


def test_pyipp_reads_the_printer_and_prints(world: World, new_user: NewUser, report: Path) -> None:
    user = new_user("5.00")
    uri, document = world.provider.uri("office"), report.read_bytes()

    async def talk() -> tuple[pyipp.Printer, dict[str, object]]:
        async with pyipp.IPP("127.0.0.1", "/ipp/print/office", port=world.provider.port) as client:
            printer = await client.printer()
            operation = {
                "printer-uri": uri,
                "requesting-user-name": user,
                "job-name": "From pyipp",
                "document-format": "application/pdf",
            }
            message = {"operation-attributes-tag": operation, "data": document}
            return printer, await client.execute(IppOperation.PRINT_JOB, message)

    printer, answer = asyncio.run(talk())
    assert printer.state.printer_state in ("idle", "printing")
    assert printer.info.model
    assert answer["status-code"] == 0
    (logged,) = world.jobs_of(user)
    assert (logged["name"], logged["pages"], logged["state"]) == ("From pyipp", 3, "completed")
    assert world.printed(user) == [(3, 3, 1)]
    assert world.charged(user) == [ONE_SIDED]


def test_curl_prints_and_reads_status_with_octets_laid_by_hand(
    world: World, new_user: NewUser, report: Path, tmp_path: Path
) -> None:
    user = new_user("5.00")
    uri = world.provider.uri("office")
    who = curl.attribute(curl.NAME, "requesting-user-name", user.encode())
    title = curl.attribute(curl.NAME, "job-name", b"By hand")
    both_sides = curl.attribute(curl.KEYWORD, "sides", b"two-sided-long-edge")
    body = curl.request(curl.PRINT_JOB, uri, who, title, job_attributes=both_sides) + report.read_bytes()
    http_status, answer = curl.post(uri, body, tmp_path)
    assert (http_status, curl.status_code(answer)) == (200, 0)
    job_id = curl.attribute(curl.INTEGER, "job-id", curl.integer_value(answer, "job-id").to_bytes(4, "big"))

    def completed() -> bytes | None:
        http_status, answer = curl.post(uri, curl.request(curl.GET_JOB_ATTRIBUTES, uri, job_id, who), tmp_path)
        assert (http_status, curl.status_code(answer)) == (200, 0)
        return answer if curl.integer_value(answer, "job-state") == 9 else None

    job = wait_for("completion", completed, every_s=0.1)
    assert job is not None
    assert curl.integer_value(job, "job-impressions-completed") == 3
    assert curl.integer_value(job, "job-media-sheets-completed") == 2
    assert world.printed(user) == [(2, 3, 1)]
    assert world.charged(user) == [TWO_SIDED]


def test_a_printer_that_we_did_not_write_gets_one_job_after_the_other(
    world: World, new_user: NewUser, report: Path
) -> None:
    user = new_user("5.00")
    uri = world.provider.uri("foreign")
    for number in (1, 2, 3):
        attributes = [f"ATTR name requesting-user-name {user}", f"ATTR name job-name foreign-{number}"]
        made = ipptool.ask(uri, "Print-Job", attributes, document=report)
        assert made.status == "successful-ok"
    assert [job["state"] for job in world.jobs_of(user, 3)] == ["completed"] * 3
    received = [path.stem.partition("-")[2] for path in world.foreign.documents()]
    assert received == ["foreign-1", "foreign-2", "foreign-3"]
    # It is a grey printer, and says so.
    assert world.charged(user) == [3 * Decimal("0.05")] * 3
    assert world.server.balance(user) == Decimal("5.00") - 9 * Decimal("0.05")


def test_a_cups_job_over_the_limit_shows_why_it_waits_and_is_printed_after_a_top_up_without_anybodys_help(
    world: World, new_user: NewUser, report: Path
) -> None:
    user = new_user("0.10")
    job = world.cups.lp(report, "office", user=user)
    wait_for("the reason", lambda: world.cups.job_status(job).reasons == ("account-limit-reached",), every_s=0.2)
    assert world.cups.job_state(job) == "processing"  # told that it is held, CUPS would take it for done
    assert world.printed(user) == []
    (held,) = world.server.listing("job", "list", "--user", user)
    assert held["state"] == "held"

    world.server.command("account", "adjust", user, "1.00", "--comment", "paid at the desk")
    assert world.cups.wait_for_end(job).state == "completed"
    assert world.charged(user) == [ONE_SIDED]
    assert world.printed(user) == [(3, 3, 1)]
    assert world.server.balance(user) == Decimal("1.10") - ONE_SIDED


def test_ipptool_shows_a_user_over_the_limit_why_nothing_is_printed(
    world: World, new_user: NewUser, report: Path
) -> None:
    user = new_user("0.10")
    uri = world.provider.uri("refusing")
    who = f"ATTR name requesting-user-name {user}"
    made = ipptool.ask(uri, "Print-Job", [who, "ATTR mimeMediaType document-format application/pdf"], document=report)
    assert made.status == "client-error-account-limit-reached"
    assert "0.30" in made.message
    wanted = "ATTR keyword requested-attributes job-state,job-state-reasons"
    listed = ipptool.ask(
        uri, "Get-Jobs", [who, wanted, "ATTR boolean my-jobs true", "ATTR keyword which-jobs completed"]
    )
    assert "account-limit-reached" in ipptool.strings(listed.first, "job-state-reasons")
    (logged,) = world.jobs_of(user)
    assert logged["state"] == "refused"
    assert world.charged(user) == [Decimal(0)]
    assert world.server.balance(user) == Decimal("0.10")
    assert world.printed(user) == []


def test_cups_keeps_the_job_of_a_user_over_the_limit_that_was_refused_until_its_owner_lets_it_go_on(
    world: World, new_user: NewUser, report: Path
) -> None:
    user = new_user("0.10")
    job = world.cups.lp(report, "refusing", user=user)
    wait_for("CUPS to hold it", lambda: world.cups.job_state(job) == "pending-held", every_s=0.2)
    # Its own words, which it also gives to whoever has subscribed to the job, as desktops do.
    assert f"[Job {job}] Job held indefinitely - account limit has been reached." in world.cups.log()
    assert f"refusing-{job}" in world.cups.lpstat("-o", "refusing")
    assert world.printed(user) == []

    # With credit it is printed after all: nothing need be sent again.
    world.server.command("account", "adjust", user, "1.00", "--comment", "paid at the desk")
    world.cups.command("lp", "-i", str(job), "-H", "resume")
    assert world.cups.wait_for_end(job).state == "completed"
    assert world.printed(user) == [(3, 3, 1)]
    assert world.server.balance(user) == Decimal("1.10") - ONE_SIDED


def test_cups_signs_in_over_tls_and_prints(world: World, new_user: NewUser, report: Path) -> None:
    user = new_user("5.00", password=PASSWORD)
    world.cups.add_driverless_queue(f"as-{user}", world.provider.tls_uri("private", user, PASSWORD))
    # Whoever CUPS says it is for: the password says who pays.
    job = world.cups.lp(report, f"as-{user}", user="somebody-else")
    assert world.cups.wait_for_end(job).state == "completed"
    assert world.charged(user) == [ONE_SIDED]


def test_a_wrong_password_prints_nothing_and_says_so(world: World, new_user: NewUser, report: Path) -> None:
    user = new_user("5.00", password=PASSWORD)
    world.cups.add_driverless_queue(f"guess-{user}", world.provider.tls_uri("private", user, "wrong"))
    job = world.cups.lp(report, f"guess-{user}", user=user)
    wait_for("the reason", lambda: "cups-held-for-authentication" in world.cups.job_status(job).reasons, every_s=0.2)
    assert world.cups.job_state(job) == "pending-held"
    assert world.server.listing("job", "list", "--user", user) == []
    # CUPS tried it several times; that has locked nobody out.
    answer = ipptool.ask(world.provider.tls_uri("private", user, PASSWORD), "Validate-Job")
    assert answer.status == "successful-ok"


@pytest.mark.parametrize(
    ("password", "http_status"), [(PASSWORD, 200), ("wrong", 401), (None, 401)], ids=["right", "wrong", "none"]
)
def test_http_basic_over_tls_opens_only_to_the_right_password(
    world: World, new_user: NewUser, tmp_path: Path, password: str | None, http_status: int
) -> None:
    user = new_user("5.00", password=PASSWORD)
    uri = world.provider.tls_uri("private")
    options = ["--insecure"] if password is None else ["--insecure", "--user", f"{user}:{password}"]
    status, _ = curl.post(uri, curl.request(curl.VALIDATE_JOB, uri), tmp_path, options)
    assert status == http_status


def test_a_password_is_never_asked_for_without_tls(world: World, tmp_path: Path) -> None:
    uri = world.provider.uri("private")
    status, _ = curl.post(uri, curl.request(curl.VALIDATE_JOB, uri), tmp_path)
    assert status == 426
