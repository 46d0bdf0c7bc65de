"""What can be wrong with an IPP request, each error naming what and where; `failure` says how each is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from everprint.ipp.message import Group
    from everprint.ipp.status import Status


class IppError(Exception):
    """Anything wrong with a message; its text is fit for a *status-message*."""


class MalformedMessage(IppError):
    """The octets are not an IPP message: wrong lengths, tags or order (RFC 8010)."""

    def __init__(self, what: str, offset: int) -> None:
        super().__init__(f"{what} (at octet {offset})")
        self.offset = offset


class MessageTooLarge(IppError):
    """The attributes are larger than the reader is willing to hold."""


class BadValue(IppError):
    """An attribute's value breaks the rules of its syntax (RFC 8011 section 5.1)."""

    def __init__(self, attribute: str, what: str) -> None:
        super().__init__(f"{attribute}: {what}")
        self.attribute = attribute


class ValueTooLong(BadValue):
    """A value is longer than its syntax allows (RFC 8011 section 4.1.7)."""


class MissingAttribute(IppError):
    """A required attribute is not in its group."""

    def __init__(self, attribute: str) -> None:
        super().__init__(f"{attribute} is missing")
        self.attribute = attribute


class Refused(IppError):
    """A request that is well-formed but not granted: the status, and what the client is told with it."""

    def __init__(self, status: Status, message: str, *groups: Group) -> None:
        super().__init__(message)
        self.status = status
        self.groups = groups


class DocumentError(IppError):
    """The document data did not arrive as it should."""


class DocumentTooLarge(DocumentError):
    """The document is larger than this service takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the document is larger than the {limit} octets that are taken")
        self.limit = limit


class DocumentStalled(DocumentError):
    """The client stopped sending, or sends too slowly."""


class DocumentIncomplete(DocumentError):
    """The client went away before the end of the document: there is nobody left to answer."""

    def __init__(self, octets: int) -> None:
        super().__init__(f"the client went away after {octets} octets of the document")
        self.octets = octets


class CannotDecompress(DocumentError):
    """The document is not what its *compression* says, or grows beyond reason."""
