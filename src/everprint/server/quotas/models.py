"""Quotas, who has another amount, and what was granted when."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from everprint.server.accounts.models import Account, Purse
from everprint.server.accounts.money import MoneyField, OptionalMoneyField
from everprint.server.charging.models import SharedAccount
from everprint.server.people.models import Group
from everprint.server.quotas.periods import Period


class Quota(models.Model):
    """So much, again and again: to each member of a group, or to one shared account as its budget."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="quotas")
    shared = models.ForeignKey(SharedAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="budgets")
    amount = MoneyField()
    period = models.CharField(max_length=10, default=Period.MONTHLY.value)
    starts_on = models.DateField()
    cap = OptionalMoneyField(null=True, blank=True)  # no grant lifts the account above it; None: no bound
    resets = models.BooleanField(default=False)  # what is left is taken away when it comes round
    purse = models.ForeignKey(Purse, on_delete=models.PROTECT, null=True, blank=True)  # None: into the balance
    is_active = models.BooleanField(default=True)
    granted_through = models.DateField(null=True)  # the first day of the last period that everybody has

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(group__isnull=False, shared__isnull=True)
                | models.Q(group__isnull=True, shared__isnull=False),
                name="quota_is_for_a_group_or_an_account",
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="quota_is_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.period} for {self.group or self.shared}"


class QuotaException(models.Model):
    """Somebody's own amount in place of the group's; nothing is an amount, too."""

    quota = models.ForeignKey(Quota, on_delete=models.CASCADE, related_name="exceptions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    amount = MoneyField()

    class Meta:
        ordering = ("user__name",)
        constraints = (models.UniqueConstraint(fields=("quota", "user"), name="one_exception_of_a_user"),)

    def __str__(self) -> str:
        return f"{self.amount} for {self.user_id}"


class QuotaGrant(models.Model):
    """One period of one person (or, without a user, of the shared account): what makes it happen once."""

    quota = models.ForeignKey(Quota, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    period_start = models.DateField()
    amount = MoneyField()  # what was booked; nothing at the cap, less than nothing where more was taken away
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("quota", "user", "period_start"), name="one_grant_of_a_period"),
            models.UniqueConstraint(
                fields=("quota", "period_start"),
                condition=models.Q(user__isnull=True),
                name="one_budget_of_a_period",
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} on {self.period_start}"
