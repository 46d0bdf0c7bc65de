"""What each reported fact does to its job: its state, its money, its time line."""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING

from everprint.contract.job_life import IllegalEvent, JobEvent, JobState
from everprint.contract.messages import (
    CounterCheck,
    DecidedOffline,
    DeliveryBegun,
    DeliveryFailed,
    DocumentSent,
    Event,
    JobAnalysed,
    JobChanged,
    JobFact,
    JobFinished,
    JobGiven,
    JobHeld,
    JobNoted,
    JobReceived,
    JobRedirected,
    JobReleased,
    JobResubmitted,
    JobTaken,
    JobTakenBack,
    OrderReported,
    PasswordRefused,
    RedirectFailed,
    ResubmitFailed,
)
from everprint.contract.pricing import Costs, for_person, price
from everprint.server.accounts import ledger
from everprint.server.accounts.money import ZERO
from everprint.server.charging.choice import release_if_chosen
from everprint.server.jobs.hand_over_reports import take_back, take_giving, take_taking, was_given_by
from everprint.server.jobs.hand_overs import note_not_given
from everprint.server.jobs.life import LEADS_TO, catch_up, move
from everprint.server.jobs.models import Job, JobStep
from everprint.server.jobs.offline import decided_costs, forget_unheard_answer, take_offline_decision
from everprint.server.jobs.record import new_job, note_document, note_output
from everprint.server.jobs.redirection import take_change, take_redirection
from everprint.server.jobs.resubmission import take_resubmission
from everprint.server.jobs.sentences import as_sentence, known_or, said
from everprint.server.jobs.text import kept
from everprint.server.printers.models import Printer
from everprint.server.providers.orders import take_report

if TYPE_CHECKING:
    from everprint.server.jobs.replay import Batch

log = logging.getLogger(__name__)

_EVENT_OF: dict[type, JobEvent] = {
    JobReceived: JobEvent.DOCUMENT_RECEIVED,
    JobAnalysed: JobEvent.ANALYSED,
    JobHeld: JobEvent.HELD,
    JobReleased: JobEvent.RELEASED,
    DeliveryBegun: JobEvent.DELIVERY_BEGUN,
    DocumentSent: JobEvent.DOCUMENT_SENT,
    DeliveryFailed: JobEvent.DELIVERY_FAILED,
}

_ENDING: dict[JobState, JobEvent] = {
    JobState.COMPLETED: JobEvent.COMPLETED,
    JobState.CANCELLED: JobEvent.CANCELLED,
    JobState.ABORTED: JobEvent.ABORTED,
}


def apply_fact(batch: Batch, job_id: uuid.UUID, event: Event, fact: JobFact) -> None:
    """Takes one fact about a job."""
    job = batch.jobs.get(job_id)
    if job is None:
        if not isinstance(fact, JobReceived):
            log.error("event about a job never heard of job=%s sequence=%d ignored", job_id, event.sequence)
            return
        job = _receive(batch, job_id, event, fact)
        if job is None:
            return
    elif job.provider_id != batch.provider.pk and not isinstance(fact, JobTaken):
        if was_given_by(job, batch.provider.pk):
            log.info("event about a job that it gave away job=%s provider=%s ignored", job_id, batch.provider.name)
            return
        log.error("event about another provider's job=%s provider=%s ignored", job_id, batch.provider.name)
        return
    batch.changed[job_id] = job
    match fact:
        case JobFinished():
            batch.steps.append(_finish(batch, job, event, fact))
        case PasswordRefused(reason=reason):
            job.reason = kept(reason, 500)
            batch.steps.append(
                JobStep(
                    job=job,
                    at=event.at,
                    event="password-refused",
                    state=job.state,
                    text=job.reason,
                    sequence=event.sequence,
                )
            )
        case DecidedOffline():
            batch.steps.append(take_offline_decision(batch, job, event, fact))
        case JobNoted():
            _note(job, fact)
        case OrderReported():
            take_report(batch.provider.pk, fact)
        case JobRedirected():
            batch.steps.append(take_redirection(batch, job, event, fact))
        case JobChanged():
            batch.steps.append(take_change(job, event, fact))
        case JobGiven():
            batch.steps.append(take_giving(job, event, fact))
        case JobTakenBack():
            batch.steps.append(take_back(job, event, fact))
        case JobTaken():
            if (taken := take_taking(batch, job, event, fact)) is not None:
                batch.steps.append(taken)
        case JobResubmitted() | ResubmitFailed():
            batch.steps.append(take_resubmission(job, event, fact))
        case RedirectFailed():
            note_not_given(job, fact.reason)
            text = said("not-redirected", queue=fact.queue, why=fact.reason)
            batch.steps.append(_step(job, event, JobEvent.REDIRECTED, job.state, text, moved=False))
        case _:
            batch.steps.append(_advance(job, event, fact))


def _note(job: Job, fact: JobNoted) -> None:
    if job.unlogged:
        return
    job.name = kept(fact.job_name, 255)
    job.noted = {
        "job_state_reasons": [kept(reason, 100) for reason in fact.job_state_reasons[:50]],
        "job_state_message": kept(fact.job_state_message, 1023),
        "hold": fact.hold,
        "is_cancelling": fact.is_cancelling,
        "completed_at": fact.completed_at.isoformat() if fact.completed_at else None,
        "document_until": fact.document_until.isoformat() if fact.document_until else None,
    }


def job_of(batch: Batch, job_id: uuid.UUID, event: Event, fact: JobReceived) -> Job | None:
    """The row of a job that was not heard of before, not saved; None if it came to a queue that never was."""
    printer = batch.printers.get(fact.job.queue)
    if printer is None:  # removed meanwhile: its jobs keep it
        printer = Printer.objects.filter(provider=batch.provider, name=fact.job.queue).order_by("-pk").first()
    if printer is None:
        log.error("job=%s for the unknown queue=%r ignored", job_id, fact.job.queue)
        return None
    return new_job(job_id, fact.job, batch.provider.pk, printer.pk, event.at)


def _receive(batch: Batch, job_id: uuid.UUID, event: Event, fact: JobReceived) -> Job | None:
    job = batch.received.pop(job_id, None) or job_of(batch, job_id, event, fact)
    if job is None:
        return None
    owner = batch.owner(fact.job.user_name)
    if owner is not None:
        job.owner_id, job.account_id = owner.user, owner.account
    if job._state.adding:
        job.save()
    batch.jobs[job_id] = job
    return job


def _advance(job: Job, event: Event, fact: JobFact) -> JobStep:
    """A step on the way. History, and what cannot happen, is recorded without effect."""
    happening = _EVENT_OF[type(fact)]
    if isinstance(fact, JobHeld):
        forget_unheard_answer(job, job.releases + 1)
    # Of a job that is printed for nobody nothing is kept that could say whose it was.
    text = "" if job.unlogged else _text(fact)
    history = job.releases < job.attempt - 1 or _is_passed(job, happening)
    if isinstance(fact, JobReleased):
        job.releases += 1
    if isinstance(fact, DeliveryBegun) and job.processing_at is None:
        job.processing_at = event.at
    if isinstance(fact, JobAnalysed) and job.document is None:
        note_document(job, fact.document)
    if history:
        return _step(job, event, happening, LEADS_TO[happening].value, text)
    try:
        move(job, happening, event.at)
    except IllegalEvent as illegal:
        log.warning("event has no effect job=%s sequence=%d: %s", job.uuid, event.sequence, illegal)
        return _step(job, event, happening, job.state, f"{text} (without effect: {illegal})".strip(), moved=False)
    _take_effect(job, fact)
    return _step(job, event, happening, job.state, text)


def _is_passed(job: Job, happening: JobEvent) -> bool:
    """True for the first two steps of a job whose decision came before their report."""
    passed = {
        JobEvent.DOCUMENT_RECEIVED: job.state != JobState.INCOMING,
        # One that was redirected is analysed again.
        JobEvent.ANALYSED: job.attempt > 0 and job.state != JobState.ACCEPTED,
    }
    return passed.get(happening, False)


def _take_effect(job: Job, fact: JobFact) -> None:
    match fact:
        case JobHeld(reason=reason, in_doubt=in_doubt, look_again=look_again, password_encryption=encryption):
            job.reason = known_or(job.reason, kept(reason, 500))
            job.in_doubt, job.password_encryption = in_doubt, kept(encryption, 20)
            if look_again and (job.releases == 0 or job.cost_awaited is not None):
                job.cost_awaited, job.credit_found_at = ZERO, None
            if not in_doubt:
                ledger.release(job.uuid)
                job.cost_reserved = ZERO
                release_if_chosen(job)
        case JobReleased():
            job.reason, job.in_doubt, job.password_encryption = "", False, ""
        case DocumentSent(device_job_id=number):
            job.device_job_id = number
        case DeliveryFailed(reason=reason):
            job.reason = kept(reason, 500)
        case _:
            pass


def _finish(batch: Batch, job: Job, event: Event, fact: JobFinished) -> JobStep:
    """How it ended: settled on what came out, or released if nothing did."""
    ending = _ENDING.get(fact.state)
    if ending is None or job.job_state.is_final:
        why = f"already {job.state}" if ending else f"{fact.state} is not an end that a provider reports"
        log.warning("end of job=%s sequence=%d has no effect: %s", job.uuid, event.sequence, why)
        text = f"{fact.state}: {_text(fact)} (without effect: {why})"
        return _step(job, event, ending or JobEvent.ABORTED, job.state, text, moved=False)
    job.unreleased = _waits_unreleased(job) and not fact.output.impressions
    catch_up(job, ending, event.at)
    move(job, ending, event.at)
    job.reason, job.in_doubt = "" if job.unlogged else kept(fact.reason, 500), False
    note_output(job, fact.output)
    if fact.counter is not None:
        _note_counter(job, fact.counter)
    costs = decided_costs(batch, job) or for_person(batch.costs_of(job.printer_id), batch.percent_of(job.owner_id))
    _charge(batch, job, fact, costs)
    return _step(job, event, ending, job.state, "" if job.unlogged else _text(fact))


def _waits_unreleased(job: Job) -> bool:
    """True for a held job that nobody released; one in doubt may be on paper."""
    return job.job_state is JobState.HELD and not job.releases and not job.in_doubt


def _note_counter(job: Job, check: CounterCheck) -> None:
    job.counter_before, job.counter_after = check.before, check.after
    job.counter_remark = kept(check.remark, 200)


def _charge(batch: Batch, job: Job, fact: JobFinished, costs: Costs) -> None:
    job.cost_reserved = ZERO
    if not fact.output.impressions or job.unlogged:
        ledger.release(job.uuid)
        return
    cost = price(fact.output, costs)
    try:
        settled = ledger.settle(job.uuid, cost, batch.payers_of(job.account_id))
    except ledger.NothingToCharge:
        log.exception("printed by nobody known job=%s user=%r cost=%s", job.uuid, job.user_name, cost)
        job.cost_uncollected = cost
        return
    job.account_id, job.cost_charged, job.cost_uncollected = settled.account, settled.charged, settled.uncollected
    if settled.uncollected:
        log.warning("printed beyond the credit job=%s uncollected=%s", job.uuid, settled.uncollected)


def _step(job: Job, event: Event, happening: JobEvent, state: str, text: str, *, moved: bool = True) -> JobStep:
    return JobStep(
        job=job,
        at=event.at,
        event=happening.value,
        state=state,
        text=as_sentence(text),
        moved=moved,
        sequence=event.sequence,
    )


def _text(fact: JobFact) -> str:
    match fact:
        case JobHeld(reason=reason) | DeliveryFailed(reason=reason) | JobFinished(reason=reason):
            return reason
        case DeliveryBegun(device_uri=device_uri) if device_uri:
            return said("to-device", device=device_uri)
        case DocumentSent(device_job_id=number):
            return said("device-job", number=number)
        case JobAnalysed(document=document) if document.output is None:
            return document.reason or "its pages cannot be counted"
        case JobAnalysed(document=document):
            return said(
                "found", language=document.language, pages=document.pages, confidence=document.confidence.value
            )
        case _:
            return ""
