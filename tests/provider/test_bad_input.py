"""What people and programs get wrong, or do on purpose: each is told what is wrong, and no other job notices."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import Authorise, Print, RefusalReason, Refuse
from rig import curl, ipptool
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import PRINT, ContractServer
from tests.provider.submit import FOUR_PAGES, ONE_PAGE, job_id, submit
from tests.provider.world import PrintServer, run_print_server


def only_readable(message: Authorise) -> Print | Refuse:
    """What a server does with a document that nobody can count."""
    if message.document.output is None:
        return Refuse(reason=RefusalReason.DOCUMENT_UNPRINTABLE, message=message.document.reason)
    return PRINT


def encrypted(folder: Path) -> Path:
    import pikepdf

    made = folder / "encrypted.pdf"
    with pikepdf.open(ONE_PAGE) as pdf:
        pdf.save(made, encryption=pikepdf.Encryption(owner="o", user="u"))
    return made


def without_pages(folder: Path) -> Path:
    import pikepdf

    made = folder / "empty.pdf"
    with pikepdf.new() as pdf:
        pdf.save(made)
    return made


def truncated(folder: Path) -> Path:
    made = folder / "truncated.pdf"
    made.write_bytes(FOUR_PAGES.read_bytes()[:300])
    return made


def noise(folder: Path) -> Path:
    made = folder / "noise.pdf"
    made.write_bytes(os.urandom(50_000))
    return made


@pytest.mark.parametrize("make", [truncated, encrypted, without_pages, noise])
def test_a_document_that_cannot_be_read_is_refused_with_the_reason_and_the_next_one_prints(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer, tmp_path: Path, make: object
) -> None:
    server.decide = only_readable
    bad = job_id(submit(office, make(tmp_path)))  # type: ignore[operator] # one of the functions above
    good = job_id(submit(office))
    office.wait_for_state(good, JobState.COMPLETED)
    refused = office.wait_for_state(bad, JobState.REFUSED)
    assert refused.job_state_reasons[0] == "document-unprintable-error"
    assert refused.job_state_message
    assert len(printer.jobs()) == 1


def test_a_mislabelled_document_is_counted_by_what_it_is(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    server.decide = only_readable
    number = job_id(submit(office, FOUR_PAGES, document_format="image/jpeg"))
    office.wait_for_state(number, JobState.COMPLETED, JobState.ABORTED)
    assert server.asked[0].document.language == "PDF"
    assert server.asked[0].document.pages == 4


def test_no_document_at_all(office: PrintServer, tmp_path: Path) -> None:
    uri = office.uri("office")
    body = curl.request(curl.PRINT_JOB, uri, curl.attribute(curl.NAME, "requesting-user-name", b"anna"))
    status, answer = curl.post(uri, body, tmp_path)
    assert (status, answer[2:4]) == (200, b"\x04\x00")
    assert b"no document" in answer
    assert office.jobs() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x02\x00\x00\x02",
        b"\x02\x00\x00\x02\x00\x00\x00\x01\x01\x47\xff\xff",
        b"\x02\x00\x00\x02\x00\x00\x00\x01\x01\x47\x00\x12attributes-charset\x80\x00",
        b"\x02\x00\x00\x02\x00\x00\x00\x01\x0f\x03",
        b"GET / HTTP/1.1\r\n\r\n",
        os.urandom(5000),
    ],
    ids=["nothing", "half a header", "a huge name", "a negative length", "an unknown group", "no IPP", "noise"],
)
def test_broken_ipp_is_answered_and_harms_nobody(office: PrintServer, tmp_path: Path, body: bytes) -> None:
    status, answer = curl.post(office.uri("office"), body, tmp_path)
    assert status == 400 or answer[2:4] in (b"\x04\x00", b"\x05\x03", b"\x05\x01"), (status, answer[:200])
    assert office.health()[0] == 200
    assert office.jobs() == []


def begin_request(at: PrintServer, octets: int, sent: bytes) -> socket.socket:
    """A Print-Job that announces so many octets of document and sends only these."""
    uri = at.uri("office")
    body = curl.request(curl.PRINT_JOB, uri, curl.attribute(curl.NAME, "requesting-user-name", b"anna"))
    lines = [
        "POST /ipp/print/office HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/ipp",
        f"Content-Length: {len(body) + octets}",
    ]
    head = "".join(f"{line}\r\n" for line in [*lines, ""])
    connection = socket.create_connection(("127.0.0.1", at.port), timeout=30)
    connection.sendall(head.encode() + body + sent)
    return connection


@pytest.mark.parametrize("sent", [1_000, 2_000_000], ids=["small", "large"])
def test_nothing_is_left_of_a_document_whose_client_goes_away(office: PrintServer, sent: int) -> None:
    connection = begin_request(office, 3_000_000, bytes(sent))
    if sent > 1_000_000:
        wait_for("the document to be written", office.spooled)
    connection.close()
    wait_for("the document to go", lambda: office.spooled() == [])
    assert office.jobs() == []
    assert submit(office).status == "successful-ok"


def test_slow_clients_stall_nobody(server: ContractServer, office: PrintServer) -> None:
    """Many that send an octet now and then; one honest client prints as ever."""
    slow = [begin_request(office, 1_000_000, b"x") for _ in range(100)]
    try:
        began = time.monotonic()
        number = job_id(submit(office))
        assert time.monotonic() - began < 20  # a slow one may take half a minute
        office.wait_for_state(number, JobState.COMPLETED)
    finally:
        for connection in slow:
            connection.close()


def test_a_credential_that_the_server_does_not_know_keeps_jobs_and_says_why(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    office.process.stop()
    identity = office.state / "identity.json"
    right = identity.read_text()
    identity.write_text(right.replace('"secret"', '"wrong"'))
    office.process.start()
    number = job_id(submit(office))
    wait_for("the job to say why it waits", lambda: "not known" in office.job(number).job_state_message)
    assert "not known" in str(office.health()[1]["checks"])
    office.process.stop()
    identity.write_text(right)
    office.process.start()
    assert server.finished(1)[0].state is JobState.COMPLETED


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MiB, where the system lets us make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "everprint-test", str(folder)], capture_output=True, check=False
    )
    if mount.returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_refuses_new_jobs_and_loses_no_accepted_one(
    server: ContractServer, printer: VirtualPrinter, small_disk: Path
) -> None:
    server.add_queue("office", printer.uri, hold=True)
    with run_print_server(server.url, free_space_mib=8) as office:
        office.process.stop()
        state = small_disk / "state"
        subprocess.run(["cp", "-a", office.state, state], check=True)
        office.config.write_text(office.config.read_text().replace(str(office.state), str(state)))
        office.state = state
        office.process.start()
        office.wait_for_queue("office")
        accepted = [job_id(submit(office, FOUR_PAGES)) for _ in range(3)]
        anna = "ATTR name requesting-user-name anna"
        created = job_id(ipptool.ask(office.uri("office"), "Create-Job", [anna]))
        filler = small_disk / "filler"
        with suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(1 << 16))
                file.flush()
        # Free space is looked at a few times a second.
        wait_for("the full disk to be seen", lambda: office.health()[0] == 503)
        refused = submit(office)
        assert refused.status == "server-error-temporary-error"
        assert "disk is full" in refused.message
        # By the User-Agent that ipptool has, too, this is CUPS's backend: it would take the other status for the end.
        lines = [f"ATTR integer job-id {created}", anna, "ATTR boolean last-document true"]
        late = ipptool.ask(office.uri("office"), "Send-Document", lines, document=ONE_PAGE)
        assert late.status == "server-error-busy"
        assert len(office.spooled()) == 3
        filler.unlink()
        wait_for("the free space to be seen", lambda: office.health()[0] == 200)
        accepted.append(job_id(submit(office)))
        office.process.kill()
        office.process.start()
        assert [job.job_id for job in office.jobs()] == [*accepted[:3], created, *accepted[3:]]
        assert len(office.spooled()) == 4
