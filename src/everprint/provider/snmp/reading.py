"""What a printer said of itself over SNMP, in the MIB's terms and bounds."""

from __future__ import annotations

from dataclasses import dataclass

IMPRESSIONS = 7  # PrtMarkerCounterUnitTC


@dataclass(frozen=True, slots=True)
class MarkerSupply:
    """A row of prtMarkerSuppliesTable (RFC 3805 section 6). `left` is in percent; -2 unknown, -3 some remains."""

    kind: str
    name: str
    left: int
    is_receptacle: bool
    colorant: str = ""


@dataclass(frozen=True, slots=True)
class MibAlert:
    """A row of prtAlertTable."""

    code: str
    severity: str  # a PrtAlertSeverityLevelTC label
    group: str
    group_index: int
    description: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All of it. `status` is hrPrinterStatus, `errors` the names of the bits in hrPrinterDetectedErrorState."""

    status: str = "unknown"
    is_down: bool = False
    errors: tuple[str, ...] = ()
    supplies: tuple[MarkerSupply, ...] = ()
    alerts: tuple[MibAlert, ...] = ()
    life_count: int | None = None  # prtMarkerLifeCount of all markers that count impressions


@dataclass(frozen=True, slots=True)
class Counted:
    """The counter alone, and whether the printer stands still."""

    life_count: int | None
    is_idle: bool
