"""Identify-Printer (PWG 5100.13 section 5.1): the device beeps, flashes or shows a message."""

from __future__ import annotations

from everprint.ipp.errors import Refused
from everprint.ipp.message import Message
from everprint.ipp.reply import reply
from everprint.ipp.status import Status
from everprint.ipp.unsupported import unsupported_group
from everprint.provider.front.call import Call
from everprint.provider.queue_attributes import IDENTIFY_ACTIONS


async def identify_printer(call: Call) -> Message:
    """Passes the wish on; that it was passed on is all that is answered, for the device may be asleep."""
    await call.caller()
    operation = call.request.message.operation
    actions = operation.strings("identify-actions") or ("display",)
    if not set(actions) <= set(IDENTIFY_ACTIONS):
        raise Refused(
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            f"identify-actions are {', '.join(IDENTIFY_ACTIONS)}",
            unsupported_group(operation.require("identify-actions")),
        )
    await call.front.identify_device(call.queue, actions, operation.string("message") or "")
    return reply(call.request.message, Status.SUCCESSFUL_OK)
