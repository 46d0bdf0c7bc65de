"""Validate-Job (RFC 8011 section 4.2.3): would this job be accepted? Nothing is made."""

from __future__ import annotations

from everprint.ipp.message import Message
from everprint.ipp.reply import reply
from everprint.provider.front.call import Call
from everprint.provider.front.new_job import examine, require_room
from everprint.provider.front.receive import no_room
from everprint.provider.spool import SpoolFull


async def validate_job(call: Call) -> Message:
    """Answers as Print-Job would, as far as that can be known without the document."""
    new = await examine(call)
    try:
        require_room(call, new.owner)
    except SpoolFull as error:
        raise no_room(call, error) from error
    return reply(call.request.message, new.status, *new.groups)
