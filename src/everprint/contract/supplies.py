"""What is in a printer, and what is wrong with it: one list, whoever said it (IPP, or SNMP's Printer-MIB)."""

from __future__ import annotations

from enum import StrEnum

import msgspec

MOST_SUPPLIES = 64
MOST_ALERTS = 50
LONGEST_TEXT = 200


class SupplyState(StrEnum):
    """What people must know of a supply."""

    OK = "ok"
    LOW = "low"  # of a receptacle: almost full
    EMPTY = "empty"  # of a receptacle: full
    UNKNOWN = "unknown"


class Supply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One supply: toner, ink, a drum, a waste bin (RFC 3805 prtMarkerSuppliesTable, PWG 5100.13 *printer-supply*).

    `level` is what is left in percent; of a receptacle, how full it is. None where the printer cannot say.
    """

    name: str
    kind: str  # a marker-types keyword: toner, ink, opc, waste-toner, ...
    state: SupplyState
    level: int | None = None
    colour: str = ""  # #RRGGBB or a name, as the printer says it
    is_receptacle: bool = False


class AlertSeverity(StrEnum):
    """How bad (RFC 3805 PrtAlertSeverityLevelTC)."""

    CRITICAL = "critical"  # it does not print until somebody has been there
    WARNING = "warning"
    REPORT = "report"


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that the printer wants (RFC 3805 prtAlertTable, PWG 5100.9 *printer-alert*)."""

    code: str  # a PrtAlertCodeTC label: jam, coverOpen, markerTonerEmpty, ...; or its number
    severity: AlertSeverity
    description: str = ""
