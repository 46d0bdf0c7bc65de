"""Saved reports that are mailed by the calendar: to whom, how often, and sending what is due.

The mark that a day's report was sent and its mails in the outbox are one database transaction: each day is sent once,
whichever server does it and whatever is killed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import cast

from django.utils import timezone

from everprint.server.access.permissions import Permission
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.mail.outbox import BadMail, File, Letter, check_address, post
from everprint.server.pages.csv_export import Cell, encode
from everprint.server.people.models import User
from everprint.server.reports.asked import BadReport
from everprint.server.reports.mail_plan import Every, last_due
from everprint.server.reports.models import ReportMail, SavedReport
from everprint.server.reports.saved import asked_of
from everprint.server.reports.table import ROWS_DRAWN, ReportTable, make_table

log = logging.getLogger(__name__)

MOST_RECIPIENTS = 20
MOST = 200  # scheduled mails in all
MOST_ROWS = 100_000  # of a CSV: it must pass mail servers


class Form(StrEnum):
    """What is attached."""

    PDF = "pdf"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class MailTerms:
    """How a saved report is mailed."""

    every: Every
    hour: int
    form: Form
    recipients: Sequence[str]


def schedule_report(saved: SavedReport, terms: MailTerms, actor: User) -> ReportMail:
    """The report is mailed so from its next day on.

    Raises BadReport.
    """
    recipients = _checked(terms.recipients)
    if not 0 <= terms.hour <= 23:
        raise BadReport("the hour is from 0 to 23")

    def work() -> ReportMail:
        if ReportMail.objects.count() >= MOST:
            raise BadReport(f"{MOST} reports are mailed already: end one first")
        made = ReportMail.objects.create(
            saved=saved,
            every=terms.every.value,
            hour=terms.hour,
            form=terms.form.value,
            recipients=recipients,
            made_by=actor,
            sent_for=last_due(terms.every, terms.hour, timezone.localtime()),
        )
        note("report.schedule", saved, after=_in_words(made))
        return made

    return transact(work)


def end_schedule(mail: ReportMail) -> None:
    """It is not mailed any more."""

    def work() -> None:
        note("report.end-schedule", mail.saved, before=_in_words(mail))
        mail.delete()

    transact(work)


def scheduled() -> list[ReportMail]:
    """All of them, by the report's name."""
    return list(ReportMail.objects.select_related("saved", "made_by").order_by("saved__name", "pk"))


def mail_due_reports(still_ours: Callable[[], bool] = lambda: True, now: datetime | None = None) -> str:
    """Writes what is due into the outbox; in words, how much. A run that was missed is made up for once."""
    local = timezone.localtime(now)
    sent = 0
    for mail in scheduled():
        day = last_due(Every(mail.every), mail.hour, local)
        if day <= mail.sent_for:
            continue
        if not still_ours():
            break
        sent += _send(mail, day)
    return f"{sent} reports mailed" if sent else ""


def _send(mail: ReportMail, day: date) -> bool:
    problem, letter = "", None
    try:
        letter = _letter(mail, day)
    except BadReport as error:
        problem = str(error)
        log.warning("a report cannot be mailed name=%s problem=%s", mail.saved.name, problem)

    def work() -> bool:
        row = ReportMail.objects.select_for_update().filter(pk=mail.pk).first()
        if row is None or row.sent_for >= day:
            return False
        row.sent_for, row.problem = day, problem[:500]
        try:
            for recipient in row.recipients if letter is not None else ():
                assert letter is not None
                if post(recipient, "report", letter) is None:
                    row.problem = "it could not be put into the outbox: see the page Mails"
        except BadMail as error:
            row.problem = str(error)[:500]
        row.save()
        return not row.problem

    return transact(work)


def _letter(mail: ReportMail, day: date) -> Letter:
    if not mail.made_by.may(Permission.VIEW_REPORTS):
        raise BadReport(f"{mail.made_by.name}, who scheduled it, may not see reports any more")
    form = Form(mail.form)
    asked = asked_of(mail.saved)
    table = make_table(asked, most=ROWS_DRAWN if form is Form.PDF else MOST_ROWS, today=day)
    name = f"{asked.kind}-{table.period.first}.{form.value}"
    text = f"{mail.saved.name}\n{table.title}\n\n{table.kind.about}\n"
    if table.count > len(table.rows):
        text += f"The first {len(table.rows):,} of {table.count:,} rows.\n"
    text += f"\nThis report is mailed every {mail.every}; {mail.made_by} set that up.\n"
    return Letter(f"{mail.saved.name}: {table.period.words}", text, "", [_file(table, form, name)])


def _file(table: ReportTable, form: Form, name: str) -> File:
    if form is Form.PDF:
        from everprint.server.pages.report_files import pdf_of

        return File(name, "application/pdf", pdf_of(table))
    titles = [column.title for column in table.columns]
    rows = (cast("tuple[Cell, ...]", row.cells) for row in table.rows)
    return File(name, "text/csv", b"".join(encode(titles, rows)))


def _checked(recipients: Sequence[str]) -> list[str]:
    try:
        found = list(dict.fromkeys(check_address(address) for address in recipients))
    except BadMail as error:
        raise BadReport(str(error)) from None
    if not 0 < len(found) <= MOST_RECIPIENTS:
        raise BadReport(f"say 1 to {MOST_RECIPIENTS} addresses")
    return found


def _in_words(mail: ReportMail) -> dict[str, object]:
    return {"every": mail.every, "hour": mail.hour, "form": mail.form, "recipients": mail.recipients}
