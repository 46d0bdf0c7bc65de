"""Forms about reports: which one, of when and whose; and the name under which it is saved."""

from __future__ import annotations

from datetime import date

from django import forms

from everprint.contract.user_names import BadUserName
from everprint.server.charging.models import SharedAccount
from everprint.server.pages.forms.filters import FilterForm, NamedChoice
from everprint.server.people.models import Department, Group, Office
from everprint.server.people.users import find_user
from everprint.server.people.workplaces import in_use
from everprint.server.printers.models import Printer
from everprint.server.reports.asked import AskedReport, asked_in_words
from everprint.server.reports.periods import Comparison, Named

PERIODS = [("", "The days below"), *((named.value, named.value.replace("-", " ").capitalize()) for named in Named)]
COMPARISONS = [
    ("", "Nothing"),
    (Comparison.BEFORE.value, "The time before"),
    (Comparison.YEAR_BEFORE.value, "The year before"),
]


class ReportForm(FilterForm):
    """The query string of a report's page."""

    period = forms.ChoiceField(label="Period", required=False, choices=PERIODS)
    first_day = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    compare = forms.ChoiceField(label="Compare with", required=False, choices=COMPARISONS)
    user = forms.CharField(label="User", required=False, max_length=128)
    group = NamedChoice(label="Group", required=False, queryset=Group.objects.all(), empty_label="Any group")
    department = NamedChoice(
        label="Department", required=False, queryset=in_use(Department), empty_label="Any department"
    )
    office = NamedChoice(label="Office", required=False, queryset=in_use(Office), empty_label="Any office")
    printer = NamedChoice(label="Printer", required=False, queryset=Printer.objects.all(), empty_label="Any printer")
    account = forms.ModelChoiceField(
        label="Shared account", required=False, queryset=SharedAccount.objects.select_related("account"),
        empty_label="Any account",
    )  # fmt: skip

    def clean_user(self) -> str:
        """A name that is somebody's."""
        name = str(self.cleaned_data["user"]).strip()
        if name and self._user_id(name) is None:
            raise forms.ValidationError(f"there is no user {name}")
        return name

    @staticmethod
    def _user_id(name: str) -> int | None:
        try:
            found = find_user(name)
        except BadUserName:
            return None
        return found.pk if found else None

    def asked(self, kind: str, sort: str) -> AskedReport:
        """The report that it asks for."""
        words: dict[str, str] = {"kind": kind, "sort": sort}
        words |= {name: self.said(name) or "" for name in ("period", "compare")}
        for name in ("first_day", "last_day"):
            day = self.said(name)
            words[name] = str(day) if isinstance(day, date) else ""
        for name in ("group", "department", "office", "printer", "account"):
            chosen = self.said(name)
            words[name] = str(chosen.pk) if chosen else ""
        user = self.said("user")
        words["user"] = str(self._user_id(user)) if user else ""
        return asked_in_words(words)


class SaveReportForm(forms.Form):
    """The name of a saved report."""

    name = forms.CharField(label="Name", max_length=100, strip=True)
