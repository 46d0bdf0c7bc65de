"""What every IPP server checks before it looks at what a request is about (RFC 8011 section 4.1).

Pure functions that raise Refused with the status the standard asks for. A handler begins with

    target = check_request(request.message, OPERATIONS)

and may then rely on: a known version, a request-id of at least 1, one operation group that comes first and begins
with charset and language, an operation of its own set, and a target.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urlsplit
from uuid import UUID

from everprint.ipp.errors import Refused
from everprint.ipp.message import Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag, ValueTag
from everprint.ipp.unsupported import unsupported_group
from everprint.ipp.values import MAX_INTEGER

# US-ASCII is a part of UTF-8: what it says is understood, and answered in UTF-8.
CHARSETS = frozenset({"utf-8", "us-ascii"})
TARGET_SCHEMES = frozenset({"ipp", "ipps", "http", "https"})

# Operations on one job: their target is job-uri, or printer-uri with job-id (RFC 8011 section 4.3).
JOB_OPERATIONS = frozenset(
    {
        Operation.SEND_DOCUMENT,
        Operation.SEND_URI,
        Operation.CANCEL_JOB,
        Operation.GET_JOB_ATTRIBUTES,
        Operation.HOLD_JOB,
        Operation.RELEASE_JOB,
        Operation.RESTART_JOB,
        Operation.RESUBMIT_JOB,
        Operation.SET_JOB_ATTRIBUTES,
        Operation.CLOSE_JOB,
    }
)
_OPERATIONS = {int(operation): operation for operation in Operation}


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is addressed to.

    A job-uri is the printer's URI, a slash and the job-id; *job_id* is None for an operation on the printer, and for
    one on a job that is named by its UUID.
    """

    path: str  # of the printer, percent-decoded, as "/ipp/print/finance"
    job_id: int | None = None
    job_uuid: str = ""  # in lower case with hyphens


def check_request(message: Message, operations: Set[Operation]) -> Target:
    """The target of a request that keeps the rules and asks for one of these operations.

    Raises Refused, BadValue (a target attribute with a wrong syntax).
    """
    check_version(message)
    check_request_id(message)
    check_operation_group(message)
    operation = check_operation(message, operations)
    return find_target(message, of_job=operation in JOB_OPERATIONS)


def check_version(message: Message) -> None:
    """Versions 1.0, 1.1 and 2.x are answered (RFC 8011 section 4.1.8)."""
    major, minor = message.version
    if major == 2 or (major == 1 and minor <= 1):
        return
    raise Refused(
        Status.SERVER_ERROR_VERSION_NOT_SUPPORTED, f"IPP {major}.{minor} is not supported: use 2.0, 1.1 or 1.0"
    )


def check_request_id(message: Message) -> None:
    """A request-id is at least 1 (RFC 8011 section 4.1.1)."""
    if message.request_id < 1:
        raise _bad_request(f"request-id {message.request_id} is not in 1 to {MAX_INTEGER}")


def check_operation_group(message: Message) -> None:
    """The operation attributes come first, once, and begin with charset and language (RFC 8011 section 4.1.4)."""
    groups = message.groups
    if not groups or groups[0].tag is not GroupTag.OPERATION:
        raise _bad_request("the first attribute group is not operation-attributes")
    if any(group.tag is GroupTag.OPERATION for group in groups[1:]):
        raise _bad_request("there is more than one group of operation-attributes")
    charset = _attribute_at(groups[0], 0, "attributes-charset", ValueTag.CHARSET)
    if charset.lower() not in CHARSETS:
        raise Refused(
            Status.CLIENT_ERROR_CHARSET_NOT_SUPPORTED,
            f"attributes-charset {charset} is not supported: use utf-8",
            unsupported_group(groups[0].attributes[0]),
        )
    # Any language is taken: what we say in another one is said in ours (RFC 8011 section 4.1.4.1).
    _attribute_at(groups[0], 1, "attributes-natural-language", ValueTag.NATURAL_LANGUAGE)


def check_operation(message: Message, operations: Set[Operation]) -> Operation:
    """The operation asked for, if it is one of these (RFC 8011 section 4.1.2)."""
    operation = _OPERATIONS.get(message.code)
    if operation is not None and operation in operations:
        return operation
    name = f"operation 0x{message.code:04x}" if operation is None else operation.keyword
    raise Refused(Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED, f"{name} is not supported by this printer")


def find_target(message: Message, *, of_job: bool) -> Target:
    """The printer, or the job, that the operation attributes name (RFC 8011 section 4.1.5)."""
    group = message.operation
    printer_uri = group.string("printer-uri")
    if not of_job:
        if printer_uri is None:
            raise _bad_request("printer-uri is missing")
        return Target(_path("printer-uri", printer_uri))
    if printer_uri is not None:
        job_id = group.integer("job-id")
        if job_id is None and (job_uuid := group.string("job-uuid")) is not None:
            return Target(_path("printer-uri", printer_uri), job_uuid=_uuid(job_uuid))
        if job_id is None:
            raise _bad_request("job-id is missing beside printer-uri")
        if job_id < 1:
            raise _bad_request(f"job-id {job_id} is not in 1 to {MAX_INTEGER}")
        return Target(_path("printer-uri", printer_uri), job_id)
    job_uri = group.string("job-uri")
    if job_uri is None:
        raise _bad_request("job-uri, or printer-uri with job-id, is missing")
    path, _, number = _path("job-uri", job_uri).rpartition("/")
    if not (number.isascii() and number.isdigit() and len(number) <= 10 and 1 <= int(number) <= MAX_INTEGER):
        raise Refused(Status.CLIENT_ERROR_NOT_FOUND, f"job-uri {job_uri} names no job here")
    return Target(path, int(number))


def check_document_attributes(message: Message, formats: Set[str], compressions: Set[str]) -> None:
    """The request's *document-format* and *compression*, where given, are among these (RFC 8011 section 4.2.1.1)."""
    _check_listed(message, "document-format", formats, Status.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED)
    _check_listed(message, "compression", compressions, Status.CLIENT_ERROR_COMPRESSION_NOT_SUPPORTED)


def _check_listed(message: Message, name: str, listed: Set[str], status: Status) -> None:
    attribute = message.operation.get(name)
    value = message.operation.string(name)
    if attribute is not None and value is not None and value.lower() not in listed:
        text = f"{name} {value} is not supported by this printer"
        raise Refused(status, text, unsupported_group(attribute))


def _attribute_at(group: Group, position: int, name: str, tag: ValueTag) -> str:
    if position < len(group.attributes):
        attribute = group.attributes[position]
        value = attribute.value
        if attribute.name == name and attribute.tags == (tag,) and isinstance(value, str):
            return value
    place = ("first", "second")[position]
    raise _bad_request(f"the {place} operation attribute is not a single {name}")


@lru_cache(maxsize=1024)  # clients name the same few printers again and again
def _path(attribute: str, uri: str) -> str:
    try:
        parts = urlsplit(uri)
        path = unquote(parts.path, errors="strict")
    except ValueError:  # UnicodeDecodeError is one
        raise _bad_request(f"{attribute} is no URI") from None
    if parts.scheme not in TARGET_SCHEMES or not parts.netloc:
        raise _bad_request(f"{attribute} is no URI of a printer: it begins with ipp:// or ipps:// and a host")
    if not path.isprintable():
        raise _bad_request(f"{attribute} holds control characters")
    return path.rstrip("/") or "/"


def _uuid(urn: str) -> str:
    """The UUID of a *job-uuid* (PWG 5100.13), which is a URN of RFC 9562."""
    found = urn.lower().removeprefix("urn:uuid:")
    try:
        if str(UUID(found)) == found != urn:
            return found
    except ValueError:
        pass
    raise _bad_request("job-uuid is no urn:uuid:")


def _bad_request(what: str) -> Refused:
    return Refused(Status.CLIENT_ERROR_BAD_REQUEST, what)
