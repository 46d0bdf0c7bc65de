"""Set-Job-Attributes and Restart-Job: what an owner may still change, and what not."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from everprint.contract.job_life import JobState
from rig import ipptool
from rig.virtual_printer import VirtualPrinter
from tests.provider.contract_server import ContractServer
from tests.provider.submit import FOUR_PAGES, about, job_id, submit
from tests.provider.world import PrintServer, run_print_server


@pytest.fixture
def held(server: ContractServer, printer: VirtualPrinter) -> Iterator[PrintServer]:
    server.add_queue("office", printer.uri, hold=True)
    with run_print_server(server.url) as print_server:
        print_server.wait_for_queue("office")
        yield print_server


def change(at: PrintServer, job: int, *lines: str, user: str = "anna") -> ipptool.Answer:
    return about(at, "Set-Job-Attributes", job, "GROUP job-attributes-tag", *lines, user=user)


def test_a_held_job_is_priced_and_printed_as_it_was_changed(held: PrintServer, server: ContractServer) -> None:
    number = job_id(submit(held, FOUR_PAGES, template=["ATTR integer copies 5"]))
    held.wait_for_state(number, JobState.HELD)
    answer = change(
        held,
        number,
        "ATTR name job-name minutes",
        "ATTR integer copies 2",
        "ATTR keyword sides two-sided-long-edge",
        "ATTR integer job-priority 80",
    )
    assert answer.status == "successful-ok"
    held.process.kill()
    held.process.start()
    assert about(held, "Release-Job", number).status == "successful-ok"
    (finished,) = server.finished(1)
    assert (finished.output.impressions, finished.output.sheets) == (8, 4)
    (asked,) = server.asked
    assert (asked.job.job_name, asked.job.copies, asked.job.sides) == ("minutes", 2, "two-sided-long-edge")
    assert asked.document.output is not None and asked.document.output.sheets == 4


def test_an_option_is_left_to_the_printer_again(held: PrintServer) -> None:
    number = job_id(submit(held, template=["ATTR integer copies 5"]))
    held.wait_for_state(number, JobState.HELD)
    assert change(held, number, "ATTR delete-attribute copies").status == "successful-ok"
    job = held.job(number)
    assert job.ticket.copies == 1
    assert "copies" not in [attribute.name for attribute in job.attributes]


def test_all_or_nothing(held: PrintServer) -> None:
    number = job_id(submit(held))
    before = held.wait_for_state(number, JobState.HELD)
    for lines, status, named in (
        (
            ("ATTR name job-name x", "ATTR uri job-uuid urn:uuid:1"),
            "client-error-attributes-not-settable",
            "job-uuid",
        ),
        (
            ("ATTR name job-name x", "ATTR integer copies 100000"),
            "client-error-attributes-or-values-not-supported",
            "copies",
        ),
        (("ATTR name job-name x", "ATTR integer copies 1,2"), "client-error-bad-request", None),
        (
            ("ATTR keyword job-name x", "ATTR keyword copies x"),
            "client-error-attributes-or-values-not-supported",
            "copies",
        ),
        (('ATTR name job-name ""',), "client-error-bad-request", None),
    ):
        answer = change(held, number, *lines)
        assert answer.status == status, lines
        assert named is None or named in answer.first
    assert about(held, "Set-Job-Attributes", number).status == "client-error-bad-request"
    assert change(held, number, "ATTR name job-name x", user="bert").status == "client-error-not-authorized"
    assert held.job(number) == before


def test_a_name_and_a_release_that_cannot_be_change_nothing(held: PrintServer) -> None:
    with_pin = ["ATTR octetString job-password 83140275", "ATTR keyword job-password-encryption none"]
    number = job_id(submit(held, operation=with_pin))
    before = held.wait_for_state(number, JobState.HELD)
    for lines in (("ATTR name job-name x",), ("ATTR name job-name x", "ATTR integer copies 3")):
        answer = change(held, number, *lines, "ATTR keyword job-hold-until no-hold")
        assert answer.status == "client-error-not-possible"
        assert "PIN" in answer.message
    assert held.job(number) == before


def test_name_options_and_release_in_one(held: PrintServer, server: ContractServer) -> None:
    number = job_id(submit(held))
    held.wait_for_state(number, JobState.HELD)
    lines = ("ATTR name job-name x", "ATTR integer copies 3", "ATTR keyword job-hold-until no-hold")
    assert change(held, number, *lines).status == "successful-ok"
    (finished,) = server.finished(1)
    assert finished.output.impressions == 3
    assert [asked.job.job_name for asked in server.asked] == ["x"]


def test_of_changes_at_the_same_time_each_holds_or_is_refused(held: PrintServer) -> None:
    """Each is looked into for a moment; what another one changed meanwhile is not lost."""
    number = job_id(submit(held, FOUR_PAGES))
    held.wait_for_state(number, JobState.HELD)
    options = ("integer copies 3", "keyword sides two-sided-long-edge", "integer number-up 2", "enum print-quality 5")
    with ThreadPoolExecutor(len(options)) as clients:
        answers = list(clients.map(lambda option: change(held, number, f"ATTR {option}"), options))
    assert {answer.status for answer in answers} <= {"successful-ok", "client-error-not-possible"}
    names = [option.split()[1] for option in options]
    changed = {name for name, answer in zip(names, answers, strict=True) if answer.status == "successful-ok"}
    job = held.job(number)
    assert {attribute.name for attribute in job.attributes} & set(names) == changed != set()
    assert ("copies" in changed) is (job.ticket.copies == 3)


def test_hold_and_release(held: PrintServer, server: ContractServer) -> None:
    number = job_id(submit(held))
    held.wait_for_state(number, JobState.HELD)
    assert about(held, "Get-Job-Attributes", number).first["job-hold-until"] == "indefinite"
    assert change(held, number, "ATTR keyword job-hold-until indefinite").status == "successful-ok"
    assert change(held, number, "ATTR keyword job-hold-until no-hold").status == "successful-ok"
    server.finished(1)
    assert about(held, "Get-Job-Attributes", number).first["job-hold-until"] == "no-hold"
    assert change(held, number, "ATTR name job-name late").status == "client-error-not-possible"


def test_a_job_that_is_decided_keeps_its_options(held: PrintServer, server: ContractServer) -> None:
    server.away = True
    number = job_id(submit(held))
    held.wait_for_state(number, JobState.HELD)
    about(held, "Release-Job", number)
    for lines in (("ATTR integer copies 2",), ("ATTR name job-name none", "ATTR integer copies 2")):
        assert change(held, number, *lines).status == "client-error-not-possible"
    assert held.job(number).job_name != "none"
    assert change(held, number, "ATTR name job-name minutes").status == "successful-ok"


def test_a_job_is_never_restarted(held: PrintServer) -> None:
    number = job_id(submit(held))
    assert about(held, "Restart-Job", number).status == "client-error-not-possible"
    about(held, "Cancel-Job", number)
    answer = about(held, "Restart-Job", number)
    assert answer.status == "client-error-not-possible"
    assert "print it again" in answer.message


def test_get_jobs_by_their_numbers(held: PrintServer) -> None:
    numbers = [job_id(submit(held)) for _ in range(3)]
    about(held, "Cancel-Job", numbers[1])
    ask = ["ATTR name requesting-user-name anna", f"ATTR integer job-ids {numbers[2]},{numbers[1]},99"]
    listed = ipptool.ask(held.uri("office"), "Get-Jobs", ask)
    assert [group["job-id"] for group in listed.groups] == [numbers[2], numbers[1]]
    both = ipptool.ask(held.uri("office"), "Get-Jobs", [*ask, "ATTR keyword which-jobs all"])
    assert both.status == "client-error-conflicting-attributes"
