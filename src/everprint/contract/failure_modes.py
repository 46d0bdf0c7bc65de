"""What a provider needs to go on while the Application Server is away: each queue's failure mode, what the whole
installation allows, and what each person can spend.

What people can spend is not in the snapshot: it changes with every job, and there may be hundreds of thousands of
them. It has an endpoint of its own, in pages, that tells only what changed since the last time.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from everprint.contract.pricing import HUNDRED
from everprint.contract.selection import Selection


class FailureMode(StrEnum):
    """What becomes of a queue's jobs while the server is away."""

    HOLD = "hold"  # they wait for it
    PRINT_AND_LOG_LATER = "print-and-log-later"  # decided on what is known, charged when the server is back
    PRINT_WITHOUT_LOG = "print-and-do-not-log"  # printed for nobody: only counts are told


class UnknownPages(StrEnum):
    """What to do with a job whose pages cannot be counted before printing."""

    REFUSE = "refuse"
    CHARGE_ACTUAL = "charge-actual"  # print it, and charge what the device reports


class OfflineTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What holds in the whole installation for a provider that decides alone."""

    offline_credit: (
        Decimal  # what one person may print for before the server was told; some have a limit of their own
    )
    newcomer_credit: Decimal | None = None  # what a name that never printed before can spend; None: it cannot print
    currency_decimals: int = 2


class Spendable(msgspec.Struct, frozen=True, array_like=True):
    """One person, as a row: `amount` is the balance without what is reserved, down to the floor."""

    user_name: str  # in the server's spelling
    amount: Decimal | None  # None: the account has no floor
    offline_credit: Decimal | None = None  # None: as OfflineTerms says
    is_active: bool = True  # False: the person is disabled, or the account closed
    selection: Selection | None = None  # how the person's account is selected; None: as the queue says
    percent: Decimal = HUNDRED  # of all costs: what this person pays


class SpendableAccount(msgspec.Struct, frozen=True, array_like=True):
    """A shared account to which jobs are charged without being asked for, as a row."""

    name: str
    amount: Decimal | None  # None: the account has no floor
    is_active: bool = True


class SpendablePage(msgspec.Struct, frozen=True, kw_only=True):
    """GET /contract/spendable?after=CURSOR: some rows, and from where to go on. Cursors are the server's own."""

    users: list[Spendable]
    next: str
    more: bool  # the next page is there already
    accounts: list[SpendableAccount] | None = None  # all of them, on the last page of a pass
    from_start: bool = False  # the first page of everybody: who is not in it or a later one does not exist
