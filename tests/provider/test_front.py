"""What a queue answers: statuses that say what is wrong, and nobody's business to nobody else."""

from __future__ import annotations

import gzip
import os
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.provider.queue_attributes import OPERATIONS
from rig import curl, ipptool
from rig.ipptool import strings
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.submit import FOUR_PAGES, ONE_PAGE, about, job_id, submit
from tests.provider.world import PrintServer, run_print_server


@pytest.fixture
def held(server: ContractServer, printer: VirtualPrinter) -> Iterator[PrintServer]:
    """A print server whose queue *office* holds every job."""
    server.add_queue("office", printer.uri, hold=True)
    with run_print_server(server.url, max_document_mib=1, max_active_jobs=8) as print_server:
        print_server.wait_for_queue("office")
        yield print_server


def post_packed(at: PrintServer, folder: Path, compression: str, packed: bytes) -> bytes:
    """The answer to a Print-Job with octets as they are: ipptool would unpack them first."""
    uri = at.uri("office")
    name = curl.attribute(curl.NAME, "requesting-user-name", b"anna")
    said = curl.attribute(curl.KEYWORD, "compression", compression.encode())
    return curl.post(uri, curl.request(curl.PRINT_JOB, uri, name, said) + packed, folder)[1]


def test_an_unknown_queue(held: PrintServer) -> None:
    answer = submit(held, queue="nowhere")
    assert (answer.status, answer.message) == ("client-error-not-found", "there is no queue at /ipp/print/nowhere")


def test_the_only_queue_needs_no_name(held: PrintServer) -> None:
    uri = f"ipp://localhost:{held.port}/ipp/print"
    assert ipptool.ask(uri, "Get-Printer-Attributes").first["printer-name"] == "office"


def test_the_addresses_are_those_that_the_client_used(held: PrintServer, tmp_path: Path) -> None:
    uri = held.uri("office")
    body = curl.request(curl.GET_PRINTER_ATTRIBUTES, uri)
    _, answer = curl.post(uri, body, tmp_path, ["-H", "Host: print.example:631"])
    assert b"ipp://print.example:631/ipp/print/office" in answer
    assert b"localhost" not in answer


def test_a_format_that_the_printer_does_not_take(held: PrintServer) -> None:
    answer = submit(held, document_format="application/vnd.example")
    assert answer.status == "client-error-document-format-not-supported"
    assert answer.first == {"document-format": "application/vnd.example"}


def test_options_that_the_printer_cannot_do_are_named_and_left_out(held: PrintServer) -> None:
    template = ["ATTR integer copies 3", "ATTR keyword sides upside-down", "ATTR keyword unheard-of yes"]
    answer = submit(held, template=template)
    assert answer.status == "successful-ok-ignored-or-substituted-attributes"
    assert set(answer.groups[0]) == {"sides", "unheard-of"}
    job = held.jobs()[0]
    assert {attribute.name: attribute.value for attribute in job.attributes}["copies"] == 3
    assert "unheard-of" not in [attribute.name for attribute in job.attributes]


def test_a_client_that_insists_gets_all_or_nothing(held: PrintServer) -> None:
    answer = submit(
        held, template=["ATTR integer copies 100000"], operation=["ATTR boolean ipp-attribute-fidelity true"]
    )
    assert answer.status == "client-error-attributes-or-values-not-supported"
    assert answer.first == {"copies": 100000}
    assert "copies" in answer.message
    assert held.jobs() == [] and held.spooled() == []


def test_validate_job_says_the_same_and_makes_nothing(held: PrintServer) -> None:
    lines = ["ATTR name requesting-user-name anna", "ATTR mimeMediaType document-format application/vnd.example"]
    answer = ipptool.ask(held.uri("office"), "Validate-Job", lines)
    assert answer.status == "client-error-document-format-not-supported"
    assert ipptool.ask(held.uri("office"), "Validate-Job", lines[:1]).status == "successful-ok"
    assert held.jobs() == []


@pytest.mark.parametrize(
    ("compression", "pack"), [("gzip", gzip.compress), ("deflate", lambda octets: zlib.compress(octets))]
)
def test_a_compressed_document_is_spooled_plain(
    held: PrintServer, tmp_path: Path, compression: str, pack: Callable[[bytes], bytes]
) -> None:
    packed = pack(ONE_PAGE.read_bytes())
    assert post_packed(held, tmp_path, compression, packed)[2:4] == b"\0\0"
    assert held.spooled()[0].read_bytes() == ONE_PAGE.read_bytes()


def test_a_document_that_is_not_what_its_compression_says(held: PrintServer) -> None:
    answer = submit(held, operation=["ATTR keyword compression gzip"])
    assert answer.status == "client-error-compression-error"
    assert held.jobs() == [] and held.spooled() == []


def test_a_document_that_is_too_large(held: PrintServer, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(os.urandom(1 << 20) + b"x")
    answer = submit(held, large)
    assert answer.status == "client-error-request-entity-too-large"
    assert "1048576 octets" in answer.message
    assert post_packed(held, tmp_path, "gzip", gzip.compress(bytes(50 << 20)))[2:4] == b"\x04\x08"
    assert held.jobs() == [] and held.spooled() == []


def test_too_many_jobs(held: PrintServer) -> None:
    for _ in range(8):
        job_id(submit(held))
    assert submit(held).status == "server-error-too-many-jobs"


def test_too_many_jobs_of_one_user_or_from_one_address(server: ContractServer, printer: VirtualPrinter) -> None:
    server.add_queue("office", printer.uri, hold=True)
    with run_print_server(server.url, max_active_jobs_per_user=2, max_active_jobs_per_address=3) as print_server:
        print_server.wait_for_queue("office")
        first = [job_id(submit(print_server)) for _ in range(2)]
        third = submit(print_server)
        assert (third.status, "anna has 2" in third.message) == ("server-error-too-many-jobs", True)
        asked = ipptool.ask(print_server.uri("office"), "Validate-Job", ["ATTR name requesting-user-name anna"])
        assert asked.status == "server-error-too-many-jobs"
        job_id(submit(print_server, user="bert"))
        fourth = submit(print_server, user="carl")
        assert (fourth.status, "from 127.0.0.1" in fourth.message) == ("server-error-too-many-jobs", True)
        about(print_server, "Cancel-Job", first[0])
        job_id(submit(print_server))
        print_server.process.kill()
        print_server.process.start()
        assert submit(print_server).status == "server-error-too-many-jobs"


def test_a_job_is_seen_and_changed_only_by_its_owner(held: PrintServer) -> None:
    number = job_id(submit(held, user="anna", name="secret plans"))
    held.wait_for_state(number, JobState.HELD)
    for other in ("bert", "Anna", "anna\u200b"):
        for operation in ("Get-Job-Attributes", "Cancel-Job", "Release-Job", "Hold-Job", "Close-Job"):
            assert about(held, operation, number, user=other).status == "client-error-not-authorized", operation
    assert held.job(number).state is JobState.HELD
    assert about(held, "Get-Job-Attributes", number).first["job-name"] == "secret plans"


def test_of_others_jobs_people_see_only_that_they_are_there(held: PrintServer) -> None:
    number = job_id(submit(held, user="anna", name="secret plans"))
    wanted = ["ATTR keyword requested-attributes all", "ATTR name requesting-user-name bert"]
    (seen,) = ipptool.ask(held.uri("office"), "Get-Jobs", wanted).groups
    assert seen["job-id"] == number
    assert {"job-name", "job-originating-user-name", "document-name"}.isdisjoint(seen)
    mine = ipptool.ask(held.uri("office"), "Get-Jobs", [*wanted, "ATTR boolean my-jobs true"])
    assert mine.groups == ()


def test_get_jobs_in_their_order_and_to_a_limit(held: PrintServer) -> None:
    numbers = [job_id(submit(held)) for _ in range(4)]
    ask = ["ATTR name requesting-user-name anna"]
    listed = ipptool.ask(held.uri("office"), "Get-Jobs", [*ask, "ATTR integer limit 3"])
    assert [group["job-id"] for group in listed.groups] == numbers[:3]
    for number in numbers[:2]:
        about(held, "Cancel-Job", number)
    for which, expected in (("not-completed", numbers[2:]), ("completed", [2, 1]), ("all", [3, 4, 2, 1])):
        listed = ipptool.ask(held.uri("office"), "Get-Jobs", [*ask, f"ATTR keyword which-jobs {which}"])
        assert [group["job-id"] for group in listed.groups] == expected
    wrong = ipptool.ask(held.uri("office"), "Get-Jobs", [*ask, "ATTR keyword which-jobs fetchable"])
    assert wrong.status == "client-error-attributes-or-values-not-supported"


def test_cancel_my_jobs_cancels_mine(held: PrintServer) -> None:
    mine = [job_id(submit(held)) for _ in range(3)]
    others = job_id(submit(held, user="bert"))
    ask = ["ATTR name requesting-user-name anna"]
    wrong = ipptool.ask(held.uri("office"), "Cancel-My-Jobs", [*ask, f"ATTR integer job-ids {mine[0]},{others}"])
    assert wrong.status == "client-error-not-possible"
    assert wrong.first["job-ids"] == others
    assert all(not job.state.is_final for job in held.jobs())
    assert ipptool.ask(held.uri("office"), "Cancel-My-Jobs", ask).status == "successful-ok"
    assert {job.job_id: job.state.is_final for job in held.jobs()} == {**dict.fromkeys(mine, True), others: False}


def test_a_finished_job_cannot_be_changed(held: PrintServer) -> None:
    number = job_id(submit(held))
    assert about(held, "Cancel-Job", number).status == "successful-ok"
    for operation in ("Cancel-Job", "Hold-Job", "Release-Job"):
        answer = about(held, operation, number)
        assert answer.status == "client-error-not-possible"
        assert str(number) in answer.message and "cancelled" in answer.message


def test_a_job_takes_one_document(held: PrintServer) -> None:
    number = job_id(ipptool.ask(held.uri("office"), "Create-Job", ["ATTR name requesting-user-name anna"]))

    def send(last: bool, document: Path | None) -> ipptool.Answer:
        lines = [
            f"ATTR integer job-id {number}",
            "ATTR name requesting-user-name anna",
            f"ATTR boolean last-document {str(last).lower()}",
        ]
        return ipptool.ask(held.uri("office"), "Send-Document", lines, document=document)

    assert send(False, FOUR_PAGES).status == "successful-ok"
    assert send(False, ONE_PAGE).status == "server-error-multiple-document-jobs-not-supported"
    assert send(True, None).status == "successful-ok"
    assert held.wait_for_state(number, JobState.HELD).document is not None
    assert send(True, ONE_PAGE).status == "client-error-not-possible"


def test_a_queue_may_be_closed(server: ContractServer, printer: VirtualPrinter) -> None:
    server.add_queue("office", printer.uri, accepting=False)
    with run_print_server(server.url) as closed:
        closed.wait_for_queue("office")
        assert submit(closed).status == "server-error-not-accepting-jobs"
        assert ipptool.ask(closed.uri("office"), "Get-Printer-Attributes").first["printer-is-accepting-jobs"] is False


def test_a_stranger_outside_the_trusted_networks(server: ContractServer, printer: VirtualPrinter) -> None:
    server.add_queue("office", printer.uri, trusted_networks=["192.0.2.0/24"])
    with run_print_server(server.url) as far:
        far.wait_for_queue("office")
        answer = submit(far)
        assert answer.status == "client-error-not-authorized"
        assert "127.0.0.1 is not in a network that queue office trusts" in answer.message
        assert ipptool.ask(far.uri("office"), "Get-Printer-Attributes").status == "successful-ok"


def test_a_job_without_a_name_for_its_owner(held: PrintServer, tmp_path: Path) -> None:
    body = curl.request(curl.PRINT_JOB, held.uri("office")) + ONE_PAGE.read_bytes()
    _, octets = curl.post(held.uri("office"), body, tmp_path)
    assert octets[2:4] == b"\x04\x03"
    assert held.jobs() == []


def test_asked_attributes_and_no_others(held: PrintServer) -> None:
    lines = ["ATTR keyword requested-attributes printer-name,printer-state,queued-job-count"]
    first = ipptool.ask(held.uri("office"), "Get-Printer-Attributes", lines).first
    assert set(first) == {"printer-name", "printer-state", "queued-job-count"}
    assert first["queued-job-count"] == 0
    job_id(submit(held))
    assert ipptool.ask(held.uri("office"), "Get-Printer-Attributes", lines).first["queued-job-count"] == 1


def test_an_operation_that_is_not_there(held: PrintServer) -> None:
    assert ipptool.ask(held.uri("office"), "Print-URI").status == "server-error-operation-not-supported"
    operations = strings(ipptool.ask(held.uri("office"), "Get-Printer-Attributes").first, "operations-supported")
    assert sorted(map(int, operations)) == sorted(OPERATIONS)


def test_the_device_identifies_itself(held: PrintServer) -> None:
    lines = ["ATTR name requesting-user-name anna", "ATTR keyword identify-actions flash"]
    assert ipptool.ask(held.uri("office"), "Identify-Printer", lines).status == "successful-ok"


def test_health(held: PrintServer, server: ContractServer) -> None:
    status, live = held.health("live")
    assert (status, live["status"]) == (200, "ok")
    status, ready = held.health("ready")
    assert (status, ready["status"], ready["question"]) == (200, "ok", "readiness")
    server.away = True
    assert submit(held).status == "successful-ok"
    wait_for("the server to be missed", lambda: held.health("ready")[1]["status"] == "warn")
    assert held.health("ready")[0] == 200
    assert held.health("other")[0] == 404


def test_pictures_of_the_printer(held: PrintServer) -> None:
    icons = strings(ipptool.ask(held.uri("office"), "Get-Printer-Attributes").first, "printer-icons")
    assert len(icons) == 3
    for icon in icons:
        with urllib.request.urlopen(icon, timeout=30) as answer:
            assert answer.headers["content-type"] == "image/png"
            assert answer.read(8) == b"\x89PNG\r\n\x1a\n"
