"""What sums are of: a length of time, and everything or one printer, person or account."""

from __future__ import annotations

from enum import StrEnum


class Span(StrEnum):
    """The length of time that a sum is of."""

    DAY = "d"
    MONTH = "m"


class Grain(StrEnum):
    """What a sum is of, beside its time."""

    ALL = "all"
    PRINTER = "printer"
    ACCOUNT = "account"
    USER = "user"


# People print on few days each: by the day there would be nearly as many sums as jobs.
SPAN_OF: dict[Grain, Span] = {
    Grain.ALL: Span.DAY,
    Grain.PRINTER: Span.DAY,
    Grain.ACCOUNT: Span.MONTH,
    Grain.USER: Span.MONTH,
}
