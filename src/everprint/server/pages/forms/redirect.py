"""The form that sends waiting jobs to another printer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.printers.models import Printer


class RedirectForm(ProblemForm):
    """Where to."""

    target = forms.ModelChoiceField(
        label="To",
        queryset=Printer.objects.none(),
        empty_label=None,
        help_text="With its Print Provider. What is printed is counted and priced anew for it.",
    )

    def __init__(self, targets: QuerySet[Printer], *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Django's
        super().__init__(*arguments, **options)
        target = self.fields["target"]
        target.queryset = targets  # type: ignore[attr-defined] # a ModelChoiceField has both
        target.label_from_instance = _name  # type: ignore[attr-defined]


def _name(printer: Printer) -> str:
    """With its provider: two of them may have queues of the same name."""
    return f"{printer.name} ({printer.provider.name})"
