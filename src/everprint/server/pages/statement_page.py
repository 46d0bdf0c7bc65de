"""An account's statement as pages and CSV show it: each line with the job it is about, if the reader may see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import QuerySet
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from everprint.server.accounts.holders import open_personal_account
from everprint.server.accounts.models import Account, EveryEntry
from everprint.server.accounts.purses import accounts_of
from everprint.server.accounts.statement import (
    LineKind,
    StatementLine,
    last_bookings,
    statement_lines,
    whole_statement,
)
from everprint.server.jobs.models import Job
from everprint.server.jobs.queries import printed_since, reserved_for, start_of
from everprint.server.pages.csv_export import Cell, csv_response
from everprint.server.pages.listing import Column, Listing, in_given_order
from everprint.server.people.models import User

COLUMNS = (
    Column("at", _("When")),
    Column("what", _("What")),
    Column("kind", _("Booking")),
    Column("amount", _("Amount"), number=True),
    Column("balance", _("Balance"), number=True),
)
WORDS = {
    LineKind.ADJUSTED: _("Adjusted"),
    LineKind.QUOTA: _("Quota"),
    LineKind.TOPPED_UP: _("Topped up"),
    LineKind.TRANSFERRED: _("Transferred"),
    LineKind.RESERVED: _("Reserved"),
    LineKind.CHARGED: _("Charged"),
    LineKind.REFUNDED: _("Refunded"),
    LineKind.RETURNED: _("Returned"),
}
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line and its job; the job is None for an adjustment, and for a job of somebody else."""

    line: StatementLine
    job: Job | None

    @property
    def booking(self) -> str:
        """What happened, in a word."""
        return gettext(WORDS[self.line.kind])


def balance_context(account: Account, owner: User) -> dict[str, object]:
    """What the figures above a statement show."""
    jobs = Job.objects.filter(owner=owner)
    month = timezone.localdate().replace(day=1)
    purses = [shown for shown in accounts_of(owner) if shown != account and (shown.balance or shown.is_charged)]
    return {
        "account": account,
        "purses": purses,
        "reserved": reserved_for(jobs),
        "month": printed_since(start_of(month), jobs),
    }


def account_asked_for(owner: User, query: QueryDict) -> Account:
    """The account of that person whose id the query string names; else their balance."""
    main = open_personal_account(owner)
    wanted = query.get("account", "")
    return next((account for account in accounts_of(owner) if str(account.pk) == wanted), main)


def statement_page(
    account: Account, jobs: QuerySet[Job], query: QueryDict, size: int = 50
) -> tuple[Listing[EveryEntry], list[ShownLine]]:
    """The page of the statement that the query string asks for; of the jobs, those in `jobs` are named."""
    listing = in_given_order(last_bookings(account), COLUMNS, query, size, keeping=("account",))
    return listing, with_jobs(statement_lines(account, listing.rows), jobs)


def with_jobs(lines: Sequence[StatementLine], jobs: QuerySet[Job]) -> list[ShownLine]:
    """The lines with their jobs, found in one query."""
    wanted = [line.job for line in lines if line.job]
    found = jobs.in_bulk(wanted, field_name="uuid") if wanted else {}
    return [ShownLine(line, found.get(line.job) if line.job else None) for line in lines]


def statement_csv(account: Account, jobs: QuerySet[Job]) -> HttpResponseBase:
    """The whole statement as a download."""
    titles = ("when", "booking", "job", "document", "printer", "comment", "by", "amount", "balance")
    return csv_response("statement", titles, _rows(whole_statement(account), jobs))


def _rows(lines: Iterable[StatementLine], jobs: QuerySet[Job]) -> Iterator[list[Cell]]:
    lines = iter(lines)
    while piece := list(islice(lines, _AT_ONCE)):
        for shown in with_jobs(piece, jobs):
            line, job = shown.line, shown.job
            yield [
                line.at,
                WORDS[line.kind],
                job.number if job else None,
                job.name if job else None,
                job.printer.name if job else None,
                line.comment,
                line.actor,
                line.amount,
                line.balance,
            ]
