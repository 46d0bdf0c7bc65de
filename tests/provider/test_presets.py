"""What a queue offers each person, and how it takes their jobs: by their presets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.presets import Preset
from everprint.documents.ticket import SidesKeyword
from everprint.ipp.message import boolean, keyword, range_of_integer
from everprint.ipp.values import IntegerRange
from everprint.provider.mirrored import NEVER_SEEN, mirror
from everprint.provider.preset_view import view_of
from rig import ipptool
from rig.ipptool import strings
from rig.virtual_printer import VirtualPrinter
from tests.provider.contract_server import ContractServer
from tests.provider.submit import FOUR_PAGES, about, job_id, submit
from tests.provider.world import PrintServer, run_print_server

PUPILS = Preset(
    name="Pupils", users=("anna",), colour=False, two_sided_only=True, most_copies=5,
    sides_default=SidesKeyword.TWO_SIDED_SHORT_EDGE,
)  # fmt: skip
OF_USER = "0x0066"  # Get-User-Printer-Attributes, which ipptool does not know by name
RICH = ["ATTR integer copies 9", "ATTR keyword sides one-sided", "ATTR keyword print-color-mode color"]


@pytest.fixture
def school(server: ContractServer, printer: VirtualPrinter) -> Iterator[PrintServer]:
    server.add_queue("office", printer.uri, presets=(PUPILS,))
    with run_print_server(server.url) as print_server:
        print_server.wait_for_queue("office")
        yield print_server


def asked(at: PrintServer, operation: str, user: str) -> ipptool.Attributes:
    answer = ipptool.ask(at.uri("office"), operation, [f"ATTR name requesting-user-name {user}"])
    assert answer.status == "successful-ok"
    return answer.first


def test_each_person_is_offered_what_their_preset_allows(school: PrintServer) -> None:
    pupil = asked(school, OF_USER, "anna")
    assert pupil["color-supported"] is False
    assert "color" not in strings(pupil, "print-color-mode-supported")
    assert pupil["print-color-mode-default"] == "monochrome"
    assert "one-sided" not in strings(pupil, "sides-supported")
    assert pupil["sides-default"] == "two-sided-short-edge"
    assert "5" in str(pupil["copies-supported"])
    for operation, user in ((OF_USER, "zoe"), ("Get-Printer-Attributes", "anna")):
        other = asked(school, operation, user)
        assert other["color-supported"] is True
        assert "one-sided" in strings(other, "sides-supported")
        assert str(other["copies-supported"]) != str(pupil["copies-supported"])


def test_jobs_are_taken_as_their_owners_presets_allow(school: PrintServer, server: ContractServer) -> None:
    made = submit(school, FOUR_PAGES, template=RICH)
    assert made.status == "successful-ok-ignored-or-substituted-attributes"
    (told,) = server.finished(1)
    assert (told.output.impressions, told.output.sheets, told.output.colour_impressions) == (4, 2, 0)
    made = submit(school, FOUR_PAGES, user="zoe", template=RICH)
    assert made.status == "successful-ok"
    told = server.finished(2)[-1]
    assert (told.output.impressions, told.output.sheets) == (36, 36)
    assert told.output.colour_impressions


def test_with_fidelity_a_job_that_its_preset_forbids_is_none(school: PrintServer) -> None:
    refused = submit(school, template=RICH, operation=["ATTR boolean ipp-attribute-fidelity true"])
    assert refused.status == "client-error-attributes-or-values-not-supported"


def test_a_waiting_job_is_not_changed_into_what_the_preset_forbids(
    server: ContractServer, printer: VirtualPrinter
) -> None:
    server.add_queue("office", printer.uri, presets=(PUPILS,), hold=True)
    with run_print_server(server.url) as school:
        school.wait_for_queue("office")
        number = school.wait_for_state(job_id(submit(school)), JobState.HELD).job_id
        for line in RICH:
            answer = about(school, "Set-Job-Attributes", number, "GROUP job-attributes-tag", line)
            assert answer.status == "client-error-attributes-or-values-not-supported", line
        lines = ["GROUP job-attributes-tag", "ATTR keyword sides two-sided-long-edge", "ATTR integer copies 5"]
        assert about(school, "Set-Job-Attributes", number, *lines).status == "successful-ok"
        assert school.job(number).ticket.sides == "two-sided-long-edge"
        left = ["GROUP job-attributes-tag", "ATTR delete-attribute sides"]
        assert about(school, "Set-Job-Attributes", number, *left).status == "successful-ok"
        assert school.job(number).ticket.sides == "two-sided-short-edge", "the person's default again"


def test_a_printer_that_can_do_less_than_the_preset_says_stays_as_it_is() -> None:
    plain = mirror(NEVER_SEEN) | {
        "color-supported": boolean("color-supported", False),
        "sides-supported": keyword("sides-supported", "one-sided"),
        "copies-supported": range_of_integer("copies-supported", IntegerRange(1, 2)),
    }
    view = view_of(plain, PUPILS)
    assert dict(view.shown) == plain
    assert view.said_for == ()
