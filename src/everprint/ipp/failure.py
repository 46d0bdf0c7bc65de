"""The one place where an error becomes an IPP status."""

from __future__ import annotations

from everprint.ipp.errors import (
    BadValue,
    CannotDecompress,
    DocumentStalled,
    DocumentTooLarge,
    IppError,
    MalformedMessage,
    MessageTooLarge,
    MissingAttribute,
    Refused,
    ValueTooLong,
)
from everprint.ipp.message import Group, Message
from everprint.ipp.reply import response
from everprint.ipp.status import Status

# The first class that fits counts, so a special case stands before its general one.
_STATUS: tuple[tuple[type[IppError], Status], ...] = (
    (ValueTooLong, Status.CLIENT_ERROR_REQUEST_VALUE_TOO_LONG),
    (BadValue, Status.CLIENT_ERROR_BAD_REQUEST),
    (MissingAttribute, Status.CLIENT_ERROR_BAD_REQUEST),
    (MalformedMessage, Status.CLIENT_ERROR_BAD_REQUEST),
    (MessageTooLarge, Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE),
    (DocumentTooLarge, Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE),
    (DocumentStalled, Status.CLIENT_ERROR_TIMEOUT),
    (CannotDecompress, Status.CLIENT_ERROR_COMPRESSION_ERROR),
)


def status_of(error: IppError) -> Status:
    """The status that tells a client of this error."""
    if isinstance(error, Refused):
        return error.status
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    return Status.CLIENT_ERROR_BAD_REQUEST


def failure(request_id: int, version: tuple[int, int], error: IppError) -> Message:
    """The response that tells a client of this error."""
    groups: tuple[Group, ...] = error.groups if isinstance(error, Refused) else ()
    return response(request_id, version, status_of(error), *groups, message=str(error))
