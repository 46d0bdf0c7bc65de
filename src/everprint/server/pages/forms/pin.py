"""The PIN of a job that waits for it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from everprint.contract.job_passwords import LEAST_OCTETS, MOST_OCTETS


class PinForm(forms.Form):
    """Shown beside the job; nothing is filled in again."""

    pin = forms.CharField(
        label=gettext_lazy("PIN"),
        min_length=LEAST_OCTETS,
        max_length=MOST_OCTETS,
        strip=False,
        help_text=gettext_lazy(
            "The print server compares it and takes five tries in all; then the job can only be cancelled."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
