"""What strangers announce becomes a device that can be shown, or nothing."""

from __future__ import annotations

import pytest

from everprint.provider.discovery.browse import device_of
from everprint.provider.discovery.found import FoundDevice, in_order

IPP, RAW, LPD = "_ipp._tcp.local.", "_pdl-datastream._tcp.local.", "_printer._tcp.local."
RECORD = {
    "rp": "ipp/print",
    "ty": "Example 9000",
    "note": "2nd floor",
    "UUID": "00000000-0000-4000-8000-00000000000A",
}


@pytest.mark.parametrize(
    ("kind", "port", "record", "uri"),
    [
        (IPP, 631, RECORD, "ipp://192.0.2.7/ipp/print"),
        (IPP, 8631, {"rp": "/printers/My Printer"}, "ipp://192.0.2.7:8631/printers/My%20Printer"),
        (IPP, 631, {}, "ipp://192.0.2.7/"),
        (RAW, 9100, RECORD, "socket://192.0.2.7"),
        (RAW, 9101, {}, "socket://192.0.2.7:9101"),
        (LPD, 515, {"rp": "auto"}, "lpd://192.0.2.7/auto"),
        (
            IPP,
            631,
            {"rp": "a\r\nb\x1b[2J@evil:1/?q=#é"},
            "ipp://192.0.2.7/a%0D%0Ab%1B%5B2J%40evil%3A1/%3Fq%3D%23%C3%A9",
        ),
    ],
)
def test_an_announcement_is_a_device_uri(kind: str, port: int, record: dict[str, str], uri: str) -> None:
    found = device_of(kind, f"Office.{kind}", ["192.0.2.7"], port, "office.local.", record)
    assert found is not None
    assert (found.device_uri, found.name, found.host, found.is_usable) == (uri, "Office", "office.local", True)


@pytest.mark.parametrize(
    ("addresses", "port", "record"),
    [([], 631, {}), (["192.0.2.7"], 0, {}), (["192.0.2.7"], 70_000, {}), (["192.0.2.7"], 631, {"rp": "x" * 2000})],
    ids=["no address", "no port", "absurd port", "endless path"],
)
def test_what_nobody_can_print_to_is_left_out(addresses: list[str], port: int, record: dict[str, str]) -> None:
    assert device_of(IPP, f"Office.{IPP}", addresses, port, "office.local.", record) is None


def test_words_are_printable_and_bounded() -> None:
    record = {"ty": "Red\x1b[31m" + "x" * 900, "note": "a\nb"}
    found = device_of(IPP, f"Of\x07fice.{IPP}", ["192.0.2.7"], 631, "h.", record)
    assert found is not None
    assert (found.name, found.location, len(found.make_and_model)) == ("Office", "ab", 199)


def device(name: str, uri: str, uuid: str = "", found_by: str = "dns-sd") -> FoundDevice:
    return FoundDevice(uri, name, "", "", "", uuid, found_by)


def test_each_is_shown_once_in_order_and_never_our_own() -> None:
    hall, office, ours = device("hall", "ipp://h/"), device("Office", "ipp://o/"), device("a", "ipp://us/", "u1")
    assert in_order([office, hall, ours, office], frozenset({"u1"})) == [hall, office]
    assert not device("USB", "usb://Example/9000").is_usable
