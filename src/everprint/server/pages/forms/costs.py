"""A printer's cost table as one form: a row for each paper with prices of its own, and one for all other paper."""

from __future__ import annotations

from dataclasses import fields

from django import forms
from django.http import QueryDict

from everprint.contract.pricing import SideCosts
from everprint.documents.media import STANDARD
from everprint.server.database import transact
from everprint.server.edits import fingerprint
from everprint.server.pages.forms.edit import CHANGED, EditForm, ProblemForm
from everprint.server.pages.forms.money import MoneyField
from everprint.server.people.models import Group, User
from everprint.server.printers.costs import (
    BadCost,
    CostTerms,
    adjust_costs_for,
    change_cost_terms,
    change_costs,
    costs_of,
    remove_costs,
)
from everprint.server.printers.models import CostAdjustment, Printer

MOST_PAPERS = 100
DEAREST = 10_000
PRICES = ("grey_one_sided", "grey_two_sided", "colour_one_sided", "colour_two_sided")
OTHER_PAPER = ""

TERMS = "terms"


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
    and_smaller = forms.BooleanField(label="And smaller", required=False)
    remove = forms.BooleanField(label="Remove", required=False)

    paper = OTHER_PAPER

    @property
    def price_fields(self) -> list[forms.BoundField]:
        """The cells of the row."""
        return [self[name] for name in PRICES]

    def costs(self) -> SideCosts:
        """The row's prices."""
        return SideCosts(*(self.cleaned_data[name] for name in PRICES))


class CostTermsForm(ProblemForm):
    """How the prices are reckoned."""

    by_area = forms.BooleanField(
        label="Prices are for a square metre", required=False, help_text="Each side costs its paper's part of it."
    )
    colour_by_document = forms.BooleanField(
        label="One colour page makes the whole document colour",
        required=False,
        help_text="Otherwise each page costs what its own colour costs.",
    )
    two_sided_discount = MoneyField(
        label="Discount for two-sided", min_value=0, max_value=100,
        help_text="Percent off the sides of sheets that are printed on both.",
    )  # fmt: skip
    minimum = MoneyField(label="Minimum of a job", min_value=0, max_value=DEAREST)
    maximum = MoneyField(
        label="Maximum of a job", min_value=0, max_value=DEAREST, required=False, help_text="Empty: no bound."
    )

    def terms(self) -> CostTerms:
        """What was said."""
        return CostTerms(**self.cleaned_data)


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
        self.seen = fingerprint({**stored, TERMS: stored_terms(printer)})
        self.terms = CostTermsForm(said, prefix="terms", initial=stored_terms(printer))
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
        """True if something in a row, or in the terms, is wrong."""
        return self._said is not None and (bool(self.terms.errors) or any(row.errors for row in self._used()))

    def is_valid(self) -> bool:
        """True if every row can be saved; a row that is to be removed may hold anything."""
        wrong = [row for row in self._used() if not row.is_valid()]
        if wrong or not self.terms.is_valid():
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
            if fingerprint({**stored, TERMS: stored_terms(printer)}) != seen:
                self.error = CHANGED
                return False
            wanted = dict(self._wanted())
            for paper in stored.keys() - wanted.keys() - {OTHER_PAPER}:
                remove_costs(printer, paper)
            for paper, row in wanted.items():
                and_smaller = bool(row.cleaned_data.get("and_smaller")) and paper != OTHER_PAPER
                change_costs(printer, paper, row.costs(), and_smaller=and_smaller)
            change_cost_terms(printer, self.terms.terms())
            return True

        try:
            return transact(work)
        except BadCost as error:
            self.error = f"{error}."
            return False

    def _used(self) -> list[CostRow]:
        """The rows that count: not those to be removed, and the empty one only if it was filled in."""
        rows = [row for row in self.rows if not row["remove"].value()]
        return [self.other, *rows, *([self.extra] if self.extra.has_changed() else [])]

    def _wanted(self) -> list[tuple[str, CostRow]]:
        """Paper and row, of each row that counts."""
        return [(str(row.cleaned_data.get("new_paper", row.paper)), row) for row in self._used()]


def stored_costs(printer: Printer) -> dict[str, dict[str, object]]:
    """What is stored, by paper; always with a row for other paper."""
    costs = costs_of(printer)
    by_paper = {OTHER_PAPER: (costs.other, False)}
    by_paper |= {paper: (side, False) for paper, side in costs.by_media.items()}
    by_paper |= {paper: (side, True) for paper, side in costs.up_to.items()}
    return {
        paper: {**{name: getattr(side, name) for name in PRICES}, "and_smaller": and_smaller}
        for paper, (side, and_smaller) in by_paper.items()
    }


def stored_terms(printer: Printer) -> dict[str, object]:
    """How the prices are reckoned, as stored."""
    costs = costs_of(printer)
    return {field.name: getattr(costs, field.name) for field in fields(CostTerms)}


class AdjustmentForm(EditForm):
    """What a user, or a group's members, pay of all costs."""

    percent = MoneyField(
        label="Percent of all costs", required=False, min_value=0, max_value=1000,
        help_text="100 for all of it, 0 for nothing, 150 for half as much again. Empty: not set here.",
    )  # fmt: skip

    @staticmethod
    def current(whose: User | Group) -> dict[str, object]:
        """What is stored."""
        stored: CostAdjustment | None = getattr(whose, "cost_adjustment", None)
        return {"percent": None if stored is None else stored.percent}

    def save(self, whose: User | Group) -> bool:
        """Stores it; False, with an error on the form, if somebody else changed it meanwhile."""

        def work() -> bool:
            if self.is_stale(self.current(type(whose).objects.get(pk=whose.pk))):
                return False
            adjust_costs_for(whose, self.cleaned_data["percent"])
            return True

        return transact(work)
