"""What a client wants to be told, from the attributes of one subscription group (RFC 3995 section 5.3)."""

from __future__ import annotations

from dataclasses import dataclass

from everprint.ipp.errors import BadValue, Refused
from everprint.ipp.message import Attribute, Group, keyword
from everprint.ipp.status import Status
from everprint.ipp.unsupported import unsupported_attribute, unsupported_group
from everprint.provider.subscriptions.subscription import Wanted
from everprint.provider.subscriptions.terms import (
    DEFAULT_EVENT,
    DEFAULT_LEASE_S,
    JOB_EVENTS,
    MOST_LEASE_S,
    MOST_USER_DATA,
    PRINTER_EVENTS,
    PULL_METHOD,
)

_OF_JOB = frozenset(JOB_EVENTS)
_OF_PRINTER = frozenset((*JOB_EVENTS, *PRINTER_EVENTS))
_UNDERSTOOD = frozenset(
    {
        "notify-charset", "notify-events", "notify-lease-duration", "notify-natural-language", "notify-pull-method",
        "notify-user-data",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Template:
    """What is done for the client, and what of its wishes is not."""

    wanted: Wanted
    ignored: tuple[Attribute, ...]

    @property
    def status(self) -> Status:
        """*notify-status-code*."""
        if self.ignored:
            return Status.SUCCESSFUL_OK_IGNORED_OR_SUBSTITUTED_ATTRIBUTES
        return Status.SUCCESSFUL_OK


def read_template(asked: Group, *, of_job: bool) -> Template:
    """Raises Refused with the attributes at fault."""
    _check_method(asked)
    events, no_events = _events(asked, _OF_JOB if of_job else _OF_PRINTER)
    wanted = Wanted(
        events=events,
        user_data=_user_data(asked),
        natural_language=asked.string("notify-natural-language") or "en",
        lease_s=0 if of_job else lease_of(asked),
    )
    not_understood = tuple(unsupported_attribute(one.name) for one in asked if one.name not in _UNDERSTOOD)
    return Template(wanted, (*no_events, *not_understood))


def lease_of(group: Group) -> int:
    """*notify-lease-duration* in seconds, as near to the wish as it goes; 0 wishes for ever."""
    asked = group.integer("notify-lease-duration")
    if asked is None:
        return DEFAULT_LEASE_S
    if asked < 0:
        raise BadValue("notify-lease-duration", f"is {asked}, expected 0 to {MOST_LEASE_S}")
    return min(asked or MOST_LEASE_S, MOST_LEASE_S)


def _check_method(asked: Group) -> None:
    recipient = asked.get("notify-recipient-uri")
    if recipient is not None:
        raise Refused(
            Status.CLIENT_ERROR_URI_SCHEME_NOT_SUPPORTED,
            f"events are fetched, not sent: notify-pull-method is {PULL_METHOD}",
            unsupported_group(recipient),
        )
    method = asked.require("notify-pull-method")
    if method.values != (PULL_METHOD,):
        raise Refused(
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            f"notify-pull-method is {PULL_METHOD}",
            unsupported_group(method),
        )


def _events(asked: Group, known: frozenset[str]) -> tuple[tuple[str, ...], tuple[Attribute, ...]]:
    said = tuple(dict.fromkeys(asked.strings("notify-events"))) or (DEFAULT_EVENT,)
    events = tuple(one for one in said if one in known)
    unknown = tuple(one for one in said if one not in known)
    if not events:
        raise Refused(
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            f"notify-events are {', '.join(sorted(known))}",
            unsupported_group(keyword("notify-events", *unknown)),
        )
    return events, ((keyword("notify-events", *unknown),) if unknown else ())


def _user_data(asked: Group) -> bytes:
    attribute = asked.get("notify-user-data")
    if attribute is None:
        return b""
    if len(attribute.values) > 1 or not isinstance(attribute.value, bytes):
        raise BadValue("notify-user-data", "is one octetString")
    if len(attribute.value) > MOST_USER_DATA:
        raise Refused(
            Status.CLIENT_ERROR_REQUEST_VALUE_TOO_LONG,
            f"notify-user-data has {MOST_USER_DATA} octets at the most",
            unsupported_group(attribute),
        )
    return attribute.value
