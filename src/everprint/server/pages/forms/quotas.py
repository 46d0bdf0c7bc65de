"""Forms about quotas."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from everprint.contract.user_names import BadUserName
from everprint.server.accounts.models import Purse
from everprint.server.charging.shared import find_shared
from everprint.server.database import transact
from everprint.server.pages.forms.edit import EditForm, ProblemForm
from everprint.server.pages.forms.money import MoneyField
from everprint.server.people.models import Group
from everprint.server.people.users import find_user
from everprint.server.quotas.models import Quota
from everprint.server.quotas.periods import Period
from everprint.server.quotas.setting import (
    BadQuota,
    QuotaTerms,
    add_quota,
    change_quota,
    set_exception,
    settable,
)

PERIODS = [
    (Period.DAILY.value, "every day"),
    (Period.WEEKLY.value, "every week"),
    (Period.MONTHLY.value, "every month"),
    (Period.ONCE.value, "once: initial credit of new users"),
]


class QuotaForm(EditForm):
    """A quota, new or old."""

    group = forms.ModelChoiceField(
        label="Group", queryset=Group.objects.all(), required=False, empty_label="No group"
    )
    account = forms.CharField(
        label="Or shared account", required=False, max_length=201, help_text="Its name: the quota is its budget.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    amount = MoneyField(label="Amount", min_value=0, help_text="What each member of the group gets each time.")
    period = forms.ChoiceField(label="How often", choices=PERIODS, initial=Period.MONTHLY.value)
    starts_on = forms.DateField(
        label="First day", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="It comes round on the same weekday or day of the month. Initial credit: users made since.",
    )  # fmt: skip
    purse = forms.ModelChoiceField(
        label="Goes into", queryset=Purse.objects.filter(is_active=True), required=False, empty_label="The balance"
    )
    cap = MoneyField(
        label="Most that gathers", required=False, min_value=0,
        help_text="No grant lifts the account above it. Empty: no bound.",
    )  # fmt: skip
    resets = forms.BooleanField(
        label="What is left is taken away when it comes round",
        required=False,
        help_text="For purses and budgets only.",
    )
    is_active = forms.BooleanField(label="In use", required=False, initial=True)

    def __init__(self, *args: Any, quota: Quota | None = None, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **options)
        self.quota = quota
        if quota is None:
            self.fields["starts_on"].initial = timezone.localdate
            del self.fields["is_active"]
        else:
            del self.fields["group"], self.fields["account"]

    @staticmethod
    def current(quota: Quota) -> dict[str, object]:
        """What is stored."""
        return settable(quota)

    def as_stored(self, name: str) -> object:
        """A purse is stored by its id."""
        value = super().as_stored(name)
        return value.pk if isinstance(value, Purse) else value

    def save(self) -> Quota | None:
        """Stores it; None, with an error on the form, if it cannot be."""
        try:
            return transact(self._save)
        except BadQuota as error:
            self.add_error(error.field, str(error))
            return None

    def _save(self) -> Quota | None:
        said = self.cleaned_data
        starts_on = said["starts_on"]
        assert isinstance(starts_on, date)
        terms = QuotaTerms(
            amount=said["amount"],
            period=Period(said["period"]),
            starts_on=starts_on,
            cap=said["cap"],
            resets=said["resets"],
            purse=said["purse"],
            is_active=said.get("is_active", True),
        )
        if self.quota is not None:
            quota = Quota.objects.select_for_update(of=("self",)).get(pk=self.quota.pk)
            return None if self.is_stale(self.current(quota)) else change_quota(quota, terms)
        account = find_shared(said["account"]) if said["account"] else None
        if said["account"] and account is None:
            raise BadQuota("account", f"there is no shared account {said['account']}")
        group: Group | None = said["group"]
        if group is not None and account is None:
            return add_quota(group, terms)
        if account is not None and group is None:
            return add_quota(account, terms)
        raise BadQuota("group", "choose a group or a shared account")


class ExceptionForm(ProblemForm):
    """Somebody's own amount."""

    user = forms.CharField(label="User name", max_length=512, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    own_amount = MoneyField(
        label="Amount", required=False, min_value=0, help_text="0 for nothing; empty to be as everybody again."
    )

    def save(self, quota: Quota) -> str:
        """Sets it; the user's name, or empty with an error on the form."""
        try:
            user = find_user(self.cleaned_data["user"])
        except BadUserName as error:
            self.add_error("user", str(error))
            return ""
        if user is None:
            self.add_error("user", "There is no user with that name.")
            return ""
        try:
            set_exception(quota, user, self.cleaned_data["own_amount"])
        except BadQuota as error:
            self.add_error("user", str(error))
            return ""
        return user.name
