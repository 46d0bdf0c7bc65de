"""The printer attributes of a queue: its device's abilities under its own identity (RFC 8011 section 5.4).

`static_attributes` changes only with the snapshot, the device or the address that a client uses, so answers made of
it are cached; `volatile_attributes` is what time and jobs change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from everprint.contract.messages import Authentication, PrinterState, Queue
from everprint.ipp.compression import COMPRESSIONS
from everprint.ipp.message import (
    Attribute,
    boolean,
    charset,
    date_time,
    enum,
    integer,
    keyword,
    name,
    natural_language,
    range_of_integer,
    text,
    uri,
)
from everprint.ipp.operations import Operation
from everprint.ipp.values import IntegerRange
from everprint.provider.addresses import Addresses
from everprint.provider.mirrored import PASSED_ON

OPERATIONS: tuple[Operation, ...] = (
    Operation.PRINT_JOB,
    Operation.VALIDATE_JOB,
    Operation.CREATE_JOB,
    Operation.SEND_DOCUMENT,
    Operation.CANCEL_JOB,
    Operation.GET_JOB_ATTRIBUTES,
    Operation.GET_JOBS,
    Operation.GET_PRINTER_ATTRIBUTES,
    Operation.HOLD_JOB,
    Operation.RELEASE_JOB,
    Operation.CANCEL_MY_JOBS,
    Operation.CLOSE_JOB,
    Operation.IDENTIFY_PRINTER,
)

IDENTIFY_ACTIONS = ("display", "flash", "sound", "speak")
WHICH_JOBS = ("completed", "not-completed", "all")

# The two longest texts that RFC 8011 allows here are 127 octets.
_MOST = 127

# printer-state values (RFC 8011 section 5.4.11): a device that does not answer is a stopped printer.
_STATE = {
    PrinterState.IDLE: 3,
    PrinterState.PROCESSING: 4,
    PrinterState.STOPPED: 5,
    PrinterState.UNREACHABLE: 5,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the provider allows, as far as queues tell it to clients."""

    max_document_octets: int
    multiple_operation_time_out_s: int
    more_info: str  # where people look at this printer: the Application Server's pages


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """What the device said of itself last."""

    state: PrinterState = PrinterState.UNREACHABLE
    reasons: tuple[str, ...] = ("connecting-to-device",)
    message: str = ""


# Job template attributes that the provider itself carries out.
OWN_JOB_ATTRIBUTES = (
    keyword("job-hold-until-default", "no-hold"),
    keyword("job-hold-until-supported", "no-hold", "indefinite"),
    keyword("job-sheets-default", "none"),
    keyword("job-sheets-supported", "none"),
)


def static_attributes(
    queue: Queue, shown: Mapping[str, Attribute], addresses: Addresses, limits: Limits
) -> tuple[Attribute, ...]:
    """Everything but the volatile attributes; `shown` is what the queue shows of its device."""
    own = {attribute.name: attribute for attribute in _identity(queue, addresses, limits)}
    own |= {attribute.name: attribute for attribute in _service(shown, limits)}
    return (*(attribute for key, attribute in shown.items() if key not in own), *own.values())


def _identity(queue: Queue, addresses: Addresses, limits: Limits) -> tuple[Attribute, ...]:
    basic = queue.authentication is Authentication.BASIC
    uris = addresses.queue_uris(queue.name, tls_only=basic)
    known_by = "basic" if basic else "requesting-user-name"
    info = queue.info or queue.name
    return (
        uri("printer-uri-supported", *uris),
        keyword("uri-security-supported", *("tls" if u.startswith("ipps:") else "none" for u in uris)),
        keyword("uri-authentication-supported", *(known_by for _ in uris)),
        uri("printer-uuid", queue.printer_uuid),
        name("printer-name", queue.name[:_MOST]),
        name("printer-dns-sd-name", info.encode()[:63].decode("utf-8", "ignore")),
        text("printer-info", info[:_MOST]),
        text("printer-location", queue.location[:_MOST]),
        uri("printer-more-info", limits.more_info),
        text("printer-organization", ""),
        text("printer-organizational-unit", ""),
    )


def _service(shown: Mapping[str, Attribute], limits: Limits) -> tuple[Attribute, ...]:
    passed_on = (x for x in PASSED_ON if f"{x}-supported" in shown)
    return (
        charset("charset-configured", "utf-8"),
        charset("charset-supported", "utf-8", "us-ascii"),
        natural_language("natural-language-configured", "en"),
        natural_language("generated-natural-language-supported", "en"),
        keyword("ipp-versions-supported", "1.1", "2.0"),
        enum("operations-supported", *OPERATIONS),
        keyword("compression-supported", *COMPRESSIONS),
        keyword("which-jobs-supported", *WHICH_JOBS),
        *OWN_JOB_ATTRIBUTES,
        boolean("multiple-document-jobs-supported", False),
        integer("multiple-operation-time-out", limits.multiple_operation_time_out_s),
        keyword("multiple-operation-time-out-action", "abort-job"),
        range_of_integer("job-k-octets-supported", IntegerRange(0, limits.max_document_octets >> 10)),
        keyword("job-creation-attributes-supported", *_CREATION_ATTRIBUTES, *passed_on),
        keyword("printer-get-attributes-supported", "document-format"),
        keyword("pdl-override-supported", "attempted"),
        keyword("identify-actions-default", "display"),
        keyword("identify-actions-supported", *IDENTIFY_ACTIONS),
        boolean("job-ids-supported", False),
        boolean("preferred-attributes-supported", False),
    )


_CREATION_ATTRIBUTES = (
    "compression", "document-format", "document-name", "ipp-attribute-fidelity", "job-hold-until", "job-name",
    "job-sheets", "requesting-user-name",
)  # fmt: skip

VOLATILE = frozenset(
    {
        "printer-state", "printer-state-reasons", "printer-state-message", "printer-is-accepting-jobs",
        "queued-job-count", "printer-up-time", "printer-current-time",
    }
)  # fmt: skip


def volatile_attributes(accepting: bool, status: DeviceStatus, queued: int, up_time_s: int) -> tuple[Attribute, ...]:
    """The state of the queue now."""
    state = _STATE[status.state]
    if state == 3 and queued:
        state = 4
    message = status.message or _MESSAGES[status.state]
    return (
        enum("printer-state", state),
        keyword("printer-state-reasons", *(status.reasons or ("none",))),
        text("printer-state-message", message.encode()[:1023].decode("utf-8", "ignore")),
        boolean("printer-is-accepting-jobs", accepting),
        integer("queued-job-count", queued),
        integer("printer-up-time", max(1, up_time_s)),
        date_time("printer-current-time", datetime.now(UTC)),
    )


_MESSAGES = {
    PrinterState.IDLE: "Ready.",
    PrinterState.PROCESSING: "Printing.",
    PrinterState.STOPPED: "The printer is stopped.",
    PrinterState.UNREACHABLE: "The printer does not answer; jobs wait for it.",
}
