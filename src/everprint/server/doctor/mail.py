"""Whether mails leave."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Min

from everprint.server.configuration import ServerSettings
from everprint.server.directory_settings import is_here
from everprint.server.doctor.finding import Finding, advise, ok, problem
from everprint.server.mail.models import Mail
from everprint.server.mail.states import MailState
from everprint.server.mail_settings import NO_TLS

LONG_WAIT = timedelta(hours=1)
LATELY = timedelta(days=7)


def examine_mail(settings: ServerSettings, now: datetime) -> Finding:
    """From the outbox; no mail server is asked."""
    check = "mail"
    if not settings.sends_mail:
        return ok(check, "none is sent: there is no mail server")
    waiting = Mail.objects.filter(state=MailState.WAITING.value)
    oldest = waiting.aggregate(since=Min("waits_since"))["since"]
    if oldest is not None and now - oldest > LONG_WAIT:
        why = waiting.exclude(problem="").order_by("-next_try_at").values_list("problem", flat=True).first()
        return problem(
            check,
            f"mails wait for more than an hour ({why or 'no server sends them'})",
            "see to the mail server and the smtp_ settings; try `everprint server mail test ADDRESS`",
        )
    given_up = Mail.objects.filter(state=MailState.GIVEN_UP.value, ended_at__gt=now - LATELY).count()
    if given_up:
        return advise(check, f"{given_up} could not be sent this week", "the page Mails says why")
    if settings.smtp_tls == NO_TLS and not is_here(settings.smtp_host):
        return advise(check, f"mails go to {settings.smtp_host} unencrypted", "set smtp_tls to starttls or tls")
    return ok(check, f"all were taken by {settings.smtp_host}")
