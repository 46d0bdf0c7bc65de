"""Forms that change what is already there: they notice that somebody else changed it meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from django.http import QueryDict

from everprint.server.edits import fingerprint

CHANGED = (
    "Somebody else changed this while you were editing, so nothing of yours was saved. "
    "Save again to replace what they wrote."
)


class ProblemForm(forms.Form):
    """A form whose templates can list the errors by field."""

    @property
    def has_field_errors(self) -> bool:
        """True if an error belongs to a field."""
        return any(name != NON_FIELD_ERRORS for name in self.errors)


class EditForm(ProblemForm):
    """`seen` carries the fingerprint of what the editor saw."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def is_stale(self, current: Mapping[str, object]) -> bool:
        """True, with an error on the form, if the values are not those that the editor saw."""
        if self.cleaned_data.get("seen") == fingerprint(current):
            return False
        self.tell_edited(current)
        return True

    def tell_edited(self, current: Mapping[str, object]) -> None:
        """Puts errors on the form that show what somebody else wrote; sent again, it replaces that."""
        assert isinstance(self.data, QueryDict)
        said = self.data.copy()
        said["seen"] = fingerprint(current)
        self.data = said
        for name, value in current.items():
            if self.as_stored(name) != value:
                self.add_error(name, f"Somebody else's value is: {self.shown(name, value)}")
        self.add_error(None, CHANGED)

    def as_stored(self, name: str) -> object:
        """What the editor wrote into the field, as it would be stored."""
        value = self.cleaned_data.get(name)
        return sorted(value.values_list("pk", flat=True)) if isinstance(value, QuerySet) else value

    def shown(self, name: str, value: object) -> str:
        """A stored value in words."""
        field = self.fields[name]
        choices = dict(getattr(field, "choices", ())) if isinstance(value, str) else {}
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list):
            named = {choice[0]: str(choice[1]) for choice in getattr(field, "choices", ())}
            return ", ".join(named.get(item, str(item)) for item in value) or "none"
        return str(choices.get(value, value)) or "nothing"
