"""A reading in IPP's words, as if the printer had said it there: one list of states, supplies and alerts for all.

Supplies become the *marker-* attributes (CUPS) with *printer-supply* (PWG 5100.13), alerts become *printer-alert*
(PWG 5100.9); the state becomes *printer-state* and *printer-state-reasons* (RFC 8011 section 5.4.12).
"""

from __future__ import annotations

from everprint.contract.messages import PrinterState
from everprint.ipp.message import Attribute, Group, integer, keyword, name, octet_string, text
from everprint.provider.queue_state import DeviceStatus
from everprint.provider.snmp.reading import MarkerSupply, MibAlert, Reading
from everprint.provider.supplies import hyphenated

_LOW, _HIGH, _ALL = 10, 90, 100
_NO_COLOUR = "none"

# The bits of hrPrinterDetectedErrorState, after RFC 2790's own words for them.
_REASONS = {
    "lowPaper": "media-low-warning",
    "noPaper": "media-empty-error",
    "lowToner": "toner-low-warning",
    "noToner": "toner-empty-error",
    "doorOpen": "door-open-error",
    "jammed": "media-jam-error",
    "offline": "paused",
    "serviceRequested": "other-warning",
    "inputTrayMissing": "input-tray-missing-warning",
    "outputTrayMissing": "output-tray-missing-warning",
    "markerSupplyMissing": "marker-supply-missing-error",
    "outputNearFull": "output-area-almost-full-warning",
    "outputFull": "output-area-full-error",
    "inputTrayEmpty": "media-empty-warning",  # of one tray; noPaper is of all
    "overduePreventMaint": "other-report",
}


def completed(said: Group, reading: Reading) -> Group:
    """What the printer said over IPP, with the supplies and alerts that it did not say there."""
    there = {attribute.name for attribute in said}
    added = (
        *(() if there & {"printer-supply", "marker-names"} else _supplies(reading.supplies)),
        *(() if "printer-alert" in there else _alerts(reading.alerts)),
    )
    return Group(said.tag, (*(one for one in said if one.name not in {new.name for new in added}), *added))


def worse_of(said: DeviceStatus, seen: DeviceStatus) -> DeviceStatus:
    """Two views of one printer: it stands still if either says so, and all reasons hold."""
    order = (PrinterState.STOPPED, PrinterState.PROCESSING, PrinterState.IDLE)
    state = next(state for state in order if state in (said.state, seen.state))
    return DeviceStatus(state, tuple(dict.fromkeys((*said.reasons, *seen.reasons))), said.message)


def status_of(reading: Reading) -> DeviceStatus:
    """The state. A printer that is down, or wants somebody to come, is stopped."""
    reasons = tuple(dict.fromkeys(_REASONS[error] for error in reading.errors))
    if reading.is_down or any(reason.endswith("-error") or reason == "paused" for reason in reasons):
        state = PrinterState.STOPPED
    else:
        state = PrinterState.PROCESSING if reading.status == "printing" else PrinterState.IDLE
    return DeviceStatus(state, reasons or (("other-error",) if reading.is_down else ()))


def _supplies(supplies: tuple[MarkerSupply, ...]) -> tuple[Attribute, ...]:
    if not supplies:
        return ()
    return (
        name("marker-names", *(one.name for one in supplies)),
        keyword("marker-types", *(hyphenated(one.kind) for one in supplies)),
        name("marker-colors", *(one.colorant or _NO_COLOUR for one in supplies)),
        integer("marker-levels", *(_shown(one) for one in supplies)),
        integer("marker-low-levels", *(-1 if one.is_receptacle else _LOW for one in supplies)),
        integer("marker-high-levels", *(_HIGH if one.is_receptacle else _ALL for one in supplies)),
        octet_string("printer-supply", *(_supply(number, one) for number, one in enumerate(supplies, 1))),
        text("printer-supply-description", *(one.name for one in supplies)),
    )


def _shown(supply: MarkerSupply) -> int:
    """Of a receptacle the MIB says the room that is left, and IPP how full it is."""
    return _ALL - supply.left if supply.is_receptacle and supply.left >= 0 else supply.left


def _supply(number: int, supply: MarkerSupply) -> bytes:
    kind = "receptacleThatIsFilled" if supply.is_receptacle else "supplyThatIsConsumed"
    colour = f"colorantname={_plain(supply.colorant)};" if supply.colorant else ""
    counts = f"unit=percent;maxcapacity={_ALL};level={supply.left};"
    return f"index={number};class={kind};type={supply.kind};{counts}{colour}".encode()


def _alerts(alerts: tuple[MibAlert, ...]) -> tuple[Attribute, ...]:
    if not alerts:
        return ()
    return (
        octet_string("printer-alert", *(_alert(one) for one in alerts)),
        text("printer-alert-description", *(one.description for one in alerts)),
    )


def _alert(alert: MibAlert) -> bytes:
    return f"code={alert.code};severity={alert.severity};group={alert.group};groupindex={alert.group_index};".encode()


def _plain(word: str) -> str:
    return "".join(character if character.isascii() and character.isalnum() else "-" for character in word)
