"""The form for a role of this installation's own."""

from __future__ import annotations

from typing import Any

from django import forms

from everprint.contract.user_names import BadUserName
from everprint.server.access.permissions import Permission
from everprint.server.access.wording import WORDS
from everprint.server.edits import EditedMeanwhile
from everprint.server.pages.forms.edit import EditForm
from everprint.server.people.models import Group, OwnRole, User
from everprint.server.people.roles import (
    LONGEST_NAME,
    RoleExists,
    RoleTerms,
    change_role_terms,
    create_role,
    settable,
)
from everprint.server.people.users import find_user


class RoleForm(EditForm):
    """A role's name, what it may, and who has it. Offers the permissions that the editor has."""

    name = forms.CharField(
        label="Name", max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    permissions = forms.MultipleChoiceField(label="What it may do", widget=forms.CheckboxSelectMultiple)
    groups = forms.ModelMultipleChoiceField(
        label="Groups whose members have it",
        queryset=Group.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    users = forms.CharField(
        label="Users who have it themselves",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="User names, one a line.",
    )

    def __init__(self, editor: User, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*arguments, **options)
        choices = [(permission.value, WORDS[permission]) for permission in Permission if editor.may(permission)]
        self.fields["permissions"].choices = choices  # type: ignore[attr-defined] # a MultipleChoiceField has it

    @staticmethod
    def current(role: OwnRole) -> dict[str, object]:
        """What is stored, as the fields show it."""
        names = sorted(role.users.values_list("name", flat=True))
        return {**settable(role), "users": "\n".join(names)}

    def as_stored(self, name: str) -> object:
        """The same for permissions in whatever order they were sent."""
        value = super().as_stored(name)
        return sorted(value) if name == "permissions" and isinstance(value, list) else value

    def shown(self, name: str, value: object) -> str:
        """Users by name."""
        if name == "users" and isinstance(value, list):
            return ", ".join(User.objects.filter(pk__in=value).values_list("name", flat=True)) or "none"
        return super().shown(name, value)

    def clean_users(self) -> list[int]:
        """The ids of the users that are named."""
        found = []
        for line in self.cleaned_data["users"].splitlines():
            if not line.strip():
                continue
            try:
                user = find_user(line.strip())
            except BadUserName as error:
                raise forms.ValidationError(str(error)) from error
            if user is None:
                raise forms.ValidationError(f"There is no user called {line.strip()}.")
            found.append(user.pk)
        return sorted(set(found))

    def save(self, role: OwnRole | None) -> OwnRole | None:
        """Makes or changes the role; None, with an error on the form, if it cannot be."""
        said = self.cleaned_data
        terms: RoleTerms = {
            "name": said["name"],
            "permissions": [Permission(value) for value in said["permissions"]],
            "users": said["users"],
            "groups": [group.pk for group in said["groups"]],
        }
        try:
            return create_role(terms) if role is None else change_role_terms(role.pk, terms, said["seen"])
        except RoleExists as error:
            self.add_error("name", str(error))
        except EditedMeanwhile as edited:
            self.tell_edited(edited.current)
        return None
