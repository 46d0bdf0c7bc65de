"""What can be wrong with an IPP message, each error naming what and where."""


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


class MissingAttribute(IppError):
    """A required attribute is not in its group."""

    def __init__(self, attribute: str) -> None:
        super().__init__(f"{attribute} is missing")
        self.attribute = attribute
