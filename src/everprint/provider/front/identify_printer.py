"""Identify-Printer (PWG 5100.13 section 5.1): the device beeps, flashes or shows a message."""

from __future__ import annotations

from everprint.ipp.message import Message
from everprint.ipp.reply import reply
from everprint.ipp.status import Status
from everprint.provider.front.call import Call


async def identify_printer(call: Call) -> Message:
    """Passes the wish on; that it was passed on is all that is answered, for the device may be asleep."""
    await call.caller()
    operation = call.request.message.operation
    actions = operation.strings("identify-actions") or ("display",)
    await call.front.identify_device(call.queue, actions, operation.string("message") or "")
    return reply(call.request.message, Status.SUCCESSFUL_OK)
