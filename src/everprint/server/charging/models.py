"""Shared accounts and who may use them; and how people's jobs find their account."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models

from everprint.contract.selection import Selection, SelectionMode
from everprint.server.accounts.models import Account
from everprint.server.people.models import Group
from everprint.server.printers.models import Printer


class CommentOption(StrEnum):
    """Whether who charges a job to the account says what for."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class InvoiceOption(StrEnum):
    """Whether a job charged to the account is to be invoiced."""

    ALWAYS = "always-invoice"
    NEVER = "never-invoice"
    CHOICE_ON = "user-choice-on"  # the person says; yes unless they say no
    CHOICE_OFF = "user-choice-off"  # the person says; no unless they say yes


class SharedAccount(models.Model):
    """What makes an account of the kind *shared*. Its name is `account.name`: TOP or TOP\\SUB."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="shared")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="subs")
    for_everybody = models.BooleanField(default=False)
    as_parent = models.BooleanField(default=True)  # who may use the parent may use this one
    access_users = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="shared_accounts")
    access_groups = models.ManyToManyField(Group, blank=True, related_name="shared_accounts")
    pin_digest = models.CharField(max_length=64, blank=True)  # keyed (shared.digest_of_pin); empty: no PIN
    comment_option = models.CharField(max_length=10, default=CommentOption.OPTIONAL.value)
    invoice_option = models.CharField(max_length=20, default=InvoiceOption.ALWAYS.value)
    notes = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("account__name",)

    def __str__(self) -> str:
        return self.account.name

    @property
    def is_open(self) -> bool:
        """True if jobs can be charged to it: neither it nor its parent is closed."""
        return self.account.is_active and (self.parent is None or self.parent.account.is_active)


class AccountSelection(models.Model):
    """How the account is selected for one user, a group's members, or on a printer; the first of these that says."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="account_selection"
    )
    group = models.OneToOneField(Group, on_delete=models.CASCADE, null=True, related_name="account_selection")
    printer = models.OneToOneField(Printer, on_delete=models.CASCADE, null=True, related_name="account_selection")
    mode = models.CharField(max_length=10, default=SelectionMode.PERSONAL.value)
    account = models.ForeignKey(SharedAccount, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, group__isnull=True, printer__isnull=True)
                | models.Q(user__isnull=True, group__isnull=False, printer__isnull=True)
                | models.Q(user__isnull=True, group__isnull=True, printer__isnull=False),
                name="selection_is_for_one",
            ),
            models.CheckConstraint(
                condition=models.Q(mode=SelectionMode.SHARED.value, account__isnull=False)
                | (~models.Q(mode=SelectionMode.SHARED.value) & models.Q(account__isnull=True)),
                name="selection_of_a_shared_account_names_it",
            ),
        )

    def __str__(self) -> str:
        return f"{self.mode} {self.account or ''}".strip()

    def as_contract(self) -> Selection:
        """As print servers are told of it."""
        return Selection(SelectionMode(self.mode), self.account.account.name if self.account else "")
