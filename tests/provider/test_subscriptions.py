"""Clients subscribe to queues and jobs, and fetch what happened."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from everprint.contract.job_life import JobState
from rig import ipptool
from rig.ipptool import Attributes
from rig.virtual_printer import VirtualPrinter
from tests.provider.contract_server import ContractServer
from tests.provider.submit import ONE_PAGE, about, job_id, submit
from tests.provider.world import PrintServer, run_print_server

PULL = "ATTR keyword notify-pull-method ippget"
ALL_EVENTS = (
    "ATTR keyword notify-events job-state-changed,job-created,job-completed,job-config-changed,"
    "printer-state-changed,printer-stopped,printer-config-changed"
)


@pytest.fixture
def held(server: ContractServer, printer: VirtualPrinter) -> Iterator[PrintServer]:
    """A print server that holds every job, with room for few subscriptions."""
    server.add_queue("office", printer.uri, hold=True)
    with run_print_server(server.url, max_subscriptions=4, max_subscriptions_per_user=3) as print_server:
        print_server.wait_for_queue("office")
        yield print_server


def ask(at: PrintServer, operation: str, *lines: str, user: str = "anna") -> ipptool.Answer:
    return ipptool.ask(at.uri("office"), operation, [f"ATTR name requesting-user-name {user}", *lines])


def subscribe(at: PrintServer, *lines: str, user: str = "anna", job: int | None = None) -> ipptool.Answer:
    operation = "Create-Printer-Subscriptions" if job is None else "Create-Job-Subscriptions"
    of_job = [] if job is None else [f"ATTR integer notify-job-id {job}"]
    return ask(at, operation, *of_job, "GROUP subscription-attributes-tag", *lines, user=user)


def number(answer: ipptool.Answer) -> int:
    assert answer.status.startswith("successful-ok"), (answer.status, answer.message, answer.groups)
    found = answer.groups[-1]["notify-subscription-id"]
    assert isinstance(found, int)
    return found


def fetch(at: PrintServer, subscription: int, *lines: str, user: str = "anna") -> ipptool.Answer:
    return ask(at, "Get-Notifications", f"ATTR integer notify-subscription-ids {subscription}", *lines, user=user)


def events(groups: tuple[Attributes, ...]) -> list[tuple[object, object]]:
    return [(group["notify-sequence-number"], group["notify-subscribed-event"]) for group in groups]


def test_what_happens_to_a_queue_and_its_jobs(held: PrintServer, server: ContractServer) -> None:
    subscription = number(
        subscribe(held, PULL, ALL_EVENTS, 'ATTR octetString notify-user-data "desk 7"', user="bert")
    )
    assert fetch(held, subscription, user="bert").groups == ()
    job = job_id(submit(held, name="secret plans"))
    held.wait_for_state(job, JobState.HELD)
    about(held, "Set-Job-Attributes", job, "GROUP job-attributes-tag", "ATTR name job-name plans")
    about(held, "Release-Job", job)
    server.finished(1)
    told = fetch(held, subscription, user="bert").groups
    of_job = [group["notify-subscribed-event"] for group in told if group.get("notify-job-id") == job]
    assert of_job[0] == "job-created" and of_job[-1] == "job-completed"
    assert {"job-state-changed", "job-config-changed"} <= set(of_job)
    assert {"printer-state-changed"} <= {group["notify-subscribed-event"] for group in told}
    assert [group["notify-sequence-number"] for group in told] == list(range(1, len(told) + 1))
    assert {group["notify-user-data"] for group in told} == {told[0]["notify-user-data"]}
    assert "secret" not in str(told) and "anna" not in str(told)  # of others' jobs, how far they are
    later = fetch(held, subscription, f"ATTR integer notify-sequence-numbers {len(told)}", user="bert").groups
    assert events(later) == events(told)[-1:]


def test_a_client_waits_for_an_event(held: PrintServer) -> None:
    subscription = number(subscribe(held, PULL, "ATTR keyword notify-events job-created"))
    answers: list[ipptool.Answer] = []
    lines = [
        "ATTR name requesting-user-name anna",
        f"ATTR integer notify-subscription-ids {subscription}",
        "ATTR boolean notify-wait true",
    ]
    thread = threading.Thread(
        target=lambda: answers.append(ipptool.ask(held.uri("office"), "Get-Notifications", lines))
    )
    thread.start()
    job = job_id(submit(held))
    thread.join()
    assert [group["notify-job-id"] for group in answers[0].groups] == [job]


def test_a_subscription_to_a_job_ends_with_it(held: PrintServer) -> None:
    job = job_id(submit(held))
    held.wait_for_state(job, JobState.HELD)
    assert subscribe(held, PULL, user="bert", job=job).status == "client-error-not-authorized"
    subscription = number(subscribe(held, PULL, job=job))
    assert ask(held, "Renew-Subscription", f"ATTR integer notify-subscription-id {subscription}").status == (
        "client-error-not-possible"
    )
    about(held, "Cancel-Job", job)
    assert events(fetch(held, subscription).groups) == [(1, "job-completed")]
    done = fetch(held, subscription, "ATTR integer notify-sequence-numbers 2", "ATTR boolean notify-wait true")
    assert (done.status, done.groups) == ("successful-ok-events-complete", ())
    assert subscribe(held, PULL, job=job).status == "client-error-not-possible"


def test_a_job_is_made_with_a_subscription_whatever_is_wrong_with_that(held: PrintServer) -> None:
    lines = ["ATTR name requesting-user-name anna", "GROUP subscription-attributes-tag"]
    good = ipptool.ask(held.uri("office"), "Print-Job", [*lines, PULL], document=ONE_PAGE)
    assert good.status == "successful-ok"
    assert events(fetch(held, number(good)).groups) == []
    wrong = ["ATTR integer notify-pull-method 5", "GROUP subscription-attributes-tag", "ATTR keyword notify-events x"]
    bad = ipptool.ask(held.uri("office"), "Create-Job", [*lines, *wrong])
    assert bad.status == "successful-ok"
    assert "job-id" in bad.groups[0]
    assert [group["notify-status-code"] for group in bad.groups[1:]] == [0x040B, 0x0400]


def test_own_subscriptions_and_no_others(held: PrintServer) -> None:
    mine = number(subscribe(held, PULL, "ATTR integer notify-lease-duration 100"))
    number(subscribe(held, PULL, user="bert"))
    listed = ask(held, "Get-Subscriptions", "ATTR keyword requested-attributes all")
    assert [group["notify-subscription-id"] for group in listed.groups] == [mine]
    assert listed.first["notify-lease-duration"] == 100
    assert listed.first["notify-events"] == "job-completed"
    one = f"ATTR integer notify-subscription-id {mine}"
    for operation in ("Get-Subscription-Attributes", "Renew-Subscription", "Cancel-Subscription"):
        assert ask(held, operation, one, user="bert").status == "client-error-not-found", operation
        assert ask(held, operation).status == "client-error-bad-request", operation
    assert fetch(held, mine, user="bert").status == "client-error-not-found"
    renewed = ask(held, "Renew-Subscription", one, "ATTR integer notify-lease-duration 0")
    assert renewed.first["notify-lease-duration"] == 86_400
    template = ask(
        held, "Get-Subscription-Attributes", one, "ATTR keyword requested-attributes subscription-template"
    ).first
    assert "notify-events" in template and "notify-subscription-id" not in template
    assert ask(held, "Cancel-Subscription", one).status == "successful-ok"
    gone = fetch(held, mine)
    assert (gone.status, gone.first["notify-subscription-ids"]) == ("client-error-not-found", mine)


def test_limits_and_bad_wishes(held: PrintServer) -> None:
    for lines, code in (
        (("ATTR uri notify-recipient-uri mailto:anna@example.org",), 0x040C),
        (("ATTR keyword notify-pull-method carrier-pigeon",), 0x040B),
        (("ATTR keyword notify-events job-created",), 0x0400),  # neither a method nor a recipient
        ((PULL, "ATTR keyword notify-events no-such-event"), 0x040B),
        ((PULL, "ATTR integer notify-events 7"), 0x0400),
        ((PULL, "ATTR integer notify-lease-duration -1"), 0x0400),
        ((PULL, f"ATTR octetString notify-user-data {'x' * 64}"), 0x0409),
    ):
        answer = subscribe(held, *lines)
        assert answer.status == "client-error-ignored-all-subscriptions", lines
        assert answer.first["notify-status-code"] == code, lines
    assert ask(held, "Create-Printer-Subscriptions").status == "client-error-bad-request"
    partly = subscribe(
        held, PULL, "ATTR keyword notify-events job-created,no-such-event", "ATTR keyword unheard-of x"
    )
    assert partly.status == "successful-ok" and partly.first["notify-status-code"] == 1
    assert partly.first["notify-events"] == "no-such-event"
    number(subscribe(held, PULL))
    number(subscribe(held, PULL))
    assert subscribe(held, PULL).first["notify-status-code"] == 0x0415  # the user's limit
    number(subscribe(held, PULL, user="bert"))
    assert subscribe(held, PULL, user="bert").first["notify-status-code"] == 0x0415  # the limit of all
    many = ",".join(str(one) for one in range(1, 102))
    assert ask(held, "Get-Notifications", f"ATTR integer notify-subscription-ids {many}").status == (
        "client-error-request-entity-too-large"
    )
    assert ask(held, "Get-Notifications").status == "client-error-bad-request"
