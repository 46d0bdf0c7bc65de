"""Mails about what people were told: one when it is one thing, one about all of it when it is many.

A person gets at most one such mail in ten minutes; what comes meanwhile is in the next. In the quiet hours only
urgent things are mailed. The mail and the mark that it was written are one database transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from everprint.server.database import transact
from everprint.server.installation.settings import read_settings
from everprint.server.languages import Language
from everprint.server.mail.outbox import BadMail, Letter, post
from everprint.server.notifications.kinds import KINDS, Words
from everprint.server.notifications.models import Notice
from everprint.server.notifications.wishes import Wish, mail_language, wish_of
from everprint.server.notifications.wording import as_html, filled_in, words_of
from everprint.server.people.models import User
from everprint.server.settings import CONFIGURATION

PEOPLE_AT_ONCE = 200
MOST_IN_A_MAIL = 50
PAUSE = timedelta(minutes=10)  # between two mails to one person, but for urgent ones
KEPT = timedelta(days=60)
STALE = timedelta(days=3)  # what could not be mailed by then is news no more
_FORGOTTEN_AT_ONCE = 5_000

_MANY = {
    Language.ENGLISH: ("{count} messages about printing", "{count} more are on the page My printing."),
    Language.GERMAN: ("{count} Nachrichten zum Drucken", "{count} weitere stehen auf der Seite „Mein Druck“."),
}
_WHERE = {
    Language.ENGLISH: "What you get mails about, you choose here: {url}",
    Language.GERMAN: "Worüber Sie E-Mails erhalten, wählen Sie hier: {url}",
}


def mail_what_is_due(still_ours: Callable[[], bool] = lambda: True) -> str:
    """Writes the mails that are due into the outbox; in words, how many."""
    _forget_old()
    now = timezone.now()
    waiting = Notice.objects.filter(waits_for_mail=True)
    if not CONFIGURATION.sends_mail:
        transact(lambda: waiting.update(waits_for_mail=False))
        return ""
    settings = read_settings()
    quiet = is_quiet(timezone.localtime(now), settings.quiet_from_h, settings.quiet_until_h)
    lately = Notice.objects.filter(user=OuterRef("user"), mailed_at__gt=now - PAUSE)
    due = waiting.filter(Q(urgent=True) | (Q(pk__in=[]) if quiet else ~Exists(lately)))
    people = list(due.order_by("user").values_list("user", flat=True).distinct()[:PEOPLE_AT_ONCE])
    written = 0
    for person in people:
        if not still_ours():
            break
        written += _mail_to(person, now, only_urgent=quiet)
    return f"{written} mails about notifications" if written else ""


def is_quiet(local: datetime, from_h: int, until_h: int) -> bool:
    """True in the hours from the one to the other, over midnight too; never if they are the same."""
    if from_h <= until_h:
        return from_h <= local.hour < until_h
    return local.hour >= from_h or local.hour < until_h


def letter_about(notices: list[Notice], language: Language) -> Letter:
    """What is mailed about them, oldest first."""
    said = [words_about(notice, language) for notice in notices[:MOST_IN_A_MAIL]]
    if len(notices) == 1:
        subject, text = said[0].subject, said[0].text
    else:
        many, more = _MANY[language]
        subject = many.format(count=len(notices))
        text = "\n\n".join(f"* {one.subject}\n\n{one.text}" for one in said)
        if len(notices) > MOST_IN_A_MAIL:
            text += "\n\n" + more.format(count=len(notices) - MOST_IN_A_MAIL)
    if CONFIGURATION.pages_url:
        url = f"{CONFIGURATION.pages_url.rstrip('/')}/me/notices"
        text += "\n\n-- \n" + _WHERE[language].format(url=url)
    return Letter(subject, text + "\n", as_html(text))


def words_about(notice: Notice, language: Language) -> Words:
    """A notice in words."""
    kind = KINDS[notice.kind]
    return filled_in(kind, words_of(kind, language), notice.fields, language)


def _mail_to(person: int, now: datetime, *, only_urgent: bool) -> int:
    def work() -> int:
        waiting = Notice.objects.select_for_update().filter(user=person, waits_for_mail=True).order_by("pk")
        if only_urgent:
            waiting = waiting.filter(urgent=True)
        notices = list(waiting)
        user = User.objects.get(pk=person)
        wish = wish_of(user)
        wanted = [notice for notice in notices if _is_wanted(notice, user, wish, now)]
        try:
            mail = (
                post(user.email, "notification", letter_about(wanted, mail_language(user, wish)), user=user)
                if wanted
                else None
            )
        except BadMail:
            mail = None
        keys = [notice.pk for notice in notices]
        Notice.objects.filter(pk__in=keys).update(waits_for_mail=False)
        if mail is None:
            return 0
        Notice.objects.filter(pk__in=[notice.pk for notice in wanted]).update(mailed_at=now)
        return 1

    return transact(work)


def _is_wanted(notice: Notice, user: User, wish: Wish, now: datetime) -> bool:
    is_known = notice.kind in KINDS
    return (
        is_known
        and user.is_active
        and bool(user.email)
        and notice.kind not in wish.no_mail
        and notice.at > now - STALE
    )


def _forget_old() -> None:
    old = Notice.objects.filter(at__lt=timezone.now() - KEPT).order_by("at").values_list("pk", flat=True)
    transact(lambda: Notice.objects.filter(pk__in=list(old[:_FORGOTTEN_AT_ONCE])).delete())
