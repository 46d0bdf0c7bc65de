"""POST /contract/cups-queues: queues of CUPS that a provider adopted become printers, by its word and once."""

from __future__ import annotations

import pytest

from everprint.contract.messages import CupsQueue

pytestmark = pytest.mark.usefixtures("database")

LAB = CupsQueue(name="lab", device_uri="everprint:usb://Maker/Model?serial=1", info="The lab", location="Cellar")


def test_a_queue_is_added_once_and_follows_its_device() -> None:
    from everprint.server.printers.adoption import adopt_queues
    from everprint.server.printers.models import Printer
    from everprint.server.printers.queues import change_printer
    from tests.server.world import new_provider

    provider = new_provider()[0]
    assert adopt_queues(provider.pk, [LAB]) == ["lab"]
    printer = Printer.objects.get()
    assert (printer.device_uri, printer.info, printer.location) == (LAB.device_uri, "The lab", "Cellar")
    # CUPS says who prints; nobody else may.
    assert (printer.authentication, printer.trusted_networks) == ("requesting-user-name", [])
    change_printer(printer, info="Ours now")
    moved = CupsQueue(name="lab", device_uri="everprint:socket://192.0.2.7")
    assert adopt_queues(provider.pk, [moved]) == []
    printer.refresh_from_db()
    assert (printer.device_uri, printer.info) == (moved.device_uri, "Ours now")


def test_a_queue_that_people_print_to_is_not_taken_over() -> None:
    from everprint.server.printers.adoption import NotOfCups, adopt_queues
    from everprint.server.printers.queues import BadPrinter, add_printer
    from tests.server.world import new_provider

    provider = new_provider()[0]
    add_printer(provider, name="lab", device_uri="ipp://printer.example/ipp/print")
    with pytest.raises(NotOfCups):
        adopt_queues(provider.pk, [LAB])
    with pytest.raises(BadPrinter):
        adopt_queues(provider.pk, [CupsQueue(name="x", device_uri="ipp://printer.example/ipp/print")])


def test_a_queue_of_cups_is_no_device_of_a_pool() -> None:
    from django.core.exceptions import ValidationError

    from everprint.server.printers.checks import check_device_uris

    with pytest.raises(ValidationError):
        check_device_uris([LAB.device_uri])
