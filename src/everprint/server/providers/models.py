"""Print Providers, how they are enrolled, and the orders that wait for them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Provider(models.Model):
    """A Print Provider (secondary print server). `id` is half of its credential and never changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=128, unique=True)
    credential_hash = models.BinaryField()  # SHA-256 of 256 random bits
    software_version = models.CharField(max_length=64, blank=True)
    contract_version = models.IntegerField(default=1)
    enrolled_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)  # within a few seconds
    last_address = models.CharField(max_length=64, blank=True)
    events_taken = models.BigIntegerField(default=0)  # sequence of the newest event that is stored
    gap_allowed = models.BooleanField(default=False)  # after a restore: the next batch may start anywhere later
    orders_made = models.BigIntegerField(default=0)  # sequence of the newest order
    orders_acknowledged = models.BigIntegerField(default=0)
    takes_jobs = models.BooleanField(default=False, db_default=False)  # of others: it asked for hand-overs
    # The last time that it could not ask this server, and what it did meanwhile (contract OfflinePeriod).
    away_began = models.DateTimeField(null=True, blank=True)
    away_ended = models.DateTimeField(null=True, blank=True)
    away_printed = models.BigIntegerField(default=0)
    away_unlogged = models.BigIntegerField(default=0)
    away_refused = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_revoked(self) -> bool:
        """True if its credential no longer works."""
        return self.revoked_at is not None


class EnrolmentCode(models.Model):
    """A one-time code for enrolling one provider; only its hash is kept."""

    code_hash = models.BinaryField(unique=True, max_length=32)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    provider = models.OneToOneField(
        Provider, on_delete=models.PROTECT, null=True, blank=True, related_name="enrolment"
    )

    def __str__(self) -> str:
        return f"enrolment code {self.pk}"


class JobIdCounter(models.Model):
    """One row: the highest job-id that any provider was given (job_ids)."""

    last = models.BigIntegerField()

    def __str__(self) -> str:
        return f"job-ids up to {self.last}"


class JobIdBlock(models.Model):
    """Job-ids that one provider was given, and nobody else ever is."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="job_id_blocks")
    first = models.BigIntegerField(unique=True)
    last = models.BigIntegerField()
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("first",)

    def __str__(self) -> str:
        return f"job-ids {self.first} to {self.last} of {self.provider_id}"


class Order(models.Model):
    """Something a provider shall do; made by orders.make_order, fetched by GET /contract/orders."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="orders")
    sequence = models.BigIntegerField()
    kind = models.CharField(max_length=20)  # the tag of the contract's order: cancel-job, release-job, ...
    job = models.UUIDField(null=True)
    by = models.CharField(max_length=128, blank=True)
    only_if = models.CharField(max_length=100, blank=True, default="")  # of a release: only a job held for that
    # Of a release: the job's PIN, hashed; gone once the order is carried out or a minute old (providers.orders).
    password = models.BinaryField(null=True)
    password_encryption = models.CharField(max_length=20, blank=True, default="")
    queue = models.CharField(max_length=127, blank=True, default="")  # of a redirection: where to
    release = models.BooleanField(default=False, db_default=False)  # of a redirection: print it there at once
    hand_over = models.UUIDField(null=True)  # of a redirection to another provider
    kept = models.BooleanField(default=False, db_default=False)  # of the end of a hand-over
    new_job = models.UUIDField(null=True)  # of one to print again: the new job
    # Of one that somebody waits for: by what its report names it, and what was reported (contract OrderReport).
    request = models.UUIDField(null=True, unique=True)
    outcome = models.CharField(max_length=20, blank=True, default="", db_default="")
    outcome_message = models.CharField(max_length=500, blank=True, default="", db_default="")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("sequence",)
        constraints = (models.UniqueConstraint(fields=("provider", "sequence"), name="order_sequence"),)
        indexes = (
            models.Index(
                fields=("made_at",), condition=models.Q(password__isnull=False), name="order_with_a_password"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.sequence} for {self.provider_id}"
