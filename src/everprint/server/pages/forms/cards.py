"""Forms about cards and PINs: what is typed is never shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from everprint.server.database import transact
from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.pages.said import in_words
from everprint.server.people.cards import (
    LONGEST_NUMBER,
    LONGEST_PIN,
    PLACES,
    SHORTEST_PIN,
    BadCard,
    add_own_card,
    set_card,
    set_pin,
)
from everprint.server.people.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_NO_FILLING_IN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def _number(label: StrOrPromise, help_text: StrOrPromise, *, required: bool = False) -> forms.CharField:
    widget = forms.PasswordInput(attrs=_NO_FILLING_IN)
    return forms.CharField(
        label=label, max_length=2 * LONGEST_NUMBER, required=required, widget=widget, help_text=help_text
    )


def _pin(*, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=_("PIN"),
        max_length=LONGEST_PIN,
        required=required,
        widget=forms.PasswordInput(attrs={**_NO_FILLING_IN, "inputmode": "numeric"}),
        help_text=format_lazy(
            _("{least} to {most} digits. Empty: it stays as it is."), least=SHORTEST_PIN, most=LONGEST_PIN
        ),
    )


class UserCardsForm(ProblemForm):
    """Both cards and the PIN of somebody; what is left empty stays."""

    card_1 = _number("Card 1", "Hold the card to a reader, or type its number.")
    no_card_1 = forms.BooleanField(label="Take card 1 away", required=False)
    card_2 = _number("Card 2", "A second one, for a key fob or a new card beside the old.")
    no_card_2 = forms.BooleanField(label="Take card 2 away", required=False)
    pin = _pin()
    no_pin = forms.BooleanField(label="Remove the PIN", required=False)

    def __init__(self, *args: Any, user: User, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **options)
        self.user = user
        there = {card.place for card in user.cards.all()}
        for place in PLACES:
            state = "There is one." if place in there else "There is none."
            self.fields[f"card_{place}"].help_text = f"{state} {self.fields[f'card_{place}'].help_text}"
            if place not in there:
                del self.fields[f"no_card_{place}"]
        if not user.pin_digest:
            del self.fields["no_pin"]

    def save(self) -> bool:
        """Stores all of it or nothing; False, with an error on the field, if it cannot be."""
        said = self.cleaned_data
        field = ""

        def work() -> None:
            nonlocal field
            for place in PLACES:
                field = f"card_{place}"
                if said.get(f"no_{field}"):
                    set_card(self.user, place, None)
            for place in PLACES:
                field = f"card_{place}"
                if said[field]:
                    set_card(self.user, place, said[field])
            field = "pin"
            if said["pin"] or said.get("no_pin"):
                set_pin(self.user, said["pin"] or None)

        try:
            transact(work)
        except BadCard as error:
            self.add_error(field, f"This cannot be: {error}.")
            return False
        return True


class OwnCardForm(ProblemForm):
    """A card that its holder has at hand, or a PIN for all their cards."""

    card = _number(_("New card"), _("Hold the card to the reader, or type its number."))
    pin = _pin()

    def __init__(self, *args: Any, user: User, with_card: bool, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **options)
        self.user = user
        if not with_card:
            del self.fields["card"]

    def save(self) -> bool:
        """Stores both or nothing; False, with an error on the field, if it cannot be."""
        said = self.cleaned_data
        field = "card"

        def work() -> None:
            nonlocal field
            field = "card"
            if said.get("card"):
                add_own_card(self.user, said["card"])
            field = "pin"
            if said["pin"]:
                set_pin(self.user, said["pin"])

        try:
            transact(work)
        except BadCard as error:
            self.add_error(field, gettext("This cannot be: %(why)s.") % {"why": in_words(error)})
            return False
        return True
