"""What stands in the database: who can administer, and what waits for somebody to look at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from everprint.server.access.permissions import Role
from everprint.server.configuration import ServerSettings
from everprint.server.doctor.finding import Finding, advise, ok, problem
from everprint.server.doctor.mail import examine_mail
from everprint.server.jobs.models import Job
from everprint.server.jobs.queries import active, unpaid_offline
from everprint.server.people.models import User
from everprint.server.printers.models import CostPerSide, Printer
from everprint.server.providers.models import Provider
from everprint.server.providers.queries import enrolled, is_answering
from everprint.server.refunds.models import RefundRequest, RefundState
from everprint.server.schedule.models import ScheduledWork
from everprint.server.schedule.works import FAILED, LEDGER_AUDIT, SOUND, WORKS

LONG_OPEN = timedelta(days=7)
_NAMED_AT_MOST = 5
_COSTS_SOMETHING = (
    Q(grey_one_sided__gt=0) | Q(grey_two_sided__gt=0) | Q(colour_one_sided__gt=0) | Q(colour_two_sided__gt=0)
)


def examine_installation(settings: ServerSettings) -> Iterator[Finding]:
    """Needs a database that answers."""
    now = timezone.now()
    yield _administrators()
    yield _providers(now)
    yield _printers()
    yield from _scheduled_work(now)
    yield _jobs_in_doubt()
    yield _unpaid()
    yield _refunds(now)
    yield examine_mail(settings, now)
    if settings.payment_url == "test":
        yield advise("payment", "the test gateway gives credit for no money", "set payment_url, or leave it empty")


def _administrators() -> Finding:
    check = "administrators"
    able = User.objects.filter(role=Role.ADMINISTRATOR.value, is_active=True).exclude(password="")
    count = sum(user.has_usable_password() for user in able)
    if count == 0:
        return problem(
            check, "no administrator can sign in", "run `everprint server user set-password NAME` for one of them"
        )
    if count == 1:
        return advise(check, "one person alone can administer", "make a second administrator")
    return ok(check, f"{count} can sign in")


def _providers(now: datetime) -> Finding:
    check = "print-providers"
    known = list(enrolled())
    if not known:
        return advise(
            check, "none is enrolled: nothing can be printed", "make a code with `everprint server provider code`"
        )
    silent = [provider for provider in known if not is_answering(provider, now)]
    if silent:
        return problem(
            check,
            f"{_names(silent)} did not call for a while",
            "see that they run and reach this server: `everprint provider status` there",
        )
    versions = {provider.software_version for provider in known}
    if len(versions) > 1:
        return advise(
            check, f"they run different releases ({', '.join(sorted(versions))})", "bring all of them to the newest"
        )
    return ok(check, f"{len(known)} answer")


def _printers() -> Finding:
    check = "printers"
    offered = Printer.objects.filter(is_active=True)
    count = offered.count()
    priced = CostPerSide.objects.filter(_COSTS_SOMETHING, printer=OuterRef("pk"))
    free = list(offered.exclude(Exists(priced)).values_list("name", flat=True)[:100])
    if free:
        return advise(check, f"printing costs nothing on {_shortened(free)}", "set costs, if that is not wanted")
    return ok(check, f"{count}, each with costs")


def _scheduled_work(now: datetime) -> Iterator[Finding]:
    check = "scheduled-work"
    rows = {row.name: row for row in ScheduledWork.objects.all()}
    late = []
    for work in WORKS:
        row = rows.get(work.name)
        if row is None or row.done_at is None:
            continue  # never due yet, or under way for the first time
        if row.outcome.startswith(FAILED):
            yield problem(check, f"{work.name}: {row.outcome}", "the server's log says more; it is tried again")
        elif now - row.done_at > 3 * work.every + timedelta(minutes=10):
            late.append(work.name)
    if late:
        yield problem(check, f"{', '.join(late)} was not done for long", "see that a server runs and serves")
    ledger = rows.get(LEDGER_AUDIT)
    if ledger is not None and ledger.done_at is not None:
        if ledger.outcome.endswith(SOUND):
            yield ok("ledger", f"{ledger.outcome} on {timezone.localtime(ledger.done_at):%Y-%m-%d %H:%M}")
        else:
            yield problem("ledger", ledger.outcome, "run `everprint server audit`: it names each account")


def _jobs_in_doubt() -> Finding:
    check = "jobs-in-doubt"
    count = active(Job.objects.filter(in_doubt=True)).count()
    if count:
        return advise(
            check,
            f"{count} are held, because nobody could say whether they were printed",
            "look into the trays, then release or cancel them on the page Jobs",
        )
    return ok(check, "none")


def _unpaid() -> Finding:
    count = unpaid_offline(Job.objects.all()).count()
    if count:
        return advise(
            "unpaid-jobs",
            f"{count} were printed while the server was away and could not be paid whole",
            "the page Jobs lists them under Payment",
        )
    return ok("unpaid-jobs", "none")


def _refunds(now: datetime) -> Finding:
    waiting = RefundRequest.objects.filter(state=RefundState.ASKED.value, asked_at__lt=now - LONG_OPEN).count()
    if waiting:
        return advise("refunds", f"{waiting} requests wait for more than a week", "decide them on the page Refunds")
    return ok("refunds", "none waits for long")


def _names(providers: list[Provider]) -> str:
    return _shortened([provider.name for provider in providers])


def _shortened(names: list[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
