"""Asking for a refund, granting it whole or in part, denying it. Each decision is made once and books once."""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone

from everprint.server.access.permissions import Permission
from everprint.server.accounts import ledger
from everprint.server.accounts.money import ZERO, NotExact, to_units
from everprint.server.database import transact
from everprint.server.installation.settings import read_settings
from everprint.server.jobs.models import Job, JobStep
from everprint.server.jobs.sentences import said
from everprint.server.languages import Worded
from everprint.server.languages import marked as _
from everprint.server.people.models import User
from everprint.server.refunds.models import RefundRequest, RefundState


class BadRefund(Worded, ValueError):
    """A refund that cannot be asked for or given; the text says why."""


def refundable(job: Job) -> Decimal:
    """What can still be given back for the job."""
    return job.cost_charged - job.cost_refunded if job.job_state.is_final else ZERO


def may_ask(job: Job, actor: User) -> bool:
    """True if that person may ask for money back for that job now."""
    asks = job.owner_id == actor.pk and actor.may(Permission.USE_OWN) and read_settings().refund_requests
    return (asks or actor.may(Permission.REFUND_JOBS)) and refundable(job) > 0 and not _is_asked(job)


def ask_refund(job: Job, actor: User, amount: Decimal | None, reason: str) -> RefundRequest:
    """Asks for so much back, or for all of it.

    Raises BadRefund.
    """
    reason = reason.strip()
    if not reason:
        raise BadRefund(_("say why: an operator decides by it"))

    def work() -> RefundRequest:
        now = Job.objects.select_for_update().get(pk=job.pk)
        if not may_ask(now, actor):
            raise BadRefund(_("nothing can be asked back for job %(job)s now"), job=job.number)
        wanted = refundable(now) if amount is None else amount
        _check(wanted, refundable(now))
        return RefundRequest.objects.create(job=now, asked_by=actor, amount=wanted, reason=reason[:500])

    return transact(work)


def grant_refund(request: RefundRequest, actor: User, amount: Decimal, answer: str = "") -> RefundRequest:
    """Gives so much back to the accounts that paid. Repeated, it answers what was decided first.

    Raises BadRefund.
    """

    def work() -> RefundRequest:
        job = Job.objects.select_for_update().get(pk=request.job_id)
        open_request = _open(request)
        _check(amount, refundable(job))
        comment = f"refund: {open_request.reason}"[:500]
        ledger.refund(job.uuid, amount, comment, actor, f"refund:{open_request.pk}")
        job.cost_refunded += amount
        job.save(update_fields=["cost_refunded"])
        text = said("given-back", amount=amount, charged=job.cost_charged)
        JobStep.objects.create(job=job, at=timezone.now(), event="refunded", state=job.state, text=text, actor=actor)
        return _decide(open_request, RefundState.GRANTED, actor, answer, amount)

    return transact(work)


def deny_refund(request: RefundRequest, actor: User, answer: str) -> RefundRequest:
    """Gives nothing back, and says why.

    Raises BadRefund.
    """
    if not answer.strip():
        raise BadRefund("say why: who asked reads it")
    return transact(lambda: _decide(_open(request), RefundState.DENIED, actor, answer, ZERO))


def _open(request: RefundRequest) -> RefundRequest:
    now = RefundRequest.objects.select_for_update().get(pk=request.pk)
    if now.state != RefundState.ASKED:
        raise BadRefund(f"this request was {now.state} already")
    return now


def _decide(request: RefundRequest, state: RefundState, actor: User, answer: str, granted: Decimal) -> RefundRequest:
    request.state, request.decided_by, request.decided_at = state.value, actor, timezone.now()
    request.answer, request.granted = answer.strip()[:500], granted
    request.save(update_fields=["state", "decided_by", "decided_at", "answer", "granted"])
    return request


def _is_asked(job: Job) -> bool:
    return RefundRequest.objects.filter(job=job, state=RefundState.ASKED.value).exists()


def _check(amount: Decimal, most: Decimal) -> None:
    try:
        to_units(amount)
    except NotExact as error:
        raise BadRefund(str(error)) from None
    if not 0 < amount <= most:
        raise BadRefund(_("more than 0 and at most %(amount)s can be given back"), amount=Decimal(f"{most:.2f}"))
