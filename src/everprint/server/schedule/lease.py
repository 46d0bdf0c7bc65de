"""A lease in the database: one server has it until it says that it is done, or until the lease is over.

The clock is the database's, so servers whose own clocks differ agree. A lease does not make work happen once (a
server that was stopped for a while may wake up after its lease): the work itself is safe to repeat, the lease only
saves doing it twice.
"""

from __future__ import annotations

import os
import secrets
import socket
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from everprint.server import sql
from everprint.server.database import transact
from everprint.server.schedule.models import ScheduledWork

LEASE = timedelta(minutes=5)

# This process, in words that help whoever looks at the database.
HOLDER = f"{socket.gethostname()[:100]}:{os.getpid()}:{secrets.token_hex(4)}"


def claim(name: str, every: timedelta, holder: str = HOLDER) -> bool:
    """True if the work is due and now ours. Work that was done in the future (a clock was set back) is due."""

    def work() -> bool:
        now = database_now()
        ScheduledWork.objects.get_or_create(name=name)
        is_free = Q(leased_until=None) | Q(leased_until__lte=now) | Q(leased_until__gt=now + 2 * LEASE)
        is_due = Q(done_at=None) | Q(done_at__lte=now - every) | Q(done_at__gt=now + every)
        claimed = ScheduledWork.objects.filter(is_free, is_due, name=name)
        return bool(claimed.update(holder=holder, leased_until=now + LEASE))

    return transact(work)


def renew(name: str, holder: str = HOLDER) -> bool:
    """Goes on with the lease; False if it is another's by now."""
    ours = ScheduledWork.objects.filter(name=name, holder=holder, leased_until__isnull=False)
    return bool(transact(lambda: ours.update(leased_until=database_now() + LEASE)))


def finish(name: str, outcome: str, holder: str = HOLDER, *, done: bool = True) -> None:
    """Gives the lease back; the work is due again after its time, or, if it was not done, at once."""

    def work() -> None:
        values: dict[str, object] = {"leased_until": None, "outcome": outcome[:500]}
        if done:
            values["done_at"] = database_now()
        ScheduledWork.objects.filter(name=name, holder=holder).update(**values)

    transact(work)


def database_now() -> datetime:
    """The time by the database's clock; by this machine's where the database is a file on it."""
    if connection.vendor != "postgresql":
        return timezone.now()
    ((now,),) = sql.rows("SELECT clock_timestamp()", ())
    assert isinstance(now, datetime)
    return now
