"""Each foreign part starts, does one real thing, and leaves neither process nor folder."""

import os
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig import curl, ipptool
from rig.certificates import make_certificates
from rig.cupsd import CommandFailed, run_cupsd
from rig.ippeveprinter import run_ippeveprinter
from rig.postgresql import run_postgresql
from rig.process_tree import Member, descendants


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    def below_us() -> dict[tuple[int, int], Member]:
        # By number and start: whether a process sleeps or runs at the moment says nothing.
        return {(member.pid, member.started): member for member in descendants(os.getpid()) if member.is_alive}

    before = below_us()
    yield
    assert [member for key, member in below_us().items() if key not in before] == []


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A one-page PDF, made by Ghostscript."""
    script, made = tmp_path / "page.ps", tmp_path / "page.pdf"
    script.write_text("%!\n/Helvetica findfont 24 scalefont setfont 72 700 moveto (One page) show showpage\n")
    subprocess.run(["gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", f"-o{made}", script], check=True)
    return made


def test_cups_prints_to_a_driverless_printer_that_takes_one_job_at_a_time(page: Path) -> None:
    with run_cupsd() as cups, run_ippeveprinter(seconds_a_job=0.5) as printer:
        cups.add_driverless_queue("office", printer.uri)
        jobs = [cups.lp(page, "office", user="anna", title=f"letter {number}") for number in (1, 2)]
        assert [cups.wait_for_end(job).state for job in jobs] == ["completed", "completed"]
        assert [path.name for path in printer.documents()] == ["1-letter_1.pdf", "2-letter_2.pdf"]
        assert "office-2" in cups.lpstat("-W", "completed", "-o")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_cups_runs_as_an_ordinary_user_too(page: Path) -> None:
    with run_cupsd(user="nobody") as cups, run_ippeveprinter() as printer:
        cups.add_driverless_queue("office", printer.uri)
        assert cups.wait_for_end(cups.lp(page, "office", user="anna")).state == "completed"


def test_a_raw_queue_to_nowhere_keeps_its_jobs_pending(page: Path) -> None:
    with run_cupsd(sync_on_close=True) as cups:
        cups.add_raw_queue("nowhere")
        assert cups.job_state(cups.lp(page, "nowhere", user="anna")) == "pending"
        assert "SyncOnClose Yes" in (cups.folder / "etc/cups-files.conf").read_text()


def test_a_cups_command_that_fails_says_why() -> None:
    with run_cupsd() as cups, pytest.raises(CommandFailed, match="does not exist"):
        cups.lp(Path(__file__), "nobody-made-this", user="anna")


def test_ipptool_reads_attributes_and_statuses() -> None:
    with run_ippeveprinter("Room 7") as printer:
        answer = ipptool.ask(printer.uri, "Get-Printer-Attributes")
        assert answer.status == "successful-ok"
        assert answer.first["printer-name"] == "Room 7"
        assert "application/pdf" in ipptool.strings(answer.first, "document-format-supported")
        missing = ipptool.ask(printer.uri, "Get-Job-Attributes", ["ATTR integer job-id 4711"])
        assert (missing.status, missing.first) == ("client-error-not-found", {})
    with pytest.raises(ipptool.NoAnswer, match="Unable to connect"):
        ipptool.ask(printer.uri, "Get-Printer-Attributes")


def test_curl_prints_with_octets_laid_by_hand(page: Path, tmp_path: Path) -> None:
    with run_ippeveprinter() as printer:
        name = curl.attribute(curl.NAME, "requesting-user-name", b"anna")
        body = curl.request(curl.PRINT_JOB, printer.uri, name) + page.read_bytes()
        status, answer = curl.post(printer.uri, body, tmp_path)
        assert (status, curl.status_code(answer)) == (200, 0)
        assert curl.integer_value(answer, "job-id") == 1
        assert printer.documents()[0].read_bytes() == page.read_bytes()


def test_postgresql_keeps_rows_in_a_database_of_ones_own() -> None:
    with run_postgresql() as cluster:
        url = cluster.create_database("everprint")
        assert url.startswith("postgresql://postgres@127.0.0.1:")
        cluster.psql("CREATE TABLE job AS SELECT 7 AS pages", "everprint")
        assert cluster.psql("SELECT sum(pages) FROM job", "everprint") == "7"
        assert cluster.psql("SHOW fsync") == "off"
    assert not cluster.folder.exists()


def test_a_certificate_is_trusted_by_those_who_trust_its_authority(tmp_path: Path) -> None:
    made = make_certificates(tmp_path / "tls", "print.example")
    verified = subprocess.run(
        ["openssl", "verify", "-CAfile", made.authority, "-verify_hostname", "print.example", made.certificate],
        capture_output=True,
        text=True,
    )
    assert verified.returncode == 0, verified.stderr
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(made.certificate, made.key)
