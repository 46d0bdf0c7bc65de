"""A pool of printers as its clients see it: one printer that can do what any of its devices can, and whose state is
that of the best of them. Plain functions over what the devices say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from everprint.contract.messages import PrinterState
from everprint.ipp.message import Attribute, Group
from everprint.ipp.tags import GroupTag
from everprint.ipp.values import IntegerRange
from everprint.provider.device_syntax import has_its_syntax
from everprint.provider.mirrored import MIRRORED, SUPPLIES
from everprint.provider.queue_state import DeviceStatus

# Lists of abilities: a pool has all of them. Every other attribute is the first device's that says it.
_LISTS = ("-supported", "-ready", "-database")
# Of these the values stand beside each other, one for each supply or alert: told of all devices, or not at all.
_LEADERS = {"marker-": "marker-names", "printer-supply": "printer-supply", "printer-alert": "printer-alert"}

_ONE_WORD = "pdl-override-supported"

# A device with one of these reasons prints nothing until somebody has been there (RFC 8011 section 5.4.12). With
# the severity -warning or -report, or with none that says so, it goes on.
_STANDSTILL = frozenset(
    {
        "cover-open", "door-open", "input-tray-missing", "interlock-open", "marker-supply-empty", "marker-waste-full",
        "media-empty", "media-jam", "media-needed", "output-area-full", "output-tray-missing", "paused", "shutdown",
        "spool-area-full", "toner-empty", "developer-empty", "opc-life-over", "fuser-over-temp",
    }
)  # fmt: skip


def is_well(status: DeviceStatus) -> bool:
    """True if a job that is sent there now will probably be printed soon."""
    if status.state in (PrinterState.STOPPED, PrinterState.UNREACHABLE):
        return False
    return not any(reason.endswith("-error") or reason in _STANDSTILL for reason in status.reasons)


def pooled_status(statuses: Sequence[DeviceStatus]) -> DeviceStatus:
    """The state of the pool: one device that is well is enough to print."""
    well = [status for status in statuses if is_well(status)]
    of_whom = well or statuses
    for state in (PrinterState.IDLE, PrinterState.PROCESSING, PrinterState.STOPPED, PrinterState.UNREACHABLE):
        if any(status.state is state for status in of_whom):
            break
    reasons = tuple(dict.fromkeys(reason for status in of_whom for reason in status.reasons))
    message = "" if len(well) == len(statuses) else f"{len(well)} of {len(statuses)} printers are ready."
    return DeviceStatus(state if well else _worst(state), reasons, message)


def _worst(state: PrinterState) -> PrinterState:
    """None is well: whatever the best of them says of itself, the pool does not print."""
    return PrinterState.UNREACHABLE if state is PrinterState.UNREACHABLE else PrinterState.STOPPED


def pooled_abilities(devices: Sequence[Group]) -> Group:
    """The abilities of all devices together; supplies and alerts one after the other."""
    found: dict[str, list[Attribute]] = {}
    for device in devices:
        for attribute in device:
            if attribute.name in MIRRORED and not attribute.is_out_of_band and has_its_syntax(attribute):
                found.setdefault(attribute.name, []).append(attribute)
    told = {name: said for name, said in found.items() if name not in SUPPLIES or _is_of_all(name, found)}
    return Group(GroupTag.PRINTER, tuple(_pooled(name, said) for name, said in told.items()))


def _is_of_all(name: str, found: Mapping[str, Sequence[Attribute]]) -> bool:
    leader = next(leader for prefix, leader in _LEADERS.items() if name.startswith(prefix))
    return len(found[name]) == len(found.get(leader, ()))


def _pooled(name: str, said: Sequence[Attribute]) -> Attribute:
    first = said[0]
    if len(said) == 1 or name == _ONE_WORD or not (name.endswith(_LISTS) or name in SUPPLIES):
        return first
    if all(len(one.values) == 1 for one in said):
        if all(isinstance(one.value, bool) for one in said):
            return Attribute(name, first.tags, (any(one.value is True for one in said),))
        ranges = [one.value for one in said if isinstance(one.value, IntegerRange)]
        if len(ranges) == len(said):
            widest = IntegerRange(min(one.lower for one in ranges), max(one.upper for one in ranges))
            return Attribute(name, first.tags, (widest,))
    pairs = [pair for one in said for pair in zip(one.tags, one.values, strict=True)]
    if name not in SUPPLIES:
        pairs = list(dict.fromkeys(pairs))
    return Attribute(name, tuple(tag for tag, _ in pairs), tuple(value for _, value in pairs))
