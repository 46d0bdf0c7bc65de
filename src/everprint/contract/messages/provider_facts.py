"""What no job is concerned by: how printers are, and that the server was away."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from everprint.contract.supplies import Alert, Supply


class PrinterState(StrEnum):
    """RFC 8011 section 5.4.11, and *unreachable* for a device that does not answer."""

    IDLE = "idle"
    PROCESSING = "processing"
    STOPPED = "stopped"
    UNREACHABLE = "unreachable"


class DeviceState(msgspec.Struct, frozen=True, kw_only=True):
    """What one device of a pool says of itself; `device_uri` without a password."""

    device_uri: str
    state: PrinterState
    reasons: list[str]
    message: str = ""
    make_and_model: str = ""


class Abilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a queue can print: with what its print server can do for it."""

    document_formats: list[str]
    media: list[str]  # self-describing names (PWG 5101.1)
    colour: bool
    two_sided: bool


class PrinterStatus(msgspec.Struct, frozen=True, kw_only=True, tag="printer-status"):
    """What the device of a queue says of itself; of a pool, what all of them say together, and each by itself."""

    queue: str
    state: PrinterState
    reasons: list[str]  # printer-state-reasons, without "none"
    message: str = ""
    make_and_model: str = ""
    devices: list[DeviceState] = []
    supplies: list[Supply] = []  # of a pool, those of all its devices
    alerts: list[Alert] = []
    life_count: int | None = None  # the impressions that it made in its life, where it says so (SNMP); not of a pool
    abilities: Abilities | None = None  # None until its device was heard of, and from providers that do not say


class OfflinePeriod(msgspec.Struct, frozen=True, kw_only=True, tag="offline-period"):
    """The server was away for this provider, and answers again. Told as DecidedOffline is."""

    began: datetime
    ended: datetime
    printed: int  # jobs let through in that time
    unlogged: int = 0  # of them, those printed for nobody
    refused: int = 0


ProviderFact = PrinterStatus | OfflinePeriod
