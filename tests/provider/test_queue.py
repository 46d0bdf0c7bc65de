"""A queue shows its device's abilities under its own identity, and knows whom it trusts."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from everprint.contract import messages
from everprint.contract.messages import Authentication
from everprint.documents.ticket import SILENT, SidesKeyword, Ticket, TicketPart
from everprint.ipp.message import (
    Group,
    boolean,
    collection,
    enum,
    integer,
    keyword,
    mime_media_type,
    name,
    range_of_integer,
    text,
    uri,
)
from everprint.ipp.tags import GroupTag
from everprint.ipp.values import IntegerRange
from everprint.provider.addresses import Addresses, queue_of, queue_path
from everprint.provider.mirrored import kept
from everprint.provider.queue import Queue, QueueChange
from everprint.provider.queue_attributes import Limits, static_attributes
from everprint.provider.snapshot_store import SnapshotStore
from everprint.provider.tickets import read_asked, read_ticket

DEVICE = Group(
    GroupTag.PRINTER,
    (
        name("printer-name", "the device's own"),
        uri("printer-uri-supported", "ipp://device/ipp/print"),
        text("printer-make-and-model", "Example 9000"),
        boolean("color-supported", False),
        integer("pages-per-minute-color", 10),
        mime_media_type("document-format-supported", "application/pdf", "image/urf"),
        keyword("sides-supported", "one-sided", "two-sided-long-edge"),
        keyword("sides-default", "two-sided-long-edge"),
        keyword("job-save-disposition-supported", "x"),
        keyword("operations-supported", "everything"),
    ),
)


def queue(device: Group | None = DEVICE, **settings: object) -> Queue:
    given = {"name": "office", "device_uri": "ipp://device", "printer_uuid": "urn:uuid:1", **settings}
    return Queue(messages.Queue(**given), device)  # type: ignore[arg-type] # fields by name


def shown(of: Queue, addresses: Addresses = Addresses("h:1", "h:2")) -> Group:  # noqa: B008 - immutable
    limits = Limits(1 << 30, 300, "https://server")
    return Group(GroupTag.PRINTER, static_attributes(of.settings, of.shown, addresses, limits))


def test_abilities_are_the_devices_and_the_name_is_ours() -> None:
    group = shown(queue())
    assert group.string("printer-make-and-model") == "Example 9000"
    assert group.string("printer-name") == "office"
    assert group.strings("sides-supported") == ("one-sided", "two-sided-long-edge")
    assert group.strings("document-format-supported") == ("application/pdf", "image/urf")


def test_what_is_not_known_to_be_passed_on_is_not_shown() -> None:
    group = shown(queue())
    assert "job-save-disposition-supported" not in group
    assert group.integers("operations-supported")  # ours


def test_a_grey_printer_has_no_colour_speed() -> None:
    assert "pages-per-minute-color" not in shown(queue())


def test_no_attribute_comes_twice() -> None:
    for device in (DEVICE, None):
        names = [attribute.name for attribute in shown(queue(device))]
        assert len(names) == len(set(names))


def test_a_queue_with_passwords_is_offered_over_tls_only() -> None:
    of = queue(authentication=Authentication.BASIC)
    assert shown(of).strings("printer-uri-supported") == ("ipps://h:2/ipp/print/office",)
    assert shown(of).strings("uri-authentication-supported") == ("basic",)


def test_a_queue_of_a_trusted_network_is_offered_both_ways() -> None:
    of = queue(authentication=Authentication.REQUESTING_USER_NAME)
    assert shown(of).strings("printer-uri-supported") == (
        "ipps://h:2/ipp/print/office",
        "ipp://h:1/ipp/print/office",
    )
    assert shown(of).strings("uri-security-supported") == ("tls", "none")
    assert shown(of).strings("uri-authentication-supported") == ("requesting-user-name",) * 2


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("192.0.2.7", True),
        ("::ffff:192.0.2.7", True),
        ("192.0.3.7", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("fe80::1%eth0", False),
        ("", False),
        ("192.0.2.7.example", False),
    ],
)
def test_trusted_networks(address: str, trusted: bool) -> None:
    assert queue(trusted_networks=["192.0.2.0/24", "2001:db8::/64", "nonsense"]).trusts(address) is trusted


def test_a_clock_that_goes_on_and_a_supply_that_falls_change_no_configuration(tmp_path: Path) -> None:
    """A thousand printers that say at a start what they said before cost no new answers, events or files."""
    changes: list[QueueChange] = []
    of, store, written = queue(kept(DEVICE)), SnapshotStore(tmp_path), set[int]()
    of.watch(lambda _, change: changes.append(change))
    for second in (1, 2, 3):
        if second == 3:  # a start
            store = SnapshotStore(tmp_path)
            assert store.load_device("office", "ipp://h/") is not None
        said = kept(Group(DEVICE.tag, (*DEVICE, integer("printer-up-time", second), integer("marker-levels", 7))))
        of.change_device(said)
        store.save_device("office", "ipp://h/", said)
        written |= {file.stat().st_ino for file in (tmp_path / "devices").iterdir()}
    of.change_device(kept(Group(DEVICE.tag, (*DEVICE, integer("marker-levels", 6)))))
    assert of.shown["marker-levels"].value == 6
    assert (changes, len(written)) == ([], 1)


def test_its_revision_grows_with_what_clients_can_see() -> None:
    of = queue()
    before = of.revision
    of.change_device(DEVICE)
    assert of.revision == before
    of.change_device(Group(GroupTag.PRINTER, (text("printer-make-and-model", "Other"),)))
    assert of.revision > before


@pytest.mark.parametrize("name", ["office", "Büro 2", "a+b%20c"])
def test_a_queues_path_names_it(name: str) -> None:
    from urllib.parse import unquote

    assert queue_of(unquote(queue_path(name))) == name


@pytest.mark.parametrize("path", ["/", "/ipp", "/ipp/print/a/b", "/admin"])
def test_other_paths_name_no_queue(path: str) -> None:
    assert queue_of(path) is None


def test_a_client_sees_the_host_that_it_asked() -> None:
    seen = Addresses.seen_by("print.example:631", False, 8631, 8632)
    assert (seen.plain, seen.tls) == ("print.example:631", "print.example:8632")
    assert Addresses.seen_by("[::1]:8632", True, 8631, 8632).plain == "[::1]:8631"


def test_a_ticket_takes_what_the_job_does_not_say_from_the_device() -> None:
    default = queue().default_ticket
    assert default.sides is SidesKeyword.TWO_SIDED_LONG_EDGE
    assert read_ticket(Group(GroupTag.JOB, (integer("copies", 3),)), default).sides is default.sides


def test_a_ticket_reads_every_attribute_that_changes_the_paper() -> None:
    job = Group(
        GroupTag.JOB,
        (
            integer("copies", 3),
            integer("number-up", 2),
            keyword("sides", "two-sided-short-edge"),
            keyword("print-color-mode", "monochrome"),
            keyword("multiple-document-handling", "separate-documents-uncollated-copies"),
            keyword("imposition-template", "none"),
            enum("finishings", 20, 77, 4095),
            range_of_integer("page-ranges", IntegerRange(1, 2), IntegerRange(5, 9)),
            collection(
                "media-col",
                (collection("media-size", (integer("x-dimension", 21000), integer("y-dimension", 29700))),),
            ),
        ),
    )
    expected = TicketPart(
        copies=3,
        sides=SidesKeyword.TWO_SIDED_SHORT_EDGE,
        number_up=2,
        page_ranges=((1, 2), (5, 9)),
        print_color_mode="monochrome",
        media="iso_a4_210x297mm",
        collated=False,
        imposition="none",
        finishings=("staple-top-left", "punch-dual-bottom", "finishing-4095"),
    )
    assert read_asked(job) == expected
    ticket = read_ticket(job, Ticket())
    assert all(getattr(ticket, field.name) == getattr(expected, field.name) for field in fields(Ticket))


def test_a_job_that_says_nothing_asks_for_nothing() -> None:
    assert read_asked(Group(GroupTag.JOB, ())) == SILENT


@pytest.mark.parametrize(("says", "holds"), [("attempted", False), ("guaranteed", False), ("not-attempted", True)])
def test_a_queue_says_whether_its_device_lets_the_document_overrule_the_ticket(says: str, holds: bool) -> None:
    of = queue(Group(GroupTag.PRINTER, (keyword("pdl-override-supported", says),)))
    assert of.document_holds is holds
    assert shown(of).string("pdl-override-supported") == says
    assert not queue(None).document_holds
