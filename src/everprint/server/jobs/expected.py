"""What a job that is not decided yet will cost, by what is known now: for people to see before they print."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from everprint.contract.messages import DocumentSummary
from everprint.contract.pricing import Costs, for_person
from everprint.contract.quote import Unprintable, quote
from everprint.server.jobs.models import Job
from everprint.server.printers.terms import costs_of_printer, percent_of


def expected_cost(job: Job, costs: Costs | None = None) -> Decimal | None:
    """What it will cost on its printer, for its owner; None if its pages are not known, it is decided or ended, or
    has no printer yet (Find-Me).
    """
    if job.printer.is_find_me or job.document is None or job.unlogged or job.job_state.is_final or job.cost_reserved:
        return None
    document = msgspec.convert(job.document, DocumentSummary)
    if document.output is None:
        return None
    prices = for_person(costs or costs_of_printer(job.printer_id), percent_of(job.owner_id))
    try:
        return quote(document, prices, job.printer.unknown_pages, job.printer.name)
    except Unprintable:
        return None


def with_expected_costs(jobs: Iterable[Job]) -> list[tuple[Job, Decimal | None]]:
    """The jobs with what each will cost; the prices of a printer are read once."""
    prices: dict[int, Costs] = {}
    found = []
    for job in jobs:
        if job.printer_id not in prices:
            prices[job.printer_id] = costs_of_printer(job.printer_id)
        found.append((job, expected_cost(job, prices[job.printer_id])))
    return found
