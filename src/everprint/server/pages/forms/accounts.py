"""Forms about shared accounts, how the account is selected, and the account of one job."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from everprint.contract.selection import SelectionMode
from everprint.server.accounts.holders import BelowFloor
from everprint.server.charging.choice import BadChoice, always_charged_to, choose_account
from everprint.server.charging.models import AccountSelection, CommentOption, InvoiceOption, SharedAccount
from everprint.server.charging.selection import select_for
from everprint.server.charging.shared import (
    BadSharedAccount,
    SharedTerms,
    accounts_open_to,
    add_shared_account,
    change_shared_account,
    find_shared,
    people_named,
    set_pin,
)
from everprint.server.database import transact
from everprint.server.jobs.models import Job
from everprint.server.pages.forms.edit import EditForm, ProblemForm
from everprint.server.pages.forms.money import MoneyField
from everprint.server.pages.said import in_words, sentence
from everprint.server.people.attempts import TooManyAttempts
from everprint.server.people.models import Group, User
from everprint.server.printers.models import Printer
from everprint.server.settings import CONFIGURATION

MOST_OFFERED = 500
COMMENTS = [
    (CommentOption.NONE.value, "are not asked for"),
    (CommentOption.OPTIONAL.value, "may be given"),
    (CommentOption.REQUIRED.value, "must be given"),
]
INVOICES = [
    (InvoiceOption.ALWAYS.value, "always"),
    (InvoiceOption.NEVER.value, "never"),
    (InvoiceOption.CHOICE_ON.value, "the person says; yes unless they say no"),
    (InvoiceOption.CHOICE_OFF.value, "the person says; no unless they say yes"),
]
MODES = [
    ("", "Not set here"),
    (SelectionMode.PERSONAL.value, "Always the person's own account"),
    (SelectionMode.SHARED.value, "Always one shared account"),
    (SelectionMode.CHOOSE.value, "The person chooses for each job"),
    (SelectionMode.ATTRIBUTE.value, "What the job names, else the person's own account"),
]
_PLAIN = forms.TextInput(attrs={"autocomplete": "off"})


class SharedAccountForm(EditForm):
    """A shared account, new or old."""

    name = forms.CharField(
        label="Name", max_length=201, widget=_PLAIN,
        help_text=r"For example Physics, or Physics\Laboratory for a sub-account of Physics.",
    )  # fmt: skip
    restricted = forms.BooleanField(
        label="Restricted", required=False, initial=True,
        help_text="A job that costs more than the balance and the overdraft is refused.",
    )  # fmt: skip
    overdraft = MoneyField(
        label="Overdraft", initial=Decimal("0.00"), min_value=0,
        help_text=f"How far below zero a restricted balance may fall, in {CONFIGURATION.currency}.",
    )  # fmt: skip
    is_active = forms.BooleanField(
        label="Open", required=False, initial=True, help_text="Jobs can be charged to it, and to its sub-accounts."
    )
    for_everybody = forms.BooleanField(label="Everybody may charge to it", required=False)
    as_parent = forms.BooleanField(
        label="Who may charge to the account above may charge to this one", required=False, initial=True
    )
    users = forms.CharField(
        label="Users who may charge to it", required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}), help_text="User names, one a line.",
    )  # fmt: skip
    groups = forms.ModelMultipleChoiceField(
        label="Groups whose members may charge to it", queryset=Group.objects.all(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    comment_option = forms.ChoiceField(
        label="Comments", choices=COMMENTS, initial=CommentOption.OPTIONAL.value,
        help_text="Whether who charges a job to it says what for.",
    )  # fmt: skip
    invoice_option = forms.ChoiceField(label="Invoice", choices=INVOICES, initial=InvoiceOption.ALWAYS.value)
    notes = forms.CharField(label="Notes", required=False, max_length=500, widget=_PLAIN)

    @staticmethod
    def current(shared: SharedAccount) -> dict[str, object]:
        """What is stored."""
        return {
            "name": shared.account.name,
            "restricted": shared.account.restricted,
            "overdraft": shared.account.overdraft,
            "is_active": shared.account.is_active,
            "for_everybody": shared.for_everybody,
            "as_parent": shared.as_parent,
            "users": "\n".join(shared.access_users.order_by("name").values_list("name", flat=True)),
            "groups": sorted(shared.access_groups.values_list("pk", flat=True)),
            "comment_option": shared.comment_option,
            "invoice_option": shared.invoice_option,
            "notes": shared.notes,
        }

    def as_stored(self, name: str) -> object:
        """Lines end as the database has them."""
        value = super().as_stored(name)
        return "\n".join(value.split()) if name == "users" and isinstance(value, str) else value

    def save(self, account_id: int | None) -> SharedAccount | None:
        """Stores it; None, with an error on the form, if it cannot be."""
        said = self.cleaned_data

        def work() -> SharedAccount | None:
            terms = self._terms()
            if account_id is None:
                return add_shared_account(said["name"], terms)
            shared = SharedAccount.objects.select_for_update(of=("self",)).get(pk=account_id)
            if self.is_stale(self.current(shared)):
                return None
            change_shared_account(shared, said["name"], terms)
            return shared

        try:
            return transact(work)
        except BadSharedAccount as error:
            self.add_error(error.field, str(error))
        except BelowFloor as error:
            self.add_error("overdraft", str(error))
        return None

    def _terms(self) -> SharedTerms:
        said = self.cleaned_data
        return SharedTerms(
            restricted=said["restricted"],
            overdraft=said["overdraft"],
            is_active=said["is_active"],
            for_everybody=said["for_everybody"],
            as_parent=said["as_parent"],
            users=people_named(line for line in said["users"].splitlines() if line.strip()),
            groups=tuple(said["groups"]),
            comment_option=CommentOption(said["comment_option"]),
            invoice_option=InvoiceOption(said["invoice_option"]),
            notes=said["notes"],
        )


class PinForm(ProblemForm):
    """The PIN by which people without access may charge to a shared account."""

    pin = forms.CharField(
        label="PIN", required=False, max_length=50, strip=True, widget=_PLAIN,
        help_text="Whoever knows it may charge to the account. Empty: nobody by PIN. It is not shown again.",
    )  # fmt: skip

    def save(self, shared: SharedAccount) -> bool:
        """Sets it; False, with an error on the field, if it cannot be."""
        try:
            set_pin(shared, self.cleaned_data["pin"])
        except BadSharedAccount as error:
            self.add_error("pin", str(error))
            return False
        return True


class SelectionForm(EditForm):
    """How the account is selected for a user, a group's members or on a printer."""

    mode = forms.ChoiceField(label="Jobs are charged to", choices=MODES, required=False)
    account = forms.CharField(
        label="Shared account", required=False, max_length=201, widget=_PLAIN,
        help_text="Its whole name, if jobs are always charged to one.",
    )  # fmt: skip

    @staticmethod
    def current(whose: User | Group | Printer) -> dict[str, object]:
        """What is stored."""
        stored: AccountSelection | None = getattr(whose, "account_selection", None)
        if stored is None:
            return {"mode": "", "account": ""}
        return {"mode": stored.mode, "account": stored.account.account.name if stored.account else ""}

    def save(self, whose: User | Group | Printer) -> bool:
        """Stores it; False, with an error on the form, if it cannot be."""
        said = self.cleaned_data
        mode = SelectionMode(said["mode"]) if said["mode"] else None
        account = find_shared(said["account"]) if mode is SelectionMode.SHARED else None
        if mode is SelectionMode.SHARED and account is None:
            self.add_error("account", f"There is no shared account {said['account']}.")
            return False

        def work() -> bool:
            fresh = type(whose).objects.get(pk=whose.pk)
            if self.is_stale(self.current(fresh)):
                return False
            select_for(whose, mode, account)
            return True

        return transact(work)


class ChargeForm(ProblemForm):
    """The account that one job is charged to."""

    account = forms.ChoiceField(label=_("Charge it to"), required=False)
    other = forms.CharField(
        label=_("Another account"), required=False, max_length=201, widget=_PLAIN,
        help_text=_("Its whole name, with its PIN below."),
    )  # fmt: skip
    pin = forms.CharField(
        label=_("PIN of that account"), required=False, max_length=50,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )  # fmt: skip
    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=255, widget=_PLAIN, help_text=_("What for.")
    )
    invoice = forms.ChoiceField(
        label=_("Invoice"),
        required=False,
        choices=[("", _("As the account says")), ("yes", _("Yes")), ("no", _("No"))],
    )

    def __init__(self, *args: Any, job: Job, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **options)
        self.job = job
        assert job.owner is not None
        field = self.fields["account"]
        assert isinstance(field, forms.ChoiceField)
        always = always_charged_to(job)
        if always is not None:
            field.choices = [(always.account.name, always.account.name)]
            del self.fields["other"], self.fields["pin"]
            return
        names = accounts_open_to(job.owner).values_list("account__name", flat=True)[:MOST_OFFERED]
        field.choices = [("", _("My own account")), *((name, name) for name in names)]

    def save(self, actor: User, address: str) -> bool:
        """Chooses it; False, with an error on the form, if it cannot be."""
        said = {"other": "", "pin": "", **self.cleaned_data}
        try:
            choose_account(
                self.job,
                actor,
                said["other"] or said["account"],
                pin=said["pin"],
                comment=said["comment"],
                invoice={"yes": True, "no": False}.get(said["invoice"]),
                address=address,
            )
        except BadChoice as error:
            self.add_error("other" if error.field == "account" and said["other"] else error.field, sentence(error))
        except TooManyAttempts as error:
            self.add_error("pin", in_words(error))
        else:
            return True
        return False
