"""A printer's prices in the database, as contract.pricing takes them, and changing them. Providers are told."""

from __future__ import annotations

from decimal import Decimal

from everprint.contract.messages import FetchSnapshot
from everprint.contract.pricing import Costs, SideCosts
from everprint.server.accounts.money import to_units
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.printers.models import CostPerSide, Printer
from everprint.server.providers.orders import make_order


class BadCost(ValueError):
    """A price that cannot be: negative, or finer than a ten-thousandth."""


def costs_of(printer: Printer) -> Costs:
    """The printer's prices."""
    rows = {
        row.media: SideCosts(row.grey_one_sided, row.grey_two_sided, row.colour_one_sided, row.colour_two_sided)
        for row in printer.costs.all()
    }
    return Costs(other=rows.pop("", SideCosts()), by_media=rows)


def change_costs(printer: Printer, media: str, costs: SideCosts) -> None:
    """Sets the prices for that paper; `media` empty: for every paper without prices of its own.

    They apply to jobs decided from now on; a job is settled at the prices of the moment it ends.
    Raises BadCost.
    """
    prices = {
        "grey_one_sided": _checked(costs.grey_one_sided),
        "grey_two_sided": _checked(costs.grey_two_sided),
        "colour_one_sided": _checked(costs.colour_one_sided),
        "colour_two_sided": _checked(costs.colour_two_sided),
    }

    def work() -> None:
        before = _kept(printer, media)
        CostPerSide.objects.update_or_create(printer=printer, media=media, defaults=prices)
        note("printer.costs", printer, before, {"media": media, **prices})
        make_order(printer.provider_id, FetchSnapshot())

    transact(work)


def remove_costs(printer: Printer, media: str) -> None:
    """Lets that paper cost what paper without prices of its own costs."""

    def work() -> None:
        before = _kept(printer, media)
        CostPerSide.objects.filter(printer=printer, media=media).delete()
        note("printer.costs", printer, before, {})
        make_order(printer.provider_id, FetchSnapshot())

    transact(work)


def _kept(printer: Printer, media: str) -> dict[str, object]:
    """What a side costs there now."""
    fields = ("media", "grey_one_sided", "grey_two_sided", "colour_one_sided", "colour_two_sided")
    row = CostPerSide.objects.filter(printer=printer, media=media).first()
    return {field: getattr(row, field) for field in fields} if row else {}


def _checked(amount: Decimal) -> Decimal:
    if not amount.is_finite() or not 0 <= amount <= 10_000:
        raise BadCost(f"a side costs between 0 and 10000, not {amount}")
    try:
        to_units(amount)
    except ValueError as error:
        raise BadCost(f"a side's cost: {error}") from None
    return amount
