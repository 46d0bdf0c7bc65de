"""What the printer's MIBs say is read by range and length; what cannot be is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.contract.messages import PrinterState
from everprint.contract.supplies import Alert, AlertSeverity, Supply, SupplyState
from everprint.ipp.codec import encode_attributes
from everprint.ipp.message import Group, keyword, name
from everprint.ipp.tags import GroupTag
from everprint.provider.mirrored import SUPPLIES
from everprint.provider.queue_state import DeviceStatus
from everprint.provider.snmp.as_ipp import completed, status_of, worse_of
from everprint.provider.snmp.printer_mib import left_percent, readable
from everprint.provider.snmp.reading import MarkerSupply, MibAlert, Reading
from everprint.provider.supplies import alerts_of, supplies_of

NOTHING_SAID = Group(GroupTag.PRINTER, (keyword("printer-state-reasons", "none"),))


@pytest.mark.parametrize(
    ("level", "capacity", "left"),
    [
        (450, 1500, 30),
        (1, 1500, 1),  # a rest is not nothing
        (0, 1500, 0),
        (2000, 1500, 100),
        (-3, 1500, -3),
        (-2, 1500, -2),
        (50, -2, -2),
        (50, 0, -2),
        (None, 100, -2),
        (2**40, 2**40, -2),
    ],
)
def test_levels_are_percents_of_the_capacity(level: int | None, capacity: int, left: int) -> None:
    assert left_percent(level, capacity) == left


def test_what_snmp_said_is_shown_as_if_ipp_had_said_it() -> None:
    reading = Reading(
        supplies=(
            MarkerSupply("tonerCartridge", "Cyan Toner", 30, False, "cyan"),
            MarkerSupply("opc", "Drum", 5, False),
            MarkerSupply("wasteToner", "Waste Box", 0, True),
            MarkerSupply("staples", "Staples", -3, False),
        ),
        alerts=(MibAlert("jam", "critical", "mediaPath", 1, "Paper jam in tray 2"),),
    )
    attributes = {attribute.name: attribute for attribute in completed(NOTHING_SAID, reading)}
    expected = [
        Supply(name="Cyan Toner", kind="toner-cartridge", state=SupplyState.OK, level=30, colour="cyan"),
        Supply(name="Drum", kind="opc", state=SupplyState.LOW, level=5),
        Supply(name="Waste Box", kind="waste-toner", state=SupplyState.EMPTY, level=100, is_receptacle=True),
        Supply(name="Staples", kind="staples", state=SupplyState.UNKNOWN),
    ]
    assert supplies_of(attributes) == expected
    # The two ways in which IPP says it agree.
    assert supplies_of({key: one for key, one in attributes.items() if key.startswith("marker-")}) == expected
    assert alerts_of(attributes) == [
        Alert(code="jam", severity=AlertSeverity.CRITICAL, description="Paper jam in tray 2")
    ]


def test_what_the_printer_says_over_ipp_goes_before_what_it_says_over_snmp() -> None:
    said = Group(GroupTag.PRINTER, (name("marker-names", "Ink"), keyword("marker-types", "ink")))
    reading = Reading(supplies=(MarkerSupply("toner", "Toner", 1, False),), alerts=())
    attributes = {attribute.name: attribute for attribute in completed(said, reading)}
    assert [one.name for one in supplies_of(attributes)] == ["Ink"]


@pytest.mark.parametrize(
    ("reading", "status"),
    [
        (Reading(status="idle"), DeviceStatus(PrinterState.IDLE, ())),
        (Reading(status="printing"), DeviceStatus(PrinterState.PROCESSING, ())),
        (Reading(status="warmup"), DeviceStatus(PrinterState.IDLE, ())),
        (Reading(status="idle", errors=("lowToner",)), DeviceStatus(PrinterState.IDLE, ("toner-low-warning",))),
        (Reading(status="idle", errors=("jammed",)), DeviceStatus(PrinterState.STOPPED, ("media-jam-error",))),
        (Reading(status="idle", errors=("offline",)), DeviceStatus(PrinterState.STOPPED, ("paused",))),
        (Reading(is_down=True), DeviceStatus(PrinterState.STOPPED, ("other-error",))),
    ],
)
def test_states_are_ipp_states(reading: Reading, status: DeviceStatus) -> None:
    assert status_of(reading) == status


def test_of_two_views_the_worse_holds() -> None:
    raw = DeviceStatus(PrinterState.IDLE, (), "PJL says so")
    seen = DeviceStatus(PrinterState.STOPPED, ("media-empty-error",))
    assert worse_of(raw, seen) == DeviceStatus(PrinterState.STOPPED, ("media-empty-error",), "PJL says so")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"Encre noire \xc3\xa9paisse", "Encre noire épaisse"),
        (b"Encre noire \xe9paisse", "Encre noire épaisse"),
        (b"Ink\x1b[31m\x00", "Ink[31m"),
        ("é".encode() * 200, "é" * 127),
        (b"\xe9" * 300, "é" * 127),
    ],
    ids=["utf-8", "latin 1", "control characters", "long utf-8", "long latin 1"],
)
def test_texts_are_readable_and_bounded(said: bytes, shown: str) -> None:
    assert readable(said) == shown


WORDS = st.one_of(st.text(max_size=300).map(str.encode), st.binary(max_size=300)).map(readable)
SUPPLY = st.builds(
    MarkerSupply, st.sampled_from(["toner", "wasteInk"]), WORDS, st.integers(-3, 100), st.booleans(), WORDS
)


@given(st.builds(Reading, supplies=st.lists(SUPPLY, max_size=4).map(tuple)))
def test_whatever_an_agent_calls_its_supplies_can_be_said_in_ipp(reading: Reading) -> None:
    said = completed(NOTHING_SAID, reading)
    assert encode_attributes(said.attributes)
    attributes = {attribute.name: attribute for attribute in said}
    assert {key for key in attributes if key != "printer-state-reasons"} <= SUPPLIES
    assert len(supplies_of(attributes)) == len(reading.supplies)
