"""What the two providers of a hand-over report of it, and what that does to the job: its provider and its money.

The job is its giver's in these books until the taker speaks of it, by its report or by its question about the job,
whichever comes first. What was reserved is given back as the job goes; the taker's decision reserves anew.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from everprint.contract.job_life import IllegalEvent, JobEvent
from everprint.contract.messages import Event, JobDescription, JobGiven, JobTaken, JobTakenBack
from everprint.server.accounts import ledger
from everprint.server.accounts.money import ZERO
from everprint.server.jobs.hand_overs import note_kept
from everprint.server.jobs.life import LEADS_TO, catch_up, move
from everprint.server.jobs.models import HandOver, Job, JobStep
from everprint.server.jobs.offline import forget_unheard_answer
from everprint.server.jobs.record import job_id_of
from everprint.server.jobs.sentences import as_sentence, said
from everprint.server.jobs.text import kept

if TYPE_CHECKING:
    from everprint.server.jobs.replay import Batch

log = logging.getLogger(__name__)


def take_giving(job: Job, event: Event, fact: JobGiven) -> JobStep:
    """Books that it is on its way, and gives back what was reserved for it."""
    forget_unheard_answer(job, job.releases + 1)
    text = said("given-to", queue=fact.queue, name=fact.by)
    try:
        move(job, JobEvent.GIVEN, event.at)
    except IllegalEvent as illegal:
        log.warning("giving has no effect job=%s sequence=%d: %s", job.uuid, event.sequence, illegal)
        return _step(
            job, event.at, event.sequence, JobEvent.GIVEN, f"{text} (without effect: {illegal})", moved=False
        )
    ledger.release(job.uuid)
    job.cost_reserved, job.reason, job.cost_awaited, job.credit_found_at = ZERO, "", None, None
    return _step(job, event.at, event.sequence, JobEvent.GIVEN, text)


def take_back(job: Job, event: Event, fact: JobTakenBack) -> JobStep:
    """Books that its giver has it again; history if that decided about it before this was heard of."""
    history = job.releases < job.attempt - 1
    job.releases += 1
    if not history:
        try:
            move(job, JobEvent.TAKEN_BACK, event.at)
        except IllegalEvent as illegal:
            log.warning("taking back has no effect job=%s sequence=%d: %s", job.uuid, event.sequence, illegal)
            return _step(job, event.at, event.sequence, JobEvent.TAKEN_BACK, str(illegal), moved=False)
        _forget_findings(job)
        job.reason = kept(fact.reason, 500)
    return _step(job, event.at, event.sequence, JobEvent.TAKEN_BACK, fact.reason)


def take_over(job: Job, taker: uuid.UUID, description: JobDescription, at: datetime) -> JobStep | None:
    """Makes it the taker's, whose job it is since it claimed it; None, and nothing, if it did not. Not saved."""
    if job.job_state.is_final:
        return None
    hand_over = note_kept(job, taker)
    if hand_over is None:
        return None
    catch_up(job, JobEvent.TAKEN, at)
    move(job, JobEvent.TAKEN, at)
    # Its giver's report gave that back, unless a restored database has never heard of it.
    ledger.release(job.uuid)
    job.cost_reserved, job.reason, job.cost_awaited, job.credit_found_at = ZERO, "", None, None
    giver = job.provider.name
    job.provider_id, job.printer_id = taker, hand_over.target_id
    job.releases += 1
    if job.ipp_job_id is None:
        job.ipp_job_id = job_id_of(taker, description)
    _forget_findings(job)
    return _step(job, at, None, JobEvent.TAKEN, said("taken-from", provider=giver, queue=hand_over.target.name))


def take_taking(batch: Batch, job: Job, event: Event, fact: JobTaken) -> JobStep | None:
    """The taker's report; None if its question came before it, and all is booked."""
    step = take_over(job, batch.provider.pk, fact.job, event.at)
    if step is not None:
        step.sequence = event.sequence
    return step


def was_given_by(job: Job, provider: uuid.UUID) -> bool:
    """True if the job was that provider's once: what it still tells of it is of no use any more."""
    return HandOver.objects.filter(job=job, giver=provider).exists()


def _forget_findings(job: Job) -> None:
    job.document = None
    job.pages = job.sheets = job.impressions = job.colour_impressions = None


def _step(job: Job, at: datetime, sequence: int | None, event: JobEvent, text: str, *, moved: bool = True) -> JobStep:
    state = job.state if moved is False else LEADS_TO[event].value
    return JobStep(
        job=job, at=at, event=event.value, state=state, text=as_sentence(text), moved=moved, sequence=sequence
    )
