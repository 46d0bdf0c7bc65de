"""The decision about a job: may it print, and who pays what. One database transaction, one answer per attempt.

The job's life moves here by the server's own decision: *authorised* or *refused*. Its provider may be ahead of its
reports (they come in batches); then the job first catches up, and the late reports only fill its time line.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec
from django.utils import timezone

from everprint.contract.amounts import format_amount
from everprint.contract.failure_modes import OfflineTerms
from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import (
    Authorise,
    Change,
    DocumentSummary,
    Hold,
    OverLimit,
    Print,
    Redirect,
    RefusalReason,
    Refuse,
)
from everprint.contract.presets import objection
from everprint.contract.pricing import for_person
from everprint.contract.quote import Unprintable, quote
from everprint.server import sql
from everprint.server.accounts import ledger
from everprint.server.accounts.money import ZERO
from everprint.server.charging.models import SharedAccount
from everprint.server.charging.selection import InfoNeeded, charge_of
from everprint.server.database import transact
from everprint.server.jobs.hand_over_reports import take_over
from everprint.server.jobs.hand_overs import is_open
from everprint.server.jobs.kept import answer_to, answers_before
from everprint.server.jobs.life import catch_up, move
from everprint.server.jobs.models import Decision, Job, JobStep
from everprint.server.jobs.offline import forget_unheard_answer
from everprint.server.jobs.owner import NewUsers, NotAllowed, Owner, check_active, owner_of
from everprint.server.jobs.record import new_job, note_document, note_logged
from everprint.server.jobs.sentences import known_or, said
from everprint.server.notifications.refusals import tell_refused
from everprint.server.printers.presets import preset_for
from everprint.server.printers.terms import QueueTerms, percent_of, terms_of
from everprint.server.rules.deciding import Asked, answer_by_rules, sent_back

log = logging.getLogger(__name__)

Answer = Print | Hold | Refuse | Change | Redirect

_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


class UnknownQueue(Exception):
    """The provider has no such queue here."""


class NotDecidable(Exception):
    """The question comes too late, or from a provider that the job does not belong to."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the installation's settings say to every decision."""

    new_users: NewUsers
    currency: str
    currency_decimals: int
    offline_credit: Decimal = ZERO

    @property
    def offline(self) -> OfflineTerms:
        """What they say to a provider that must decide alone."""
        return OfflineTerms(
            offline_credit=self.offline_credit,
            newcomer_credit=self.new_users.credit if self.new_users.create else None,
            currency_decimals=self.currency_decimals,
        )

    def show(self, amount: Decimal) -> str:
        """An amount for people."""
        return format_amount(amount, self.currency, self.currency_decimals)


def decide(provider: uuid.UUID, question: Authorise, terms: Terms) -> Answer:
    """The answer to this attempt at the job: computed once, the same ever after.

    Raises UnknownQueue, NotDecidable; NotHereYet, and then nothing is decided.
    """
    return transact(lambda: _decide_once(provider, question, terms))


def _decide_once(provider: uuid.UUID, question: Authorise, terms: Terms) -> Answer:
    job_id = uuid.UUID(question.job.job_id)
    job = _known_job(job_id)
    if job is not None:
        if job.provider_id != provider:
            taken = take_over(job, provider, question.job, timezone.now())
            if taken is None:
                raise NotDecidable(f"job {job_id} belongs to another provider")
            job.save()
            taken.save()
        elif job.job_state is JobState.MOVING and is_open(job):
            raise NotDecidable(f"job {job_id} is on its way to another provider")
        earlier = answer_to(job, question.attempt)
        if earlier is not None:
            return _answers.decode(earlier)
        if job.job_state is JobState.REFUSED and question.attempt > job.attempt:
            # Its provider asks anew, so it never heard of the refusal: it was held or redirected before that came.
            forget_unheard_answer(job, job.attempt)
        _check_in_time(job, question.attempt)
    queue = terms_of(provider, question.job.queue)
    if queue is None:
        raise UnknownQueue(f"this server has no queue {question.job.queue} for this provider")
    if job is None:
        job = new_job(job_id, question.job, provider, queue.id, timezone.now())
    return _decide_now(job, queue, question, terms)


def _known_job(job_id: uuid.UUID) -> Job | None:
    """The job, locked; None for one that is new, as most are."""
    if not sql.rows("SELECT 1 FROM jobs_job WHERE uuid = %s", (sql.of_uuid(job_id),)):
        return None
    return Job.objects.select_for_update().get(uuid=job_id)


def _check_in_time(job: Job, attempt: int) -> None:
    if job.job_state.is_final:
        raise NotDecidable(f"job {job.uuid} is already {job.state}")
    if attempt < job.attempt:
        raise NotDecidable(f"job {job.uuid} was already decided at attempt {job.attempt}")


def _decide_now(job: Job, queue: QueueTerms, question: Authorise, terms: Terms) -> Answer:
    now = timezone.now()
    # Whose owner released it at the printer is not there any more when credit comes: then it is not printed alone.
    earlier = _earlier_answers(job, question.attempt)
    is_first = question.attempt == 1 + sent_back(earlier)
    by_itself = is_first or job.cost_awaited is not None or (_waited_for_choice(job) and not queue.hold)
    job.attempt, job.offline = question.attempt, False
    job.printer_id = queue.id  # redirected, if its report did not come yet
    job.cost_awaited = job.credit_found_at = None
    if job.unlogged:
        note_logged(job, question.job)
    note_document(job, question.document)
    catch_up(job, JobEvent.AUTHORISED, now)
    answer = _answer(job, queue, question, terms, earlier, is_first=is_first, by_itself=by_itself)
    step = _apply(job, answer, terms, now)
    job.save()
    if step is not None:
        step.job = job
        step.save()
    if isinstance(answer, Refuse):
        tell_refused(job)
    Decision.objects.create(job=job, attempt=question.attempt, answer=msgspec.json.encode(answer).decode())
    log.info(
        "decided job=%s number=%d attempt=%d answer=%s cost=%s", job.uuid, job.number, job.attempt,
        type(answer).__name__.lower(), job.cost_reserved,
    )  # fmt: skip
    return answer


def _earlier_answers(job: Job, attempt: int) -> tuple[Answer, ...]:
    """What was answered to earlier attempts, in no order."""
    if attempt == 1 or job.pk is None:
        return ()
    return tuple(_answers.decode(answer) for answer in answers_before(job, attempt))


def _waited_for_choice(job: Job) -> bool:
    """True if choosing its account released it, or if it is still to be chosen."""
    return job.account_info_needed or job.chosen_account_id is not None


def _answer(
    job: Job,
    queue: QueueTerms,
    question: Authorise,
    terms: Terms,
    earlier: tuple[Answer, ...],
    *,
    is_first: bool,
    by_itself: bool,
) -> Answer:
    try:
        owner = owner_of(question.job, queue, terms.new_users)
        job.owner_id, job.account_id = owner.user, owner.account
        check_active(owner)
        costs = for_person(queue.costs, percent_of(owner.user))
        cost = quote(question.document, costs, queue.unknown_pages, queue.name)
    except NotAllowed as refused:
        return _refuse(job, refused)
    except Unprintable as unprintable:
        return Refuse(reason=RefusalReason.DOCUMENT_UNPRINTABLE, message=str(unprintable))
    if queue.has_presets and (why := _objection(job, queue, owner, question.document)):
        return Refuse(reason=RefusalReason.ACCOUNT_AUTHORIZATION_FAILED, message=why)
    by_rules = answer_by_rules(Asked(job, question, owner.name, cost, earlier)) if queue.has_rules else None
    if by_rules is not None and not isinstance(by_rules, SharedAccount):
        return by_rules
    job.account_info_needed = False
    try:
        charge = charge_of(job, owner, by_rules)
    except NotAllowed as refused:
        return _refuse(job, refused)
    except InfoNeeded as needed:
        job.account_info_needed = True
        return _hold(job, needed.sentence, RefusalReason.ACCOUNT_INFO_NEEDED)
    job.account_id = charge.account
    if charge.invoice is not None:
        job.invoice = charge.invoice
    if queue.find_me:
        return Hold(reason="Waits until it is released at a printer.")
    if queue.hold and is_first:
        return Hold(reason="Waits until its owner releases it.")
    try:
        ledger.reserve(job.uuid, question.attempt, charge.payer, cost)
    except ledger.LimitReached as limit:
        if queue.over_limit == OverLimit.REFUSE:
            words = said("too-little", cost=cost, left=limit.available)
            return _refuse(job, NotAllowed(RefusalReason.ACCOUNT_LIMIT_REACHED, words))
        return _hold_for_credit(job, cost, limit.available, by_itself=by_itself)
    except ledger.AccountClosed:
        closed = said("account-closed", account=charge.name)
        return _refuse(job, NotAllowed(RefusalReason.ACCOUNT_CLOSED, closed))
    return Print(cost=cost, account=charge.name)


def _objection(job: Job, queue: QueueTerms, owner: Owner, document: DocumentSummary) -> str:
    """Its provider made the job as its owner's preset allows; but the document may have a will of its own."""
    return objection(preset_for(queue.id, owner.user), document.output, job.copies, job.sides)


def _hold_for_credit(job: Job, cost: Decimal, left: Decimal, *, by_itself: bool) -> Hold:
    if by_itself:
        job.cost_awaited = cost
    kind = "too-little-waits" if by_itself else "too-little-held"
    return _hold(job, said(kind, cost=cost, left=left), RefusalReason.ACCOUNT_LIMIT_REACHED)


def _hold(job: Job, sentence: str, keyword: RefusalReason) -> Hold:
    """The provider repeats the words when it holds the job, and their facts are here already (sentences.known_or)."""
    job.reason = sentence
    return Hold(reason=str(sentence), keyword=keyword.value)


def _refuse(job: Job, refused: NotAllowed) -> Refuse:
    job.reason = refused.sentence
    return Refuse(reason=refused.reason, message=str(refused.sentence))


def _apply(job: Job, answer: Answer, terms: Terms, now: datetime) -> JobStep | None:
    """Moves the job as the answer says; the line for its time line. What a provider does
    about it, it reports."""
    if isinstance(answer, Print):
        move(job, JobEvent.AUTHORISED, now)
        job.cost_reserved, job.reason = answer.cost, ""
        text = said("reserved", cost=answer.cost, account=answer.account)
        return JobStep(at=now, event=JobEvent.AUTHORISED.value, state=job.state, text=text)
    if job.cost_reserved:
        ledger.release(job.uuid)
        job.cost_reserved = ZERO
    if not isinstance(answer, Refuse):
        return None
    move(job, JobEvent.REFUSED, now)
    job.reason = known_or(job.reason, answer.message[:500])
    return JobStep(at=now, event=JobEvent.REFUSED.value, state=job.state, text=job.reason)
