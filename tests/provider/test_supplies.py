"""What IPP printers say of supplies and alerts, in both of the ways that there are, well-formed and not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from everprint.contract.supplies import Alert, AlertSeverity, Supply, SupplyState
from everprint.ipp.message import Attribute, integer, keyword, name, octet_string, text
from everprint.provider.supplies import alerts_of, supplies_of


def said(*attributes: Attribute) -> dict[str, Attribute]:
    return {attribute.name: attribute for attribute in attributes}


def test_markers_as_cups_shows_them() -> None:
    shown = said(
        name("marker-names", "Black", "Bin"),
        keyword("marker-types", "toner", "waste-toner"),
        integer("marker-levels", 15, 96),
        integer("marker-low-levels", 20, 0),
        integer("marker-high-levels", 100, 95),
        name("marker-colors", "#000000", "none"),
    )
    assert supplies_of(shown) == [
        Supply(name="Black", kind="toner", state=SupplyState.LOW, level=15, colour="#000000"),
        Supply(name="Bin", kind="waste-toner", state=SupplyState.LOW, level=96, is_receptacle=True),
    ]


def test_supplies_as_ipp_printers_say_them() -> None:
    shown = said(
        octet_string(
            "printer-supply",
            b"index=1;class=supplyThatIsConsumed;type=tonerCartridge;unit=percent;maxcapacity=200;level=0;"
            b"colorantname=black;",
            b"type=wasteToner;class=receptacleThatIsFilled;maxcapacity=100;level=100;",
            b"no fields at all",
            b"type=ink;level=many;maxcapacity=100",
        ),
        text("printer-supply-description", "Black Cartridge"),
        name("marker-names", "not looked at"),
    )
    assert supplies_of(shown) == [
        Supply(name="Black Cartridge", kind="toner-cartridge", state=SupplyState.EMPTY, level=0, colour="black"),
        Supply(name="waste-toner", kind="waste-toner", state=SupplyState.OK, level=0, is_receptacle=True),
        Supply(name="ink", kind="ink", state=SupplyState.UNKNOWN),
    ]


def test_alerts() -> None:
    shown = said(
        octet_string(
            "printer-alert", b"index=1;code=coverOpen;severity=critical;", b"code=other", b"severity=warning", b"\xff"
        ),
        text("printer-alert-description", "The front cover is open.\x1b[2J"),
    )
    assert alerts_of(shown) == [
        Alert(code="coverOpen", severity=AlertSeverity.CRITICAL, description="The front cover is open.[2J"),
        Alert(code="other", severity=AlertSeverity.REPORT),
    ]


def test_a_list_that_is_shorter_than_the_names_leaves_the_rest_unknown() -> None:
    shown = said(name("marker-names", "A", "B"), integer("marker-levels", 50))
    assert [(one.name, one.level, one.state) for one in supplies_of(shown)] == [
        ("A", 50, SupplyState.OK),
        ("B", None, SupplyState.UNKNOWN),
    ]


@given(st.lists(st.binary(max_size=80), min_size=1, max_size=100))
def test_whatever_the_octets_are_the_answer_is_bounded(octets: list[bytes]) -> None:
    shown = said(octet_string("printer-supply", *octets), octet_string("printer-alert", *octets))
    assert len(supplies_of(shown)) <= 64
    assert len(alerts_of(shown)) <= 50
