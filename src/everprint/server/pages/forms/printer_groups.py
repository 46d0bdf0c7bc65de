"""The form for a printer group: its printers, and who operates them."""

from __future__ import annotations

from django import forms

from everprint.contract.user_names import BadUserName
from everprint.server.edits import EditedMeanwhile, fingerprint
from everprint.server.pages.forms.delegates import NamesField
from everprint.server.pages.forms.edit import EditForm
from everprint.server.pages.forms.stations import printer_named
from everprint.server.people.models import Group, User
from everprint.server.people.users import find_user
from everprint.server.printers.models import Printer
from everprint.server.release.models import PrinterGroup
from everprint.server.release.printer_groups import (
    LONGEST_NAME,
    PrinterGroupExists,
    PrinterGroupTerms,
    change_printer_group,
    make_printer_group,
    settable,
)


class PrinterGroupForm(EditForm):
    """A printer group, new or old."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME, help_text="Such as Library.")
    printers = NamesField(
        "Printers", "One a line. Where several Print Providers have a printer of that name: PROVIDER/PRINTER."
    )
    users = NamesField("Users who operate them", "User names, one a line.")
    groups = NamesField("Groups whose members operate them", "Names of groups, one a line.")

    def clean_printers(self) -> list[int]:
        """The ids of the printers that are named."""
        return sorted({printer_named(name).pk for name in self.cleaned_data["printers"]})

    def clean_users(self) -> list[int]:
        """The ids of the users that are named."""
        return sorted({_user(name).pk for name in self.cleaned_data["users"]})

    def clean_groups(self) -> list[int]:
        """The ids of the groups that are named."""
        found = []
        for name in self.cleaned_data["groups"]:
            group = Group.objects.filter(name__iexact=name).first()
            if group is None:
                raise forms.ValidationError(f"There is no group {name}.")
            found.append(group.pk)
        return sorted(set(found))

    def shown(self, name: str, value: object) -> str:
        """Printers, users and groups by name."""
        return ", ".join(_names(name, value)) or "none" if isinstance(value, list) else super().shown(name, value)

    @classmethod
    def shown_for(cls, group: PrinterGroup) -> PrinterGroupForm:
        """The form with what is stored."""
        current = settable(group)
        named = {name: _names(name, value) for name, value in current.items() if isinstance(value, list)}
        return cls(initial={**current, **named, "seen": fingerprint(current)})

    def save(self, group: PrinterGroup | None) -> PrinterGroup | None:
        """Makes or changes the printer group; None, with an error on the form, if it cannot be."""
        said = self.cleaned_data
        terms: PrinterGroupTerms = {
            "name": said["name"], "printers": said["printers"], "users": said["users"], "groups": said["groups"],
        }  # fmt: skip
        try:
            if group is None:
                return make_printer_group(terms)
            return change_printer_group(group.pk, terms, said["seen"])
        except PrinterGroupExists as error:
            self.add_error("name", str(error))
        except EditedMeanwhile as edited:
            self.tell_edited(edited.current)
        return None


def _names(field: str, ids: object) -> list[str]:
    assert isinstance(ids, list)
    if field == "printers":
        printers = Printer.objects.filter(pk__in=ids, is_active=True).select_related("provider")
        return sorted(f"{printer.provider.name}/{printer.name}" for printer in printers)
    model = User if field == "users" else Group
    return sorted(model.objects.filter(pk__in=ids).values_list("name", flat=True))


def _user(name: str) -> User:
    try:
        user = find_user(name)
    except BadUserName as error:
        raise forms.ValidationError(str(error)) from error
    if user is None:
        raise forms.ValidationError(f"There is no user {name}.")
    return user
