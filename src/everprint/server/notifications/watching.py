"""Looking for what nobody reports: printers that stopped, print servers that are silent, balances that ran low, held
jobs that will end soon.

A trouble is noted when it is first seen and told once, in one transaction with the note that it was; a passing one is
not told. All of it is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from everprint.contract.job_life import JobState
from everprint.contract.messages import PrinterState
from everprint.server.accounts.available import available_to
from everprint.server.accounts.models import Account, AccountKind, Transaction, TransactionKind
from everprint.server.accounts.money import plain
from everprint.server.database import transact
from everprint.server.installation.settings import read_settings
from everprint.server.jobs.expiry import expires_at
from everprint.server.jobs.models import Job
from everprint.server.notifications.kinds import (
    JOB_EXPIRES,
    LOW_BALANCE,
    PRINTER_TROUBLE,
    PROVIDER_BACK,
    PROVIDER_OFFLINE,
    Kind,
)
from everprint.server.notifications.models import Trouble
from everprint.server.notifications.telling import audience_of, tell
from everprint.server.printers.models import Printer
from everprint.server.providers.models import Provider
from everprint.server.providers.queries import enrolled, is_answering
from everprint.server.release.operators import operators_of

LASTS = timedelta(minutes=2)  # a trouble that is worth telling
ENDS_SOON = timedelta(hours=2)  # so long before a held job ends its owner is told
_LATELY = timedelta(minutes=15)  # back to when bookings are looked at
_ACCOUNTS_AT_ONCE = 2_000
_JOBS_AT_ONCE = 2_000
_BAD_STATES = (PrinterState.STOPPED.value, PrinterState.UNREACHABLE.value)


def watch(still_ours: Callable[[], bool] = lambda: True) -> str:
    """Looks once; in words, what was told."""
    told = 0
    for look in (look_at_providers, look_at_printers, look_at_balances, look_at_held_jobs):
        if not still_ours():
            break
        told += look()
    return f"{told} troubles told" if told else ""


def look_at_providers(now: datetime | None = None) -> int:
    """Those that are silent, and those that are back."""
    moment = timezone.now() if now is None else now
    known = {str(provider.pk): provider for provider in enrolled().exclude(last_seen_at=None)}
    silent = {key: provider for key, provider in known.items() if not is_answering(provider, moment)}

    def work() -> int:
        over, told = _note_troubles(PROVIDER_OFFLINE, silent, moment)
        for trouble in over:
            provider = known.get(trouble.about)
            if provider is not None and trouble.told_at is not None:
                fields = {"provider": provider.name, "since": trouble.began_at.isoformat()}
                tell(audience_of(PROVIDER_BACK), PROVIDER_BACK, fields)
        for trouble in told:
            provider = silent[trouble.about]
            fields = {"provider": provider.name, "since": _seen(provider, trouble).isoformat()}
            tell(audience_of(PROVIDER_OFFLINE), PROVIDER_OFFLINE, fields)
        return len(told)

    return transact(work)


def look_at_printers(now: datetime | None = None) -> int:
    """Those that do not print, as far as their print servers answer."""
    moment = timezone.now() if now is None else now
    offered = Printer.objects.filter(is_active=True, state__in=_BAD_STATES).select_related("provider")
    bad = {str(printer.pk): printer for printer in offered if is_answering(printer.provider, moment)}

    def work() -> int:
        _, told = _note_troubles(PRINTER_TROUBLE, bad, moment)
        for trouble in told:
            printer = bad[trouble.about]
            reasons = [reason for reason in printer.state_reasons if reason != "none"] or [printer.state]
            fields = {
                "printer": printer.name,
                "location": printer.location or printer.provider.name,
                "reasons": " ".join(reasons[:10]),
                "since": trouble.began_at.isoformat(),
            }
            tell([*audience_of(PRINTER_TROUBLE), *operators_of(printer)], PRINTER_TROUBLE, fields)
        return len(told)

    return transact(work)


def look_at_balances(now: datetime | None = None) -> int:
    """Of people who printed lately and can spend less than the setting says; nobody else is told."""
    moment = timezone.now() if now is None else now
    limit = read_settings().low_balance

    def work() -> int:
        printed = Transaction.objects.filter(
            at__gt=moment - _LATELY, kind__in=(TransactionKind.RESERVE.value, TransactionKind.SETTLE.value)
        )
        people = Account.objects.filter(kind=AccountKind.PERSONAL.value, restricted=True, owner__is_active=True)
        lately = people.filter(pk__in=printed.values("account"))[:_ACCOUNTS_AT_ONCE]
        open_now = {row.about for row in Trouble.objects.filter(kind=LOW_BALANCE.key)}
        watched = {str(one.pk): one for one in people.filter(pk__in=[int(key) for key in open_now])}
        watched |= {str(one.pk): one for one in lately.select_related("owner")}
        available = available_to(one.pk for one in watched.values())
        low = {
            key: one for key, one in watched.items() if (left := available.get(one.pk)) is not None and left < limit
        }
        _, told = _note_troubles(LOW_BALANCE, low, moment, lasts=timedelta())
        for trouble in told:
            account = low[trouble.about]
            assert account.owner is not None
            left = available[account.pk]
            assert left is not None
            fields = {"name": str(account.owner), "available": plain(left), "limit": plain(limit)}
            tell([account.owner.pk], LOW_BALANCE, fields)
        return len(told)

    return transact(work)


def look_at_held_jobs(now: datetime | None = None) -> int:
    """Those that end within two hours, or in the last half of a shorter time, if nobody releases them."""
    moment = timezone.now() if now is None else now
    default = read_settings().hold_hours

    def work() -> int:
        ending = {str(job.pk): job for job in _ending(moment, default)}
        _, told = _note_troubles(JOB_EXPIRES, ending, moment, lasts=timedelta())
        for trouble in told:
            job = ending[trouble.about]
            until = expires_at(job, default)
            assert job.owner is not None
            assert until is not None
            fields = {
                "name": str(job.owner),
                "job": job.name or f"{job.number}",
                "printer": job.printer.name,
                "until": until.isoformat(),
            }
            tell([job.owner.pk], JOB_EXPIRES, fields)
        return len(told)

    return transact(work)


def _ending(now: datetime, default: int) -> list[Job]:
    held = Job.objects.filter(state=JobState.HELD.value, in_doubt=False, owner__is_active=True)
    found: list[Job] = []
    for own in Printer.objects.order_by().values_list("hold_hours", flat=True).distinct():
        waits = timedelta(hours=own or default)
        if not waits:
            continue
        begun = now - waits
        soon = held.filter(
            printer__hold_hours=own, submitted_at__gt=begun, submitted_at__lte=begun + min(ENDS_SOON, waits / 2)
        )
        found += soon.select_related("owner", "printer").defer("document", "output")[:_JOBS_AT_ONCE]
    return found


def _note_troubles(
    kind: Kind, now_wrong: Mapping[str, object], now: datetime, lasts: timedelta = LASTS
) -> tuple[list[Trouble], list[Trouble]]:
    """Notes which there are; those that are over, and those that are to be told now."""
    rows = {row.about: row for row in Trouble.objects.select_for_update().filter(kind=kind.key)}
    over = [row for about, row in rows.items() if about not in now_wrong]
    Trouble.objects.filter(pk__in=[row.pk for row in over]).delete()
    fresh = [Trouble(kind=kind.key, about=about, began_at=now) for about in now_wrong if about not in rows]
    Trouble.objects.bulk_create(fresh, ignore_conflicts=True)
    still = [row for about, row in rows.items() if about in now_wrong and row.told_at is None]
    told = [row for row in [*still, *fresh] if now - row.began_at >= lasts]
    Trouble.objects.filter(kind=kind.key, about__in=[row.about for row in told]).update(told_at=now)
    return over, told


def _seen(provider: Provider, trouble: Trouble) -> datetime:
    return provider.last_seen_at or trouble.began_at
