"""Printers, Print Providers and jobs over the API."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest

from everprint.contract.job_life import JobState
from tests.server.api.program import Program, program
from tests.server.world import A4, PrintServer, pages, summary

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def admin() -> Program:
    return program()


@pytest.fixture
def print_server() -> PrintServer:
    return PrintServer(queue={"hold": True})


def test_a_printer_is_made_changed_and_removed_and_its_provider_told(
    admin: Program, print_server: PrintServer
) -> None:
    from everprint.server.providers.models import Order

    wanted = {"provider_id": str(print_server.provider.pk), "name": "hall", "device_uri": "ipp://192.0.2.9/ipp/print"}
    printer = admin.done("POST", "/printers", wanted)
    assert (printer["provider"], printer["authentication"], printer["state"]) == ("north", "basic", "")
    path = f"/printers/{printer['id']}"
    seen = admin.ask("GET", path).headers["ETag"]
    told = Order.objects.count()
    assert admin.done("PATCH", path, {"location": "Hall", "hold": True}, If_Match=seen)["location"] == "Hall"
    assert Order.objects.count() == told + 1
    assert admin.refused("PATCH", path, {"hold": False}, If_Match=seen)[1] == "edited-meanwhile"
    assert admin.refused("PATCH", path, {"device_uri": "file:///etc/passwd"})[1] == "bad-printer"
    assert [found["name"] for found in admin.get("/printers?text=hall")["items"]] == ["hall"]
    admin.done("DELETE", path)
    assert admin.get(path)["is_active"] is False
    assert admin.refused("PATCH", path, {"hold": False})[0] == HTTPStatus.NOT_FOUND


def test_a_printer_needs_a_provider_that_is_enrolled(admin: Program) -> None:
    wanted = {"provider_id": str(uuid.uuid4()), "name": "hall", "device_uri": "ipp://192.0.2.9/ipp/print"}
    assert admin.refused("POST", "/printers", wanted)[1] == "no-such-provider"


def test_costs_are_set_for_a_paper_and_for_all_other(admin: Program, print_server: PrintServer) -> None:
    path = f"/printers/{print_server.printer.pk}/costs"
    prices = {
        "grey_one_sided": "0.10",
        "grey_two_sided": "0.0825",
        "colour_one_sided": "0.50",
        "colour_two_sided": "0.45",
    }
    assert admin.done("PUT", f"{path}/{A4}", prices) == {"media": A4, "and_smaller": False, **prices}
    sized = {**prices, "and_smaller": True}
    assert admin.done("PUT", f"{path}/{A4}", sized) == {"media": A4, **sized}
    assert admin.refused("PUT", f"{path}/other", sized)[1] == "bad-cost"
    assert [row["media"] for row in admin.get(path)] == ["other", A4]
    admin.done("DELETE", f"{path}/{A4}")
    assert admin.refused("DELETE", f"{path}/{A4}")[0] == HTTPStatus.NOT_FOUND
    dear = {**prices, "grey_one_sided": "10001"}
    assert admin.refused("PUT", f"{path}/other", dear)[1] == "bad-cost"


def test_prices_that_somebody_else_changed_meanwhile_are_not_overwritten(
    admin: Program, print_server: PrintServer
) -> None:
    path = f"/printers/{print_server.printer.pk}/costs/{A4}"
    prices = dict.fromkeys(("grey_one_sided", "grey_two_sided", "colour_one_sided", "colour_two_sided"), "0.10")
    assert admin.refused("GET", path)[0] == HTTPStatus.NOT_FOUND
    assert admin.refused("PUT", path, prices, If_Match='"0123"')[0] == HTTPStatus.PRECONDITION_FAILED
    first = admin.ask("PUT", path, prices).headers["ETag"]
    assert admin.ask("GET", path).headers["ETag"] == first
    second = admin.ask("PUT", path, {**prices, "grey_one_sided": "0.20"}, If_Match=first)
    assert (second.status, second.body["grey_one_sided"]) == (HTTPStatus.OK, "0.20")
    assert admin.refused("PUT", path, prices, If_Match=first) == (HTTPStatus.PRECONDITION_FAILED, "edited-meanwhile")
    assert admin.refused("DELETE", path, If_Match=first) == (HTTPStatus.PRECONDITION_FAILED, "edited-meanwhile")
    assert admin.get(path)["grey_one_sided"] == "0.20"
    admin.done("DELETE", path, If_Match=second.headers["ETag"])


def test_providers_are_listed_and_revoked(admin: Program, print_server: PrintServer) -> None:
    found = admin.get("/providers")["items"]
    assert [(row["name"], row["is_answering"], row["printers"]) for row in found] == [("north", True, 1)]
    revoked = admin.done("POST", f"/providers/{found[0]['id']}/revoke")
    assert revoked["revoked_at"] is not None
    assert revoked["is_answering"] is False


def test_a_provider_is_enrolled_with_a_code_from_the_api(admin: Program) -> None:
    from everprint.contract.messages import Enrol
    from everprint.server.providers.enrolment import enrol

    code = admin.done("POST", "/providers/codes")["code"]
    enrol(Enrol(code=code, name="south", software_version="0.1.0"))
    assert [row["name"] for row in admin.get("/providers?text=SOUTH")["items"]] == ["south"]


def held_job(print_server: PrintServer) -> int:
    """A held job of alice's; its number."""
    from everprint.contract.messages import JobAnalysed, JobHeld, JobReceived

    job = print_server.job()
    print_server.ask(job, pages(4, 1))
    facts = (JobReceived(job=job), JobAnalysed(document=summary(pages(4, 1))), JobHeld(reason="for release"))
    print_server.report(job, *facts)
    return print_server.seen(job).number


def test_a_held_job_is_found_with_its_time_line_and_released(admin: Program, print_server: PrintServer) -> None:
    number = held_job(print_server)
    (row,) = admin.get("/jobs?state=held&text=report")["items"]
    assert row["number"] == number
    assert (row["document"], row["user"], row["printer"], row["pages"]) == ("report.pdf", "alice", "office", 5)
    assert admin.get("/jobs?state=unfinished")["count"] == 1
    assert admin.get("/jobs?state=completed")["count"] == 0
    assert admin.get("/jobs?first_day=2026-11-23")["count"] == 0
    answer = admin.done("POST", f"/jobs/{row['number']}/release")
    assert (answer["steps"][-1]["text"], answer["steps"][-1]["by"]) == ("release ordered", admin.user.name)
    assert admin.refused("POST", f"/jobs/{row['number']}/hold") == (HTTPStatus.CONFLICT, "not-possible")


def test_a_job_of_somebody_else_is_not_there(print_server: PrintServer) -> None:
    number = held_job(print_server)
    stranger, operator = program("user"), program("operator")
    for method, path in (("GET", f"/jobs/{number}"), ("POST", f"/jobs/{number}/cancel")):
        assert stranger.refused(method, path) == (HTTPStatus.NOT_FOUND, "not-found")
    assert stranger.get("/me/jobs")["count"] == 0
    assert operator.done("POST", f"/jobs/{number}/cancel")["number"] == number


def test_a_token_that_may_see_jobs_may_not_steer_them(print_server: PrintServer) -> None:
    from everprint.server.access.permissions import Permission

    number = held_job(print_server)
    watcher = program("administrator", [Permission.USE_OWN, Permission.VIEW_JOBS])
    assert watcher.get(f"/jobs/{number}")["state"] == "held"
    assert watcher.refused("POST", f"/jobs/{number}/release") == (HTTPStatus.FORBIDDEN, "forbidden")


def test_waiting_jobs_are_redirected_by_operators(admin: Program, print_server: PrintServer) -> None:
    from everprint.contract.messages import JobAnalysed, JobHeld, JobReceived
    from everprint.server.providers.models import Order

    pool = ["socket://192.0.2.8", "socket://192.0.2.9"]
    wanted = {
        "provider_id": str(print_server.provider.pk), "name": "hall", "device_uri": "ipp://192.0.2.7/", "pool": pool,
    }  # fmt: skip
    hall = admin.done("POST", "/printers", wanted)
    assert (hall["pool"], hall["devices"]) == (pool, [])
    to = {"printer": hall["id"]}
    job = print_server.job()
    print_server.ask(job, pages(1))
    print_server.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(1))), JobHeld(reason="wait"))
    path = f"/jobs/{print_server.seen(job).number}/redirect"
    assert admin.done("POST", path, to)["state"] == "held"
    assert admin.done("POST", f"/printers/{print_server.printer.pk}/redirect-jobs", to) == {"ordered": 1}
    assert [order.queue for order in Order.objects.filter(kind="redirect-job")] == ["hall", "hall"]
    assert admin.refused("POST", path, {"printer": print_server.printer.pk})[1] == "not-possible"
    assert admin.refused("POST", path, {"printer": 10**9})[1] == "no-such-printer"


def test_a_job_that_is_over_is_printed_again_while_its_document_is_kept(
    admin: Program, print_server: PrintServer
) -> None:
    from everprint.contract.messages import JobAnalysed, JobFinished, JobNoted, JobReceived

    job = print_server.job()
    print_server.report(
        job, JobReceived(job=job), JobAnalysed(document=summary(pages(1))),
        JobFinished(state=JobState.COMPLETED, output=pages(1)),
    )  # fmt: skip
    path = f"/jobs/{print_server.seen(job).number}"
    assert admin.get(path)["document_until"] is None
    assert admin.refused("POST", f"{path}/print-again") == (HTTPStatus.CONFLICT, "not-possible")
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    print_server.report(job, JobNoted(job_name="report.pdf", document_until=until))
    answer = admin.done("POST", f"{path}/print-again")
    assert datetime.fromisoformat(answer["document_until"]) == until
    assert (answer["steps"][-1]["text"], answer["steps"][-1]["by"]) == ("to be printed again", admin.user.name)


def test_presets_are_made_set_and_removed(admin: Program, print_server: PrintServer) -> None:
    group = admin.done("POST", "/groups", {"name": "pupils"})
    path = f"/printers/{print_server.printer.pk}/presets"
    made = admin.done("POST", path, {"name": "Pupils", "group_ids": [group["id"]], "colour": False, "most_copies": 5})
    assert (made["everybody"], made["colour"], made["sides_default"], made["most_copies"]) == (False, False, None, 5)
    everybody = {"name": "Everybody", "position": 2, "sides_default": "two-sided-long-edge"}
    assert admin.done("POST", path, everybody)["everybody"] is True
    assert [one["name"] for one in admin.get(path)] == ["Pupils", "Everybody"]
    assert admin.done("PUT", f"{path}/{made['id']}", {"name": "Pupils"})["everybody"] is True
    assert admin.refused("POST", path, {"name": "Pupils"})[1] == "bad-preset"
    assert admin.refused("POST", path, {"name": "x", "group_ids": [4711]})[1] == "no-such-group"
    admin.done("DELETE", f"{path}/{made['id']}")
    assert [one["name"] for one in admin.get(path)] == ["Everybody"]
    noted = [entry["action"] for entry in admin.get("/audit-log?size=500")["items"]]
    assert noted.count("printer.preset") == 4


def test_what_happens_over_the_limit_is_a_setting_of_the_printer(admin: Program, print_server: PrintServer) -> None:
    path = f"/printers/{print_server.printer.pk}"
    assert admin.get(path)["over_limit"] == "hold"
    assert admin.done("PATCH", path, {"over_limit": "refuse"})["over_limit"] == "refuse"


def test_a_job_that_waits_for_its_pin_is_released_with_it_only(admin: Program, print_server: PrintServer) -> None:
    from everprint.contract.messages import JobAnalysed, JobHeld, JobReceived
    from everprint.server.providers.models import Order

    job = print_server.job()
    held = JobHeld(reason="Held until it is released with its PIN.", password_encryption="sha2-256")
    print_server.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(1))), held)
    path = f"/jobs/{print_server.seen(job).number}"
    assert admin.get(path)["waits_for_pin"] is True
    assert admin.refused("POST", f"{path}/release")[1] == "not-possible"
    assert admin.refused("POST", f"{path}/release-with-pin", {"pin": "1"})[1] in ("invalid", "not-possible")
    admin.done("POST", f"{path}/release-with-pin", {"pin": "8314"})
    order = Order.objects.get(kind="release-job")
    assert order.password_encryption == "sha2-256"
