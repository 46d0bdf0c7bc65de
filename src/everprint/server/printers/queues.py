"""Adding, changing and removing printers. Each change tells the provider to fetch its settings anew."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from everprint.contract.messages import FetchSnapshot
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.printers.models import Printer
from everprint.server.providers.models import Provider
from everprint.server.providers.orders import make_order

CHANGEABLE = (
    "name",
    "device_uri",
    "pool",
    "info",
    "location",
    "authentication",
    "trusted_networks",
    "hold",
    "hold_hours",
    "accepting",
    "find_me_target",
    "unknown_pages",
    "in_doubt",
    "device_formats",
    "device_media",
    "device_colour",
    "device_two_sided",
    "device_pjl",
    "failure_mode",
    "over_limit",
)


class BadPrinter(Exception):
    """A printer's settings that cannot be; the text names the setting and what was expected."""


def add_printer(provider: Provider, **settings: object) -> Printer:
    """A new queue at the provider; `settings` are the changeable fields of Printer.

    Raises BadPrinter.
    """
    return _save(Printer(provider=provider), settings)


def change_printer(printer: Printer, **settings: object) -> Printer:
    """Changes some of the settings.

    Raises BadPrinter.
    """
    return _save(printer, settings)


def remove_printer(printer: Printer) -> None:
    """Takes the queue away; its jobs and what they cost stay."""

    def work() -> None:
        if Printer.objects.filter(pk=printer.pk, is_active=True).update(is_active=False, accepting=False):
            note("printer.remove", printer)
        make_order(printer.provider_id, FetchSnapshot())

    transact(work)


def _save(printer: Printer, settings: dict[str, object]) -> Printer:
    before = {key: getattr(printer, key) for key in settings if key in CHANGEABLE}
    for key, value in settings.items():
        if key not in CHANGEABLE:
            raise BadPrinter(f"{key} is not a setting of a printer; expected one of: {', '.join(CHANGEABLE)}")
        setattr(printer, key, value)
    adding = printer._state.adding

    def work() -> Printer:
        printer._state.adding = adding  # the work may be repeated
        try:
            printer.full_clean()
        except ValidationError as error:
            raise BadPrinter(_text(error)) from None
        if adding:
            printer.pk = None
        printer.save()
        if adding:
            note("printer.make", printer, after={"provider": printer.provider.name, **settings})
        else:
            note("printer.change", printer, before, settings)
        make_order(printer.provider_id, FetchSnapshot())
        return printer

    return transact(work)


def _text(error: ValidationError) -> str:
    parts = [f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items()]
    return "; ".join(parts).replace("__all__: ", "")
