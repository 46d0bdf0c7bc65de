"""What went wrong, in the reader's language: the sentences of our errors that people meet on their own pages."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext, gettext_noop

from everprint.contract.job_life import JobState
from everprint.server.jobs.sentences import in_language
from everprint.server.languages import Worded, amount_in
from everprint.server.pages.language import active_language
from everprint.server.pages.wording import JOB_STATES
from everprint.server.people.attempts import TooManyAttempts
from everprint.server.settings import CONFIGURATION

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
    gettext_noop("this station does not take cards"),
    gettext_noop("this station takes cards only"),
    gettext_noop("cards are not made known at this station"),
    gettext_noop("this card needs its PIN"),
    gettext_noop("this is not the PIN of the card"),
    gettext_noop("this card has no PIN yet: sign in with name and password and set one"),
    gettext_noop("name or PIN is wrong"),
    gettext_noop("name or password is wrong"),
    gettext_noop("Choose the account that this job is charged to, on its page."),
    gettext_noop("Waits until it is released at a printer."),
    gettext_noop("Waits until its owner releases it."),  # a job's reason, as it is kept
    # What else is kept of jobs without a fact in it, of ours and of print servers.
    gettext_noop("release ordered"),
    gettext_noop("hold ordered"),
    gettext_noop("cancel ordered"),
    gettext_noop("to be printed again"),
    gettext_noop("release: there may be credit now"),
    gettext_noop("without the Application Server, for nobody"),
    gettext_noop("its pages cannot be counted"),
    gettext_noop("This document has no pages to print."),
    gettext_noop("It is one-sided, and you may print on both sides only."),
)


def in_words(error: Exception) -> str:
    """The error's text; one with figures in it stays as it is, unless they are told apart from its words."""
    if isinstance(error, TooManyAttempts):
        words = gettext("Too many failed attempts to sign in: wait %(seconds)d seconds and try again.")
        return words % {"seconds": error.wait_s}
    if isinstance(error, Worded):
        words = gettext(error.words)
        return words % {key: _value(value) for key, value in error.values.items()} if error.values else words
    return gettext(str(error))


def sentence_in_words(text: str) -> str:
    """What is kept of a job (jobs.sentences), in the reader's language; others' own words as they are."""
    return in_language(text, active_language())


def sentence(error: Exception) -> str:
    """The same, as a sentence of its own."""
    text = in_words(error)
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"


def _value(value: object) -> object:
    if isinstance(value, Decimal):
        return amount_in(active_language(), value, CONFIGURATION.currency, CONFIGURATION.currency_decimals)
    return gettext(JOB_STATES[value].text) if isinstance(value, JobState) else value
