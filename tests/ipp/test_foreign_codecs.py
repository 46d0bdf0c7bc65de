"""Our octets read by others, and theirs by us: CUPS's ipptool and pyipp against a small service of ours."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from pyipp import IPP
from pyipp.enums import IppOperation
from pyipp.parser import parse
from pyipp.serializer import encode_dict

from everprint.ipp import message as m
from everprint.ipp.codec import decode, encode
from everprint.ipp.message import Attribute, Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.reply import reply
from everprint.ipp.request_rules import check_request
from everprint.ipp.requested_attributes import requested_attributes
from everprint.ipp.service import IppApplication, Request
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag, ValueTag
from everprint.ipp.values import Collection, IntegerRange, LanguageString, Resolution
from rig import ipptool
from rig.application import run_application

SIZE = [m.integer("x-dimension", 21000), m.integer("y-dimension", 29700)]
PRINTER = (
    m.uri("printer-uri-supported", "ipp://localhost/ipp/print"),
    m.text("printer-info", "Büro, 2. Stock"),
    m.enum("printer-state", 3),
    m.keyword("printer-state-reasons", "none"),
    m.boolean("color-supported", True),
    m.boolean("printer-is-accepting-jobs", False),
    m.integer("queued-job-count", 0),
    m.range_of_integer("copies-supported", IntegerRange(1, 999)),
    m.resolution("printer-resolution-supported", Resolution(300, 300), Resolution(1200, 600)),
    m.date_time("printer-current-time", datetime(2026, 2, 28, 12, 30, 45, tzinfo=UTC)),
    Attribute.of("printer-location", ValueTag.TEXT_WITH_LANGUAGE, LanguageString("Zürich", "de")),
    m.octet_string("printer-alert", b"code=none"),
    m.no_value("media-ready"),
    m.unknown("printer-geo-location"),
    m.mime_media_type("document-format-supported", "application/pdf", "image/pwg-raster"),
    m.collection("media-col-default", [m.collection("media-size", SIZE), m.keyword("media-source", "tray-1")]),
    m.collection("media-size-supported", SIZE, SIZE),
    Attribute("media-supported", (ValueTag.KEYWORD, ValueTag.NAME), ("iso_a4_210x297mm", "Letter head")),
)


class SmallPrinter:
    """Answers Get-Printer-Attributes, takes jobs, and remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[Message] = []
        self.documents: list[bytes] = []

    async def handle(self, request: Request) -> Message:
        check_request(request.message, frozenset({Operation.GET_PRINTER_ATTRIBUTES, Operation.PRINT_JOB}))
        self.requests.append(request.message)
        if request.message.code == Operation.PRINT_JOB:
            self.documents.append(b"".join([piece async for piece in request.document]))
            job = (m.integer("job-id", 1), m.uri("job-uri", "ipp://localhost/ipp/print/1"), m.enum("job-state", 3))
            return reply(request.message, Status.SUCCESSFUL_OK, Group(GroupTag.JOB, job))
        wanted = requested_attributes(request.message).of_printer(PRINTER)
        return reply(request.message, Status.SUCCESSFUL_OK, Group(GroupTag.PRINTER, wanted))


def test_ipptool_reads_every_syntax() -> None:
    with run_application(IppApplication(SmallPrinter().handle)) as (host, port):
        answer = ipptool.ask(f"ipp://{host}:{port}/ipp/print", "Get-Printer-Attributes")
    assert answer.status == "successful-ok"
    found = answer.first
    size = {"x-dimension": 21000, "y-dimension": 29700}
    assert found["printer-info"] == "Büro, 2. Stock"
    assert found["color-supported"] is True
    assert found["copies-supported"] == {"lower": 1, "upper": 999}
    assert found["media-col-default"] == {"media-size": size, "media-source": "tray-1"}
    assert found["media-size-supported"] == [size, size]
    assert found["media-supported"] == ["iso_a4_210x297mm", "Letter head"]
    assert found["document-format-supported"] == ["application/pdf", "image/pwg-raster"]
    assert found["printer-resolution-supported"] == [
        {"xres": 300, "yres": 300, "units": "dpi"},
        {"xres": 1200, "yres": 600, "units": "dpi"},
    ]
    assert set(found) >= {attribute.name for attribute in PRINTER} - {"media-ready", "printer-geo-location"}


def test_we_read_what_ipptool_writes(tmp_path: Path) -> None:
    document = tmp_path / "page.pdf"
    document.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 1000)
    printer = SmallPrinter()
    lines = [
        "ATTR nameWithoutLanguage job-name 'Größe'",
        "ATTR boolean ipp-attribute-fidelity true",
        "GROUP job-attributes-tag",
        "ATTR integer copies 2",
        "ATTR rangeOfInteger page-ranges 1-2,5-9",
        "ATTR resolution printer-resolution 600x1200dpi",
        "ATTR collection media-col {",
        "  MEMBER collection media-size { MEMBER integer x-dimension 21000 MEMBER integer y-dimension 29700 }",
        "  MEMBER keyword media-source tray-1",
        "}",
        "ATTR no-value job-hold-until",
    ]
    with run_application(IppApplication(printer.handle)) as (host, port):
        answer = ipptool.ask(f"ipp://{host}:{port}/ipp/print", "Print-Job", lines, document=document)
    assert (answer.status, answer.first["job-id"]) == ("successful-ok", 1)
    assert printer.documents == [document.read_bytes()]
    operation, job = printer.requests[0].operation, printer.requests[0].job
    assert operation.string("job-name") == "Größe"
    assert operation.boolean("ipp-attribute-fidelity") is True
    assert job.integer("copies") == 2
    assert job.ranges("page-ranges") == (IntegerRange(1, 2), IntegerRange(5, 9))
    assert job.values("printer-resolution") == (Resolution(600, 1200),)
    (media,) = job.values("media-col")
    assert media == Collection((m.collection("media-size", SIZE), m.keyword("media-source", "tray-1")))
    assert job.get("job-hold-until") == m.no_value("job-hold-until")


IPP_11 = Path("/usr/share/cups/ipptool/ipp-1.1.test")


def test_the_rules_of_ipp_11_hold_for_cupss_own_test(tmp_path: Path) -> None:
    """Its first tests are those of RFC 8011 section 4.1; what begins with Print-Job is for whole printers."""
    rules = tmp_path / "rules.test"
    rules.write_text(IPP_11.read_text().partition("OPERATION Print-Job")[0].rpartition("{")[0])
    with run_application(IppApplication(SmallPrinter().handle)) as (host, port):
        argv = ["ipptool", "-t", "-I", "-T", "10", f"ipp://{host}:{port}/ipp/print", rules]
        report = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    assert "Summary: 8 tests, 8 passed, 0 failed, 0 skipped" in report, report


def test_pyipp_reads_our_octets() -> None:
    request = Message(Operation.GET_PRINTER_ATTRIBUTES, 9, (Group(GroupTag.OPERATION),), (2, 0))
    found = parse(encode(reply(request, Status.SUCCESSFUL_OK, Group(GroupTag.PRINTER, PRINTER), message="fine")))
    assert (found["version"], found["status-code"], found["request-id"]) == ((2, 0), 0, 9)
    assert found["operation-attributes"]["status-message"] == "fine"
    (printer,) = found["printers"]
    assert printer["printer-info"] == "Büro, 2. Stock"
    assert printer["printer-current-time"] == datetime(2026, 2, 28, 12, 30, 45, tzinfo=UTC)
    assert printer["media-col-default"]["media-source"] == "tray-1"
    assert printer["document-format-supported"] == ["application/pdf", "image/pwg-raster"]


def test_we_read_what_pyipp_writes() -> None:
    octets = encode_dict(
        {
            "version": (1, 1),
            "operation": IppOperation.PRINT_JOB,
            "request-id": 77,
            "operation-attributes-tag": {
                "attributes-charset": "utf-8",
                "attributes-natural-language": "en",
                "printer-uri": "ipp://localhost/ipp/print",
                "job-name": "Größe",
            },
            "job-attributes-tag": {"copies": 3, "sides": "two-sided-long-edge"},
            "data": b"%PDF",
        }
    )
    message = decode(octets)
    assert check_request(message, frozenset(Operation)).path == "/ipp/print"
    assert (message.code, message.request_id, message.operation.string("job-name")) == (2, 77, "Größe")
    assert (message.job.integer("copies"), message.job.string("sides")) == (3, "two-sided-long-edge")


def test_pyipp_talks_to_our_service() -> None:
    async def main(host: str, port: int) -> dict[str, object]:
        async with IPP(host=host, port=port, base_path="/ipp/print", tls=False) as client:
            attributes: dict[str, object] = await client.execute(
                IppOperation.GET_PRINTER_ATTRIBUTES,
                {"operation-attributes-tag": {"requested-attributes": ["printer-info", "printer-state"]}},
            )
            return attributes

    with run_application(IppApplication(SmallPrinter().handle)) as (host, port):
        found = asyncio.run(main(host, port))
    printers = found["printers"]
    assert isinstance(printers, list)
    assert (printers[0]["printer-info"], int(printers[0]["printer-state"])) == ("Büro, 2. Stock", 3)
