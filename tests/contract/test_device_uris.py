"""One list of schemes: what the server lets a queue have, the provider can open."""

from __future__ import annotations

import asyncio

import pytest

from everprint.contract.device_uris import DEVICE_SCHEMES, before_device, behind_hook, is_hooked, is_one_way
from everprint.contract.messages import Queue
from everprint.ipp.client import IppClient
from everprint.provider.delivery.devices import open_device
from everprint.provider.delivery.ipp_device import IppDevice


@pytest.mark.parametrize("scheme", DEVICE_SCHEMES)
def test_each_scheme_has_its_device(scheme: str) -> None:
    queue = Queue(name="office", device_uri=f"{scheme}://192.0.2.7/print", printer_uuid="urn:uuid:0")

    async def opened() -> bool:
        ipp = IppClient()
        try:
            return isinstance(open_device(queue, ipp), IppDevice)
        finally:
            await ipp.close()

    assert asyncio.run(opened()) is not is_one_way(queue.device_uri)


@pytest.mark.parametrize("real", ["socket://192.0.2.7:9100", "usb://Maker/Model?serial=1", "ipp://ann:pass@h/ipp"])
def test_what_is_put_before_a_device_of_cups_is_taken_away_again(real: str) -> None:
    hooked = before_device(real)
    assert is_hooked(hooked)
    assert before_device(hooked) == hooked
    assert behind_hook(hooked) == real
    assert not is_one_way(hooked)
