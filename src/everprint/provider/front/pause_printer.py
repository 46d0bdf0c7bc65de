"""What operators do to a queue: Pause-Printer and Resume-Printer (RFC 8011 sections 4.2.7 and 4.2.8), Disable-Printer
and Enable-Printer (RFC 3998 section 3.1), Set-Printer-Attributes and Get-Printer-Supported-Values (RFC 3380).

A pause lets the printer finish what it has. Whatever they say is kept over a restart.
"""

from __future__ import annotations

import logging

from msgspec.structs import replace

from everprint.ipp.errors import BadValue, Refused
from everprint.ipp.message import Attribute, Group, Message, admin_define
from everprint.ipp.reply import reply
from everprint.ipp.requested_attributes import requested_attributes
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag, ValueTag
from everprint.ipp.unsupported import not_settable, unsupported_group
from everprint.ipp.values import OutOfBand
from everprint.provider.front.call import Call
from everprint.provider.queue_attributes import SETTABLE_OF_PRINTER
from everprint.provider.queue_control import QueueControl

log = logging.getLogger(__name__)

_MESSAGE = "printer-message-from-operator"
_MOST_MESSAGE_OCTETS = 127  # RFC 8011 section 5.4.25


async def pause_printer(call: Call) -> Message:
    """Nothing more goes to the device."""
    return await _control(call, "pause", replace(call.queue.control, paused=True))


async def resume_printer(call: Call) -> Message:
    """Jobs go to the device again."""
    return await _control(call, "resume", replace(call.queue.control, paused=False))


async def disable_printer(call: Call) -> Message:
    """No further job is taken; those that are there are printed."""
    return await _control(call, "disable", replace(call.queue.control, disabled=True))


async def enable_printer(call: Call) -> Message:
    """Jobs are taken again, as far as the Application Server lets the queue."""
    return await _control(call, "enable", replace(call.queue.control, disabled=False))


async def set_printer_attributes(call: Call) -> Message:
    """Sets the operator's message, or removes it. All attributes, or none."""
    await call.operator()
    wrong = [not_settable(attribute.name) for attribute in call.request.message.printer if attribute.name != _MESSAGE]
    if wrong:
        raise Refused(
            Status.CLIENT_ERROR_ATTRIBUTES_NOT_SETTABLE,
            f"only {', '.join(SETTABLE_OF_PRINTER)} can be set here; all else is set in the Application Server",
            unsupported_group(*wrong),
        )
    attribute = call.request.message.printer.get(_MESSAGE)
    if attribute is None:
        raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, "there is no printer attribute in the request")
    return await _control(call, "say", replace(call.queue.control, message=_message(call, attribute)))


async def get_printer_supported_values(call: Call) -> Message:
    """What Set-Printer-Attributes takes: any text, the operator's own."""
    await call.operator()
    wanted = requested_attributes(call.request.message)
    group = Group(GroupTag.PRINTER, wanted.of_printer((admin_define(_MESSAGE),)))
    return reply(call.request.message, Status.SUCCESSFUL_OK, group)


def _message(call: Call, attribute: Attribute) -> str:
    if attribute.values == (OutOfBand(ValueTag.DELETE_ATTRIBUTE),):
        return ""
    message = call.request.message.printer.string(_MESSAGE)
    if message is None or len(attribute.values) > 1:
        raise BadValue(_MESSAGE, "is one text")
    if len(message.encode()) > _MOST_MESSAGE_OCTETS:
        raise Refused(
            Status.CLIENT_ERROR_REQUEST_VALUE_TOO_LONG,
            f"{_MESSAGE} has {_MOST_MESSAGE_OCTETS} octets at the most",
            unsupported_group(attribute),
        )
    return message


async def _control(call: Call, what: str, control: QueueControl) -> Message:
    operator = await call.operator()
    try:
        call.front.control(call.queue, control)
    except OSError as error:
        raise Refused(
            Status.SERVER_ERROR_TEMPORARY_ERROR, f"this cannot be kept on the print server's disk: {error.strerror}"
        ) from error
    log.info("operator queue=%s do=%s by=%s", call.queue.name, what, operator)
    return reply(call.request.message, Status.SUCCESSFUL_OK)
