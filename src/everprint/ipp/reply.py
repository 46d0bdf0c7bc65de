"""Answers to requests: the operation group every response begins with (RFC 8011 section 4.1.4.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import replace

from everprint.ipp.message import Attribute, Group, Message, charset, natural_language, text
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag

# The only charset and language that our texts are written in.
CHARSET = charset("attributes-charset", "utf-8")
NATURAL_LANGUAGE = natural_language("attributes-natural-language", "en")

_MAX_STATUS_MESSAGE_OCTETS = 255
_ADDRESS = struct.Struct(">BBHi")


def reply(request: Message, status: Status, *groups: Group, message: str = "") -> Message:
    """The response to a request, under its request-id and in its version.

    *message* becomes the *status-message*, cut to the 255 octets of its syntax.
    """
    return response(request.request_id, request.version, status, *groups, message=message)


def reply_with(request: Message, status: Status, attributes: Iterable[Attribute], *groups: Group) -> Message:
    """The same with operation attributes of its own (as *notify-get-interval*)."""
    answer = reply(request, status)
    first = Group(GroupTag.OPERATION, (*answer.groups[0].attributes, *attributes))
    return replace(answer, groups=(first, *groups))


def response(request_id: int, version: tuple[int, int], status: Status, *groups: Group, message: str = "") -> Message:
    """The same for a request of which no more than the header is known."""
    attributes: tuple[Attribute, ...] = (CHARSET, NATURAL_LANGUAGE)
    if message:
        attributes = (*attributes, text("status-message", _status_message(message)))
    return Message(int(status), request_id, (Group(GroupTag.OPERATION, attributes), *groups), answer_version(version))


def readdress(octets: bytes, request: Message) -> bytes:
    """An encoded response made for another request, under this one's request-id and in its version."""
    code = octets[2] << 8 | octets[3]
    return _ADDRESS.pack(*answer_version(request.version), code, request.request_id) + octets[8:]


def answer_version(version: tuple[int, int]) -> tuple[int, int]:
    """The version to answer in: the request's own, else the nearest that we know (RFC 8011 section 4.1.8)."""
    major, minor = version
    if major < 1:
        return (1, 0)
    if major == 1:
        return (1, min(minor, 1))
    return (2, min(minor, 2)) if major == 2 else (2, 0)


def _status_message(message: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in message)
    return printable.encode("utf-8", "replace")[:_MAX_STATUS_MESSAGE_OCTETS].decode("utf-8", "ignore")
