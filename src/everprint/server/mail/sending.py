"""Sending what waits in the outbox: by one server at a time (schedule), each mail at least once.

A mail is marked when the mail server has answered for it. A server that dies between the two leaves it waiting, and
the next one sends it again under the same Message-ID. A failed try is repeated after half the time that the mail has
waited: half a minute at first, an hour later, and no more after three days.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from everprint.server.database import transact
from everprint.server.mail.message import message_of
from everprint.server.mail.models import Mail
from everprint.server.mail.outbox import check_address, new_message_id
from everprint.server.mail.smtp import MailServerAway, NotTaken, give, mail_server
from everprint.server.mail.states import MailState
from everprint.server.mail_settings import MailSettings
from everprint.server.settings import CONFIGURATION

log = logging.getLogger(__name__)

AT_ONCE = 100  # in one round of the schedule, which has other work to do
GIVE_UP_AFTER = timedelta(days=3)
KEPT = timedelta(days=30)  # what was sent or given up
_FORGOTTEN_AT_ONCE = 1_000
_SHORTEST, _LONGEST = timedelta(seconds=30), timedelta(hours=1)


def send_what_waits(still_ours: Callable[[], bool] = lambda: True) -> str:
    """Sends mails that are due; in words, how many. Mails of a server without a mail server wait."""
    _forget_old()
    now = timezone.now()
    waiting = Mail.objects.filter(state=MailState.WAITING.value, next_try_at__lte=now)
    due = list(waiting.order_by("next_try_at", "pk")[:AT_ONCE])
    if not due or not CONFIGURATION.sends_mail:
        return ""
    sent, left = 0, list(due)
    try:
        with mail_server(CONFIGURATION) as connection:
            for mail in due:
                if not still_ours():
                    return f"{sent} mails sent, then another server took over"
                try:
                    message = message_of(mail, CONFIGURATION.mail_from, mail.attachments.all())
                    give(connection, message, CONFIGURATION.mail_from, mail.to)
                except (NotTaken, ValueError) as error:
                    _failed(mail, str(error), for_good=not isinstance(error, NotTaken) or error.for_good)
                else:
                    _was_sent(mail)
                    sent += 1
                left.remove(mail)
    except MailServerAway as error:
        log.warning("the mail server cannot be used now waiting=%d problem=%s", len(left), error)
        _all_failed(left, str(error))
    return f"{sent} of {len(due)} mails sent"


def send_test_mail(to: str, settings: MailSettings | None = None) -> None:
    """Sends a mail at once, past the outbox: whoever tries the settings hears what the mail server says.

    Raises BadMail, NotTaken, MailServerAway.
    """
    to = check_address(to)
    settings = CONFIGURATION if settings is None else settings
    if not settings.sends_mail:
        raise MailServerAway("there is no mail server: set smtp_host and mail_from in the server's settings file")
    mail = Mail(
        message_id=new_message_id(),
        to=to,
        subject=f"{CONFIGURATION.server_name}: a test mail",
        text=f"{CONFIGURATION.server_name} can send mail. Nothing is to be done.\n",
        made_at=timezone.now(),
    )
    try:
        message = message_of(mail, settings.mail_from)
    except ValueError as error:
        raise NotTaken(str(error), for_good=True) from None
    with mail_server(settings) as connection:
        give(connection, message, settings.mail_from, to)


def pause_after(waited: timedelta) -> timedelta:
    """How long after a failed try the next one is."""
    return min(max(waited / 2, _SHORTEST), _LONGEST)


def _was_sent(mail: Mail) -> None:
    now = timezone.now()
    _mark(mail, state=MailState.SENT.value, ended_at=now, tries=mail.tries + 1, problem="")
    log.info("mail sent about=%s message=%s tries=%d", mail.about, mail.message_id, mail.tries + 1)


def _failed(mail: Mail, problem: str, *, for_good: bool = False) -> None:
    now = timezone.now()
    values: dict[str, object] = {"tries": mail.tries + 1, "problem": problem[:500]}
    if for_good or now - mail.waits_since > GIVE_UP_AFTER:
        values |= {"state": MailState.GIVEN_UP.value, "ended_at": now}
        log.warning("mail given up about=%s message=%s problem=%s", mail.about, mail.message_id, problem)
    else:
        values["next_try_at"] = _next_try(mail, now)
    _mark(mail, **values)


def _all_failed(mails: Iterable[Mail], problem: str) -> None:
    for mail in mails:
        _failed(mail, problem)


def _next_try(mail: Mail, now: datetime) -> datetime:
    return now + pause_after(max(now - mail.waits_since, timedelta()))


def _mark(mail: Mail, **values: object) -> None:
    # Of one that somebody sends once more meanwhile, nothing is marked: it is due anew.
    same = Mail.objects.filter(pk=mail.pk, waits_since=mail.waits_since, state=MailState.WAITING.value)
    transact(lambda: same.update(**values))


def _forget_old() -> None:
    old = Mail.objects.filter(ended_at__lt=timezone.now() - KEPT).order_by("ended_at").values_list("pk", flat=True)
    transact(lambda: Mail.objects.filter(pk__in=list(old[:_FORGOTTEN_AT_ONCE])).delete())
