"""A queue with several devices, as the server keeps it and tells its provider."""

from __future__ import annotations

import pytest

from everprint.contract.failure_modes import OfflineTerms
from everprint.contract.messages import DeliveryBegun, DeviceState, JobReceived, OneWay, PrinterState, PrinterStatus
from everprint.server.accounts.money import ZERO
from tests.server.conftest import Database
from tests.server.world import PrintServer, pages

RAW = ["socket://192.0.2.8", "socket://192.0.2.9"]


def test_its_provider_is_told_of_all_devices(database: Database) -> None:
    from everprint.server.printers.queues import BadPrinter, change_printer
    from everprint.server.providers.snapshot import snapshot_of

    north = PrintServer(queue={"pool": RAW})
    (queue,) = snapshot_of(north.provider.pk, "here", "EUR", OfflineTerms(offline_credit=ZERO)).queues
    assert (queue.device_uri, queue.pool) == ("ipp://192.0.2.7/ipp/print", tuple(RAW))
    assert queue.one_way == OneWay()  # said for the raw ones
    change_printer(north.printer, pool=[])
    (queue,) = snapshot_of(north.provider.pk, "here", "EUR", OfflineTerms(offline_credit=ZERO)).queues
    assert (queue.pool, queue.one_way) == ((), None)
    for wrong in (["file:///etc/passwd"], [f"ipp://192.0.2.{number}/" for number in range(64)]):
        with pytest.raises(BadPrinter, match="pool"):
            change_printer(north.printer, pool=wrong)


def test_each_device_is_shown_and_the_time_line_says_which_got_the_job(database: Database) -> None:
    from everprint.server.printers.models import Printer

    north = PrintServer(queue={"pool": RAW})
    away = DeviceState(device_uri=RAW[0], state=PrinterState.UNREACHABLE, reasons=["connecting-to-device"])
    well = DeviceState(device_uri=RAW[1], state=PrinterState.IDLE, reasons=[], make_and_model="Example\0 9000")
    north.report(None, PrinterStatus(queue="office", state=PrinterState.IDLE, reasons=[], devices=[away, well]))
    first, second = Printer.objects.get(pk=north.printer.pk).devices
    assert (first["state"], first["reasons"]) == ("unreachable", ["connecting-to-device"])
    assert second["make_and_model"] == "Example  9000"
    job = north.job()
    north.ask(job, pages(1))
    north.report(job, JobReceived(job=job), DeliveryBegun(device_uri=RAW[1]))
    assert north.seen(job).steps.last().text == f"to {RAW[1]}"
