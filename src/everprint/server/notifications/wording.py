"""The words of a notification: fields put into a subject and a text, as plain text and as HTML made from it.

Whoever changes the words names fields in braces and nothing else: no attribute, no format, no code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from string import Formatter

from django.utils import timezone
from django.utils.html import escape

from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.jobs.sentences import Sentence, as_read, in_language
from everprint.server.languages import Language, amount_in, moment_in
from everprint.server.notifications.kinds import FieldKind, Kind, Words
from everprint.server.notifications.models import ChangedWords
from everprint.server.settings import CONFIGURATION

LONGEST_SUBJECT, LONGEST_TEXT = 200, 4_000
_REASONS_GERMAN = {
    "media-empty": "Papier leer",
    "media-needed": "anderes Papier nötig",
    "media-jam": "Papierstau",
    "input-tray-missing": "Papierfach fehlt",
    "output-area-full": "Ausgabefach voll",
    "toner-empty": "Toner leer",
    "marker-supply-empty": "Tinte oder Toner leer",
    "marker-waste-full": "Resttonerbehälter voll",
    "cover-open": "Abdeckung offen",
    "door-open": "Klappe offen",
    "interlock-open": "Klappe offen",
    "paused": "angehalten",
    "shutdown": "ausgeschaltet",
    "offline": "offline",
    "timed-out": "antwortet nicht",
    "spool-area-full": "Speicher voll",
    "fuser-over-temp": "Fixiereinheit zu heiß",
    "stopped": "angehalten",
    "unreachable": "nicht erreichbar",
}


class BadWords(ValueError):
    """Words that cannot be used; the text says why."""


def words_of(kind: Kind, language: Language) -> Words:
    """As somebody wrote them, else our own."""
    changed = ChangedWords.objects.filter(kind=kind.key, language=language.value).first()
    return kind.words[language] if changed is None else Words(changed.subject, changed.text)


def check_words(kind: Kind, words: Words) -> None:
    """Raises BadWords."""
    if not words.subject.strip() or not words.text.strip():
        raise BadWords("a mail has a subject and a text")
    if len(words.subject) > LONGEST_SUBJECT or len(words.text) > LONGEST_TEXT:
        raise BadWords(f"a subject has {LONGEST_SUBJECT} letters at most, and a text {LONGEST_TEXT}")
    if not words.subject.isprintable():
        raise BadWords("a subject is one line")
    for text in (words.subject, words.text):
        _check(kind, text)


def _check(kind: Kind, text: str) -> None:
    fields = ", ".join(f"{{{name}}}" for name in kind.fields)
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise BadWords(f"a brace stands around the name of a field only; there are: {fields}") from None
    for _, name, form, conversion in parts:
        if name is not None and (name not in kind.fields or form or conversion):
            raise BadWords(f"there is no field {{{name}}}; there are: {fields}")


def change_words(kind: Kind, language: Language, words: Words) -> None:
    """The kind reads so in that language from now on.

    Raises BadWords.
    """
    words = Words(words.subject.strip(), "\n".join(words.text.strip().splitlines()))
    check_words(kind, words)

    def work() -> None:
        before = words_of(kind, language)
        values = {"subject": words.subject, "text": words.text}
        ChangedWords.objects.update_or_create(kind=kind.key, language=language.value, defaults=values)
        note(
            "notification.change-words", "notification", {"subject": before.subject, "text": before.text}, values,
            name=f"{kind.key} {language.value}",
        )  # fmt: skip

    transact(work)


def use_own_words(kind: Kind, language: Language) -> None:
    """The kind reads as we wrote it again."""

    def work() -> None:
        if ChangedWords.objects.filter(kind=kind.key, language=language.value).delete()[0]:
            note("notification.use-own-words", "notification", name=f"{kind.key} {language.value}")

    transact(work)


def filled_in(kind: Kind, words: Words, fields: Mapping[str, str], language: Language) -> Words:
    """The words with the fields in their places, as they read in the language."""
    values = {name: _shown(sort, fields.get(name, ""), language) for name, sort in kind.fields.items()}
    subject = " ".join(words.subject.format_map(values).split())
    return Words(subject[:LONGEST_SUBJECT], words.text.format_map(values))


def as_html(text: str) -> str:
    """The text as paragraphs."""
    paragraphs = [escape(part).replace("\n", "<br>\n") for part in re.split(r"\n{2,}", text.strip())]
    return "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs)


def _shown(sort: FieldKind, value: str, language: Language) -> str:
    if sort is FieldKind.MONEY:
        return amount_in(language, Decimal(value), CONFIGURATION.currency, CONFIGURATION.currency_decimals)
    if sort is FieldKind.MOMENT:
        return moment_in(language, timezone.localtime(datetime.fromisoformat(value)))
    if sort is FieldKind.REASONS:
        return ", ".join(_reason(keyword, language) for keyword in value.split())
    kept = as_read(value)
    return in_language(kept, language) if isinstance(kept, Sentence) else value


def _reason(keyword: str, language: Language) -> str:
    from everprint.server.pages.wording import reason

    plain = re.sub("-(error|warning|report)$", "", keyword)
    return _REASONS_GERMAN.get(plain, plain) if language is Language.GERMAN else reason(plain)
