"""Is printing well right now? The things that need a person's attention, each with the page where to give it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from everprint.contract.messages import PrinterState
from everprint.server.pages import wording
from everprint.server.printers.models import Printer
from everprint.server.providers.models import Provider
from everprint.server.providers.queries import is_answering

# What is read of all printers, of which there may be thousands; the rest only of those that are shown.
_READ_OF_ALL = ("name", "provider_id", "state", "state_reasons", "state_message")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with what, and where to look."""

    name: str
    text: str
    url: str
    bad: bool  # printing has stopped there; else it soon may


@dataclass(frozen=True, slots=True)
class Wellbeing:
    """The answer: a tone and an icon, a sentence, and the troubles if there are any."""

    troubles: tuple[Trouble, ...]
    sentence: str
    tone: str
    icon: str


def printers_at_a_glance() -> list[Printer]:
    """All that can be printed on, with what is looked at here."""
    return list(Printer.objects.filter(is_active=True).only(*_READ_OF_ALL))


def wellbeing(printers: Iterable[Printer], providers: Iterable[Provider], in_doubt: int, now: datetime) -> Wellbeing:
    """The troubles, the worst first."""
    printers, providers = list(printers), list(providers)
    silent = {provider.pk for provider in providers if not is_answering(provider, now)}
    troubles = [_silent(provider) for provider in providers if provider.pk in silent]
    # A silent provider's printers are not looked at: what is known of them is old.
    troubles += [
        trouble
        for printer in printers
        if printer.provider_id not in silent and (trouble := printer_trouble(printer)) is not None
    ]
    if in_doubt:
        troubles.append(
            Trouble(
                name=f"{in_doubt} job{'s' if in_doubt > 1 else ''} in doubt",
                text="the printer cannot say whether they were printed; release or cancel them",
                url=reverse("pages:jobs") + "?state=held",
                bad=False,
            )
        )
    troubles.sort(key=lambda trouble: (not trouble.bad, trouble.name))
    if troubles:
        number = len(troubles)
        sentence = "1 thing needs attention" if number == 1 else f"{number} things need attention"
        bad = any(trouble.bad for trouble in troubles)
        return Wellbeing(tuple(troubles), sentence, "bad" if bad else "warn", "warn")
    if not printers:
        return Wellbeing((), "Nothing can be printed yet: there is no printer.", "busy", "busy")
    number = len(printers)
    sentence = "Printing is well: " + ("1 printer is ready." if number == 1 else f"{number} printers are ready.")
    return Wellbeing((), sentence, "good", "good")


def printer_trouble(printer: Printer) -> Trouble | None:
    """What keeps the printer from printing now or soon."""
    bad = printer.state in (PrinterState.UNREACHABLE, PrinterState.STOPPED)
    if not bad and not printer.state_reasons:
        return None  # as of nearly all, of thousands
    url = reverse("pages:printer", args=[printer.pk])
    words = ", ".join(wording.reason(keyword) for keyword in printer.state_reasons) or printer.state_message
    if printer.state == PrinterState.UNREACHABLE:
        return Trouble(printer.name, f"unreachable{': ' + words if words else ''}", url, bad=True)
    if printer.state == PrinterState.STOPPED:
        return Trouble(printer.name, words or "stopped", url, bad=True)
    if any(keyword.endswith("-error") for keyword in printer.state_reasons):
        return Trouble(printer.name, words, url, bad=False)
    return None


def _silent(provider: Provider) -> Trouble:
    url = reverse("pages:providers")
    if provider.last_seen_at is None:
        return Trouble(provider.name, "has not been heard from yet", url, bad=True)
    since = wording.moment(timezone.localtime(provider.last_seen_at), timezone.localtime())
    return Trouble(provider.name, f"has not been heard from since {since}", url, bad=True)
