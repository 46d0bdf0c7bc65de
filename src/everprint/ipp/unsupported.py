"""How a client is told what of its request was not, or could not be, done (RFC 8011 section 4.1.7)."""

from __future__ import annotations

from everprint.ipp.message import Attribute, Group
from everprint.ipp.tags import GroupTag, ValueTag
from everprint.ipp.values import OutOfBand


def unsupported_group(*attributes: Attribute) -> Group:
    """The group of a response that returns attributes which were not supported."""
    return Group(GroupTag.UNSUPPORTED, attributes)


def unsupported_attribute(name: str) -> Attribute:
    """Says that the attribute itself is unknown here, whatever its value."""
    return Attribute.of(name, ValueTag.UNSUPPORTED_VALUE, OutOfBand(ValueTag.UNSUPPORTED_VALUE))


def not_settable(name: str) -> Attribute:
    """Says that the attribute is one that cannot be set (RFC 3380 section 4.1)."""
    return Attribute.of(name, ValueTag.NOT_SETTABLE, OutOfBand(ValueTag.NOT_SETTABLE))
