"""Which device stands behind a device URI: one that speaks IPP, one that only takes octets, or none (Find-Me)."""

from __future__ import annotations

from everprint.contract.device_uris import is_find_me, scheme_of
from everprint.contract.messages import OneWay, Queue
from everprint.ipp.client import IppClient
from everprint.provider.delivery.device import Device
from everprint.provider.delivery.find_me_device import FindMeDevice
from everprint.provider.delivery.ipp_device import IppDevice
from everprint.provider.delivery.lpd_device import LpdDevice
from everprint.provider.delivery.socket_device import SocketDevice

_ONE_WAY = {"socket": SocketDevice, "lpd": LpdDevice}


def open_device(settings: Queue, ipp: IppClient, device_uri: str | None = None) -> Device:
    """The queue's device, or the one at `device_uri`, which the queue had before. Nothing is sent to it yet."""
    address = settings.device_uri if device_uri is None else device_uri
    if is_find_me(address):
        return FindMeDevice(settings.one_way or OneWay())
    kind = _ONE_WAY.get(scheme_of(address))
    if kind is None:
        return IppDevice(ipp, address)
    return kind(address, settings.one_way or OneWay())
