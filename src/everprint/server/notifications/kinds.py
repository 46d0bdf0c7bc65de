"""What people are told of: each kind with whom it concerns, its fields, and its words where nobody changed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from everprint.server.access.permissions import Permission
from everprint.server.languages import Language


class FieldKind(StrEnum):
    """What a field of a notification is, which says how it reads."""

    TEXT = "text"
    MONEY = "money"  # kept as an exact decimal
    MOMENT = "moment"  # kept as ISO 8601
    REASONS = "reasons"  # printer-state-reasons, kept as keywords with spaces between


@dataclass(frozen=True, slots=True)
class Words:
    """A subject and a text with fields in braces, like {balance}."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notification."""

    key: str
    title: str
    title_german: str
    fields: Mapping[str, FieldKind]
    sample: Mapping[str, str]  # a value for each field, for the preview
    words: Mapping[Language, Words]
    audience: Permission | None = None  # who is told: those with the permission; None: the person it is about
    urgent: bool = False  # mails of it do not wait for the end of the quiet hours

    @property
    def setting(self) -> str:
        """The installation's setting that turns it on."""
        return f"notify_{self.key.replace('-', '_')}"

    def title_in(self, language: Language) -> str:
        """What people choose it by."""
        return self.title_german if language is Language.GERMAN else self.title


_T, _M, _AT, _R = FieldKind.TEXT, FieldKind.MONEY, FieldKind.MOMENT, FieldKind.REASONS

LOW_BALANCE = Kind(
    "low-balance",
    "My balance is low",
    "Mein Guthaben ist gering",
    {"name": _T, "available": _M, "limit": _M},
    {"name": "Anna Abel", "available": "0.35", "limit": "1.00"},
    {
        Language.ENGLISH: Words(
            "Your printing balance is low",
            "Hello {name},\n\nyou can still print for {available}. Add credit in time, so that your jobs need not "
            "wait.",
        ),
        Language.GERMAN: Words(
            "Ihr Druckguthaben ist gering",
            "Guten Tag {name},\n\nSie können noch für {available} drucken. Laden Sie rechtzeitig Guthaben auf, damit "
            "Ihre Aufträge nicht warten müssen.",
        ),
    },
)
JOB_REFUSED = Kind(
    "job-refused",
    "A job of mine was refused",
    "Ein Auftrag von mir wurde abgelehnt",
    {"name": _T, "job": _T, "printer": _T, "reason": _T},
    {
        "name": "Anna Abel", "job": "Catalogue.pdf", "printer": "Library-Colour",
        "reason": "This job costs €6.00, and €1.00 can be spent. Add credit and print it again.",
    },
    {
        Language.ENGLISH: Words(
            "Not printed: {job}",
            "Hello {name},\n\nyour job {job} was not printed on {printer}:\n\n{reason}",
        ),
        Language.GERMAN: Words(
            "Nicht gedruckt: {job}",
            "Guten Tag {name},\n\nIhr Auftrag {job} wurde auf {printer} nicht gedruckt:\n\n{reason}",
        ),
    },
)  # fmt: skip
JOB_EXPIRES = Kind(
    "job-expires",
    "A held job of mine will end soon",
    "Ein angehaltener Auftrag von mir läuft bald ab",
    {"name": _T, "job": _T, "printer": _T, "until": _AT},
    {
        "name": "Anna Abel", "job": "Catalogue.pdf", "printer": "Library-Colour",
        "until": "2026-03-02T09:30:00+00:00",
    },
    {
        Language.ENGLISH: Words(
            "{job} waits until {until}",
            "Hello {name},\n\nyour job {job} waits on {printer} until {until}. If it is not released by then, it is "
            "not printed, and you send it again.",
        ),
        Language.GERMAN: Words(
            "{job} wartet bis {until}",
            "Guten Tag {name},\n\nIhr Auftrag {job} wartet auf {printer} bis {until}. Wird er bis dahin nicht "
            "freigegeben, wird er nicht gedruckt, und Sie senden ihn noch einmal.",
        ),
    },
)  # fmt: skip
QUOTA_RENEWED = Kind(
    "quota-renewed",
    "My quota was renewed",
    "Mein Kontingent wurde erneuert",
    {"name": _T, "amount": _M, "quota": _T},
    {"name": "Anna Abel", "amount": "5.00", "quota": "Year 7"},
    {
        Language.ENGLISH: Words(
            "Your quota was renewed", "Hello {name},\n\nyou got {amount} for printing ({quota})."
        ),
        Language.GERMAN: Words(
            "Ihr Kontingent wurde erneuert", "Guten Tag {name},\n\nSie haben {amount} zum Drucken erhalten ({quota})."
        ),
    },
)
PRINTER_TROUBLE = Kind(
    "printer-trouble",
    "A printer does not print",
    "Ein Drucker druckt nicht",
    {"printer": _T, "location": _T, "reasons": _R, "since": _AT},
    {
        "printer": "Library-Colour", "location": "Library, ground floor", "reasons": "media-jam cover-open",
        "since": "2026-03-02T09:30:00+00:00",
    },
    {
        Language.ENGLISH: Words(
            "Trouble with {printer}", "{printer} ({location}) has not been printing since {since}: {reasons}."
        ),
        Language.GERMAN: Words(
            "Störung an {printer}", "{printer} ({location}) druckt seit {since} nicht: {reasons}."
        ),
    },
    audience=Permission.MANAGE_JOBS,
)  # fmt: skip
PROVIDER_OFFLINE = Kind(
    "provider-offline",
    "A print server is silent",
    "Ein Druckserver meldet sich nicht",
    {"provider": _T, "since": _AT},
    {"provider": "print-server-1", "since": "2026-03-02T09:30:00+00:00"},
    {
        Language.ENGLISH: Words(
            "The print server {provider} is silent",
            "The print server {provider} has not called since {since}. Its queues print on by their failure modes.",
        ),
        Language.GERMAN: Words(
            "Der Druckserver {provider} meldet sich nicht",
            "Der Druckserver {provider} meldet sich seit {since} nicht. Seine Warteschlangen drucken weiter, wie ihr "
            "Ausfallmodus es sagt.",
        ),
    },
    audience=Permission.MANAGE_JOBS,
    urgent=True,
)
PROVIDER_BACK = Kind(
    "provider-back",
    "A print server is back",
    "Ein Druckserver ist zurück",
    {"provider": _T, "since": _AT},
    {"provider": "print-server-1", "since": "2026-03-02T09:30:00+00:00"},
    {
        Language.ENGLISH: Words(
            "The print server {provider} is back", "The print server {provider}, silent since {since}, calls again."
        ),
        Language.GERMAN: Words(
            "Der Druckserver {provider} ist zurück",
            "Der Druckserver {provider}, der sich seit {since} nicht gemeldet hatte, meldet sich wieder.",
        ),
    },
    audience=Permission.MANAGE_JOBS,
)

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.key: kind
        for kind in (
            LOW_BALANCE,
            JOB_REFUSED,
            JOB_EXPIRES,
            QUOTA_RENEWED,
            PRINTER_TROUBLE,
            PROVIDER_OFFLINE,
            PROVIDER_BACK,
        )
    }
)
