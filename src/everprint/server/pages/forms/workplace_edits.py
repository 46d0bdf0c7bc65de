"""Forms that give a department or an office another name, or make two of them one."""

from __future__ import annotations

from typing import cast

from django import forms

from everprint.server.edits import EditedMeanwhile, fingerprint
from everprint.server.pages.forms.edit import EditForm, ProblemForm
from everprint.server.pages.forms.workplaces import WorkplaceField, Workplaces
from everprint.server.people.workplace_edits import (
    BadWorkplace,
    Workplace,
    WorkplaceExists,
    editable,
    merge_workplaces,
    rename_workplace,
    word_for,
)
from everprint.server.people.workplaces import LONGEST_NAME, in_use


class WorkplaceNameForm(EditForm):
    """Its name."""

    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )

    @classmethod
    def shown_for(cls, workplace: Workplace) -> WorkplaceNameForm:
        """The form with what is stored."""
        return cls(initial={**editable(workplace), "seen": fingerprint(editable(workplace))})

    def save(self, workplace: Workplace) -> Workplace | None:
        """Renames it; None, with an error on the form, if it cannot be."""
        try:
            return rename_workplace(workplace, self.cleaned_data["name"], self.cleaned_data["seen"])
        except EditedMeanwhile as edited:
            self.tell_edited(edited.current)
        except (WorkplaceExists, BadWorkplace) as error:
            self.add_error("name", str(error))
        return None


class WorkplaceMergeForm(ProblemForm):
    """Which other one it is."""

    def __init__(self, workplace: Workplace, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type] # a request's
        self._workplace = workplace
        others = cast("Workplaces", in_use(type(workplace)).exclude(pk=workplace.pk))  # type: ignore[type-var] # of two
        self.fields["into"] = WorkplaceField(others, label="Into", help_text=f"The {self._word} that stays.")
        self.fields["into"].required = True

    @property
    def _word(self) -> str:
        return word_for(type(self._workplace))

    def save(self) -> Workplace | None:
        """Merges it; None, with an error on the field, if it cannot be."""
        name = self.cleaned_data["into"]
        into = type(self._workplace)._default_manager.filter(name__iexact=" ".join(name.split())).first()
        if into is None:
            self.add_error("into", f"There is no {self._word} called {name}.")
            return None
        try:
            return merge_workplaces(self._workplace, into)
        except BadWorkplace as error:
            self.add_error("into", str(error))
            return None
