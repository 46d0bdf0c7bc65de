"""A queue's terms for a decision: who may print, what is held, what a side costs. One statement, no model."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from everprint.contract.pricing import Costs, SideCosts
from everprint.server import sql
from everprint.server.accounts.money import from_units

_PRICES = "cost.media, cost.grey_one_sided, cost.grey_two_sided, cost.colour_one_sided, cost.colour_two_sided"

_HAS_PRESETS = "EXISTS (SELECT 1 FROM printers_printerpreset preset WHERE preset.printer_id = queue.id)"


@dataclass(frozen=True, slots=True)
class QueueTerms:
    """A printer as it is now."""

    id: int
    name: str
    authentication: str
    hold: bool
    unknown_pages: str
    over_limit: str
    has_presets: bool
    costs: Costs


def terms_of(provider: uuid.UUID, queue: str) -> QueueTerms | None:
    """The terms of the provider's queue; None if it has no such queue."""
    statement = (
        f"SELECT queue.id, queue.authentication, queue.hold, queue.unknown_pages, "  # noqa: S608 - no value
        f"queue.over_limit, {_HAS_PRESETS}, {_PRICES} "
        "FROM printers_printer queue LEFT JOIN printers_costperside cost ON cost.printer_id = queue.id "
        "WHERE queue.provider_id = %s AND queue.name = %s AND queue.is_active"
    )
    found = sql.rows(statement, (sql.of_uuid(provider), queue))
    if not found:
        return None
    number, authentication, hold, unknown_pages, over_limit, has_presets = found[0][:6]
    costs = _costs([row[6:] for row in found])
    return QueueTerms(number, queue, authentication, bool(hold), unknown_pages, over_limit, bool(has_presets), costs)


def costs_of_printer(printer: int) -> Costs:
    """The prices of a printer, whether it still takes jobs or not."""
    statement = f"SELECT {_PRICES} FROM printers_costperside cost WHERE cost.printer_id = %s"  # noqa: S608 - no value
    return _costs(sql.rows(statement, (printer,)))


def _costs(rows: list[sql.Row]) -> Costs:
    prices = {
        media: SideCosts(*(from_units(int(price)) for price in row)) for media, *row in rows if media is not None
    }
    return Costs(other=prices.pop("", SideCosts()), by_media=prices)
