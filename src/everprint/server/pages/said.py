"""What went wrong, in the reader's language: the sentences of our errors that people meet on their own pages."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

from everprint.server.people.attempts import TooManyAttempts

SENTENCES = (
    gettext_noop("There is no voucher with this code: look at each of its characters again."),
    gettext_noop("This voucher is void: ask whoever gave it to you for another."),
    gettext_noop("this is not the code that your authenticator shows now"),
    gettext_noop("this is no code that is good now"),
    gettext_noop("there is a second factor already: remove it first"),
    gettext_noop("this card is another person's"),
    gettext_noop("you have two cards already: remove one first"),
    gettext_noop("cards are given out by the administrator here"),
    gettext_noop("there is no other user of that name to whom credit can be given"),
    gettext_noop("give more than nothing"),
    gettext_noop("Waits until it is released at a printer."),
    gettext_noop("Waits until its owner releases it."),  # a job's reason, as it is kept
)


def in_words(error: Exception) -> str:
    """The error's text; one with figures in it, that no catalogue has, stays as it is."""
    if isinstance(error, TooManyAttempts):
        words = gettext("Too many failed attempts to sign in: wait %(seconds)d seconds and try again.")
        return words % {"seconds": error.wait_s}
    return gettext(str(error))
