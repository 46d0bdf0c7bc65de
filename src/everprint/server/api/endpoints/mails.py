"""The outbox: mails that wait, were sent or given up; sending one once more; a test mail."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import Body, Id, ShortText
from everprint.server.api.listing import Asked, Found, cut
from everprint.server.audit_log.note import note
from everprint.server.mail.models import Mail
from everprint.server.mail.outbox import MailFilter, mails_matching, send_once_more
from everprint.server.mail.sending import send_test_mail
from everprint.server.mail.states import MailState

area = Area("Mail")


class MailRecord(BaseModel):
    """One mail. What it says is on its page only."""

    id: Id
    message_id: str
    to: str
    user: str = Field(description="The name of the user that it is for; empty if it is for none")
    about: str = Field(description="What made it, like report")
    subject: str
    state: MailState
    tries: int
    problem: str = Field(description="Why the last try failed")
    made_at: datetime
    next_try_at: datetime | None = Field(description="Of one that waits")
    ended_at: datetime | None = Field(description="When it was sent or given up")


class MailsAsked(Asked):
    """Which mails."""

    text: ShortText = Field("", description="In the address, the subject or the user's name")
    state: MailState | None = None


class TestMail(Body):
    """Where a test mail goes."""

    to: ShortText


@area.get("", Found[MailRecord], needs=Permission.MANAGE_SETTINGS)
def list_mails(request: HttpRequest, asked: Query[MailsAsked]) -> Found[MailRecord]:
    """List mails, newest first."""
    wanted = MailFilter(asked.text.strip(), asked.state.value if asked.state else "")
    return cut(mails_matching(wanted), asked, _record)


@area.post("/test", None, needs=Permission.MANAGE_SETTINGS, status=HTTPStatus.NO_CONTENT)
def send_a_test_mail(request: HttpRequest, wanted: TestMail) -> None:
    """Send a test mail now, past the outbox."""
    send_test_mail(wanted.to)
    note("mail.test", "mail", after={"to": wanted.to.strip()})


@area.post("/{int:mail_id}/send", MailRecord, needs=Permission.MANAGE_SETTINGS)
def send_a_mail_once_more(request: HttpRequest, mail_id: Id) -> MailRecord:
    """Send a mail once more."""
    return _record(send_once_more(get_object_or_404(Mail, pk=mail_id).pk))


def _record(mail: Mail) -> MailRecord:
    state = MailState(mail.state)
    return MailRecord(
        id=mail.pk,
        message_id=mail.message_id,
        to=mail.to,
        user=mail.user.name if mail.user else "",
        about=mail.about,
        subject=mail.subject,
        state=state,
        tries=mail.tries,
        problem=mail.problem,
        made_at=mail.made_at,
        next_try_at=mail.next_try_at if state is MailState.WAITING else None,
        ended_at=mail.ended_at,
    )
