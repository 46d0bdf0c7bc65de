"""Queues with passwords: over TLS only, checked by the server, remembered for a while."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from everprint.contract.messages import Authentication
from rig import curl
from rig.certificates import Certificates, make_certificates
from rig.virtual_printer import VirtualPrinter
from tests.provider.contract_server import ContractServer
from tests.provider.submit import ONE_PAGE
from tests.provider.world import PrintServer, run_print_server


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path / "tls")


@pytest.fixture
def secured(server: ContractServer, printer: VirtualPrinter, certificates: Certificates) -> Iterator[PrintServer]:
    server.add_queue("staff", printer.uri, authentication=Authentication.BASIC)
    server.passwords = {"anna": "right"}
    paths = {"certificate": str(certificates.certificate), "key": str(certificates.key)}
    with run_print_server(server.url, **paths) as print_server:
        print_server.wait_for_queue("staff")
        yield print_server


def post(
    at: PrintServer, folder: Path, certificates: Certificates, user: str | None, *, tls: bool = True
) -> tuple[int, bytes]:
    uri = at.uri("staff", tls=tls)
    name = curl.attribute(curl.NAME, "requesting-user-name", b"somebody-else")
    body = curl.request(curl.PRINT_JOB, uri, name) + ONE_PAGE.read_bytes()
    options = ["--cacert", str(certificates.authority), *(["-u", user] if user else [])]
    return curl.post(uri, body, folder, options)


def test_the_right_password(
    server: ContractServer, secured: PrintServer, certificates: Certificates, tmp_path: Path
) -> None:
    status, answer = post(secured, tmp_path, certificates, "ANNA:right")
    assert (status, answer[2:4]) == (200, b"\0\0")
    server.finished(1)
    (job,) = secured.jobs()
    assert (job.owner.user_name, job.owner.authenticated) == ("anna", True)  # not what the client called itself


@pytest.mark.parametrize("user", [None, "anna:wrong", "nobody:right", "anna:"])
def test_a_wrong_password_or_none(
    secured: PrintServer, certificates: Certificates, tmp_path: Path, user: str | None
) -> None:
    assert post(secured, tmp_path, certificates, user)[0] == 401
    assert secured.jobs() == [] and secured.spooled() == []


def test_a_password_is_not_taken_without_tls(
    secured: PrintServer, certificates: Certificates, tmp_path: Path
) -> None:
    assert post(secured, tmp_path, certificates, "anna:right", tls=False)[0] == 426
    assert secured.jobs() == []


def test_another_method_is_no_way_round(secured: PrintServer, certificates: Certificates, tmp_path: Path) -> None:
    uri = secured.uri("staff", tls=True)
    body = curl.request(curl.PRINT_JOB, uri) + ONE_PAGE.read_bytes()
    for header in ("Bearer YW5uYTpyaWdodA==", "Negotiate YW5uYTpyaWdodA==", "basic", "Basic !!!"):
        options = ["--cacert", str(certificates.authority), "-H", f"Authorization: {header}"]
        assert curl.post(uri, body, tmp_path, options)[0] == 401


def test_a_right_password_is_remembered_while_the_server_is_away_and_a_new_one_is_not(
    server: ContractServer, secured: PrintServer, certificates: Certificates, tmp_path: Path
) -> None:
    assert post(secured, tmp_path, certificates, "anna:right")[0] == 200
    server.away = True
    assert post(secured, tmp_path, certificates, "anna:right")[1][2:4] == b"\0\0"
    status, answer = post(secured, tmp_path, certificates, "bert:right")
    assert (status, answer[2:4]) == (200, b"\x05\x02")  # server-error-service-unavailable
    assert b"cannot be checked now" in answer


def test_cups_prints_with_a_password_over_ipps(
    server: ContractServer, secured: PrintServer, certificates: Certificates, tmp_path: Path
) -> None:
    """ipptool, which is CUPS's client library, trusts on first use and takes the password from the URI."""
    test = tmp_path / "print.test"
    test.write_text(
        "{ OPERATION Print-Job GROUP operation-attributes-tag ATTR charset attributes-charset utf-8 "
        "ATTR naturalLanguage attributes-natural-language en ATTR uri printer-uri $uri "
        f"FILE {ONE_PAGE} STATUS successful-ok }}"
    )
    uri = secured.uri("staff", tls=True, user="anna:right")
    result = subprocess.run(
        ["ipptool", "-t", uri, str(test)], capture_output=True, text=True, check=False, timeout=60
    )
    assert "[PASS]" in result.stdout, result.stdout + result.stderr
    server.finished(1)
