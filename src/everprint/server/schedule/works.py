"""The scheduled work of the Application Server, and doing what is due of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from everprint.server.accounts.audit import audit
from everprint.server.accounts.closing import close_books
from everprint.server.directory.runs import sync_if_due
from everprint.server.jobs.packing import pack_what_is_over
from everprint.server.jobs.retention import forget_old_details
from everprint.server.mail.sending import send_what_waits
from everprint.server.notifications.mailing import mail_what_is_due
from everprint.server.notifications.watching import watch
from everprint.server.people.guests import end_what_is_over
from everprint.server.people.merging import sweep_merged
from everprint.server.providers.orders import forget_old_orders
from everprint.server.quotas.granting import grant_what_is_due
from everprint.server.reports.mailed import mail_due_reports
from everprint.server.reports.roll_up import roll_up
from everprint.server.schedule.lease import claim, finish, renew

log = logging.getLogger(__name__)

FAILED = "failed: "  # how the outcome of work begins that could not be done
SOUND = "all is right"  # how the outcome of the ledger's audit ends if it is
LEDGER_AUDIT = "ledger-audit"


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of work: safe to repeat. It asks `still_ours` between its steps, and says in words what it did."""

    name: str
    every: timedelta
    do: Callable[[Callable[[], bool]], str]


def _audit_ledger(_still_ours: Callable[[], bool]) -> str:
    result = audit()
    if result.findings:
        log.error("the ledger is not right findings=%d first=%s", len(result.findings), result.findings[0])
    verdict = f"{len(result.findings)} findings" if result.findings else SOUND
    return f"{result.accounts} accounts, {result.transactions} transactions: {verdict}"


WORKS = (
    Work("quotas", timedelta(minutes=1), grant_what_is_due),
    Work("merged-users", timedelta(minutes=1), sweep_merged),
    Work("guests", timedelta(minutes=1), end_what_is_over),
    Work("job-details", timedelta(hours=1), forget_old_details),
    Work("old-jobs", timedelta(minutes=1), pack_what_is_over),
    Work("old-books", timedelta(minutes=1), close_books),
    Work("old-orders", timedelta(hours=1), forget_old_orders),
    Work("notices", timedelta(seconds=10), mail_what_is_due),
    Work("troubles", timedelta(minutes=1), watch),
    Work("report-mails", timedelta(minutes=1), mail_due_reports),
    Work("mail", timedelta(seconds=10), send_what_waits),
    Work("report-sums", timedelta(minutes=5), roll_up),
    Work(LEDGER_AUDIT, timedelta(days=1), _audit_ledger),
    Work("directory", timedelta(seconds=15), sync_if_due),
)


def do_what_is_due() -> None:
    """Does all work that is due and that no other server does."""
    for work in WORKS:
        if claim(work.name, work.every):
            _do(work)


def _do(work: Work) -> None:
    try:
        outcome = work.do(lambda: renew(work.name))
    except Exception as error:
        log.exception("scheduled work failed, it is tried again name=%s", work.name)
        finish(work.name, f"{FAILED}{error}", done=False)
        return
    if outcome:
        log.info("scheduled work done name=%s outcome=%s", work.name, outcome)
    finish(work.name, outcome)
