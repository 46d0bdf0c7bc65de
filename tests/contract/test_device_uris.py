"""One list of schemes: what the server lets a queue have, the provider can open."""

from __future__ import annotations

import asyncio

import pytest

from everprint.contract.device_uris import DEVICE_SCHEMES, is_one_way
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
