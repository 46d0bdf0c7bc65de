"""Vouchers and payments."""

from __future__ import annotations

import uuid
from enum import StrEnum

from django.conf import settings
from django.db import models

from everprint.server.accounts.models import Account
from everprint.server.accounts.money import MoneyField


class VoucherBatch(models.Model):
    """Vouchers that were made, or imported, together. `seed` and the server's key make their codes (vouchers.py)."""

    name = models.CharField(max_length=100, unique=True)
    seed = models.CharField(max_length=64, blank=True)  # empty: imported, the codes are not known here
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name


class Voucher(models.Model):
    """One card: good for its value, once. Its code is kept as a digest under the server's key only."""

    batch = models.ForeignKey(VoucherBatch, on_delete=models.PROTECT, related_name="vouchers")
    number = models.IntegerField()  # within the batch, from 1: what people call it when they speak of it
    digest = models.CharField(max_length=64, unique=True)
    value = MoneyField()
    expires_on = models.DateField(null=True)  # the last day on which it is good
    is_void = models.BooleanField(default=False)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("batch", "number")
        constraints = (
            models.UniqueConstraint(fields=("batch", "number"), name="one_voucher_of_a_number"),
            models.CheckConstraint(condition=models.Q(value__gt=0), name="a_voucher_has_a_value"),
        )

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"


class PaymentState(StrEnum):
    """Where a payment stands."""

    BEGUN = "begun"
    PAID = "paid"
    DECLINED = "declined"


class Payment(models.Model):
    """Credit that somebody pays through the gateway; it is booked when the gateway says that it was paid."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payments")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, default=PaymentState.BEGUN.value)
    reference = models.CharField(max_length=100, blank=True)  # the gateway's own
    begun_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-begun_at",)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} by {self.user_id}"
