"""Forms about transfers and refunds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from everprint.contract.user_names import BadUserName
from everprint.server.accounts.holders import new_key
from everprint.server.accounts.ledger import KeyReused
from everprint.server.accounts.transfers import BadTransfer, transfer
from everprint.server.jobs.models import Job
from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.pages.forms.money import MoneyField
from everprint.server.pages.said import in_words
from everprint.server.people.models import User
from everprint.server.people.users import find_user
from everprint.server.refunds.models import RefundRequest
from everprint.server.refunds.requests import (
    BadRefund,
    ask_refund,
    deny_refund,
    grant_refund,
    refundable,
)
from everprint.server.settings import CONFIGURATION


class TransferForm(ProblemForm):
    """Credit for somebody else; `key` makes it happen once, however often the form is sent."""

    user = forms.CharField(label=_("To"), max_length=512, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    amount = MoneyField(
        label=_("Amount"), help_text=format_lazy(_("In {currency}."), currency=CONFIGURATION.currency)
    )
    comment = forms.CharField(label=_("Comment"), required=False, max_length=300, help_text=_("Both of you read it."))
    key = forms.CharField(widget=forms.HiddenInput, max_length=100)

    @staticmethod
    def fresh_key() -> str:
        """The key of a form that was not sent yet."""
        return new_key("page-transfer")

    def save(self, giver: User) -> bool:
        """Gives it; False, with an error on the form, if it cannot be."""
        said = self.cleaned_data
        if not said["key"].startswith("page-transfer:"):
            self.add_error(None, _("This form is broken: reload the page."))
            return False
        try:
            transfer(giver, find_user(said["user"]), said["amount"], said["comment"], f"{said['key']}:{giver.pk}")
        except BadTransfer as error:
            self.add_error(error.field, f"{in_words(error)}.")
        except BadUserName as error:
            self.add_error("user", str(error))
        except KeyReused:
            self.add_error(
                None,
                _(
                    "This form was sent before with another amount or to somebody else: see the statement, then "
                    "reload."
                ),
            )
        else:
            return True
        return False


class AskRefundForm(ProblemForm):
    """A request for money back."""

    amount = MoneyField(label=_("Amount"))
    reason = forms.CharField(
        label=_("Why"), max_length=500, help_text=_("An operator decides by it: a jam, an empty cartridge, stripes.")
    )

    def __init__(self, *args: Any, job: Job, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **options)
        self.job = job
        self.fields["amount"].initial = refundable(job)

    def save(self, actor: User) -> RefundRequest | None:
        """Asks; None, with an error on the form, if it cannot be."""
        try:
            return ask_refund(self.job, actor, self.cleaned_data["amount"], self.cleaned_data["reason"])
        except BadRefund as error:
            self.add_error("amount", f"{in_words(error)}.")
            return None


class DecideRefundForm(ProblemForm):
    """What an operator says to a request."""

    amount = MoneyField(label="Give back", required=False)
    answer = forms.CharField(label="Answer", required=False, max_length=500, help_text="Who asked reads it.")
    verdict = forms.ChoiceField(
        label="Decision", choices=[("grant", "Give it back"), ("deny", "Give nothing back")], initial="grant"
    )

    def save(self, request: RefundRequest, actor: User) -> bool:
        """Decides; False, with an error on the form, if it cannot be."""
        said = self.cleaned_data
        try:
            if said["verdict"] == "deny":
                deny_refund(request, actor, said["answer"])
            else:
                amount = request.amount if said["amount"] is None else said["amount"]
                grant_refund(request, actor, amount, said["answer"])
        except BadRefund as error:
            self.add_error("answer" if said["verdict"] == "deny" else "amount", f"{error}.")
            return False
        return True
