"""The printer attributes of a queue: its device's abilities under its own identity (RFC 8011 section 5.4).

They change only with the snapshot, the device or the address that a client uses, so answers made of them are cached;
what time, jobs and operators change is in volatile_attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from everprint.contract.job_passwords import LEAST_OCTETS, MOST_OCTETS
from everprint.contract.messages import Authentication, Queue
from everprint.ipp.compression import COMPRESSIONS
from everprint.ipp.message import (
    Attribute,
    boolean,
    charset,
    enum,
    integer,
    keyword,
    name,
    natural_language,
    no_value,
    range_of_integer,
    text,
    unknown,
    uri,
)
from everprint.ipp.operations import Operation
from everprint.ipp.values import IntegerRange
from everprint.provider.addresses import Addresses
from everprint.provider.job_password import ENCRYPTIONS
from everprint.provider.mirrored import PASSED_ON
from everprint.provider.subscriptions.terms import (
    DEFAULT_EVENT,
    DEFAULT_LEASE_S,
    EVENT_LIFE_S,
    JOB_EVENTS,
    MOST_LEASE_S,
    PRINTER_EVENTS,
    PULL_METHOD,
)

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
    Operation.RESTART_JOB,
    Operation.RESUBMIT_JOB,
    Operation.SET_JOB_ATTRIBUTES,
    Operation.CANCEL_JOBS,
    Operation.PURGE_JOBS,
    Operation.PAUSE_PRINTER,
    Operation.RESUME_PRINTER,
    Operation.ENABLE_PRINTER,
    Operation.DISABLE_PRINTER,
    Operation.SET_PRINTER_ATTRIBUTES,
    Operation.GET_PRINTER_SUPPORTED_VALUES,
    Operation.GET_USER_PRINTER_ATTRIBUTES,
    Operation.CREATE_PRINTER_SUBSCRIPTIONS,
    Operation.CREATE_JOB_SUBSCRIPTIONS,
    Operation.GET_SUBSCRIPTION_ATTRIBUTES,
    Operation.GET_SUBSCRIPTIONS,
    Operation.RENEW_SUBSCRIPTION,
    Operation.CANCEL_SUBSCRIPTION,
    Operation.GET_NOTIFICATIONS,
)

IDENTIFY_ACTIONS = ("display", "flash", "sound", "speak")
WHICH_JOBS = ("completed", "not-completed", "all")

# The two longest texts that RFC 8011 allows here are 127 octets.
_MOST = 127


@dataclass(frozen=True, slots=True)
class Limits:
    """What the provider allows, as far as queues tell it to clients."""

    max_document_octets: int
    multiple_operation_time_out_s: int
    more_info: str  # where people look at this printer: the Application Server's pages


ACCOUNTING = ("job-account-id", "job-accounting-user-id")
# What a job may wait for: nothing, its PIN, or the word of its owner (PWG 5100.11, job-release-action).
RELEASE_ACTIONS = ("none", "job-password", "owner-authorized")

# Job template attributes that the provider itself carries out.
OWN_JOB_ATTRIBUTES = (
    keyword("job-hold-until-default", "no-hold"),
    keyword("job-hold-until-supported", "no-hold", "indefinite"),
    # Whom to charge, in the client's words (PWG 5100.7): told to the Application Server.
    *(boolean(f"{accounting}-supported", True) for accounting in ACCOUNTING),
    *(no_value(f"{accounting}-default") for accounting in ACCOUNTING),
    keyword("job-release-action-default", "none"),
    keyword("job-release-action-supported", *RELEASE_ACTIONS),
    # Jobs print in the order in which they came: all priorities are one level.
    integer("job-priority-default", 50),
    integer("job-priority-supported", 1),
    keyword("job-sheets-default", "none"),
    keyword("job-sheets-supported", "none"),
    # Pages may be named, but nothing of them overridden: what a job costs is one ticket for all of it (PWG 5100.6
    # names the members; IPP Everywhere's first edition writes "document-number").
    keyword("overrides-supported", "document-number", "document-numbers", "pages"),
)

# PIN printing (PWG 5100.11): what protects a job is decided here, and the device never learns of it.
_PASSWORDS = (
    keyword("job-password-encryption-supported", *ENCRYPTIONS),
    range_of_integer("job-password-length-supported", IntegerRange(LEAST_OCTETS, MOST_OCTETS)),
    keyword("job-password-repertoire-configured", "iana_utf-8_any"),
    keyword("job-password-repertoire-supported", "iana_utf-8_any"),
    integer("job-password-supported", MOST_OCTETS),
)

# What Set-Job-Attributes changes besides the attributes that are passed on to the device (RFC 3380).
SETTABLE_OF_JOB = ("job-hold-until", "job-name", "job-priority")
SETTABLE_OF_PRINTER = ("printer-message-from-operator",)

# Of a device's *ipp-features-supported*, those that hold for its queue, too: the others are about what the device
# does with documents, storage or scans of its own.
_FEATURES = frozenset({"icc-color-matching", "ipp-everywhere"})


def static_attributes(
    queue: Queue, shown: Mapping[str, Attribute], addresses: Addresses, limits: Limits
) -> tuple[Attribute, ...]:
    """All of them; `shown` is what the queue shows of its device."""
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
        uri("printer-supply-info-uri", limits.more_info),
        uri("printer-icons", *addresses.icon_uris()),
        unknown("printer-geo-location"),
        text("printer-organization", ""),
        text("printer-organizational-unit", ""),
    )


def _service(shown: Mapping[str, Attribute], limits: Limits) -> tuple[Attribute, ...]:
    passed_on = [x for x in PASSED_ON if f"{x}-supported" in shown]
    return (
        charset("charset-configured", "utf-8"),
        charset("charset-supported", "utf-8", "us-ascii"),
        natural_language("natural-language-configured", "en"),
        natural_language("generated-natural-language-supported", "en"),
        keyword("ipp-versions-supported", "1.1", "2.0", "2.1"),
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
        shown.get("pdl-override-supported", keyword("pdl-override-supported", "attempted")),
        keyword("identify-actions-default", "display"),
        keyword("identify-actions-supported", *IDENTIFY_ACTIONS),
        boolean("job-ids-supported", True),
        keyword("job-settable-attributes-supported", *SETTABLE_OF_JOB, *passed_on),
        keyword("printer-settable-attributes-supported", *SETTABLE_OF_PRINTER),
        keyword("ipp-features-supported", *_features(shown), "subscription-object"),
        *_SUBSCRIPTIONS,
        *_PASSWORDS,
        boolean("preferred-attributes-supported", False),
    )


# RFC 3995 section 5.3, RFC 3996 section 8.
_SUBSCRIPTIONS = (
    keyword("notify-events-default", DEFAULT_EVENT),
    keyword("notify-events-supported", *JOB_EVENTS, *PRINTER_EVENTS),
    integer("notify-lease-duration-default", DEFAULT_LEASE_S),
    range_of_integer("notify-lease-duration-supported", IntegerRange(1, MOST_LEASE_S)),
    integer("notify-max-events-supported", len(JOB_EVENTS) + len(PRINTER_EVENTS)),
    keyword("notify-pull-method-supported", PULL_METHOD),
    integer("ippget-event-life", EVENT_LIFE_S),
)


def _features(shown: Mapping[str, Attribute]) -> list[str]:
    features = shown.get("ipp-features-supported")
    return [one for one in features.values if isinstance(one, str) and one in _FEATURES] if features else []


_CREATION_ATTRIBUTES = (
    "compression", "document-format", "document-name", "ipp-attribute-fidelity", "job-hold-until", "job-name",
    "job-password", "job-password-encryption", "job-priority", "job-release-action", "job-sheets", "overrides",
    "requesting-user-name", *ACCOUNTING,
)  # fmt: skip
