"""IPP messages as immutable data: attributes in groups under an operation or a status (RFC 8010 section 3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from everprint.ipp.errors import BadValue, MissingAttribute
from everprint.ipp.tags import GroupTag, ValueTag
from everprint.ipp.values import (
    Collection,
    IntegerRange,
    LanguageString,
    OutOfBand,
    Resolution,
    Value,
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """A named list of one or more values, each with its syntax (RFC 8010 section 3.1.4).

    A set may mix syntaxes (*media* holds keywords and names), so every value has its own tag.
    """

    name: str
    tags: tuple[ValueTag, ...]
    values: tuple[Value, ...]

    @classmethod
    def of(cls, name: str, tag: ValueTag, *values: Value) -> Attribute:
        """An attribute whose values all have one syntax."""
        return cls(name, (tag,) * len(values), values)

    @property
    def value(self) -> Value:
        """The first value."""
        return self.values[0]

    @property
    def is_out_of_band(self) -> bool:
        """True if there is no real value (*no-value*, *unknown*, *unsupported*)."""
        return isinstance(self.values[0], OutOfBand)


# Shorthands for building attributes, named after the syntaxes of RFC 8011 section 5.1.


def integer(name: str, *values: int) -> Attribute:
    return Attribute.of(name, ValueTag.INTEGER, *values)


def enum(name: str, *values: int) -> Attribute:
    return Attribute.of(name, ValueTag.ENUM, *(int(value) for value in values))


def boolean(name: str, *values: bool) -> Attribute:
    return Attribute.of(name, ValueTag.BOOLEAN, *values)


def keyword(name: str, *values: str) -> Attribute:
    return Attribute.of(name, ValueTag.KEYWORD, *values)


def name(name: str, *values: str) -> Attribute:
    return Attribute.of(name, ValueTag.NAME, *values)


def text(name: str, *values: str) -> Attribute:
    return Attribute.of(name, ValueTag.TEXT, *values)


def uri(name: str, *values: str) -> Attribute:
    return Attribute.of(name, ValueTag.URI, *values)


def uri_scheme(name: str, *values: str) -> Attribute:
    return Attribute.of(name, ValueTag.URI_SCHEME, *values)


def charset(name: str, *values: str) -> Attribute:
    return Attribute.of(name, ValueTag.CHARSET, *values)


def natural_language(name: str, *values: str) -> Attribute:
    return Attribute.of(name, ValueTag.NATURAL_LANGUAGE, *values)


def mime_media_type(name: str, *values: str) -> Attribute:
    return Attribute.of(name, ValueTag.MIME_MEDIA_TYPE, *values)


def octet_string(name: str, *values: bytes) -> Attribute:
    return Attribute.of(name, ValueTag.OCTET_STRING, *values)


def date_time(name: str, *values: datetime) -> Attribute:
    return Attribute.of(name, ValueTag.DATE_TIME, *values)


def resolution(name: str, *values: Resolution) -> Attribute:
    return Attribute.of(name, ValueTag.RESOLUTION, *values)


def range_of_integer(name: str, *values: IntegerRange) -> Attribute:
    return Attribute.of(name, ValueTag.RANGE_OF_INTEGER, *values)


def collection(name: str, *values: Iterable[Attribute]) -> Attribute:
    return Attribute.of(name, ValueTag.BEG_COLLECTION, *(Collection(tuple(members)) for members in values))


def no_value(name: str) -> Attribute:
    return Attribute.of(name, ValueTag.NO_VALUE, OutOfBand(ValueTag.NO_VALUE))


def unknown(name: str) -> Attribute:
    return Attribute.of(name, ValueTag.UNKNOWN, OutOfBand(ValueTag.UNKNOWN))


def admin_define(name: str) -> Attribute:
    return Attribute.of(name, ValueTag.ADMIN_DEFINE, OutOfBand(ValueTag.ADMIN_DEFINE))


@dataclass(frozen=True, slots=True)
class Group:
    """An attribute group (RFC 8010 section 3.1.2): attributes in order, with typed look-ups.

    The typed look-ups raise BadValue when the attribute is there with another syntax, and return None (or an
    empty tuple) when it is absent or out-of-band.
    """

    tag: GroupTag
    attributes: tuple[Attribute, ...] = ()

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self.attributes)

    def __contains__(self, name: object) -> bool:
        return any(attribute.name == name for attribute in self.attributes)

    def get(self, name: str) -> Attribute | None:
        """The attribute of that name, or None."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        return None

    def require(self, name: str) -> Attribute:
        """The attribute of that name.

        Raises MissingAttribute.
        """
        attribute = self.get(name)
        if attribute is None:
            raise MissingAttribute(name)
        return attribute

    def values(self, name: str) -> tuple[Value, ...]:
        """All values of the attribute; empty if absent or out-of-band."""
        attribute = self.get(name)
        return () if attribute is None or attribute.is_out_of_band else attribute.values

    def strings(self, name: str) -> tuple[str, ...]:
        """The values of a textual attribute, without their languages."""
        found: list[str] = []
        for value in self.values(name):
            if isinstance(value, LanguageString):
                found.append(value.text)
            elif isinstance(value, str):
                found.append(value)
            else:
                raise BadValue(name, "must be a string")
        return tuple(found)

    def string(self, name: str) -> str | None:
        """The first value of a textual attribute."""
        found = self.strings(name)
        return found[0] if found else None

    def integers(self, name: str) -> tuple[int, ...]:
        """The values of an integer or enum attribute."""
        found: list[int] = []
        for value in self.values(name):
            if isinstance(value, bool) or not isinstance(value, int):
                raise BadValue(name, "must be an integer")
            found.append(value)
        return tuple(found)

    def integer(self, name: str) -> int | None:
        """The first value of an integer or enum attribute."""
        found = self.integers(name)
        return found[0] if found else None

    def boolean(self, name: str) -> bool | None:
        """The first value of a boolean attribute."""
        for value in self.values(name):
            if not isinstance(value, bool):
                raise BadValue(name, "must be a boolean")
            return value
        return None

    def collections(self, name: str) -> tuple[Collection, ...]:
        """The values of a collection attribute."""
        found: list[Collection] = []
        for value in self.values(name):
            if not isinstance(value, Collection):
                raise BadValue(name, "must be a collection")
            found.append(value)
        return tuple(found)

    def ranges(self, name: str) -> tuple[IntegerRange, ...]:
        """The values of a rangeOfInteger attribute; a lone integer is a range of one."""
        found: list[IntegerRange] = []
        for value in self.values(name):
            if isinstance(value, IntegerRange):
                found.append(value)
            elif isinstance(value, int) and not isinstance(value, bool):
                found.append(IntegerRange(value, value))
            else:
                raise BadValue(name, "must be a range of integers")
        return tuple(found)


EMPTY_OPERATION_GROUP = Group(GroupTag.OPERATION)


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response (RFC 8010 section 3.1.1).

    *code* is the operation-id of a request or the status-code of a response.
    """

    code: int
    request_id: int
    groups: tuple[Group, ...]
    version: tuple[int, int] = (2, 0)

    def group(self, tag: GroupTag) -> Group:
        """The first group with that tag; an empty one if there is none."""
        for group in self.groups:
            if group.tag is tag:
                return group
        return Group(tag)

    def all_groups(self, tag: GroupTag) -> tuple[Group, ...]:
        """Every group with that tag, in order (one per job in a Get-Jobs response)."""
        return tuple(group for group in self.groups if group.tag is tag)

    @property
    def operation(self) -> Group:
        """The operation attributes."""
        return self.group(GroupTag.OPERATION)

    @property
    def job(self) -> Group:
        """The (first) job attributes."""
        return self.group(GroupTag.JOB)

    @property
    def printer(self) -> Group:
        """The printer attributes."""
        return self.group(GroupTag.PRINTER)

    def with_request_id(self, request_id: int) -> Message:
        """The same message under another request-id."""
        return replace(self, request_id=request_id)
