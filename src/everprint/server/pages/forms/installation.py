"""The installation's settings as one form, made from their declaration; and the form of a purse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from django import forms

from everprint.server.accounts.models import Purse
from everprint.server.accounts.purses import BadPurse, add_purse, change_purse
from everprint.server.database import transact
from everprint.server.installation.settings import (
    MOST_DAYS,
    BadSetting,
    InstallationSettings,
    change_settings,
    lock_settings,
    read_settings,
)
from everprint.server.languages import NAMES, Language
from everprint.server.pages.forms.edit import EditForm
from everprint.server.pages.forms.money import MoneyField


class SettingsForm(EditForm):
    """Every setting."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **options)
        for key, hint in get_type_hints(InstallationSettings, include_extras=True).items():
            self.fields[key] = _field(*get_args(hint))

    @staticmethod
    def current() -> dict[str, object]:
        """What holds now."""
        return msgspec.structs.asdict(read_settings())

    def save(self) -> bool:
        """Stores all of them or none; False, with an error on the form, if it cannot be."""

        def work() -> bool:
            lock_settings()
            if self.is_stale(self.current()):
                return False
            change_settings({key: self.cleaned_data[key] for key in self.current()})
            return True

        try:
            return transact(work)
        except BadSetting as error:
            self.add_error(error.key, error.message)
            return False


def _field(kind: Any, meta: msgspec.Meta) -> forms.Field:  # noqa: ANN401 - a type hint
    words: dict[str, Any] = {"label": meta.title, "help_text": f"{meta.description}."}
    if kind is bool:
        return forms.BooleanField(required=False, **words)
    if kind is Decimal:
        return MoneyField(min_value=0, **words)
    if kind is int:
        return forms.IntegerField(min_value=0, max_value=MOST_DAYS if meta.le is None else int(meta.le), **words)
    if get_origin(kind) is Literal:
        return forms.ChoiceField(choices=[(code, NAMES[Language(code)]) for code in get_args(kind)], **words)
    raise TypeError(f"no field for a setting of the type {kind}")


class PurseForm(EditForm):
    """A purse, new or old."""

    name = forms.CharField(
        label="Name",
        max_length=100,
        help_text="What people see beside their balance, for example Free quota.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    position = forms.IntegerField(
        label="Order of charging",
        min_value=-1000,
        max_value=1000,
        initial=0,
        help_text="Purses are charged from the lowest number to the highest. The balance itself has 100.",
    )
    is_active = forms.BooleanField(
        label="In use", required=False, initial=True, help_text="Jobs are charged to it, and it can be filled."
    )

    @staticmethod
    def current(purse: Purse) -> dict[str, object]:
        """What is stored."""
        return {"name": purse.name, "position": purse.position, "is_active": purse.is_active}

    def save(self, purse_id: int | None) -> Purse | None:
        """Stores it; None, with an error on the form, if it cannot be."""
        said = self.cleaned_data

        def work() -> Purse | None:
            if purse_id is None:
                return add_purse(said["name"], said["position"])
            purse = Purse.objects.select_for_update().get(pk=purse_id)
            if self.is_stale(self.current(purse)):
                return None
            return change_purse(purse, said["name"], said["position"], is_active=said["is_active"])

        try:
            return transact(work)
        except BadPurse as error:
            self.add_error("name", str(error))
            return None
