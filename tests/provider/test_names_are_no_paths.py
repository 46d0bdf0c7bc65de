"""Nothing that a client says becomes a path: documents are files named by random ids, in a folder of their own."""

from __future__ import annotations

import uuid

import pytest

from rig import curl
from rig.raw_http import RawConnection
from rig.virtual_printer import VirtualPrinter
from tests.provider.contract_server import ContractServer
from tests.provider.submit import ONE_PAGE
from tests.provider.world import PrintServer, run_print_server

NAMES = (
    b"../../../../tmp/evil",
    b"/etc/cron.d/evil",
    b"..\\..\\evil",
    b"%2e%2e%2fevil",
    b"evil; touch evil",
    b"$(id)",
)


@pytest.mark.parametrize("field", ["job-name", "document-name", "requesting-user-name"])
def test_a_name_names_no_file(
    server: ContractServer, printer: VirtualPrinter, tmp_path_factory: pytest.TempPathFactory, field: str
) -> None:
    server.add_queue("office", printer.uri, hold=True)
    with run_print_server(server.url) as office:
        office.wait_for_queue("office")
        for name in NAMES:
            said = [curl.attribute(curl.NAME, field, name)]
            if field != "requesting-user-name":
                said.insert(0, curl.attribute(curl.NAME, "requesting-user-name", b"anna"))
            body = curl.request(curl.PRINT_JOB, office.uri("office"), *said) + ONE_PAGE.read_bytes()
            answer = curl.post(office.uri("office"), body, tmp_path_factory.mktemp("curl"))[1]
            assert curl.status_code(answer) == 0
        assert {path.name for path in office.spooled()} == {job.uuid for job in office.jobs()}
        assert all(str(uuid.UUID(path.name)) == path.name for path in office.spooled())
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in office.spooled())
        assert (office.state / "spool").stat().st_mode & 0o777 == 0o700
        assert not [path for path in office.folder.rglob("*") if "evil" in path.name]


def test_no_path_of_the_web_leads_into_the_spool(office: PrintServer) -> None:
    for path in ("/spool/", "/../state/spool/", "/health/../spool", "/health/%2e%2e/spool", "/journal.sqlite3", "/"):
        with RawConnection(("127.0.0.1", office.port)) as connection:
            connection.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert connection.read_answer().status == 404, path


def test_a_forwarders_header_makes_no_stranger_trusted(
    server: ContractServer, printer: VirtualPrinter, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server.add_queue("far", printer.uri, trusted_networks=["192.0.2.0/24"])
    with run_print_server(server.url) as office:
        office.wait_for_queue("far")
        name = curl.attribute(curl.NAME, "requesting-user-name", b"anna")
        body = curl.request(curl.PRINT_JOB, office.uri("far"), name) + ONE_PAGE.read_bytes()
        for header in ("X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1", "X-Real-IP: 192.0.2.1"):
            answer = curl.post(office.uri("far"), body, tmp_path_factory.mktemp("curl"), ["-H", header])[1]
            assert curl.status_code(answer) == 0x0403, header  # client-error-not-authorized
        assert office.jobs() == []
