"""How far a mail can be."""

from __future__ import annotations

from enum import StrEnum


class MailState(StrEnum):
    """How far a mail is."""

    WAITING = "waiting"
    SENT = "sent"  # the mail server took it
    GIVEN_UP = "given-up"  # it will not be tried again, unless somebody says so
