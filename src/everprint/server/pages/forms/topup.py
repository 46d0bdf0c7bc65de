"""Forms about vouchers and payments."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.pages.forms.money import MoneyField
from everprint.server.pages.said import in_words
from everprint.server.people.attempts import TooManyAttempts
from everprint.server.people.models import User
from everprint.server.settings import CONFIGURATION
from everprint.server.topup.models import Payment, Voucher, VoucherBatch
from everprint.server.topup.payments import BadPayment, begin_payment
from everprint.server.topup.voucher_csv import BadCsv, read_vouchers
from everprint.server.topup.vouchers import DEAREST, MOST, BadVoucher, import_batch, make_batch, use_voucher

_PLAIN = forms.TextInput(attrs={"autocomplete": "off"})


class BatchForm(ProblemForm):
    """New vouchers."""

    name = forms.CharField(label="Name", max_length=100, widget=_PLAIN, help_text="It is printed on each card.")
    count = forms.IntegerField(label="How many", min_value=1, max_value=MOST)
    value = MoneyField(label="Value of each", max_value=DEAREST, help_text=f"In {CONFIGURATION.currency}.")
    expires_on = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="Empty: for ever.",
    )

    def save(self, actor: User) -> VoucherBatch | None:
        """Makes them; None, with an error on the form, if they cannot be."""
        said = self.cleaned_data
        if said["expires_on"] is not None and said["expires_on"] < timezone.localdate():
            self.add_error("expires_on", "This day is over.")
            return None
        try:
            return make_batch(said["name"], said["count"], said["value"], said["expires_on"], actor)
        except BadVoucher as error:
            self.add_error(None, f"{error}.")
            return None


class ImportForm(ProblemForm):
    """Vouchers from a file."""

    name = forms.CharField(label="Name", max_length=100, widget=_PLAIN)
    file = forms.FileField(
        label="CSV file", max_length=200,
        help_text="With the columns code, value and, if they expire, expires; in UTF-8 or UTF-16.",
    )  # fmt: skip

    def save(self, actor: User) -> VoucherBatch | None:
        """Imports all of it or nothing; None, with every wrong line on the form, if it cannot be."""
        file = self.cleaned_data["file"]
        assert isinstance(file, UploadedFile)
        try:
            return import_batch(self.cleaned_data["name"], read_vouchers(file.read()), actor)
        except BadCsv as error:
            for problem in error.problems:
                self.add_error("file", problem)
        except BadVoucher as error:
            self.add_error(None, f"{error}.")
        return None


class UseVoucherForm(ProblemForm):
    """A voucher that somebody uses."""

    code = forms.CharField(
        label=_("Code"),
        max_length=100,
        help_text=_("As it is printed on the card; capitals and dashes do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "autofocus": True}),
    )  # fmt: skip

    def save(self, user: User, address: str) -> Voucher | None:
        """Uses it; None, with an error on the field, if it cannot be."""
        try:
            return use_voucher(user, self.cleaned_data["code"], address)
        except (BadVoucher, TooManyAttempts) as error:
            self.add_error("code", in_words(error))
            return None


class PayForm(ProblemForm):
    """An amount that somebody pays in."""

    amount = MoneyField(
        label=_("Amount"), help_text=format_lazy(_("In {currency}."), currency=CONFIGURATION.currency)
    )

    def save(self, user: User) -> Payment | None:
        """Begins the payment; None, with an error on the field, if it cannot be."""
        try:
            return begin_payment(user, self.cleaned_data["amount"], CONFIGURATION.currency)
        except BadPayment as error:
            self.add_error("amount", f"{in_words(error)}.")
            return None
