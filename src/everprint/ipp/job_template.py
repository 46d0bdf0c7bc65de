"""The attributes with which a client says how a job is to be printed, and whether a printer can do it.

Job Template attributes are those of RFC 8011 section 5.2 and its extensions (PWG 5100.1, 5100.2, 5100.3, 5100.7,
5100.11, 5100.13). Whether a value is supported is read from the printer's own *xxx-supported* attributes, so that
what a printer says and what it accepts cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from everprint.ipp.errors import BadValue
from everprint.ipp.message import Attribute, Group, Message
from everprint.ipp.tags import ValueTag
from everprint.ipp.unsupported import unsupported_attribute
from everprint.ipp.values import Collection, IntegerRange, LanguageString, Value

JOB_TEMPLATE = frozenset(
    """
    copies cover-back cover-front feed-orientation finishing-template finishings finishings-col force-front-side
    imposition-template insert-sheet job-account-id job-account-type job-accounting-sheets job-accounting-user-id
    job-cancel-after job-complete-before job-complete-before-time job-copies job-delay-output-until
    job-delay-output-until-time job-error-action job-error-sheet job-hold-until job-hold-until-time
    job-message-to-operator job-pages-per-set job-phone-number job-priority job-recipient-name job-release-action
    job-retain-until
    job-retain-until-interval job-retain-until-time job-save-disposition job-sheet-message job-sheets job-sheets-col
    media media-col media-input-tray-check media-overprint multiple-document-handling multiple-object-handling
    number-up orientation-requested output-bin output-device overrides page-delivery page-order-received
    page-ranges pages-per-subset pdl-init-file presentation-direction-number-up print-color-mode
    print-content-optimize print-darkness print-quality print-rendering-intent print-scaling print-speed
    printer-resolution proof-copies proof-print separator-sheets sides x-image-position x-image-shift
    x-side1-image-shift x-side2-image-shift y-image-position y-image-shift y-side1-image-shift y-side2-image-shift
    """.split()  # noqa: SIM905 - a table of words
)

# Those that may have several values; of the others a second one is an error. CUPS
# has two job-sheets: before and after.
_SETS = frozenset(
    """
    finishings finishings-col force-front-side insert-sheet job-account-type job-phone-number job-sheets overrides
    page-ranges pages-per-subset
    """.split()  # noqa: SIM905 - a table of words
)

# Values that their -supported attribute does not list: there it holds a length, a span of seconds or a flag.
_NOT_LISTED = frozenset(
    """
    job-account-id job-accounting-user-id job-delay-output-until-time job-hold-until-time job-message-to-operator
    job-phone-number job-recipient-name job-retain-until-time job-sheet-message
    """.split()  # noqa: SIM905 - a table of words
)


@dataclass(frozen=True, slots=True)
class CheckedTemplate:
    """The Job Template attributes of a request, sorted by whether the printer can do them."""

    supported: tuple[Attribute, ...]
    unsupported: tuple[Attribute, ...]  # ready for the unsupported group of the response

    @property
    def is_supported(self) -> bool:
        """True if all of it can be done."""
        return not self.unsupported


def check_job_template(job: Group, printer: Mapping[str, Attribute]) -> CheckedTemplate:
    """Sorts the job attributes of a request by what the printer's attributes (by name) say it supports.

    Raises BadValue for several values where one is allowed.
    """
    supported: list[Attribute] = []
    unsupported: list[Attribute] = []
    for attribute in job:
        if len(attribute.values) > 1 and attribute.name not in _SETS:
            raise BadValue(attribute.name, f"{len(attribute.values)} values where one is allowed")
        allowed = printer.get(f"{attribute.name}-supported")
        if allowed is None or attribute.is_out_of_band:
            unsupported.append(unsupported_attribute(attribute.name))
        elif all(_is_supported(attribute.name, value, allowed, printer) for value in attribute.values):
            supported.append(attribute)
        else:
            unsupported.append(attribute)
    return CheckedTemplate(tuple(supported), tuple(unsupported))


def wants_fidelity(message: Message) -> bool:
    """True if the client would rather have no print than one that differs (*ipp-attribute-fidelity*).

    Then anything unsupported refuses the job (client-error-attributes-or-values-not-supported); else the job is
    taken and answered with successful-ok-ignored-or-substituted-attributes.
    """
    return message.operation.boolean("ipp-attribute-fidelity") or False


def _is_supported(name: str, value: Value, allowed: Attribute, printer: Mapping[str, Attribute]) -> bool:
    if name in _NOT_LISTED:
        return allowed.value is not False
    if name == "job-priority":  # -supported is the number of levels
        return isinstance(value, int) and 1 <= value <= 100
    if isinstance(value, Collection):
        return _is_supported_collection(value, allowed, printer)
    if allowed.tags[0] is ValueTag.BOOLEAN and not isinstance(value, bool):  # page-ranges-supported
        return allowed.value is True
    return any(_matches(value, one) for one in allowed.values)


def _is_supported_collection(value: Collection, allowed: Attribute, printer: Mapping[str, Attribute]) -> bool:
    """A collection's -supported is either the names of its members or collections that bound them."""
    if isinstance(allowed.value, Collection):
        return any(_matches(value, one) for one in allowed.values)
    for member in value.members:
        if member.name not in allowed.values:
            return False
        of_member = printer.get(f"{member.name}-supported")
        if of_member is not None and not all(
            _is_supported(member.name, one, of_member, printer) for one in member.values
        ):
            return False
    return True


def _matches(value: Value, allowed: Value) -> bool:
    if isinstance(allowed, IntegerRange) and isinstance(value, int) and not isinstance(value, bool):
        return value in allowed
    if isinstance(value, Collection) and isinstance(allowed, Collection):
        return all(_member_matches(member, allowed) for member in value.members)
    if isinstance(value, LanguageString):
        return value.text == (allowed.text if isinstance(allowed, LanguageString) else allowed)
    # True is no 1 here.
    return type(value) is type(allowed) and value == allowed


def _member_matches(member: Attribute, allowed: Collection) -> bool:
    of_member = allowed.get(member.name)
    return of_member is not None and all(
        any(_matches(value, one) for one in of_member.values) for value in member.values
    )
