"""The form that says who may release somebody's jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from everprint.server.pages.forms.edit import EditForm
from everprint.server.pages.said import sentence
from everprint.server.people.models import User
from everprint.server.release.delegates import BadDelegate, delegates_of, set_delegates

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_LONGEST = 8000


class NamesField(forms.CharField):
    """Names, one a line."""

    def __init__(self, label: str | _StrPromise, help_text: str | _StrPromise) -> None:
        widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none"})
        super().__init__(label=label, help_text=help_text, required=False, max_length=_LONGEST, widget=widget)

    def prepare_value(self, value: object) -> object:
        """The lines that show a list."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: object) -> list[str]:
        """The names that the lines say."""
        text: str = super().clean(value)
        return sorted({name for line in text.splitlines() if (name := " ".join(line.split()))})


class DelegatesForm(EditForm):
    """All delegates of somebody at once."""

    users = NamesField(_("Users"), _("User names, one a line."))
    groups = NamesField(_("Groups"), _("Whoever is in one of them, now or later; their names, one a line."))

    @staticmethod
    def current(owner: User) -> dict[str, object]:
        """What is stored."""
        named = delegates_of(owner)
        return {"users": sorted(named.users), "groups": sorted(named.groups)}

    def save(self, owner: User) -> bool:
        """Stores them; False, with an error on the form, if they cannot be."""
        if self.is_stale(self.current(owner)):
            return False
        try:
            set_delegates(owner, self.cleaned_data["users"], self.cleaned_data["groups"])
        except BadDelegate as error:
            self.add_error(error.field, sentence(error))
            return False
        return True
