"""A printer's cost table as one form: a row for each paper with prices of its own, and one for all other paper."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.http import QueryDict

from everprint.contract.pricing import SideCosts
from everprint.documents.media import STANDARD
from everprint.server.database import transact
from everprint.server.edits import fingerprint
from everprint.server.pages.forms.edit import CHANGED, ProblemForm
from everprint.server.pages.forms.money import MoneyField
from everprint.server.printers.costs import change_costs, costs_of, remove_costs
from everprint.server.printers.models import Printer

MOST_PAPERS = 100
DEAREST = 10_000
PRICES = ("grey_one_sided", "grey_two_sided", "colour_one_sided", "colour_two_sided")
OTHER_PAPER = ""

Prices = dict[str, Decimal]


def _price(label: str) -> MoneyField:
    return MoneyField(
        label=label,
        min_value=0,
        max_value=DEAREST,
        error_messages={"required": "Write a price; 0 if it is free."},
    )


class CostRow(ProblemForm):
    """The prices of a side of one paper."""

    grey_one_sided = _price("Grey, one-sided")
    grey_two_sided = _price("Grey, two-sided")
    colour_one_sided = _price("Colour, one-sided")
    colour_two_sided = _price("Colour, two-sided")
    remove = forms.BooleanField(label="Remove", required=False)

    paper = OTHER_PAPER

    @property
    def price_fields(self) -> list[forms.BoundField]:
        """The cells of the row."""
        return [self[name] for name in PRICES]

    def costs(self) -> SideCosts:
        """The row's prices."""
        return SideCosts(*(self.cleaned_data[name] for name in PRICES))


class NewCostRow(CostRow):
    """An empty row: it counts only if something was written into it."""

    new_paper = forms.ChoiceField(
        label="Another paper",
        choices=[("", "Another paper …"), *STANDARD.items()],
        error_messages={"required": "Choose the paper that these prices are for."},
    )


class CostsForm:
    """All rows of a printer's cost table."""

    def __init__(self, printer: Printer, said: QueryDict | None = None) -> None:
        self.printer = printer
        self.error = ""
        self._said = said
        stored = stored_costs(printer)
        self.seen = fingerprint(stored)
        self.other = CostRow(said, prefix="other", initial=stored.pop(OTHER_PAPER))
        papers = list(stored) if said is None else said.getlist("paper")[:MOST_PAPERS]
        self.rows = []
        for number, paper in enumerate(papers):
            row = CostRow(said, prefix=f"row{number}", initial=stored.get(paper))
            row.paper = paper[:100]
            self.rows.append(row)
        self.extra = NewCostRow(said, prefix="new", empty_permitted=True, use_required_attribute=False)

    @property
    def has_errors(self) -> bool:
        """True if something in a row is wrong."""
        return self._said is not None and any(row.errors for row in self._used())

    def is_valid(self) -> bool:
        """True if every row can be saved; a row that is to be removed may hold anything."""
        wrong = [row for row in self._used() if not row.is_valid()]
        if wrong:
            return False
        papers = [paper for paper, _ in self._wanted()]
        if len(set(papers)) != len(papers):
            self.error = "A paper has prices twice: remove one of its rows."
        return not self.error

    def save(self) -> bool:
        """Stores all rows or none; False, with an error, if somebody else changed them meanwhile."""
        assert self._said is not None
        seen = self._said.get("seen")

        def work() -> bool:
            printer = Printer.objects.select_for_update().get(pk=self.printer.pk)
            stored = stored_costs(printer)
            if fingerprint(stored) != seen:
                self.error = CHANGED
                return False
            wanted = dict(self._wanted())
            for paper in stored.keys() - wanted.keys() - {OTHER_PAPER}:
                remove_costs(printer, paper)
            for paper, costs in wanted.items():
                change_costs(printer, paper, costs)
            return True

        return transact(work)

    def _used(self) -> list[CostRow]:
        """The rows that count: not those to be removed, and the empty one only if it was filled in."""
        rows = [row for row in self.rows if not row["remove"].value()]
        return [self.other, *rows, *([self.extra] if self.extra.has_changed() else [])]

    def _wanted(self) -> list[tuple[str, SideCosts]]:
        """Paper and prices of each row that counts."""
        return [(str(row.cleaned_data.get("new_paper", row.paper)), row.costs()) for row in self._used()]


def stored_costs(printer: Printer) -> dict[str, Prices]:
    """What is stored, by paper; always with a row for other paper."""
    costs = costs_of(printer)
    by_paper = {OTHER_PAPER: costs.other, **costs.by_media}
    return {paper: {name: getattr(side, name) for name in PRICES} for paper, side in by_paper.items()}
