"""What a report is: which kind, of which time, compared with what, of whose printing, in which order.

It is data, the same on a page's query string, in the JSON API, on the command line and in a saved report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from django.utils import timezone

from everprint.server.reports.kinds import KINDS, Kind, kind_named
from everprint.server.reports.periods import BadPeriod, Comparison, Named, Period, period_named

Word = TypeVar("Word", bound=StrEnum)


class BadReport(ValueError):
    """A report that cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Whose printing counts: all that is given must be true of a job. Each is an id."""

    user: int | None = None
    group: int | None = None  # of a member, as the group is now
    printer: int | None = None
    account: int | None = None
    department: int | None = None  # of its owner, as they are now
    office: int | None = None

    @property
    def given(self) -> frozenset[str]:
        """The names of those that are given."""
        return frozenset(name for name in FILTERS if getattr(self, name) is not None)


FILTERS = ("user", "group", "printer", "account", "department", "office")


@dataclass(frozen=True, slots=True)
class AskedReport:
    """One report as it is asked for. With `named`, `first` and `last` do not count."""

    kind: str
    named: Named | None = Named.LAST_30_DAYS
    first: date | None = None
    last: date | None = None
    comparison: Comparison | None = None
    filters: Filters = Filters()
    sort: str = ""  # a column's key, with - before it for descending; empty: as its kind has it

    @property
    def its_kind(self) -> Kind:
        """Which report it is.

        Raises BadReport.
        """
        try:
            return kind_named(self.kind)
        except KeyError:
            raise BadReport(f"there is no report {self.kind}; there are: {', '.join(KINDS)}") from None

    def period(self, today: date | None = None) -> Period:
        """The time it is of, now.

        Raises BadReport.
        """
        today = timezone.localdate() if today is None else today
        try:
            if self.named is not None:
                return period_named(self.named, today)
            if self.first is None and self.last is None:
                raise BadReport("say which time: a named period, or a first and a last day")
            return Period(self.first or self.last or today, self.last or max(today, self.first or today))
        except BadPeriod as error:
            raise BadReport(str(error)) from None

    def period_before(self, period: Period) -> Period | None:
        """What it is compared with, if it is.

        Raises BadReport.
        """
        try:
            return None if self.comparison is None else period.compared_with(self.comparison)
        except BadPeriod as error:
            raise BadReport(f"the period to compare with: {error}") from None

    def order(self) -> tuple[str, bool]:
        """The column to sort by, and whether descending; what the report cannot be sorted by is as not said."""
        for wish in (self.sort, self.its_kind.sort):
            if wish.removeprefix("-") in self.its_kind.sortable:
                return wish.removeprefix("-"), wish.startswith("-")
        raise LookupError(f"the report {self.kind} has no order")

    def as_words(self) -> dict[str, str]:
        """Everything that is not as it is by default, as text: a query string, or what is saved."""
        said = {
            "kind": self.kind,
            "period": self.named.value if self.named else "",
            "first_day": str(self.first) if self.first and not self.named else "",
            "last_day": str(self.last) if self.last and not self.named else "",
            "compare": self.comparison.value if self.comparison else "",
            "sort": self.sort,
            **{name: str(getattr(self.filters, name) or "") for name in FILTERS},
        }
        return {name: value for name, value in said.items() if value}


def asked_in_words(words: Mapping[str, object]) -> AskedReport:
    """The report that the words say (see as_words); a word that means nothing is as not said."""

    def number(name: str) -> int | None:
        text = str(words.get(name, ""))
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 and int(text) else None

    named = _one_of(Named, words.get("period"))
    first, last = _day(words.get("first_day")), _day(words.get("last_day"))
    asked = AskedReport(
        kind=str(words.get("kind", "")),
        named=named,
        first=first,
        last=last,
        comparison=_one_of(Comparison, words.get("compare")),
        filters=Filters(*(number(name) for name in FILTERS)),
        sort=str(words.get("sort", "")),
    )
    return replace(asked, named=Named.LAST_30_DAYS) if not (named or first or last) else asked


def _one_of(kind: type[Word], value: object) -> Word | None:
    return next((known for known in kind if known.value == value), None)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value or ""))
    except ValueError:
        return None
