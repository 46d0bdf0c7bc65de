"""What was asked for and what came of it. Never changed once it is decided; the money itself is in the ledger."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models

from everprint.server.accounts.money import ZERO, MoneyField
from everprint.server.jobs.models import Job


class RefundState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    GRANTED = "granted"
    DENIED = "denied"


class RefundRequest(models.Model):
    """A request for money back. An operator who gives it unasked makes one that is granted at once."""

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="refunds")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    amount = MoneyField()  # asked for
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10, default=RefundState.ASKED.value, db_index=True)
    granted = MoneyField(default=ZERO)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("job",), condition=models.Q(state=RefundState.ASKED.value), name="one_open_request_of_a_job"
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} for job {self.job_id}"
