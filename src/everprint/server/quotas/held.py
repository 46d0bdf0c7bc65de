"""What of an account is held for jobs that are not printed yet: it is somebody's still, and may come back."""

from __future__ import annotations

from decimal import Decimal

from everprint.server.accounts.models import Entry, TransactionKind
from everprint.server.accounts.money import ZERO, literal
from everprint.server.accounts.reservations import bookings_of
from everprint.server.jobs.models import Job
from everprint.server.jobs.queries import active
from everprint.server.people.models import User


def held_on(account: int, owner: User | None) -> Decimal:
    """The sum; of a shared account without an owner. Stable while the caller holds the account's lock."""
    jobs = active(Job.objects.filter(cost_reserved__gt=literal(ZERO)))
    if owner is not None:
        uuids = list(jobs.filter(owner=owner).values_list("uuid", flat=True))
    else:
        held = Entry.objects.filter(account=account, transaction__kind=TransactionKind.RESERVE.value)
        found = held.filter(transaction__job__in=jobs.values("uuid")).values_list("transaction__job", flat=True)
        uuids = [uuid for uuid in found.distinct() if uuid is not None]
    return sum((bookings_of(uuid).held.get(account, ZERO) for uuid in uuids), ZERO)
