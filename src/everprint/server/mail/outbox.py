"""Putting mails into the outbox, in the database transaction of what causes them; asking what is in it.

What is not committed was never there, and what is committed is sent at least once (sending.py).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q, QuerySet
from django.utils import timezone

from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.mail.models import Attachment, Mail
from everprint.server.mail.states import MailState
from everprint.server.people.models import User
from everprint.server.settings import CONFIGURATION

log = logging.getLogger(__name__)

MOST_WAITING = 100_000
LARGEST_ATTACHMENTS = 10 << 20  # octets of a mail's attachments together: what most mail servers take
LONGEST_TEXT = 100_000


class BadMail(ValueError):
    """A mail that cannot be sent; the text says why."""


@dataclass(frozen=True, slots=True)
class File:
    """What is attached to a mail."""

    name: str
    media_type: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says."""

    subject: str
    text: str
    html: str = ""
    files: Sequence[File] = ()


def check_address(address: str) -> str:
    """The address without spaces around it.

    Raises BadMail.
    """
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise BadMail(f"{address[:100] or 'nothing'} is not a mail address") from None
    return address


def post(to: str, about: str, letter: Letter, *, user: User | None = None) -> Mail | None:
    """Puts the letter into the outbox; None, with a line in the log, if there is no mail server or no room.

    Raises BadMail.
    """
    if not CONFIGURATION.sends_mail:
        return None
    to = check_address(to)
    if sum(len(file.octets) for file in letter.files) > LARGEST_ATTACHMENTS:
        raise BadMail(f"the attachments are larger than {LARGEST_ATTACHMENTS >> 20} MiB")

    def work() -> Mail | None:
        if _is_full():
            log.error("the outbox is full, a mail was not written about=%s waiting=%d", about, MOST_WAITING)
            return None
        now = timezone.now()
        mail = Mail.objects.create(
            message_id=new_message_id(),
            to=to,
            user=user,
            about=about,
            subject=" ".join(letter.subject.split())[:200],
            text=letter.text[:LONGEST_TEXT],
            html=letter.html[: 4 * LONGEST_TEXT],
            made_at=now,
            waits_since=now,
            next_try_at=now,
        )
        for file in letter.files:
            Attachment.objects.create(mail=mail, name=file.name, media_type=file.media_type, octets=file.octets)
        return mail

    return transact(work)


def send_once_more(mail_id: int) -> Mail:
    """A mail that was sent or given up waits again, under the Message-ID that it has.

    Raises Mail.DoesNotExist, BadMail.
    """

    def work() -> Mail:
        mail = Mail.objects.select_for_update().get(pk=mail_id)
        if mail.state == MailState.WAITING:
            raise BadMail("it waits to be sent already")
        note("mail.send-once-more", mail, before={"state": mail.state}, after={"state": MailState.WAITING.value})
        mail.state, mail.ended_at, mail.problem = MailState.WAITING.value, None, ""
        mail.waits_since = mail.next_try_at = timezone.now()
        mail.save()
        return mail

    return transact(work)


@dataclass(frozen=True, slots=True)
class MailFilter:
    """Which mails: all that is given must be true."""

    text: str = ""  # in the address, the subject, or the user's name
    state: str = ""
    about: str = ""


def mails_matching(wanted: MailFilter) -> QuerySet[Mail]:
    """Those that the filter lets through, newest first."""
    condition = Q()
    if wanted.text:
        condition &= (
            Q(to__icontains=wanted.text) | Q(subject__icontains=wanted.text) | Q(user__name__icontains=wanted.text)
        )
    if wanted.state:
        condition &= Q(state=wanted.state)
    if wanted.about:
        condition &= Q(about=wanted.about)
    return Mail.objects.filter(condition).select_related("user").defer("text", "html").order_by("-pk")


def new_message_id(at: datetime | None = None) -> str:
    """RFC 5322, section 3.6.4: unique, at the sender's domain."""
    at = timezone.now() if at is None else at
    domain = parseaddr(CONFIGURATION.mail_from)[1].rpartition("@")[2]
    return f"<{at:%Y%m%d%H%M%S}.{uuid.uuid4().hex}@{domain.encode('idna').decode('ascii')}>"


def _is_full() -> bool:
    waiting = Mail.objects.filter(state=MailState.WAITING.value)
    return waiting.order_by("next_try_at")[MOST_WAITING - 1 : MOST_WAITING].exists()
