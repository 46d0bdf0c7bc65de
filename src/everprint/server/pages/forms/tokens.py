"""The form for a new API token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from everprint.server.access.permissions import Permission
from everprint.server.access.wording import WORDS
from everprint.server.api.tokens import NewToken, TokenNameTaken, make_token
from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.people.models import User

LIFETIMES = [("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Until it is revoked")]


class NewTokenForm(ProblemForm):
    """A token with some of the maker's permissions."""

    name = forms.CharField(
        label="Name",
        max_length=100,
        help_text="Which program uses it, and where: you will look for this name when you revoke it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    permissions = forms.MultipleChoiceField(
        label="What it may do", widget=forms.CheckboxSelectMultiple, help_text="Give it no more than it needs."
    )
    days = forms.ChoiceField(label="Good for", choices=LIFETIMES, initial="365", required=False)

    def __init__(self, owner: User, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*arguments, **options)
        self._owner = owner
        choices = [(permission.value, WORDS[permission]) for permission in Permission if owner.may(permission)]
        self.fields["permissions"].choices = choices  # type: ignore[attr-defined] # a MultipleChoiceField has it

    def create(self) -> NewToken | None:
        """The new token; None, with an error on the field, if the name is taken."""
        said = self.cleaned_data
        expires_at = timezone.now() + timedelta(days=int(said["days"])) if said["days"] else None
        permissions = [Permission(value) for value in said["permissions"]]
        try:
            return make_token(self._owner, said["name"], permissions, expires_at)
        except TokenNameTaken as error:
            self.add_error("name", str(error))
        return None
