"""Orders to providers: made by anybody in this process, waited for by the provider's long-lived request.

An order is a row with the next sequence of its provider. Whoever waits is woken when the row is committed by this
process, and looks once a second for what another process made.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from everprint.contract.elsewhere import Outcome
from everprint.contract.messages import (
    CancelJob,
    FetchSnapshot,
    HandOverEnded,
    HandOverJob,
    HoldJob,
    Order,
    OrderKind,
    OrderReported,
    RedirectJob,
    ReleaseJob,
    ResubmitJob,
    TakeJobs,
)
from everprint.server.database import transact
from everprint.server.jobs.text import kept
from everprint.server.providers.credentials import Caller
from everprint.server.providers.models import Order as OrderRow
from everprint.server.providers.models import Provider

MOST_AT_ONCE = 200
# Longer than anybody asks for the outcome of an order again, and than a provider goes back to an older journal.
KEPT_FOR = timedelta(days=30)
PASSWORD_IS_GOOD_FOR = timedelta(minutes=1)


def make_order(provider: uuid.UUID, do: OrderKind) -> None:
    """Adds an order for the provider, and wakes its request once this is committed."""
    make_orders(provider, [do])


def make_orders(provider: uuid.UUID, all_of_it: Sequence[OrderKind]) -> None:
    """Adds orders for the provider in this sequence, all or none, and wakes its request once this is committed."""

    def work() -> None:
        row = Provider.objects.select_for_update().get(pk=provider)
        made = row.orders_made
        rows = [_row(row, made + number, do) for number, do in enumerate(all_of_it, 1)]
        row.orders_made += len(rows)
        row.save(update_fields=["orders_made"])
        OrderRow.objects.bulk_create(rows, batch_size=200)
        transaction.on_commit(lambda: waiting.wake(provider))

    transact(work)


def _row(provider: Provider, sequence: int, do: OrderKind) -> OrderRow:
    tag = type(do).__struct_config__.tag
    assert isinstance(tag, str)
    row = OrderRow(provider=provider, sequence=sequence, kind=tag)
    if isinstance(do, FetchSnapshot | TakeJobs):
        return row
    row.job = uuid.UUID(do.job_id)
    if not isinstance(do, HandOverEnded):
        row.by = do.by
    match do:
        case ReleaseJob():
            row.only_if, row.password = do.only_if, do.password or None
            row.password_encryption = do.password_encryption
        case RedirectJob():
            row.queue, row.release = do.queue, do.release
            row.password, row.password_encryption = do.password or None, do.password_encryption
        case HandOverJob():
            row.queue, row.release, row.hand_over = do.queue, do.release, uuid.UUID(do.hand_over)
            row.password, row.password_encryption = do.password or None, do.password_encryption
        case ResubmitJob():
            row.new_job = uuid.UUID(do.new_job_id)
        case HandOverEnded():
            row.hand_over, row.kept = uuid.UUID(do.hand_over), do.kept
        case _:
            pass
    if isinstance(do, CancelJob | HoldJob | ReleaseJob) and do.request:
        row.request = uuid.UUID(do.request)
    return row


def orders_after(provider: uuid.UUID, after: int) -> list[Order]:
    """The provider's orders with a larger sequence, oldest first; a PIN that is too old is left out."""
    rows = OrderRow.objects.filter(provider=provider, sequence__gt=after).order_by("sequence")[:MOST_AT_ONCE]
    return [Order(sequence=row.sequence, do=_do(row)) for row in rows]


def acknowledge(provider: Caller, after: int) -> None:
    """Notes what the provider has carried out. A provider that is ahead of us (we were restored from a backup)
    moves our count, so that the next order is new to it."""
    if after <= provider.orders_acknowledged:
        return

    def work() -> None:
        row = Provider.objects.select_for_update().get(pk=provider.id)
        row.orders_acknowledged = max(after, row.orders_acknowledged)
        row.orders_made = max(after, row.orders_made)
        row.save(update_fields=["orders_acknowledged", "orders_made"])
        OrderRow.objects.filter(provider=row, sequence__lte=after, password__isnull=False).update(password=None)

    transact(work)


def forget_old_orders(still_ours: Callable[[], bool] = lambda: True, now: datetime | None = None) -> str:
    """Removes those that were carried out long ago: nobody asks for their outcome any more; in words, how many."""
    before = (now or timezone.now()) - KEPT_FOR
    old = OrderRow.objects.filter(made_at__lt=before, sequence__lte=F("provider__orders_acknowledged"))
    forgotten = 0
    while numbers := list(old.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        if not still_ours():
            break
        forgotten += transact(lambda numbers=numbers: OrderRow.objects.filter(pk__in=numbers).delete()[0])  # type: ignore[misc]
    return f"{forgotten} orders removed" if forgotten else ""


def take_report(provider: uuid.UUID, report: OrderReported) -> None:
    """Notes what became of an order that somebody waits for."""
    rows = OrderRow.objects.filter(provider=provider, request=uuid.UUID(report.request), outcome="")
    rows.update(outcome=report.outcome.value, outcome_message=kept(report.message, 500))


def report_of(request: uuid.UUID) -> OrderReported | None:
    """What was reported of the order, if it was."""
    row = OrderRow.objects.filter(request=request).exclude(outcome="").first()
    if row is None:
        return None
    return OrderReported(request=str(request), outcome=Outcome(row.outcome), message=row.outcome_message)


def is_ordered(request: uuid.UUID) -> bool:
    """True if that order was made."""
    return OrderRow.objects.filter(request=request).exists()


def forget_old_passwords() -> None:
    """Takes the PINs out of orders that were not carried out in time: nobody stands at the printer any more."""
    OrderRow.objects.filter(password__isnull=False, made_at__lt=timezone.now() - PASSWORD_IS_GOOD_FOR).update(
        password=None
    )


def _do(row: OrderRow) -> OrderKind:
    order: dict[str, object] = {
        "type": row.kind,
        "job_id": str(row.job),
        "by": row.by,
        "only_if": row.only_if,
        "queue": row.queue,
        "release": row.release,
        "hand_over": str(row.hand_over),
        "new_job_id": str(row.new_job),
        "kept": row.kept,
        "request": str(row.request) if row.request else "",
    }
    if row.password is not None and row.made_at > timezone.now() - PASSWORD_IS_GOOD_FOR:
        order |= {"password": bytes(row.password), "password_encryption": row.password_encryption}
    do: OrderKind = msgspec.convert(order, OrderKind)
    return do


class Waiting:
    """The requests of this process that wait for orders, each an event in its event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: defaultdict[uuid.UUID, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(set)
        self.is_stopping = False  # True: answer at once, the server ends

    def add(self, provider: uuid.UUID) -> asyncio.Event:
        """An event that is set when the provider gets an order. Give it back with remove()."""
        event = asyncio.Event()
        with self._lock:
            self._events[provider].add((asyncio.get_running_loop(), event))
        return event

    def remove(self, provider: uuid.UUID, event: asyncio.Event) -> None:
        """Forgets the event."""
        with self._lock:
            self._events[provider].discard((asyncio.get_running_loop(), event))
            if not self._events[provider]:
                del self._events[provider]

    def wake(self, provider: uuid.UUID) -> None:
        """Sets the provider's events, from any thread."""
        with self._lock:
            found = list(self._events.get(provider, ()))
        self._set(found)

    def stop(self) -> None:
        """Lets every waiting request answer now."""
        self.is_stopping = True
        with self._lock:
            found = [waiter for waiters in self._events.values() for waiter in waiters]
        self._set(found)

    @staticmethod
    def _set(waiters: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
        for loop, event in waiters:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)


waiting = Waiting()
