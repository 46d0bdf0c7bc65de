"""What providers report, replayed in order through contract.job_life. A batch is one database transaction.

What the server derives itself: *authorised* and *refused*, from its own decision (decide.py). A fact of the attempt
before a decision that was already made is history: it fills the time line and moves nothing. A fact that cannot
happen is logged and kept on the time line; it never fails the batch. How a job ended is always taken: the printer
knows better than our books, so a job whose steps are missing catches up first.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import Error, transaction

from everprint.contract.messages import (
    Abilities,
    DecidedOffline,
    DeviceState,
    Event,
    JobReceived,
    JobRedirected,
    JobTaken,
    OfflinePeriod,
    PrinterStatus,
)
from everprint.contract.pricing import Costs
from everprint.contract.supplies import LONGEST_TEXT, MOST_ALERTS, MOST_SUPPLIES, Alert, Supply
from everprint.server.accounts.payers import Payers, payers_of
from everprint.server.accounts.till import one_till
from everprint.server.database import is_passing, transact
from everprint.server.jobs.decide import Terms
from everprint.server.jobs.facts import apply_fact, job_of
from everprint.server.jobs.models import Job, JobStep
from everprint.server.jobs.offline import note_offline_period
from everprint.server.jobs.owner import Owner, find_owner
from everprint.server.jobs.text import kept
from everprint.server.printers.checks import MOST_IN_POOL
from everprint.server.printers.models import Printer
from everprint.server.printers.terms import costs_of_printer, percent_of
from everprint.server.providers.models import Provider

log = logging.getLogger(__name__)

MOST_NAMES = 200  # of papers and formats that a printer has
_PERIOD = ("away_began", "away_ended", "away_printed", "away_unlogged", "away_refused")


class EventGap(Exception):
    """Events are missing before the first of the batch; `expected` is the sequence that must come next."""

    def __init__(self, expected: int, got: int) -> None:
        super().__init__(f"event {expected} must come next, not {got}: send all events from {expected} on, in order")
        self.expected = expected


@dataclass(slots=True)
class Batch:
    """What the events of one batch share, so that each row is read and written once."""

    provider: Provider
    terms: Terms
    jobs: dict[uuid.UUID, Job]
    printers: dict[str, Printer]
    steps: list[JobStep] = field(default_factory=list)
    changed: dict[uuid.UUID, Job] = field(default_factory=dict)
    received: dict[uuid.UUID, Job] = field(default_factory=dict)  # rows of new jobs, until they are heard of
    decided: dict[uuid.UUID, DecidedOffline] = field(default_factory=dict)
    period_noted: bool = False
    # Read once: who a name is, what that person pays of the prices, who pays for an account, a printer's prices.
    _owners: dict[str, Owner] = field(default_factory=dict)
    _percents: dict[int | None, Decimal] = field(default_factory=dict)
    _payers: dict[int, Payers] = field(default_factory=dict)
    _costs: dict[int, Costs] = field(default_factory=dict)

    def owner(self, user_name: str) -> Owner | None:
        """The user with that name. Somebody new may be made meanwhile: nobody is not remembered."""
        if user_name not in self._owners:
            owner = find_owner(user_name)
            if owner is None:
                return None
            self._owners[user_name] = owner
        return self._owners[user_name]

    def percent_of(self, user: int | None) -> Decimal:
        """What that person pays of all costs."""
        if user not in self._percents:
            self._percents[user] = percent_of(user)
        return self._percents[user]

    def payers_of(self, account: int | None) -> Payers | None:
        """Who pays when that account is charged."""
        if account is None:
            return None
        if account not in self._payers:
            self._payers[account] = payers_of(account)
        return self._payers[account]

    def costs_of(self, printer: int) -> Costs:
        """The prices of a printer."""
        if printer not in self._costs:
            self._costs[printer] = costs_of_printer(printer)
        return self._costs[printer]

    def forget(self) -> None:
        """What was read may be undone: it is read anew."""
        for read in (self.steps, self.changed, self.decided, self._owners, self._percents, self._payers, self._costs):
            read.clear()


def take_events(provider: uuid.UUID, events: Sequence[Event], terms: Terms, oldest: int | None = None) -> int:
    """Stores the events that are new; the sequence up to which everything is stored.

    `oldest` is the oldest event that the provider could tell. Raises EventGap if one is missing, after a restore only
    if the provider can still tell it; nothing of the batch is stored then.
    """
    try:
        return transact(lambda: _take_together(provider, events, terms, oldest))
    except EventGap:
        raise
    except Exception as error:
        if isinstance(error, Error) and is_passing(error):
            raise
        # One event that cannot be stored must not keep all later ones out: find it, log it, go on.
        log.exception("batch failed, taking its events one by one provider=%s", provider)
        return transact(lambda: _take(provider, events, terms, oldest, each_alone=True))


def _take_together(provider: uuid.UUID, events: Sequence[Event], terms: Terms, oldest: int | None) -> int:
    # A savepoint, where the transaction is one of several requests: nothing of an attempt that fails is left.
    with transaction.atomic():
        return _take(provider, events, terms, oldest, each_alone=False)


def _take(
    provider_id: uuid.UUID, events: Sequence[Event], terms: Terms, oldest: int | None, *, each_alone: bool
) -> int:
    provider = Provider.objects.select_for_update().get(pk=provider_id)
    fresh = _fresh(provider, events, oldest)
    if not fresh:
        return provider.events_taken
    batch = _load(provider, fresh, terms)
    if each_alone:
        for event in fresh:
            _take_alone(batch, event)
    else:
        with one_till(_jobs_of(fresh)):
            _add_new_jobs(batch, fresh)
            for event in fresh:
                _take_one(batch, event)
            _store(batch)
    provider.events_taken = fresh[-1].sequence
    provider.gap_allowed = False
    provider.save(update_fields=["events_taken", "gap_allowed", *(_PERIOD if batch.period_noted else ())])
    return provider.events_taken


def _fresh(provider: Provider, events: Sequence[Event], oldest: int | None) -> list[Event]:
    """The events that are not stored yet, without a gap before or among them."""
    fresh = [event for event in events if event.sequence > provider.events_taken]
    expected = provider.events_taken + 1
    if fresh and provider.gap_allowed and fresh[0].sequence > expected:
        # What nobody has any more is done without; all that its provider still has is wanted.
        first_there_is = fresh[0].sequence if oldest is None else max(expected, min(oldest, fresh[0].sequence))
        if first_there_is > expected:
            log.warning(
                "events lost by a restore provider=%s from=%d to=%d", provider.name, expected, first_there_is - 1
            )
        expected = first_there_is
    for event in fresh:
        if event.sequence != expected:
            raise EventGap(expected, event.sequence)
        expected += 1
    return fresh


def _load(provider: Provider, events: Sequence[Event], terms: Terms) -> Batch:
    rows = Job.objects.select_for_update().filter(uuid__in=_jobs_of(events)).order_by("pk")
    printers = Printer.objects.filter(provider=provider, is_active=True, name__in=_queues_of(events))
    return Batch(provider, terms, {job.uuid: job for job in rows}, {printer.name: printer for printer in printers})


def _add_new_jobs(batch: Batch, events: Sequence[Event]) -> None:
    """The rows of all jobs that are new in the batch, in one statement."""
    for event in events:
        if isinstance(event.fact, JobReceived) and event.job_id is not None:
            job_id = uuid.UUID(event.job_id)
            if job_id not in batch.jobs and job_id not in batch.received:
                job = job_of(batch, job_id, event, event.fact)
                if job is not None:
                    batch.received[job_id] = job
    Job.objects.bulk_create(batch.received.values())


def _jobs_of(events: Sequence[Event]) -> set[uuid.UUID]:
    return {uuid.UUID(event.job_id) for event in events if event.job_id is not None}


def _queues_of(events: Sequence[Event]) -> set[str]:
    """The queues that are spoken of: a print server may have thousands of others."""
    queues = set()
    for event in events:
        match event.fact:
            case JobReceived(job=job) | JobTaken(job=job):
                queues.add(job.queue)
            case JobRedirected(queue=queue) | PrinterStatus(queue=queue):
                queues.add(queue)
            case _:
                pass
    return queues


def _take_one(batch: Batch, event: Event) -> None:
    if isinstance(event.fact, PrinterStatus):
        _note_status(batch, event, event.fact)
        return
    if isinstance(event.fact, OfflinePeriod):
        note_offline_period(batch.provider, event.fact)
        batch.period_noted = True
        return
    if event.job_id is None:
        log.error("event without a job ignored provider=%s sequence=%d", batch.provider.name, event.sequence)
        return
    apply_fact(batch, uuid.UUID(event.job_id), event, event.fact)


def _take_alone(batch: Batch, event: Event) -> None:
    try:
        with transaction.atomic():
            _take_one(batch, event)
            _store(batch)
    except Exception as error:
        if isinstance(error, Error) and is_passing(error):
            raise
        log.exception("event given up provider=%s sequence=%d", batch.provider.name, event.sequence)
        batch.forget()
        fresh = Job.objects.filter(uuid__in=batch.jobs)
        batch.jobs = {job.uuid: job for job in fresh}


def _store(batch: Batch) -> None:
    for job in batch.changed.values():
        job.save()
    JobStep.objects.bulk_create(batch.steps)
    batch.changed.clear()
    batch.steps.clear()


_STATUS_FIELDS = (
    "state", "state_reasons", "state_message", "make_and_model", "state_at", "devices", "supplies", "alerts",
    "life_count", "abilities",
)  # fmt: skip


def _note_status(batch: Batch, event: Event, status: PrinterStatus) -> None:
    printer = batch.printers.get(status.queue)
    if printer is None:
        log.warning("status of an unknown queue provider=%s queue=%r", batch.provider.name, status.queue)
        return
    printer.state = status.state.value
    printer.state_reasons = [kept(reason, 100) for reason in status.reasons[:50]]
    printer.state_message = kept(status.message, 500)
    printer.make_and_model = kept(status.make_and_model, 200)
    printer.state_at = event.at
    printer.devices = [_device(device) for device in status.devices[: MOST_IN_POOL + 1]]
    printer.supplies = [_supply(supply) for supply in status.supplies[:MOST_SUPPLIES]]
    printer.alerts = [_alert(alert) for alert in status.alerts[:MOST_ALERTS]]
    printer.life_count = status.life_count
    printer.abilities = None if status.abilities is None else _abilities(status.abilities)
    printer.save(update_fields=_STATUS_FIELDS)


def _abilities(said: Abilities) -> dict[str, object]:
    """As it is stored."""
    return {
        "document_formats": [kept(one, 255) for one in said.document_formats[:MOST_NAMES]],
        "media": [kept(one, 255) for one in said.media[:MOST_NAMES]],
        "colour": said.colour,
        "two_sided": said.two_sided,
    }


def _supply(supply: Supply) -> dict[str, object]:
    """As it is stored."""
    return {
        "name": kept(supply.name, LONGEST_TEXT),
        "kind": kept(supply.kind, 100),
        "state": supply.state.value,
        "level": None if supply.level is None else min(max(supply.level, 0), 100),
        "colour": kept(supply.colour, 100),
        "is_receptacle": supply.is_receptacle,
    }


def _alert(alert: Alert) -> dict[str, object]:
    """As it is stored."""
    return {
        "code": kept(alert.code, 100),
        "severity": alert.severity.value,
        "description": kept(alert.description, LONGEST_TEXT),
    }


def _device(device: DeviceState) -> dict[str, object]:
    """One of a pool's, as it is stored."""
    return {
        "device_uri": kept(device.device_uri, 1023),
        "state": device.state.value,
        "reasons": [kept(reason, 100) for reason in device.reasons[:50]],
        "message": kept(device.message, 500),
        "make_and_model": kept(device.make_and_model, 200),
    }
