"""Forms about release stations: what an administrator sets, and what people give at one."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from everprint.server.database import transact
from everprint.server.edits import fingerprint
from everprint.server.pages.forms.delegates import NamesField
from everprint.server.pages.forms.edit import EditForm
from everprint.server.people.cards import LONGEST_NUMBER
from everprint.server.people.sign_in import LONGEST_PASSWORD
from everprint.server.printers.models import Printer
from everprint.server.release.models import Station
from everprint.server.release.stations import (
    LONGEST_IDLE_S,
    SETTINGS,
    SHORTEST_IDLE_S,
    BadStation,
    MadeStation,
    change_station,
    make_station,
)

_NO_FILLING_IN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class StationForm(EditForm):
    """What a station is."""

    name = forms.CharField(label="Name", max_length=100, help_text="Such as Library, ground floor.")
    printers = NamesField(
        "Printers", "One a line. Where several Print Providers have a printer of that name: PROVIDER/PRINTER."
    )
    by_card = forms.BooleanField(label="People sign in by card", required=False, initial=True)
    by_pin = forms.BooleanField(label="People sign in by name and PIN", required=False, initial=True)
    by_password = forms.BooleanField(label="People sign in by name and password", required=False, initial=True)
    idle_s = forms.IntegerField(
        label="Seconds without a touch until they are signed out",
        initial=60,
        min_value=SHORTEST_IDLE_S,
        max_value=LONGEST_IDLE_S,
    )

    @staticmethod
    def current(station: Station) -> dict[str, object]:
        """What is stored, as the fields show it."""
        printers = station.printers.select_related("provider").order_by("provider__name", "name")
        names = sorted(f"{printer.provider.name}/{printer.name}" for printer in printers)
        return {**{name: getattr(station, name) for name in SETTINGS}, "printers": names}

    def as_stored(self, name: str) -> object:
        """Printers with their Print Providers, as they are stored."""
        if name != "printers":
            return super().as_stored(name)
        return sorted(f"{one.provider.name}/{one.name}" for one in self.cleaned_data.get("printers", ()))

    def clean_printers(self) -> list[Printer]:
        """The printers that are named."""
        return [printer_named(name) for name in self.cleaned_data["printers"]]

    def make(self) -> MadeStation | None:
        """A new station; None, with an error on the form, if it cannot be."""
        try:
            return make_station(self.cleaned_data["printers"], **self._settings())
        except BadStation as error:
            self.add_error(None, f"{str(error).capitalize()}.")
        return None

    def save(self, station_id: int) -> bool:
        """Stores all of it or nothing; False, with an error on the form, if it cannot be."""

        def work() -> bool:
            station = Station.objects.select_for_update().get(pk=station_id)
            if self.is_stale(self.current(station)):
                return False
            change_station(station, self.cleaned_data["printers"], **self._settings())
            return True

        try:
            return transact(work)
        except BadStation as error:
            self.add_error(None, f"{str(error).capitalize()}.")
        return False

    def _settings(self) -> dict[str, object]:
        return {name: self.cleaned_data[name] for name in SETTINGS}

    @classmethod
    def shown_for(cls, station: Station) -> StationForm:
        """The form with what is stored."""
        current = cls.current(station)
        return cls(initial={**current, "seen": fingerprint(current)})


class CardForm(forms.Form):
    """A card as its reader types it, and its PIN where one is wanted."""

    card = forms.CharField(
        label=_("Card"),
        max_length=2 * LONGEST_NUMBER,
        widget=forms.PasswordInput(attrs={**_NO_FILLING_IN, "inputmode": "none"}),
    )
    pin = forms.CharField(
        label=_("PIN of the card"),
        max_length=20,
        required=False,
        widget=forms.PasswordInput(attrs={**_NO_FILLING_IN, "inputmode": "numeric"}),
    )


class NameForm(forms.Form):
    """Name and PIN or password; with the number of an unknown card, that is made theirs."""

    user_name = forms.CharField(label=_("User name"), max_length=512, widget=forms.TextInput(attrs=_NO_FILLING_IN))
    secret = forms.CharField(
        label=_("PIN or password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    card = forms.CharField(
        max_length=2 * LONGEST_NUMBER, required=False, widget=forms.HiddenInput(attrs={"id": "id_unknown_card"})
    )


def printer_named(name: str) -> Printer:
    """The printer, or PROVIDER/PRINTER, that a line of a form names.

    Raises forms.ValidationError.
    """
    provider, _, queue = name.rpartition("/")
    found = Printer.objects.filter(is_active=True, name=queue).select_related("provider")
    if provider:
        found = found.filter(provider__name=provider)
    printers = list(found[:2])
    if not printers:
        raise forms.ValidationError(f"There is no printer {name}.")
    if len(printers) > 1:
        raise forms.ValidationError(f"Several Print Providers have a printer {name}: write PROVIDER/{name}.")
    return printers[0]
