"""What sums are of: a length of time, and everything or one printer, person or account."""

from __future__ import annotations

from enum import StrEnum


class Span(StrEnum):
    """The length of time that a sum is of."""

    DAY = "d"
    MONTH = "m"
    QUARTER = "q"


class Grain(StrEnum):
    """What a sum is of, beside its time."""

    ALL = "all"
    PRINTER = "printer"
    ACCOUNT = "account"
    USER = "user"
    USER_QUARTER = "user-q"


# People print on few days each: by the day there would be nearly as many sums as jobs.
SPAN_OF: dict[Grain, Span] = {
    Grain.ALL: Span.DAY,
    Grain.PRINTER: Span.DAY,
    Grain.ACCOUNT: Span.MONTH,
    Grain.USER: Span.MONTH,
    Grain.USER_QUARTER: Span.QUARTER,
}
# The same by longer spans: a year of everybody is then a third of the rows. The months stay, for shorter periods.
COARSER: dict[Grain, Grain] = {Grain.USER: Grain.USER_QUARTER}
