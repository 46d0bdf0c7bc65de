"""The languages that people are written to in, and how money, numbers and moments read in each. Exact: no float."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from everprint.contract.amounts import NO_BREAK_SPACE, SYMBOLS, format_amount


class Language(StrEnum):
    """By its ISO 639-1 code."""

    ENGLISH = "en"
    GERMAN = "de"


NAMES = {Language.ENGLISH: "English", Language.GERMAN: "Deutsch"}
_GERMAN_SEPARATORS = str.maketrans(",.", ".,")


def marked(text: str) -> str:
    """The text itself: imported as `_`, it marks what is to be in the catalogue and is translated where it is shown.
    Unlike Django's own mark it needs no settings."""
    return text


class Worded(Exception):
    """An error whose sentence can be said in another language: words with named places (%(job)s), and what is put
    there.
    """

    def __init__(self, words: str, **values: object) -> None:
        super().__init__(words % values if values else words)
        self.words = words
        self.values = values


def language_named(code: str) -> Language:
    """The language with that code, as of a region too (de-AT); English for one that we do not speak."""
    primary = code.partition("-")[0].lower()
    return next((language for language in Language if language.value == primary), Language.ENGLISH)


def amount_in(language: Language, amount: Decimal, currency: str, decimals: int) -> str:
    """Money: €1,234.50 in English, 1.234,50 € in German (DIN 5008: behind the number, with a space that stays)."""
    english = format_amount(amount, currency, decimals)
    if language is Language.ENGLISH:
        return english
    symbol = SYMBOLS.get(currency) or currency
    digits = english.replace(symbol, "").replace(NO_BREAK_SPACE, "").translate(_GERMAN_SEPARATORS)
    return f"{digits}{NO_BREAK_SPACE}{symbol}"


def number_in(language: Language, number: int) -> str:
    """A count with its thousands apart."""
    english = f"{number:,}"
    return english if language is Language.ENGLISH else english.translate(_GERMAN_SEPARATORS)


def moment_in(language: Language, local: datetime) -> str:
    """A moment in the reader's zone, whole."""
    if language is Language.ENGLISH:
        return f"{local:%Y-%m-%d %H:%M}"
    return f"{local:%d.%m.%Y %H:%M}"
