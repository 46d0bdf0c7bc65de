"""What a job's time line says, and why it is held or refused: kept as a kind and its facts, so that each reader gets
it in their language.

In memory it is English text that knows its kind; in the database it is a mark, the kind, and the facts, each behind a
separator. A text without the mark is somebody's own words, a provider's, or of an earlier release: it stays as it is.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import translation
from django.utils.translation import gettext

from everprint.server.accounts.money import plain
from everprint.server.jobs.others_words import in_active_language
from everprint.server.jobs.text import kept
from everprint.server.languages import Language, amount_in
from everprint.server.languages import marked as _
from everprint.server.settings import CONFIGURATION

_MARK, _SEPARATOR = "\x1e", "\x1f"  # kept() lets neither into a fact
_LONGEST, _LONGEST_FACT = 500, 200
_NAMES = re.compile(r"%\((\w+)\)s")
AMOUNTS = frozenset({"cost", "left", "amount", "charged"})  # facts that are money
WORDS = frozenset({"confidence", "why"})  # facts that are words of ours, or of print servers

# A kind is kept for ever, with the facts of its words in their order; its words may change.
KINDS = {
    "reserved": _("%(cost)s reserved on %(account)s"),
    "reserved-alone": _("without the Application Server; %(cost)s reserved on %(account)s"),
    "reserved-short": _(
        "without the Application Server; %(amount)s reserved on %(account)s, which has no more; "
        "the job costs %(cost)s"
    ),
    "for-stranger": _("without the Application Server, for %(name)s, who is not known here"),
    "given-to": _("to %(queue)s of another print server, by %(name)s"),
    "taken-from": _("from %(provider)s, for %(queue)s"),
    "not-redirected": _("to %(queue)s: %(why)s"),
    "charge-to": _("to be charged to %(account)s"),
    "redirect-to": _("redirection to %(printer)s ordered"),
    "release-at": _("release at %(printer)s ordered"),
    "given-back": _("%(amount)s of %(charged)s given back"),
    "printed-again": _("as job %(job)s, by %(name)s"),
    "found": _("%(language)s, %(pages)s pages, %(confidence)s"),
    "to-device": _("to %(device)s"),
    "device-job": _("the printer's job %(number)s"),
    "too-little": _("This job costs %(cost)s, and %(left)s can be spent. Add credit and print it again."),
    "too-little-held": _("This job costs %(cost)s, and %(left)s can be spent. Add credit, then release it again."),
    "too-little-waits": _(
        "This job costs %(cost)s, and %(left)s can be spent. "
        "It waits, and is printed by itself as soon as there is credit for it."
    ),
    "account-closed": _("The account %(account)s is closed."),
    "user-closed": _("The account of %(name)s is closed."),
    "sign-in-needed": _("The queue %(queue)s needs your name and password."),
    "not-known": _("%(name)s is not known here. Ask the print administrator for an account."),
    "not-open": _("The job names the account %(account)s, to which %(name)s may not charge."),
    "comment-needed": _("Say on the job's page what it is for: %(account)s needs a comment."),
}

if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
else:
    _CharField = models.CharField


class Sentence(str):
    """English text with its kind and the facts in it, by name."""

    kind: str
    facts: dict[str, str]

    def __new__(cls, kind: str, facts: dict[str, str]) -> Sentence:
        made = super().__new__(cls, KINDS[kind] % _shown(facts, Language.ENGLISH))
        made.kind, made.facts = kind, facts
        return made

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, dict[str, str]]]:
        return Sentence, (self.kind, self.facts)


class SentenceField(_CharField):
    """A column of sentences. To the database it is a text as before: no migration knows of it."""

    def get_prep_value(self, value: Any) -> Any:  # noqa: ANN401 - Django's own
        """As it is kept."""
        return as_stored(value) if isinstance(value, str) else super().get_prep_value(value)

    def from_db_value(self, value: str | None, expression: object, connection: BaseDatabaseWrapper) -> str | None:
        """As it is read."""
        return None if value is None else as_read(value)

    def deconstruct(self) -> Any:  # noqa: ANN401 - Django's own
        """What a migration writes down."""
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options


def said(kind: str, **facts: object) -> str:
    """The sentence of that kind; plain English if it is too long to be kept with its facts."""
    sentence = Sentence(kind, {name: _fact(fact) for name, fact in facts.items()})
    return sentence if len(as_stored(sentence)) <= _LONGEST else str(sentence)[:_LONGEST]


def as_sentence(text: str) -> str:
    """The text as a column can keep it."""
    return text if isinstance(text, Sentence) else kept(text, _LONGEST)


def as_stored(text: str) -> str:
    """What the database keeps of it."""
    if not isinstance(text, Sentence):
        return text
    return _MARK + _SEPARATOR.join([text.kind, *(text.facts[name] for name in _NAMES.findall(KINDS[text.kind]))])


def as_read(text: str) -> str:
    """The sentence that is kept so; a text that is none stays, and of one that a newer release kept the facts do."""
    if not text.startswith(_MARK):
        return text
    kind, *facts = text[1:].split(_SEPARATOR)
    names = _NAMES.findall(KINDS.get(kind, ""))
    return (
        Sentence(kind, dict(zip(names, facts, strict=True)))
        if names and len(names) == len(facts)
        else " ".join(facts)
    )


def in_language(text: str, language: Language) -> str:
    """What is kept of a job, for a reader; a text that is no sentence of ours is said as it is."""
    if not text or language is Language.ENGLISH:
        return text
    with translation.override(language.value):
        if not isinstance(text, Sentence):
            return in_active_language(text)
        facts = _shown(text.facts, language)
        facts |= {name: in_active_language(facts[name]) for name in WORDS & facts.keys()}
        return gettext(KINDS[text.kind]) % facts


def known_or(before: str, text: str) -> str:
    """The sentence, if that is what it says: others repeat us in English and know no facts."""
    return before if str(before) == text else text


def _shown(facts: dict[str, str], language: Language) -> dict[str, str]:
    currency, decimals = CONFIGURATION.currency, CONFIGURATION.currency_decimals
    return {
        name: amount_in(language, Decimal(fact), currency, decimals) if name in AMOUNTS else fact
        for name, fact in facts.items()
    }


def _fact(fact: object) -> str:
    return plain(fact) if isinstance(fact, Decimal) else kept(str(fact), _LONGEST_FACT)
