"""Saved reports that are mailed by the calendar."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import Body, Id, ShortText
from everprint.server.api.problem import Refused
from everprint.server.pages.person import person
from everprint.server.reports.asked import BadReport
from everprint.server.reports.mail_plan import Every
from everprint.server.reports.mailed import (
    MOST_RECIPIENTS,
    Form,
    MailTerms,
    end_schedule,
    schedule_report,
    scheduled,
)
from everprint.server.reports.models import ReportMail, SavedReport

area = Area("Reports")

Hour = Annotated[int, Field(ge=0, le=23, strict=True)]


class ReportMailRecord(BaseModel):
    """A saved report that is mailed."""

    id: Id
    report: str = Field(description="The name under which it is kept")
    every: Every
    hour: int = Field(description="From which hour on, in the installation's time zone")
    form: Form
    recipients: list[str]
    by: str
    sent_for: date = Field(description="The day of the last one; a new one begins with the day before its first")
    problem: str = Field(description="Why the last one was not sent")


class NewReportMail(Body):
    """Mail a saved report from its next day on."""

    saved_report: Annotated[Id, Field(strict=True)]
    every: Every
    hour: Hour = 6
    form: Form = Form.PDF
    recipients: list[ShortText] = Field(min_length=1, max_length=MOST_RECIPIENTS)


@area.get("", list[ReportMailRecord], needs=Permission.VIEW_REPORTS)
def list_report_mails(request: HttpRequest) -> list[ReportMailRecord]:
    """List the saved reports that are mailed."""
    return [_record(mail) for mail in scheduled()]


@area.post("", ReportMailRecord, needs=Permission.VIEW_REPORTS, status=HTTPStatus.CREATED)
def mail_a_saved_report(request: HttpRequest, wanted: NewReportMail) -> ReportMailRecord:
    """Mail a saved report every day, week or month."""
    saved = get_object_or_404(SavedReport, pk=wanted.saved_report)
    terms = MailTerms(wanted.every, wanted.hour, wanted.form, wanted.recipients)
    try:
        return _record(schedule_report(saved, terms, person(request)))
    except BadReport as error:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-report-mail", f"{error}.") from None


@area.delete("/{int:mail_id}", needs=Permission.VIEW_REPORTS)
def end_a_report_mail(request: HttpRequest, mail_id: Id) -> None:
    """Mail a saved report no longer."""
    end_schedule(get_object_or_404(ReportMail.objects.select_related("saved"), pk=mail_id))


def _record(mail: ReportMail) -> ReportMailRecord:
    return ReportMailRecord(
        id=mail.pk,
        report=mail.saved.name,
        every=Every(mail.every),
        hour=mail.hour,
        form=Form(mail.form),
        recipients=mail.recipients,
        by=mail.made_by.name,
        sent_for=mail.sent_for,
        problem=mail.problem,
    )
