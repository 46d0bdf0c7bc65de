"""Sums of days, months and quarters that are over, what makes them stale, and the reports that people saved.

A sum is a copy and never a source: it is made by roll_up.py from the job log or the ledger, thrown away when a job
of its time changes, and read by query.py only while nothing says that it is stale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from everprint.server.accounts.money import MoneyField

if TYPE_CHECKING:
    JSONObject = models.JSONField[dict[str, Any], dict[str, Any]]
    StringList = models.JSONField[list[str], list[str]]
else:
    JSONObject = StringList = models.JSONField


class UsageSum(models.Model):
    """What was printed in a day, month or quarter (installation's zone), by one printer, person or account."""

    pk = models.CompositePrimaryKey("grain", "first_day", "key")
    grain = models.CharField(max_length=8)
    first_day = models.DateField()
    key = models.BigIntegerField()  # of the printer, user or account; 0: nobody that is known, or everything
    jobs = models.BigIntegerField()
    impressions = models.BigIntegerField()
    colour_impressions = models.BigIntegerField()
    sheets = models.BigIntegerField()
    charged = MoneyField()
    refunded = MoneyField()
    uncollected = MoneyField()

    def __str__(self) -> str:
        return f"{self.grain} {self.key} from {self.first_day}"


class StaleMoment(models.Model):
    """A job that ended then is new or changed: the sums of that time are not to be read. Written by a trigger."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"changed: {self.at}"


class StaleSpan(models.Model):
    """A day or a month whose sums are to be made anew."""

    span = models.CharField(max_length=1)
    first_day = models.DateField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("span", "first_day"), name="one_stale_span"),)

    def __str__(self) -> str:
        return f"{self.span} from {self.first_day}"


class StaleQuarter(models.Model):
    """A quarter of a year whose sums are to be made anew. Written by a trigger when a mark is taken."""

    first_day = models.DateField(primary_key=True)

    def __str__(self) -> str:
        return f"quarter from {self.first_day}"


class LedgerSum(models.Model):
    """What the bookings of one kind did in a day to the accounts of one kind."""

    pk = models.CompositePrimaryKey("day", "kind", "account_kind")
    day = models.DateField()
    kind = models.CharField(max_length=10)  # accounts.models.TransactionKind
    account_kind = models.CharField(max_length=20)  # accounts.models.AccountKind
    entries = models.BigIntegerField()
    amount = MoneyField()

    def __str__(self) -> str:
        return f"{self.kind} on {self.day}"


class _SumOfAnAccount(models.Model):
    """What bookings did to one account of a person, by what they were for (kinds.PURPOSES)."""

    first_day = models.DateField()
    account = models.BigIntegerField()
    jobs = MoneyField()
    refunds = MoneyField()
    adjustments = MoneyField()
    quotas = MoneyField()
    payments = MoneyField()
    transfers = MoneyField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"account {self.account} from {self.first_day}"


class AccountSum(_SumOfAnAccount):
    """That of a month."""

    pk = models.CompositePrimaryKey("first_day", "account")


class AccountQuarter(_SumOfAnAccount):
    """That of a quarter of a year: the sum of its months."""

    pk = models.CompositePrimaryKey("first_day", "account")


class _Made(models.Model):
    """In which zone the days of such sums are, and through which day they are made. There is one row."""

    zone = models.CharField(max_length=100)
    through = models.DateField(null=True)  # None: none is

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"accounts summed through {self.through}"


class AccountSumsMade(_Made):
    """Of the months."""


class AccountQuartersMade(_Made):
    """Of the quarters: servers of the release before, which may make months meanwhile, know none of them."""


class SumsMade(models.Model):
    """In which zone the days of the sums are, and through which day the ledger is summed. There is one row."""

    zone = models.CharField(max_length=100)
    ledger_through = models.DateField(null=True)  # None: nothing is

    def __str__(self) -> str:
        return f"sums of {self.zone}"


class SavedReport(models.Model):
    """A report that somebody gave a name, for everybody who may see reports. Changed through reports.saved."""

    name = models.CharField(max_length=100, unique=True)
    asked = JSONObject()  # reports.asked.AskedReport as words
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ReportMail(models.Model):
    """A saved report that is mailed by the calendar. Changed through reports.mailed."""

    saved = models.ForeignKey(SavedReport, on_delete=models.CASCADE, related_name="mails")
    every = models.CharField(max_length=10)  # reports.mail_plan.Every
    hour = models.PositiveSmallIntegerField()
    form = models.CharField(max_length=3)  # reports.mailed.Form
    recipients = StringList()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_for = models.DateField()  # the newest day that needs no report any more
    problem = models.CharField(max_length=500, blank=True)  # why the last one was not sent

    def __str__(self) -> str:
        return f"{self.saved} every {self.every}"
