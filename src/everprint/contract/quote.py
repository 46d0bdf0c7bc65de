"""What a document will cost on a queue before it is printed, or why it must not be: shared by both sides."""

from __future__ import annotations

from decimal import Decimal

from everprint.contract.failure_modes import UnknownPages
from everprint.contract.messages import DocumentSummary
from everprint.contract.pricing import ZERO, Costs, price


class Unprintable(Exception):
    """A document that has nothing to print, or that nobody can count where that is not allowed; for its owner."""


def quote(document: DocumentSummary, costs: Costs, unknown_pages: str, queue: str) -> Decimal:
    """The expected cost; nothing for a document that will be charged by what the device reports.

    Raises Unprintable.
    """
    if document.output is None:
        if unknown_pages == UnknownPages.CHARGE_ACTUAL:
            return ZERO
        why = document.reason or "its format is not known"
        raise Unprintable(
            f"The pages of this document cannot be counted ({why}), and {queue} prints only what can be "
            "counted. Print it from the application as PDF.",
        )
    if document.output.impressions == 0:
        raise Unprintable("This document has no pages to print.")
    return price(document.output, costs)
