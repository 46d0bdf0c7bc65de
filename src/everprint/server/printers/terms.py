"""A queue's terms for a decision: who may print, what is held, what a side costs. One statement, no model."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from everprint.contract.device_uris import is_find_me
from everprint.contract.pricing import HUNDRED, Costs, SideCosts
from everprint.server import sql
from everprint.server.accounts.money import from_units

_PRICES = (
    "queue.cost_by_area, queue.colour_by_document, queue.two_sided_discount, queue.cost_minimum, queue.cost_maximum, "
    "cost.media, cost.and_smaller, "
    "cost.grey_one_sided, cost.grey_two_sided, cost.colour_one_sided, cost.colour_two_sided"
)
_QUEUE = "printers_printer queue LEFT JOIN printers_costperside cost ON cost.printer_id = queue.id"

_HAS_PRESETS = "EXISTS (SELECT 1 FROM printers_printerpreset preset WHERE preset.printer_id = queue.id)"
_HAS_RULES = "EXISTS (SELECT 1 FROM rules_rule rule WHERE rule.is_active)"


@dataclass(frozen=True, slots=True)
class QueueTerms:
    """A printer as it is now."""

    id: int
    name: str
    authentication: str
    hold: bool
    unknown_pages: str
    over_limit: str
    find_me: bool  # it has no device: nothing is printed there
    has_presets: bool
    has_rules: bool  # there are some; perhaps none for this printer
    costs: Costs


def terms_of(provider: uuid.UUID, queue: str) -> QueueTerms | None:
    """The terms of the provider's queue; None if it has no such queue."""
    statement = (
        f"SELECT queue.id, queue.authentication, queue.hold, queue.unknown_pages, "  # noqa: S608 - no value
        f"queue.over_limit, queue.device_uri, {_HAS_PRESETS}, {_HAS_RULES}, {_PRICES} "
        "FROM printers_printer queue LEFT JOIN printers_costperside cost ON cost.printer_id = queue.id "
        "WHERE queue.provider_id = %s AND queue.name = %s AND queue.is_active"
    )
    found = sql.rows(statement, (sql.of_uuid(provider), queue))
    if not found:
        return None
    number, authentication, hold, unknown_pages, over_limit, device_uri, has_presets, has_rules = found[0][:8]
    costs = _costs([row[8:] for row in found])
    return QueueTerms(
        number,
        queue,
        authentication,
        bool(hold),
        unknown_pages,
        over_limit,
        is_find_me(device_uri),
        bool(has_presets),
        bool(has_rules),
        costs,
    )


def costs_of_printer(printer: int) -> Costs:
    """The prices of a printer, whether it still takes jobs or not."""
    statement = f"SELECT {_PRICES} FROM {_QUEUE} WHERE queue.id = %s"  # noqa: S608 - no value in it
    return _costs(sql.rows(statement, (printer,)))


def percent_of(user: int | None) -> Decimal:
    """What that person pays of all costs: their own adjustment, else the lowest of their groups, else all."""
    found = sql.rows(
        "SELECT coalesce((SELECT percent FROM printers_costadjustment WHERE user_id = person.id), "
        "(SELECT min(adjustment.percent) FROM printers_costadjustment adjustment JOIN people_group_members member "
        "ON member.group_id = adjustment.group_id WHERE member.user_id = person.id)) "
        "FROM people_user person WHERE person.id = %s",
        (user,),
    )
    return from_units(int(found[0][0])) if found and found[0][0] is not None else HUNDRED


def _costs(rows: list[sql.Row]) -> Costs:
    if not rows:
        return Costs()
    by_area, colour_by_document, discount, minimum, maximum = rows[0][:5]
    exact: dict[str, SideCosts] = {}
    up_to: dict[str, SideCosts] = {}
    for media, and_smaller, *prices in (row[5:] for row in rows):
        if media is not None:
            (up_to if and_smaller else exact)[media] = SideCosts(*(from_units(int(price)) for price in prices))
    return Costs(
        other=exact.pop("", SideCosts()),
        by_media=exact,
        up_to=up_to,
        by_area=bool(by_area),
        colour_by_document=bool(colour_by_document),
        two_sided_discount=from_units(int(discount)),
        minimum=from_units(int(minimum)),
        maximum=None if maximum is None else from_units(int(maximum)),
    )
