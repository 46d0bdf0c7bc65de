"""Who was told what, what people wish, which troubles are open, and words that somebody changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    Strings = models.JSONField[dict[str, str], dict[str, str]]
    StringList = models.JSONField[list[str], list[str]]
else:
    Strings = StringList = models.JSONField


class Notice(models.Model):
    """Something that one person was told. Written through telling.tell; its words are made when it is read."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    fields = Strings()
    at = models.DateTimeField()
    urgent = models.BooleanField()
    seen_at = models.DateTimeField(null=True)  # on the page
    waits_for_mail = models.BooleanField(default=True)
    mailed_at = models.DateTimeField(null=True)  # None with waits_for_mail False: it needed no mail

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("user", "-id"), name="notice_of_user"),
            models.Index(fields=("user",), condition=models.Q(waits_for_mail=True), name="notice_to_mail"),
            models.Index(fields=("user", "mailed_at"), name="notice_mailed"),
            models.Index(fields=("at",), name="notice_at"),
        )

    def __str__(self) -> str:
        return f"{self.kind} to {self.user_id}"


class Wishes(models.Model):
    """How one person wishes to be told. Changed through wishes.change_wishes; without a row: as it is by default."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wishes")
    language = models.CharField(max_length=5, blank=True)  # empty: as the browser, else as the installation
    no_mail = StringList(default=list)  # kinds that no mail is sent of

    def __str__(self) -> str:
        return f"wishes of {self.user_id}"


class Trouble(models.Model):
    """Something that is wrong now: people are told of it once. Written by watching.py."""

    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=40)  # the key of the printer, provider or account
    began_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)  # None: it may be over before it is worth telling

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "about"), name="one_trouble_of_a_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"


class ChangedWords(models.Model):
    """A kind's words in one language as an administrator wrote them. Changed through wording.change_words."""

    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "language"), name="one_wording_of_a_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} in {self.language}"
