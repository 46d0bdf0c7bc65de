"""Operations on the printer itself: Get-Printer-Attributes and Identify-Printer."""

from __future__ import annotations

from functools import lru_cache

from everprint.ipp.message import Attribute, Group, Message, boolean, date_time, enum, integer, keyword, text
from everprint.ipp.reply import reply
from everprint.ipp.requested_attributes import requested_attributes
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from everprint.virtual_printer.addresses import page_address
from everprint.virtual_printer.call import Call
from everprint.virtual_printer.description import (
    description_attributes,
    job_template_attributes,
    supply_attributes,
)
from everprint.virtual_printer.device import Device
from everprint.virtual_printer.job import now
from everprint.virtual_printer.printer import Printer
from everprint.virtual_printer.troubles import Refusal

PRINTER_STATES = {"idle": 3, "processing": 4, "stopped": 5}
# What a printer says that is as fast as it can be: IPP has no word for it.
FULL_SPEED = 1000


class PrinterOperations:
    """Says what the printer is and how it does."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        template = job_template_attributes(printer.model)
        since = now()

        @lru_cache(maxsize=16)
        def lasting(printer_uri: str, page: str) -> tuple[Attribute, ...]:
            return (*description_attributes(printer.model, printer_uri, page, since), *template)

        self._lasting = lasting

    async def get_printer_attributes(self, call: Call) -> Message:
        """Get-Printer-Attributes (RFC 8011 section 4.2.5)."""
        page = page_address(call.request.host, self._printer.page_port, tls=call.request.tls)
        attributes = (
            *self._lasting(call.printer_uri, page),
            *supply_attributes(self._printer.model, self._printer.troubles.toner),
            *self._state_attributes(call.device),
        )
        wanted = requested_attributes(call.message)
        return reply(call.message, Status.SUCCESSFUL_OK, Group(GroupTag.PRINTER, wanted.of_printer(attributes)))

    async def identify_printer(self, call: Call) -> Message:
        """Identify-Printer (PWG 5100.13 section 5.1): the page flashes."""
        self._printer.identify()
        return reply(call.message, Status.SUCCESSFUL_OK)

    def _state_attributes(self, device: Device) -> tuple[Attribute, ...]:
        printer, troubles = self._printer, self._printer.troubles
        speed = round(printer.pace.pages_per_minute) or FULL_SPEED
        colour = (integer("pages-per-minute-color", speed),) if printer.model.colour else ()
        return (
            integer("pages-per-minute", speed),
            *colour,
            date_time("printer-current-time", now()),
            boolean("printer-is-accepting-jobs", troubles.refusal is not Refusal.NOT_ACCEPTING),
            enum("printer-state", PRINTER_STATES[device.state]),
            date_time("printer-state-change-date-time", device.state_changed_at),
            integer("printer-state-change-time", printer.up_time_at(device.state_changed_at)),
            text("printer-state-message", printer.state_message),
            keyword("printer-state-reasons", *troubles.state_reasons),
            integer("printer-up-time", printer.up_time),
            integer("queued-job-count", device.queued),
        )
