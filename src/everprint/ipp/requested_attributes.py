"""Which attributes a client asked for: the *requested-attributes* filter (RFC 8011 sections 4.2.5.1 and 4.3.4.1).

Names and group names may be mixed. Names that are unknown, or that an object does not have, are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from everprint.ipp.job_template import JOB_TEMPLATE
from everprint.ipp.message import Attribute, Message

# Thousands of collections on some printers: returned only to who asks for it by name (PWG 5100.3 section 6.3).
ONLY_BY_NAME = frozenset({"media-col-database"})

_PRINTER_SUFFIXES = ("-default", "-supported", "-ready", "-database")
# The default of Get-Jobs (RFC 8011 section 4.2.6.1).
GET_JOBS_DEFAULT = frozenset({"job-uri", "job-id"})
ALL = frozenset({"all"})


@dataclass(frozen=True, slots=True)
class RequestedAttributes:
    """The filter. Equal requests have equal filters: it can be the key of a (bounded) cache of answers."""

    names: frozenset[str] = ALL

    def wants_of_printer(self, name: str) -> bool:
        """Whether a printer's attribute belongs into the answer."""
        group = "job-template" if is_printer_job_template(name) else "printer-description"
        return self._wants(name, group)

    def wants_of_job(self, name: str) -> bool:
        """Whether a job's attribute belongs into the answer."""
        return self._wants(name, "job-template" if name in JOB_TEMPLATE else "job-description")

    def of_printer(self, attributes: Iterable[Attribute]) -> tuple[Attribute, ...]:
        """Those of a printer's attributes that were asked for, in their order."""
        return tuple(attribute for attribute in attributes if self.wants_of_printer(attribute.name))

    def of_job(self, attributes: Iterable[Attribute]) -> tuple[Attribute, ...]:
        """Those of a job's attributes that were asked for, in their order."""
        return tuple(attribute for attribute in attributes if self.wants_of_job(attribute.name))

    def _wants(self, name: str, group: str) -> bool:
        names = self.names
        return name in names or (name not in ONLY_BY_NAME and ("all" in names or group in names))


def requested_attributes(message: Message, default: frozenset[str] = ALL) -> RequestedAttributes:
    """The filter of a request; *default* if it has none (GET_JOBS_DEFAULT for Get-Jobs, else ALL).

    Raises BadValue if the attribute holds anything but keywords.
    """
    return RequestedAttributes(requested_names(message, default))


def requested_names(message: Message, default: frozenset[str]) -> frozenset[str]:
    """The names and group names as they were asked for. Raises BadValue."""
    return frozenset(message.operation.strings("requested-attributes")) or default


def is_printer_job_template(name: str) -> bool:
    """True for a printer's attribute that says something of a Job Template attribute: *sides-supported*."""
    for suffix in _PRINTER_SUFFIXES:
        if name.endswith(suffix):
            subject = name.removesuffix(suffix)
            # The members of media-col have attributes of their own: media-source-supported.
            return subject in JOB_TEMPLATE or subject.startswith("media-")
    return False
