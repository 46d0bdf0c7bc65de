"""Imports a table of printers with their prices: all of it or nothing; or says what it would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from django.db import transaction

from everprint.contract.pricing import SideCosts
from everprint.server.database import transact
from everprint.server.people.csv_table import BadCsv, BadLine
from everprint.server.people.import_result import ImportResult, LineChange, line_change
from everprint.server.printers.costs import change_costs, costs_of
from everprint.server.printers.models import Printer
from everprint.server.printers.printer_table import PRICES, WantedPrinter, read_printers
from everprint.server.printers.queues import BadPrinter, add_printer, change_printer
from everprint.server.providers.models import Provider
from everprint.server.providers.queries import enrolled

_COLUMN_OF = {"pool": "more_devices", **{price: column for column, price in PRICES.items()}}
_TWO_SIDED = {"grey_two_sided": "grey_one_sided", "colour_two_sided": "colour_one_sided"}


def plan_import(data: bytes) -> ImportResult:
    """What import_printers would do now; nothing is stored.

    Raises BadCsv.
    """
    return _planned(read_printers(data))


def import_printers(data: bytes) -> ImportResult:
    """Makes the queues that are not there and changes the others; fields that are empty stay as they are.

    A new queue's two-sided prices are its one-sided ones if the line has none. Raises BadCsv, and then nothing was
    changed.
    """
    wanted = read_printers(data)

    def work() -> ImportResult:
        result = _planned(wanted)
        changing = {change.line for change in result.changes}
        providers = _providers()
        problems: list[BadLine] = []
        for printer in wanted:
            if printer.line not in changing:
                continue
            try:
                with transaction.atomic():
                    _apply(printer, providers[printer.provider])
            except BadPrinter as error:
                problems.append(BadLine(printer.line, str(error)))
        if problems:
            raise BadCsv(problems)
        return result

    return transact(work)


def _providers() -> dict[str, Provider]:
    return {provider.name: provider for provider in enrolled()}


def _planned(wanted: Sequence[WantedPrinter]) -> ImportResult:
    providers = _providers()
    there = {
        (printer.provider.name, printer.name): printer
        for printer in Printer.objects.filter(is_active=True).select_related("provider").prefetch_related("costs")
    }
    problems: list[BadLine] = []
    changes: list[LineChange] = []
    for printer in wanted:
        known = there.get((printer.provider, printer.name))
        if printer.provider not in providers:
            message = f"provider: no Print Provider called {printer.provider} is enrolled"
            problems.append(BadLine(printer.line, message))
        elif known is None and "device_uri" not in printer.settings:
            problems.append(BadLine(printer.line, f"device_uri: {printer.name} is new, so it needs one"))
        else:
            name = f"{printer.provider}: {printer.name}"
            before = {} if known is None else _stored(known, printer)
            after = _by_column({**printer.settings, **_prices(printer, known is None)})
            if (change := line_change(printer.line, name, before, after)) is not None:
                changes.append(change)
    if problems:
        raise BadCsv(problems)
    return ImportResult(tuple(changes), len(wanted) - len(changes))


def _stored(printer: Printer, wanted: WantedPrinter) -> dict[str, object]:
    """What the line is about, as it is; with the name, so that it is never empty."""
    settings = {key: getattr(printer, key) for key in wanted.settings}
    prices = asdict(costs_of(printer).other)
    return {"name": printer.name, **_by_column({**settings, **{key: prices[key] for key in wanted.prices}})}


def _by_column(values: Mapping[str, object]) -> dict[str, object]:
    return {_COLUMN_OF.get(key, key): value for key, value in values.items()}


def _prices(wanted: WantedPrinter, is_new: bool) -> dict[str, object]:
    prices: dict[str, object] = dict(wanted.prices)
    if is_new:
        for two_sided, one_sided in _TWO_SIDED.items():
            if one_sided in prices:
                prices.setdefault(two_sided, prices[one_sided])
    return prices


def _apply(wanted: WantedPrinter, provider: Provider) -> None:
    printer = Printer.objects.filter(provider=provider, name=wanted.name, is_active=True).first()
    prices = _prices(wanted, printer is None)
    if printer is None:
        printer = add_printer(provider, name=wanted.name, **wanted.settings)
    elif wanted.settings:
        change_printer(printer, **wanted.settings)
    if prices:
        change_costs(printer, "", SideCosts(**{**asdict(costs_of(printer).other), **prices}))
