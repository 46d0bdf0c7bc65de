"""Forms about users: who they are, what they may, and their money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from everprint.contract.user_names import BadUserName, canonical_user_name
from everprint.server.access.permissions import Role
from everprint.server.accounts.holders import BelowFloor, new_key, set_limits
from everprint.server.accounts.ledger import KeyReused, LimitReached, adjust
from everprint.server.accounts.models import Account
from everprint.server.accounts.money import ZERO
from everprint.server.database import transact
from everprint.server.edits import EditedMeanwhile
from everprint.server.pages.forms.edit import EditForm, ProblemForm
from everprint.server.pages.forms.money import MoneyField
from everprint.server.pages.forms.workplaces import WorkplaceField
from everprint.server.pages.said import in_words
from everprint.server.pages.templatetags.everprint_pages import money
from everprint.server.people.attempts import TooManyAttempts
from everprint.server.people.authority import check_may_join
from everprint.server.people.changes import BadLastDay, UserChanges, change_user
from everprint.server.people.guests import NewGuest, create_guest
from everprint.server.people.models import Department, Group, Office, User
from everprint.server.people.sign_in import LONGEST_PASSWORD, sign_in
from everprint.server.people.users import (
    LastAdministrator,
    MergedUser,
    UserExists,
    WeakPassword,
    change_password,
    create_user,
)
from everprint.server.people.workplaces import in_use
from everprint.server.settings import CONFIGURATION

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ROLES = [
    (Role.USER.value, "User: prints, sees own jobs and balance"),
    (Role.OPERATOR.value, "Operator: sees everything, steers jobs"),
    (Role.ADMINISTRATOR.value, "Administrator: may do everything"),
]


def _password(label: StrOrPromise, autocomplete: str, **options: Any) -> forms.CharField:  # noqa: ANN401 - Django's own
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=LONGEST_PASSWORD, widget=widget, **options)


def _refuse_twice_different(form: forms.Form) -> None:
    said = form.cleaned_data
    if said.get("password") != said.get("again"):
        form.add_error("again", "This is not the same as the password above.")


class _Person(forms.Form):
    full_name = forms.CharField(label="Full name", max_length=200, required=False)
    email = forms.EmailField(label="E-mail", max_length=254, required=False)
    department = WorkplaceField(in_use(Department), label="Department")
    office = WorkplaceField(in_use(Office), label="Office")
    role = forms.ChoiceField(label="Role", choices=ROLES, initial=Role.USER.value)
    groups = forms.ModelMultipleChoiceField(
        label="Groups", queryset=Group.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    restricted = forms.BooleanField(
        label="Restricted",
        required=False,
        initial=True,
        help_text="A job that costs more than the balance and the overdraft is refused.",
    )
    overdraft = MoneyField(
        label="Overdraft",
        required=False,
        min_value=0,
        help_text=f"How far below zero a restricted balance may fall, in {CONFIGURATION.currency}. "
        "Empty: as far as the installation's settings say.",
    )


class NewUserForm(_Person, ProblemForm):
    """A new user with an account."""

    name = forms.CharField(
        label="User name",
        max_length=512,
        help_text="What they sign in with and print as. Jobs come under it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "autofocus": True}),
    )
    credit = MoneyField(
        label="Credit to begin with", initial=Decimal(CONFIGURATION.initial_credit), min_value=0, required=True
    )
    password = _password(
        "Password",
        "new-password",
        required=False,
        help_text="At least 8 characters. Without one they can print from trusted networks, but not sign in.",
    )
    again = _password("Password again", "new-password", required=False)
    field_order = (
        "name", "full_name", "email", "password", "again", "role", "groups", "department", "office", "credit",
    )  # fmt: skip

    def __init__(self, *arguments: Any, gives_credit: bool, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*arguments, **options)
        if not gives_credit:
            del self.fields["credit"]

    def clean(self) -> None:
        """Both passwords are the same."""
        _refuse_twice_different(self)

    def clean_name(self) -> str:
        """The one spelling of the name."""
        try:
            return canonical_user_name(self.cleaned_data["name"])
        except BadUserName as error:
            raise forms.ValidationError(str(error)) from error

    def create(self) -> User | None:
        """The new user; None, with an error on the field, if there cannot be one."""
        said = self.cleaned_data

        def work() -> User:
            user = create_user(
                said["name"],
                full_name=said["full_name"],
                email=said["email"],
                department=said["department"],
                office=said["office"],
                role=Role(said["role"]),
                password=said["password"] or None,
                credit=said.get("credit", ZERO),
            )
            check_may_join(said["groups"])
            user.print_groups.set(said["groups"])
            set_limits(Account.objects.get(owner=user).pk, restricted=said["restricted"], overdraft=said["overdraft"])
            return user

        try:
            return transact(work)
        except UserExists as error:
            self.add_error("name", str(error))
        except WeakPassword as error:
            self.add_error("password", str(error))
        return None


class GuestForm(ProblemForm):
    """Somebody who may print until a day; name and password are made for them."""

    full_name = forms.CharField(label="Who it is", max_length=200)
    email = forms.EmailField(label="E-mail", max_length=254, required=False)
    last_day = forms.DateField(
        label="Last day",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="On it they can still print; then they are disabled.",
    )
    credit = MoneyField(label="Credit to begin with", initial=Decimal(0), min_value=0)

    def __init__(self, *arguments: Any, gives_credit: bool, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*arguments, **options)
        if not gives_credit:
            del self.fields["credit"]

    def create(self) -> NewGuest | None:
        """The new guest; None, with an error on the field, if the day is over."""
        said = self.cleaned_data
        try:
            return create_guest(
                full_name=said["full_name"],
                email=said["email"],
                last_day=said["last_day"],
                credit=said.get("credit", ZERO),
            )
        except BadLastDay:
            self.add_error("last_day", "This day is over.")
            return None


class EditUserForm(_Person, EditForm):
    """Everything about a user but the name, the password and the balance."""

    is_active = forms.BooleanField(
        label="Enabled",
        required=False,
        help_text="A disabled user can neither sign in nor print; nothing is deleted.",
    )
    last_day = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="Of a guest: after it they are disabled. Empty: for ever.",
    )
    field_order = (
        "full_name", "email", "department", "office", "role", "is_active", "last_day", "groups", "restricted",
        "overdraft",
    )  # fmt: skip

    def save(self, user_id: int) -> bool:
        """Stores all of it or nothing; False, with an error on the form, if it cannot be."""
        said: Mapping[str, Any] = self.cleaned_data
        changes: UserChanges = {
            "full_name": said["full_name"],
            "email": said["email"],
            "department": said["department"],
            "office": said["office"],
            "role": said["role"],
            "is_active": said["is_active"],
            "last_day": said["last_day"],
            "groups": [group.pk for group in said["groups"]],
            "restricted": said["restricted"],
            "overdraft": said["overdraft"],
        }
        try:
            change_user(user_id, changes, said["seen"])
        except EditedMeanwhile as edited:
            self.tell_edited(edited.current)
        except (LastAdministrator, MergedUser) as error:
            self.add_error("role" if said["role"] != Role.ADMINISTRATOR else "is_active", str(error))
        except BadLastDay as error:
            self.add_error("last_day", f"This cannot be: {error}.")
        except BelowFloor as error:
            self.add_error("overdraft", str(error))
        else:
            return True
        return False


class PasswordForm(ProblemForm):
    """A new password for somebody, set by an administrator."""

    password = _password(_("New password"), "new-password", help_text=_("At least 8 characters."))
    again = _password(_("New password again"), "new-password")

    def clean(self) -> None:
        """Both are the same."""
        _refuse_twice_different(self)

    def save(self, user: User) -> bool:
        """Sets it; False, with an error on the field, if it is too weak."""
        try:
            change_password(user, self.cleaned_data["password"])
        except WeakPassword as error:
            self.add_error("password", str(error))
            return False
        return True


class OwnPasswordForm(PasswordForm):
    """A new password for oneself: the old one is asked for first."""

    old = _password(_("Your password now"), "current-password")
    field_order = ("old", "password", "again")

    def save_own(self, user: User, address: str) -> bool:
        """Sets it if the old one is right. Who has none here has one in the directory, or nowhere."""
        if not user.has_usable_password():
            self.add_error("old", _("You have no password here: it is kept in the directory. Change it there."))
            return False
        try:
            known = sign_in(user.name, self.cleaned_data["old"], address)
        except TooManyAttempts as error:
            self.add_error("old", in_words(error))
            return False
        if known is None:
            self.add_error("old", _("This is not your password."))
            return False
        return self.save(user)


class AdjustForm(ProblemForm):
    """Adds credit to an account, or takes it; `key` makes it happen once, however often the form is sent."""

    account = forms.ChoiceField(label="Account")

    amount = MoneyField(
        label="Amount",
        help_text=f"In {CONFIGURATION.currency}. Put a minus before it to take credit away.",
    )
    comment = forms.CharField(
        label="Comment", max_length=500, help_text="Why; the account's owner reads it in the statement."
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=100)

    def __init__(self, *args: Any, accounts: Sequence[Account], **options: Any) -> None:  # noqa: ANN401 - Django's
        super().__init__(*args, **options)
        # By id: a purse that is made or closed while the form is open takes no other one's place.
        self.accounts = {str(account.pk): account for account in accounts}
        if len(accounts) == 1:
            del self.fields["account"]
        else:
            choices = [(key, f"{account.title}: {money(account.balance)}") for key, account in self.accounts.items()]
            self.fields["account"] = forms.ChoiceField(label="Account", choices=choices)
        self.order_fields(("account", "amount", "comment"))

    @staticmethod
    def fresh_key() -> str:
        """The key of a form that was not sent yet."""
        return new_key("page-adjust")

    def clean_amount(self) -> Decimal:
        """An adjustment by nothing is a mistake."""
        amount: Decimal = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError("Write an amount other than zero.")
        return amount

    def book(self, actor: User) -> Account | None:
        """Books it; None, with an error on the form, if it cannot be."""
        said = self.cleaned_data
        account = self.accounts[said["account"]] if "account" in said else next(iter(self.accounts.values()))
        if not said["key"].startswith("page-adjust:"):
            self.add_error(None, "This form is broken: reload the page.")
            return None
        try:
            adjust(account.pk, said["amount"], said["comment"], actor, said["key"])
        except LimitReached as error:
            self.add_error("amount", f"At most {money(error.available)} can be taken from this account.")
        except KeyReused:
            self.add_error(None, "This form was sent before with another amount: see the statement, then reload.")
        else:
            account.refresh_from_db()
            return account
        return None
