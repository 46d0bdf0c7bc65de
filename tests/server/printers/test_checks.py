"""What no queue may be called, and where no device may be."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd", "file:/dev/lp0", "/dev/lp0", "usb://x", "socket://", "socket:h", "lpd:///lp",
        "http://h/x", "ipp:", "ipp://",
        "ipp:///ipp/print", "ipp://h\r\nX: y", "ipp://h/ x", "ipp://h:99999/", "ipp://[::1", "cups-pdf:/", "|id", "",
        "everprint:", "everprint:file:///etc/passwd", "everprint:everprint:usb://x", "everprint:usb://a b",
    ],
)  # fmt: skip
def test_a_device_that_is_no_network_printer_is_refused(uri: str) -> None:
    from everprint.server.printers.checks import check_device_uri

    with pytest.raises(ValidationError):
        check_device_uri(uri)


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "..", ".", "", "a b", "a\n", "a\0", "-rf", "$(id)", "ä", "x" * 128, "%2e%2e", "a;b"]
)
def test_a_queue_name_that_could_be_more_than_a_name_is_refused(name: str) -> None:
    from everprint.server.printers.models import Printer
    from everprint.server.printers.queues import BadPrinter, add_printer
    from tests.server.world import new_provider

    with pytest.raises(BadPrinter):
        add_printer(new_provider()[0], name=name, device_uri="ipp://printer.example/ipp/print")
    assert not Printer.objects.exists()
