"""The outbox: mails that wait, those that were sent, and those that were given up. Written through outbox.py."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from everprint.server.mail.states import MailState


class Mail(models.Model):
    """One mail to one address. Its Message-ID is made once: who gets it twice can tell."""

    message_id = models.CharField(max_length=255, unique=True)
    to = models.CharField(max_length=254)
    user = models.ForeignKey(  # whom it is for, if it is a user
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    about = models.CharField(max_length=40)  # what made it: test, report, a kind of notification
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=MailState.WAITING.value)
    waits_since = models.DateTimeField()  # when it was made, or when somebody sent it once more
    next_try_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)  # when it was sent or given up
    problem = models.CharField(max_length=500, blank=True)  # why the last try failed

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("next_try_at",), condition=models.Q(state="waiting"), name="mail_waiting"),
            models.Index(fields=("ended_at",), name="mail_ended"),
        )

    def __str__(self) -> str:
        return self.subject


class Attachment(models.Model):
    """A file that goes with a mail."""

    mail = models.ForeignKey(Mail, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=100)
    media_type = models.CharField(max_length=100)
    octets = models.BinaryField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name
