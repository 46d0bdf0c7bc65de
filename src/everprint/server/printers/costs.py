"""A printer's prices in the database, as contract.pricing takes them, and changing them. Providers are told."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from decimal import Decimal

from everprint.contract.messages import FetchSnapshot
from everprint.contract.pricing import HUNDRED, Costs, SideCosts
from everprint.documents.media import media_size
from everprint.server.accounts.holders import tell_print_servers
from everprint.server.accounts.money import ZERO, to_units
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.people.models import Group, User
from everprint.server.printers.models import CostAdjustment, CostPerSide, Printer
from everprint.server.providers.orders import make_order


class BadCost(ValueError):
    """A price that cannot be: negative, or finer than a ten-thousandth."""


@dataclass(frozen=True, slots=True)
class CostTerms:
    """How a printer's prices are reckoned (contract Costs)."""

    by_area: bool = False
    colour_by_document: bool = False
    two_sided_discount: Decimal = ZERO
    minimum: Decimal = ZERO
    maximum: Decimal | None = None


def costs_of(printer: Printer) -> Costs:
    """The printer's prices."""
    exact: dict[str, SideCosts] = {}
    up_to: dict[str, SideCosts] = {}
    for row in printer.costs.all():
        (up_to if row.and_smaller else exact)[row.media] = SideCosts(
            row.grey_one_sided, row.grey_two_sided, row.colour_one_sided, row.colour_two_sided
        )
    return Costs(
        other=exact.pop("", SideCosts()),
        by_media=exact,
        up_to=up_to,
        by_area=printer.cost_by_area,
        colour_by_document=printer.colour_by_document,
        two_sided_discount=printer.two_sided_discount,
        minimum=printer.cost_minimum,
        maximum=printer.cost_maximum,
    )


def change_costs(printer: Printer, media: str, costs: SideCosts, *, and_smaller: bool = False) -> None:
    """Sets the prices for that paper; `media` empty: for every paper without prices of its own.

    With `and_smaller` they are for every paper that is no larger, too. They apply to jobs decided from now on; a job
    is settled at the prices of the moment it ends. Raises BadCost.
    """
    if and_smaller and media_size(media) is None:
        raise BadCost(f"{media or 'any paper'} does not say its size, so nothing is smaller")
    prices = {
        "grey_one_sided": _checked(costs.grey_one_sided),
        "grey_two_sided": _checked(costs.grey_two_sided),
        "colour_one_sided": _checked(costs.colour_one_sided),
        "colour_two_sided": _checked(costs.colour_two_sided),
    }

    def work() -> None:
        before = prices_of(printer, media)
        defaults = {**prices, "and_smaller": and_smaller}
        CostPerSide.objects.update_or_create(printer=printer, media=media, defaults=defaults)
        note("printer.costs", printer, before, {"media": media, **defaults})
        make_order(printer.provider_id, FetchSnapshot())

    transact(work)


def change_cost_terms(printer: Printer, terms: CostTerms) -> None:
    """Sets how the printer's prices are reckoned, for jobs decided from now on.

    Raises BadCost.
    """
    if not 0 <= terms.two_sided_discount <= HUNDRED:
        raise BadCost(f"a discount is between 0 and 100 percent, not {terms.two_sided_discount}")
    minimum = _checked(terms.minimum, "a minimum")
    maximum = None if terms.maximum is None else _checked(terms.maximum, "a maximum")
    if maximum is not None and maximum < minimum:
        raise BadCost(f"the maximum {maximum} is below the minimum {minimum}")

    def work() -> None:
        before, names = costs_of(printer), [field.name for field in fields(CostTerms)]
        Printer.objects.filter(pk=printer.pk).update(
            cost_by_area=terms.by_area,
            colour_by_document=terms.colour_by_document,
            two_sided_discount=terms.two_sided_discount,
            cost_minimum=minimum,
            cost_maximum=maximum,
        )
        printer.refresh_from_db()
        note("printer.cost-terms", printer, {name: getattr(before, name) for name in names}, asdict(terms))
        make_order(printer.provider_id, FetchSnapshot())

    transact(work)


def remove_costs(printer: Printer, media: str) -> None:
    """Lets that paper cost what paper without prices of its own costs."""

    def work() -> None:
        before = prices_of(printer, media)
        CostPerSide.objects.filter(printer=printer, media=media).delete()
        note("printer.costs", printer, before, {})
        make_order(printer.provider_id, FetchSnapshot())

    transact(work)


def adjust_costs_for(whose: User | Group, percent: Decimal | None) -> None:
    """What that user, or that group's members, pay of all costs, in percent; None: not set here.

    A user's own goes before the groups'; of several groups the lowest holds. Raises BadCost.
    """
    key = "user" if isinstance(whose, User) else "group"
    if percent is not None and not 0 <= percent <= 1000:
        raise BadCost(f"people pay between 0 and 1000 percent of the costs, not {percent}")

    def work() -> None:
        CostAdjustment.objects.filter(**{key: whose}).delete()
        if percent is not None:
            CostAdjustment.objects.create(**{key: whose}, percent=percent)
        note("costs.adjust", whose, None, {"percent": percent})
        tell_print_servers([whose] if isinstance(whose, User) else whose.members.all())

    transact(work)


def prices_of(printer: Printer, media: str) -> dict[str, object]:
    """What a side of that paper costs there; nothing if it has no prices of its own. Their edition is made of it."""
    fields = ("media", "grey_one_sided", "grey_two_sided", "colour_one_sided", "colour_two_sided", "and_smaller")
    row = CostPerSide.objects.filter(printer=printer, media=media).first()
    return {field: getattr(row, field) for field in fields} if row else {}


def _checked(amount: Decimal, what: str = "a side") -> Decimal:
    if not amount.is_finite() or not 0 <= amount <= 10_000:
        raise BadCost(f"{what} costs between 0 and 10000, not {amount}")
    try:
        to_units(amount)
    except ValueError as error:
        raise BadCost(f"{what}: {error}") from None
    return amount
