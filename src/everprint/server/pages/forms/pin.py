"""The PIN of a job that waits for it."""

from __future__ import annotations

from django import forms

from everprint.contract.job_passwords import LEAST_OCTETS, MOST_OCTETS


class PinForm(forms.Form):
    """Shown beside the job; nothing is filled in again."""

    pin = forms.CharField(
        label="PIN",
        min_length=LEAST_OCTETS,
        max_length=MOST_OCTETS,
        strip=False,
        help_text="The print server compares it and takes five tries in all; then the job can only be cancelled.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
