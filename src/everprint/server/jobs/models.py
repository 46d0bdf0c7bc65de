"""Jobs, their time line and the decisions about them.

A job's `state` moves only by contract.job_life, in decide.py (the server's own decisions) and replay.py (what the
provider reports).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from everprint.contract.hand_over import HandOverState
from everprint.contract.job_life import JobState
from everprint.server.accounts.models import Account
from everprint.server.accounts.money import ZERO, MoneyField, OptionalMoneyField
from everprint.server.jobs.sentences import SentenceField
from everprint.server.printers.models import Printer
from everprint.server.providers.models import Provider

if TYPE_CHECKING:
    JSONObject = models.JSONField[dict[str, Any] | None, dict[str, Any] | None]
else:
    JSONObject = models.JSONField

# What jobs.retention takes away in the end.
WITH_DETAILS = models.Q(name__gt="") | models.Q(client_address__gt="")

# Jobs that were held when they ended, nothing of them printed: what reports say that holding saved.
UNRELEASED = models.Q(unreleased=True)
# Jobs that are found by IPP's number: those that are not packed yet (elsewhere).
WITH_RECENT_JOB_ID = models.Q(history=None, ipp_job_id__isnull=False)
# Jobs that are over and not packed yet.
# In the order in which its migration has it: Django would rebuild the index otherwise.
TO_BE_PACKED = models.Q(("history", None), ("finished_at__isnull", False))


class Job(models.Model):
    """One print job. `number` is for people; `uuid` is the provider's job id and the idempotency key everywhere."""

    number = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="jobs")
    # Both without an index of their own: job_of_printer and job_of_owner begin with them.
    printer = models.ForeignKey(Printer, on_delete=models.PROTECT, db_index=False, related_name="jobs")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="jobs"
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="jobs")

    # As the provider accepted it (contract JobDescription).
    user_name = models.CharField(max_length=255)
    authenticated = models.BooleanField()
    name = models.CharField(max_length=255)
    document_format = models.CharField(max_length=255)
    octets = models.BigIntegerField()
    client_address = models.CharField(max_length=64, blank=True)
    submitted_at = models.DateTimeField(db_index=True)
    copies = models.IntegerField(default=1)
    sides = models.CharField(max_length=30, default="one-sided")
    number_up = models.IntegerField(default=1)
    media = models.CharField(max_length=255, null=True)  # None: the client did not say
    print_color_mode = models.CharField(max_length=30, default="auto")
    job_account_id = models.CharField(max_length=255, blank=True, default="")
    job_accounting_user_id = models.CharField(max_length=255, blank=True, default="")

    # Whom it is charged to (charging): what its owner chose, and whether it waits for that.
    chosen_account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    charge_comment = models.CharField(max_length=255, blank=True, default="", db_default="")
    invoice = models.BooleanField(null=True)  # None: as the account says
    account_info_needed = models.BooleanField(default=False, db_default=False)

    # What analysis found: contract DocumentSummary as JSON, and its figures for sorting.
    document = JSONObject(null=True)
    pages = models.IntegerField(null=True)  # None until it is analysed, and when they cannot be counted
    sheets = models.IntegerField(null=True)
    impressions = models.IntegerField(null=True)
    colour_impressions = models.IntegerField(null=True)

    state = models.CharField(max_length=12, default=JobState.INCOMING.value, db_index=True)
    state_at = models.DateTimeField()
    reason = SentenceField(max_length=500, blank=True)  # why it is held, refused or ended
    in_doubt = models.BooleanField(default=False)  # held because nobody can say whether it was printed
    # It waits for its PIN, which its provider compares, hashed by that method; empty: it does not.
    password_encryption = models.CharField(max_length=20, blank=True, default="", db_default="")
    device_job_id = models.BigIntegerField(null=True)
    attempt = models.IntegerField(default=0)  # of the newest decision
    releases = models.IntegerField(default=0)  # how often the provider reported it released

    # What came out (contract Output as JSON, and its figures), and what it cost.
    output = JSONObject(null=True)
    printed_sheets = models.IntegerField(default=0)
    printed_impressions = models.IntegerField(default=0)
    printed_colour_impressions = models.IntegerField(default=0)
    # The printer's own counter before and after it, where that is checked (contract CounterCheck).
    counter_before = models.BigIntegerField(null=True)
    counter_after = models.BigIntegerField(null=True)
    counter_remark = models.CharField(max_length=200, blank=True, default="", db_default="")  # why it was not paid by
    cost_reserved = MoneyField(default=ZERO)  # held for it now
    # What it would cost, of one that waits for credit and goes on by itself (jobs.credit); None for all others.
    cost_awaited = OptionalMoneyField(null=True)
    credit_found_at = models.DateTimeField(null=True)  # when it was last told to go on
    cost_charged = MoneyField(default=ZERO)
    cost_refunded = MoneyField(default=ZERO, db_default=0)  # given back of what was charged (refunds)
    cost_uncollected = MoneyField(default=ZERO)  # printed beyond what the account could pay
    finished_at = models.DateTimeField(null=True, db_index=True)
    # Held when it ended, never released before, and nothing of it printed.
    unreleased = models.BooleanField(default=False, db_default=False)
    offline = models.BooleanField(default=False)  # its newest decision was the provider's own: the server was away
    # As IPP clients see it (jobs.elsewhere): its job-id, if that is one of the whole installation; when the printer
    # first got it; and what its provider says that its events do not (contract JobNoted as JSON).
    ipp_job_id = models.BigIntegerField(null=True)
    processing_at = models.DateTimeField(null=True)
    noted = JSONObject(null=True)
    unlogged = models.BooleanField(default=False)  # printed for nobody, as its queue's failure mode says
    # Of a job that is long over: its time line, the answers about it and what nobody looks for, packed (packing).
    # document, output, noted, document_format, sides, media, print_color_mode, device_job_id and processing_at are
    # empty then; see kept.py.
    history = models.BinaryField(null=True)

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=("owner", "-number"), name="job_of_owner"),
            models.Index(fields=("printer", "-number"), name="job_of_printer"),
            # Few of very many: what people look for in the job log.
            models.Index(fields=("-number",), condition=models.Q(cost_uncollected__gt=0), name="job_unpaid"),
            models.Index(fields=("-number",), condition=models.Q(offline=True), name="job_decided_offline"),
            models.Index(
                fields=("number",), condition=models.Q(cost_awaited__isnull=False), name="job_awaits_credit"
            ),
            models.Index(fields=("ipp_job_id",), condition=WITH_RECENT_JOB_ID, name="job_by_recent_ipp_job_id"),
            models.Index(fields=("finished_at",), condition=WITH_DETAILS, name="job_with_details"),
            models.Index(fields=("finished_at",), condition=TO_BE_PACKED, name="job_to_be_packed"),
            models.Index(fields=("finished_at",), condition=UNRELEASED, name="job_unreleased"),
        )

    def __str__(self) -> str:
        return f"job {self.number}"

    @property
    def counted(self) -> int | None:
        """How far the printer's own counter moved with it; None if that is not known."""
        if self.counter_before is None or self.counter_after is None:
            return None
        return self.counter_after - self.counter_before

    @property
    def job_state(self) -> JobState:
        """The state as the contract's type."""
        return JobState(self.state)


class JobStep(models.Model):
    """A line of a job's time line: what happened, where it led, or why it led nowhere. Those of jobs that are long
    over are in the job's history (kept.steps_of reads both)."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()  # when it happened, by the clock of whoever saw it
    recorded_at = models.DateTimeField(auto_now_add=True)
    event = models.CharField(max_length=30)  # a JobEvent, or "ordered" for what a person asked for
    state = models.CharField(max_length=12)  # where the job stood afterwards
    text = SentenceField(max_length=500, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    moved = models.BooleanField(default=True)  # False: came late or could not happen; recorded only
    sequence = models.BigIntegerField(null=True)  # of the provider's event

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.event} of {self.job_id}"


class HandOver(models.Model):
    """A job's way from one provider to another (hand_overs): this row says who may print it (contract.hand_over)."""

    uuid = models.UUIDField(primary_key=True)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="hand_overs")
    giver = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    taker = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Printer, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=128, blank=True)  # as long as it is under way
    release = models.BooleanField(default=False)  # to be printed there at once
    state = models.CharField(max_length=10, default=HandOverState.ORDERED.value)
    # Of one that is under way: contract Parcel as JSON, the document's size, and how many of its pieces are here.
    parcel = models.BinaryField(null=True)
    octets = models.BigIntegerField(default=0)
    pieces = models.IntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True, default="")
    cancelled_by = models.CharField(max_length=128, blank=True, default="")  # for its taker to do
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("made_at",)
        indexes = (
            # Few of very many.
            models.Index(
                fields=("taker",), condition=models.Q(state__in=("offered", "taken")), name="hand_over_to_be_taken"
            ),
            models.Index(fields=("octets",), condition=models.Q(octets__gt=0), name="hand_over_under_way"),
        )

    def __str__(self) -> str:
        return f"hand-over {self.uuid} of {self.job_id}"


class HandOverPiece(models.Model):
    """A piece of the document of a job that is handed over; gone when that is over."""

    hand_over = models.ForeignKey(HandOver, on_delete=models.CASCADE, related_name="document_pieces")
    number = models.IntegerField()
    octets = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("hand_over", "number"), name="one_piece_per_number"),)

    def __str__(self) -> str:
        return f"piece {self.number} of {self.hand_over_id}"


class PagePreview(models.Model):
    """A small picture of a page (see previews), kept for some hours."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="previews")
    page = models.IntegerField()  # from 1
    png = models.BinaryField()
    width = models.IntegerField()  # pixels
    height = models.IntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("job", "page"), name="one_preview_per_page"),)

    def __str__(self) -> str:
        return f"page {self.page} of {self.job_id}"


class Decision(models.Model):
    """The answer to one attempt at a job, kept word for word: asking again gets the same. Of jobs that are long
    over it is in the job's history (kept.answer_to reads both)."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="decisions")
    attempt = models.IntegerField()
    answer = models.TextField()  # the contract's Decision as JSON
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("job", "attempt"), name="one_decision_per_attempt"),)

    def __str__(self) -> str:
        return f"decision {self.attempt} of {self.job_id}"
