"""Forms about who somebody is: another name, two users who are one, and taking away who somebody was."""

from __future__ import annotations

from typing import Any

from django import forms

from everprint.contract.user_names import BadUserName
from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.people.authority import BeyondOwn
from everprint.server.people.merging import BadMerge, merge_users
from everprint.server.people.models import User
from everprint.server.people.redaction import BadRedaction, redact_user
from everprint.server.people.renaming import rename_user
from everprint.server.people.users import LastAdministrator, UserExists, find_user


def _name(label: str, help_text: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"})
    return forms.CharField(label=label, max_length=512, help_text=help_text, widget=widget)


class RenameForm(ProblemForm):
    """Another name."""

    name = _name("New user name", "What they sign in with and print as from now on.")

    def save(self, user: User) -> User | None:
        """The user with the new name; None, with an error on the field, if they cannot have it."""
        try:
            return rename_user(user.pk, self.cleaned_data["name"])
        except (BadUserName, UserExists) as error:
            self.add_error("name", f"This cannot be: {error}.")
            return None


class _OnceForm(ProblemForm):
    """What cannot be undone: the name of who it is about is typed."""

    confirmation = _name("User name, to confirm", "Type the name of the user whom this page is about.")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **options)
        self.user = user

    def clean_confirmation(self) -> str:
        """It is that name."""
        said: str = self.cleaned_data["confirmation"]
        if said != self.user.name:
            raise forms.ValidationError(f"This is not {self.user.name}.")
        return said


class MergeForm(_OnceForm):
    """Whose all shall be."""

    into = _name("Merge into", "The user name of the one who stays.")
    field_order = ("into", "confirmation")

    def clean_into(self) -> User:
        """There is a user of that name."""
        try:
            found = find_user(self.cleaned_data["into"])
        except BadUserName:
            found = None
        if found is None:
            raise forms.ValidationError("There is no user of this name.")
        return found

    def save(self) -> User | None:
        """Whoever is both now; None, with an error on the field, if they cannot be merged."""
        try:
            return merge_users(self.user.pk, self.cleaned_data["into"].pk)
        except (BadMerge, BeyondOwn, LastAdministrator) as error:
            self.add_error("into", f"This cannot be: {error}.")
            return None


class RedactForm(_OnceForm):
    """Takes away who somebody was."""

    def save(self) -> User | None:
        """The user as they are then; None, with an error on the field, if it cannot be."""
        try:
            return redact_user(self.user.pk)
        except (BadRedaction, LastAdministrator) as error:
            self.add_error("confirmation", f"This cannot be: {error}.")
            return None
