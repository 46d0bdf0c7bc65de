"""Devices that the CUPS server of this machine finds with its backends (*CUPS-Get-Devices*, what `lpinfo -v` lists):
above all what is plugged in, and network printers that its backends know how to look for.
"""

from __future__ import annotations

from everprint.ipp.client import IppClient, PrinterError
from everprint.ipp.errors import BadValue
from everprint.ipp.message import Group, integer, keyword, name
from everprint.ipp.tags import GroupTag
from everprint.provider.cups.adopt import without_user
from everprint.provider.cups.cupsd import Cupsd, CupsRefused
from everprint.provider.discovery.found import MOST_DEVICES, DiscoveryFailed, FoundDevice, is_plain_uri, words

CUPS_GET_DEVICES = 0x400B
_WANTED = ("device-uri", "device-info", "device-make-and-model", "device-location", "device-class")
# Announcements are heard without CUPS; a queue cannot have a URI of that scheme.
_WITHOUT = "dnssd"


async def cups_devices(ipp: IppClient, seconds: int) -> list[FoundDevice]:
    """What CUPS's backends find within so many seconds. Raises DiscoveryFailed."""
    try:
        answer = await Cupsd(ipp).ask(
            CUPS_GET_DEVICES,
            integer("timeout", seconds),
            integer("limit", MOST_DEVICES),
            name("exclude-schemes", _WITHOUT),
            keyword("requested-attributes", *_WANTED),
        )
    except PrinterError as error:
        raise DiscoveryFailed(f"CUPS does not answer ({error}): is it running here?") from error
    except CupsRefused as error:
        raise DiscoveryFailed(
            f"CUPS does not say what it finds ({error}): run this as root (sudo), or as a member of lpadmin."
        ) from error
    found = (_device(group) for group in answer.all_groups(GroupTag.PRINTER)[:MOST_DEVICES])
    return [device for device in found if device is not None]


def _device(group: Group) -> FoundDevice | None:
    """None for a backend that says no more than that it is there."""
    said = {attribute: _string(group, attribute) for attribute in _WANTED}
    uri = without_user(said["device-uri"])
    if not is_plain_uri(uri) or said["device-class"] == "file":
        return None
    model = words(said["device-make-and-model"])
    model = "" if model == "Unknown" else model
    return FoundDevice(
        device_uri=uri,
        name=words(said["device-info"]) or model or uri,
        make_and_model=model,
        location=words(said["device-location"]),
        host="",
        uuid="",
        found_by="cups",
    )


def _string(group: Group, attribute: str) -> str:
    try:
        return group.string(attribute) or ""
    except BadValue:
        return ""
