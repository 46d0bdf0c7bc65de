"""Printers that are written by name: a field that stays small however many there are, and suggests while one types.

A queue is written as its name, or, where several print servers have one of that name, as PROVIDER/NAME.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse_lazy

from everprint.server.printers.models import Printer

MOST_SUGGESTED = 20
_LONGEST = 100_000
SUGGESTIONS = "printer-names"  # the id of the list of suggestions on the page


class PrintersField(forms.CharField):
    """Printers in use, in the order of their names; `most` of them."""

    def __init__(self, *, most: int | None = None, **options: Any) -> None:  # noqa: ANN401 - Django's own
        asks = {
            "autocomplete": "off",
            "list": SUGGESTIONS,
            "hx-get": reverse_lazy("pages:printer-names"),
            "hx-trigger": "input delay:250ms",
            "hx-target": f"#{SUGGESTIONS}",
            "hx-swap": "innerHTML",
            "hx-sync": "this:replace",
        }
        super().__init__(max_length=_LONGEST, widget=forms.TextInput(attrs=asks), **options)
        self._most = most

    def clean(self, value: object) -> list[Printer]:
        """The printers that are named."""
        found: dict[int, Printer] = {}
        for name in parts(super().clean(value) or ""):
            printer = _named(name)
            found[printer.pk] = printer
        if self._most is not None and len(found) > self._most:
            raise forms.ValidationError("Name one printer only.")
        return sorted(found.values(), key=lambda printer: printer.name)


def in_one_line(printers: Iterable[Printer]) -> str:
    """As they are written into the field."""
    return ", ".join(_written(sorted(printers, key=lambda printer: printer.name)))


def suggestions(typed: str) -> list[str]:
    """What the field may be going to hold: what is there, with the last name made whole."""
    *before, begun = typed.split(",")
    text = begun.strip()[:200]
    kept = [name for name in (part.strip() for part in before) if name]
    if not text:
        return []
    provider, separator, name = text.rpartition("/")
    asked = Q(name__icontains=name)
    if separator:
        asked &= Q(provider__name__icontains=provider)
    found = _in_use().filter(asked).order_by("name", "provider__name")[:MOST_SUGGESTED]
    return [", ".join([*kept, name]) for name in _written(found)]


def parts(text: str) -> list[str]:
    """The names in it."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _in_use() -> QuerySet[Printer]:
    return Printer.objects.filter(is_active=True).select_related("provider")


def _named(text: str) -> Printer:
    provider, _, name = text.rpartition("/")
    asked = _in_use().filter(name=name)
    found = list((asked.filter(provider__name=provider) if provider else asked)[:2])
    if not found:
        raise forms.ValidationError(f"There is no printer {text}.")
    if len(found) > 1:
        several = " or ".join(sorted(f"{one.provider.name}/{name}" for one in found))
        raise forms.ValidationError(f"Several print servers have a printer {name}: write {several}.")
    return found[0]


def _written(printers: Iterable[Printer]) -> Sequence[str]:
    """Each as short as it can be."""
    shown = list(printers)
    same = Counter(_in_use().filter(name__in=[one.name for one in shown]).values_list("name", flat=True))
    return [one.name if same[one.name] < 2 else f"{one.provider.name}/{one.name}" for one in shown]
