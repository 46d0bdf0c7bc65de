"""How values read on a page: moments, sizes, states. Plain functions; template tags only call them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from everprint.contract.failure_modes import FailureMode
from everprint.contract.job_life import JobState
from everprint.contract.messages import PrinterState
from everprint.contract.supplies import AlertSeverity, SupplyState
from everprint.server.languages import Language
from everprint.server.languages import marked as _
from everprint.server.mail.states import MailState

_GERMAN_MONTHS = ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."]


def moment(local: datetime, now: datetime, language: Language = Language.ENGLISH) -> str:
    """A moment as short as it is clear, both in the reader's zone: the time today, else the day and the time."""
    if local.date() == now.date():
        return f"{local:%H:%M:%S}"
    german = language is Language.GERMAN
    day = f"{local.day}. {_GERMAN_MONTHS[local.month - 1]}" if german else f"{local.day} {local:%b}"
    return f"{day} {local:%H:%M}" if local.year == now.year else f"{day} {local:%Y}"


def octets(number: int) -> str:
    """A size for people: 812 B, 30 kB, 4.2 MB."""
    if number < 1000:
        return f"{number} B"
    size = float(number)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5:
            return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"
    return f"{size / 1000:.1f} TB"


SIDES = {
    "one-sided": _("one-sided"),
    "two-sided-long-edge": _("two-sided, long edge"),
    "two-sided-short-edge": _("two-sided, short edge"),
}

# The IPP attribute *print-color-mode*, and how sure an analysis is.
COLOUR_MODES = {
    "auto": _("as the document is"),
    "auto-monochrome": _("grey where it is grey"),
    "monochrome": _("grey"),
    "process-monochrome": _("grey"),
    "bi-level": _("black and white"),
    "color": _("colour"),
    "highlight": _("highlight colour"),
}
CONFIDENCES = (_("exact"), _("estimated"), _("unknown"))
REFUND_STATES = (_("asked"), _("granted"), _("denied"))


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in words, with the tone (good, busy, warn, bad or none) and the icon that go with it."""

    text: str
    tone: str
    icon: str


JOB_STATES: dict[JobState, Badge] = {
    JobState.INCOMING: Badge(_("Incoming"), "busy", "busy"),
    JobState.ACCEPTED: Badge(_("Accepted"), "busy", "busy"),
    JobState.ANALYSED: Badge(_("Analysed"), "busy", "busy"),
    JobState.HELD: Badge(_("Held"), "warn", "hold"),
    JobState.MOVING: Badge(_("On its way"), "busy", "busy"),
    JobState.AUTHORISED: Badge(_("Authorised"), "busy", "busy"),
    JobState.DELIVERING: Badge(_("Delivering"), "busy", "busy"),
    JobState.PRINTING: Badge(_("Printing"), "busy", "print"),
    JobState.COMPLETED: Badge(_("Completed"), "good", "good"),
    JobState.CANCELLED: Badge(_("Cancelled"), "", "stop"),
    JobState.REFUSED: Badge(_("Refused"), "bad", "bad"),
    JobState.ABORTED: Badge(_("Aborted"), "bad", "bad"),
}

PRINTER_STATES: dict[PrinterState, Badge] = {
    PrinterState.IDLE: Badge(_("Idle"), "good", "good"),
    PrinterState.PROCESSING: Badge(_("Printing"), "busy", "print"),
    PrinterState.STOPPED: Badge(_("Stopped"), "bad", "stop"),
    PrinterState.UNREACHABLE: Badge(_("Unreachable"), "bad", "bad"),
}

MAIL_STATES: dict[MailState, Badge] = {
    MailState.WAITING: Badge(_("Waiting"), "busy", "busy"),
    MailState.SENT: Badge(_("Sent"), "good", "good"),
    MailState.GIVEN_UP: Badge(_("Given up"), "bad", "bad"),
}

FAILURE_MODES = {
    FailureMode.HOLD: "jobs wait for it",
    FailureMode.PRINT_AND_LOG_LATER: "print, and charge when it is back",
    FailureMode.PRINT_WITHOUT_LOG: "print for nobody",
}

SUPPLY_STATES: dict[SupplyState, Badge] = {
    SupplyState.OK: Badge(_("Good"), "good", "good"),
    SupplyState.LOW: Badge(_("Low"), "warn", "warn"),
    SupplyState.EMPTY: Badge(_("Empty"), "bad", "bad"),
    SupplyState.UNKNOWN: Badge(_("Not known"), "", "busy"),
}

RECEPTACLE_STATES: dict[SupplyState, Badge] = {
    **SUPPLY_STATES,
    SupplyState.LOW: Badge(_("Almost full"), "warn", "warn"),
    SupplyState.EMPTY: Badge(_("Full"), "bad", "bad"),
}

ALERT_SEVERITIES: dict[AlertSeverity, Badge] = {
    AlertSeverity.CRITICAL: Badge(_("Does not print"), "bad", "bad"),
    AlertSeverity.WARNING: Badge(_("Warning"), "warn", "warn"),
    AlertSeverity.REPORT: Badge(_("Notice"), "", "busy"),
}


def alert(code: str) -> str:
    """A label of the Printer MIB in words: *markerTonerEmpty*, marker toner empty. A number says what it is."""
    if code.isdigit():
        return f"alert {code}"
    return re.sub(r"(?<=[a-z])[A-Z]", lambda capital: f" {capital[0].lower()}", code)


# The printer-state-reasons people meet most (RFC 8011 section 5.4.12, PWG 5100.9), in words.
REASONS = {
    "media-empty": "out of paper",
    "media-low": "paper low",
    "media-needed": "needs other paper",
    "media-jam": "paper jam",
    "input-tray-missing": "tray missing",
    "output-area-full": "output tray full",
    "output-area-almost-full": "output tray almost full",
    "toner-empty": "out of toner",
    "toner-low": "toner low",
    "marker-supply-empty": "out of ink or toner",
    "marker-supply-low": "ink or toner low",
    "marker-waste-full": "waste toner box full",
    "cover-open": "cover open",
    "door-open": "door open",
    "interlock-open": "door open",
    "paused": "paused",
    "moving-to-paused": "pausing",
    "shutdown": "shut down",
    "offline": "offline",
    "connecting-to-device": "connecting",
    "timed-out": "does not answer",
    "spool-area-full": "memory full",
    "fuser-over-temp": "fuser too hot",
    "fuser-under-temp": "warming up",
}


def reason(keyword: str) -> str:
    """A printer-state-reason in words, its severity (-error, -warning, -report) left out; others as they came."""
    plain = keyword
    for severity in ("-error", "-warning", "-report"):
        plain = plain.removesuffix(severity)
    return REASONS.get(plain, plain)
