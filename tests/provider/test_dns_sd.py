"""Queues are found by clients that only listen: a real browser on the loopback hears them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from zeroconf import ServiceBrowser, ServiceListener, Zeroconf

from everprint.contract import messages
from everprint.contract.messages import Authentication
from everprint.ipp.message import Group, enum, keyword, mime_media_type, text
from everprint.ipp.tags import GroupTag
from everprint.provider.dns_sd_text import text_record
from everprint.provider.queue import Queue
from rig.certificates import make_certificates
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.world import run_print_server


class Ear(ServiceListener):
    def __init__(self) -> None:
        self.heard: set[str] = set()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.heard.add(name)

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.heard.discard(name)

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None: ...


@pytest.fixture
def air() -> Iterator[Zeroconf]:
    try:
        zeroconf = Zeroconf(interfaces=["127.0.0.1"])
    except OSError as error:
        pytest.skip(f"no multicast on the loopback here: {error}")
    yield zeroconf
    zeroconf.close()


def test_a_queue_is_heard_of_and_no_more_when_it_is_gone(
    server: ContractServer, printer: VirtualPrinter, air: Zeroconf, tmp_path: Path
) -> None:
    label = f"Office {time.time_ns()}"
    server.add_queue("office", printer.uri, info=label, location="2nd floor")
    certificates = make_certificates(tmp_path / "tls")
    settings = {"certificate": str(certificates.certificate), "key": str(certificates.key), "dns_sd": True}
    plain, secure, universal = Ear(), Ear(), Ear()
    browsers = [
        ServiceBrowser(air, "_ipp._tcp.local.", plain),
        ServiceBrowser(air, "_ipps._tcp.local.", secure),
        ServiceBrowser(air, "_universal._sub._ipp._tcp.local.", universal),
    ]
    with run_print_server(server.url, dns_sd_interfaces=["127.0.0.1"], **settings) as office:
        office.wait_for_queue("office")
        name = f"{label}._ipp._tcp.local."
        wait_for("the queue on _ipp._tcp", lambda: name in plain.heard)
        wait_for("the queue on _ipps._tcp", lambda: f"{label}._ipps._tcp.local." in secure.heard)
        wait_for("the queue for AirPrint", lambda: any(label in heard for heard in universal.heard))
        found = air.get_service_info("_ipp._tcp.local.", name, timeout=5000)
        assert found is not None
        assert found.port == office.port
        record = {key.decode(): (value or b"").decode() for key, value in found.properties.items()}
        assert (record["rp"], record["note"], record["Duplex"]) == ("ipp/print/office", "2nd floor", "T")
        assert "application/pdf" in record["pdl"]
    wait_for("the queue to be gone", lambda: name not in plain.heard)
    for browser in browsers:
        browser.cancel()


def queue(**settings: object) -> Queue:
    device = Group(
        GroupTag.PRINTER,
        (
            text("printer-make-and-model", "Example 9000"),
            mime_media_type("document-format-supported", "application/octet-stream", "application/pdf", "image/urf"),
            keyword("urf-supported", "V1.4", "W8"),
            keyword("sides-supported", "one-sided"),
        ),
    )
    fields = {"name": "office", "device_uri": "ipp://device", "printer_uuid": "urn:uuid:1-2", **settings}
    return Queue(messages.Queue(**fields), device)  # type: ignore[arg-type] # fields by name


def test_the_text_record() -> None:
    secured = queue(authentication=Authentication.BASIC, location="x" * 400)
    record = text_record(secured, "https://server.example/", tls=True)
    assert (record["ty"], record["product"]) == ("Example 9000", "(Example 9000)")
    assert record["pdl"] == "application/pdf,image/urf"
    assert record["URF"] == "V1.4,W8"
    assert (record["Color"], record["Duplex"], record["air"]) == ("F", "F", "username,password")
    assert (record["UUID"], record["TLS"], record["kind"]) == ("1-2", "1.2", "document")
    assert record["adminurl"] == "https://server.example/"
    assert all(len(f"{key}={value}".encode()) <= 255 for key, value in record.items())
    assert "TLS" not in text_record(queue(), "", tls=False)


@pytest.mark.parametrize(
    ("media", "paper"),
    [
        (("na_index-4x6_4x6in",), "<legal-A4"),
        (("iso_a4_210x297mm", "na_letter_8.5x11in"), "legal-A4"),
        (("iso_a4_210x297mm", "iso_a3_297x420mm"), "tabloid-A3"),
        (("iso_a0_841x1189mm",), ">isoC-A2"),
        (("no-size",), "<legal-A4"),
    ],
)
def test_the_largest_paper(media: tuple[str, ...], paper: str) -> None:
    one = queue()
    one.change_device(
        Group(GroupTag.PRINTER, (keyword("media-supported", *media), enum("finishings-supported", 3, 22)))
    )
    record = text_record(one, "", tls=False)
    assert (record["PaperMax"], record["Staple"], record["Punch"]) == (paper, "T", "F")


def test_a_long_list_of_formats_keeps_those_that_clients_look_for() -> None:
    one = queue()
    formats = (*(f"application/x-{number:03}" for number in range(40)), "image/urf", "application/pdf")
    one.change_device(Group(GroupTag.PRINTER, (mime_media_type("document-format-supported", *formats),)))
    assert text_record(one, "", tls=False)["pdl"].startswith("application/pdf,image/urf,application/x-000,")
