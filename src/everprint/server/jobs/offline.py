"""Decisions that a provider made while this server was away, booked afterwards: each once, in the order of reports.

The provider's word stands: paper may have moved. If we had answered the same attempt and the answer was lost, what we
reserved for it is the reservation of this decision too, for it has the same key; what we refused is taken back. An
account that cannot pay gives what it has; the rest is charged as uncollected when the job ends.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import Change, DecidedOffline, Event, Hold, OfflinePeriod, Print, Redirect, Refuse
from everprint.contract.messages import Decision as Answer
from everprint.contract.pricing import Costs
from everprint.contract.user_names import BadUserName
from everprint.server.accounts import ledger
from everprint.server.accounts.money import ZERO
from everprint.server.accounts.payers import as_payers
from everprint.server.charging.models import SharedAccount
from everprint.server.charging.shared import find_shared
from everprint.server.jobs.kept import answer_to, forget_people, open_again
from everprint.server.jobs.life import catch_up, move
from everprint.server.jobs.models import Decision, Job, JobStep
from everprint.server.jobs.owner import Owner, newcomer
from everprint.server.jobs.sentences import as_sentence, said
from everprint.server.jobs.text import kept
from everprint.server.notifications.refusals import tell_refused
from everprint.server.providers.models import Provider

if TYPE_CHECKING:
    from everprint.server.jobs.replay import Batch

log = logging.getLogger(__name__)

# A server that comes and goes makes one period for people, and not a hundred.
_SAME_PERIOD = timedelta(minutes=1)

_decisions: msgspec.json.Decoder[Print | Hold | Refuse | Change | Redirect] = msgspec.json.Decoder(Answer)


def take_offline_decision(batch: Batch, job: Job, event: Event, fact: DecidedOffline) -> JobStep:
    """Books the decision and moves the job as it says; the line for its time line."""
    happening = JobEvent.AUTHORISED if isinstance(fact.decision, Print) else JobEvent.REFUSED
    if fact.attempt < job.attempt:
        # Held and released since then, and decided anew before this report came.
        return _step(job, event, happening, "without the Application Server; decided anew since", moved=False)
    is_told = job.job_state is JobState.REFUSED and job.attempt == fact.attempt  # by our answer that nobody heard
    forget_unheard_answer(job, fact.attempt)
    if job.job_state.is_final:
        log.warning("offline decision has no effect job=%s sequence=%d state=%s", job.uuid, event.sequence, job.state)
        return _step(job, event, happening, f"without effect: already {job.state}", moved=False)
    job.attempt, job.offline, job.account_info_needed = fact.attempt, True, False
    job.cost_awaited = job.credit_found_at = None
    # In the place of an answer of ours that nobody heard.
    answer = Decision(job=job, attempt=fact.attempt, answer=msgspec.json.encode(fact.decision).decode())
    Decision.objects.bulk_create(
        [answer], update_conflicts=True, unique_fields=["job", "attempt"], update_fields=["answer"]
    )
    batch.decided[job.uuid] = fact
    catch_up(job, happening, event.at)
    move(job, happening, event.at)
    text = _take_effect(batch, job, fact)
    if isinstance(fact.decision, Refuse) and not is_told:
        tell_refused(job)
    return _step(job, event, happening, text)


def note_offline_period(provider: Provider, period: OfflinePeriod) -> None:
    """What the provider's page shows of it; the caller saves. One that follows the last closely goes on with it."""
    if provider.away_ended is None or period.began > provider.away_ended + _SAME_PERIOD:
        provider.away_began = period.began
        provider.away_printed = provider.away_unlogged = provider.away_refused = 0
    provider.away_ended = period.ended
    provider.away_printed += period.printed
    provider.away_unlogged += period.unlogged
    provider.away_refused += period.refused
    log.info(
        "provider was without us provider=%s began=%s ended=%s printed=%d unlogged=%d refused=%d",
        provider.name, period.began, period.ended, period.printed, period.unlogged, period.refused,
    )  # fmt: skip


def forget_unheard_answer(job: Job, attempt: int) -> None:
    """If our own answer to that attempt never arrived, the job stands where it stood before we gave it."""
    if job.attempt == attempt and job.job_state in (JobState.AUTHORISED, JobState.REFUSED):
        job.state, job.finished_at, job.reason = JobState.ANALYSED.value, None, ""
        job.unreleased = False
        open_again(job)


def _take_effect(batch: Batch, job: Job, fact: DecidedOffline) -> str:
    """The money, and what the time line says of it."""
    if not isinstance(fact.decision, Print):
        _give_back(job)
        job.reason = kept(fact.decision.message, 500)
        return job.reason
    job.reason = ""
    if not fact.logged:
        _give_back(job)
        _make_nobodys(batch, job)
        return "without the Application Server, for nobody"
    job.unlogged = False
    owner = _owner(batch, fact.user_name)
    if owner is None:
        return said("for-stranger", name=fact.user_name)
    job.owner_id, job.account_id = owner.user, owner.account
    cost, payer, name = fact.decision.cost, owner.payers, owner.account_name
    if (shared := _shared_account(fact.decision.account, owner)) is not None:
        job.account_id, payer, name = shared.pk, as_payers(shared.pk), shared.account.name
    try:
        job.cost_reserved = ledger.reserve(job.uuid, fact.attempt, payer, cost, what_there_is=True)
    except ledger.KeyReused:  # our answer that nobody heard was on another account: this one takes its place
        key = f"reserve:{job.uuid}:{fact.attempt}:alone"
        job.cost_reserved = ledger.reserve(job.uuid, fact.attempt, payer, cost, key, what_there_is=True)
    if job.cost_reserved < cost:
        log.warning("offline beyond the credit job=%s cost=%s reserved=%s", job.uuid, cost, job.cost_reserved)
        return said("reserved-short", amount=job.cost_reserved, account=name, cost=cost)
    return said("reserved-alone", cost=job.cost_reserved, account=name)


def _shared_account(name: str, owner: Owner) -> SharedAccount | None:
    """The shared account that the provider charged; its name may have changed meanwhile, then the owner pays."""
    return find_shared(name) if name and name != owner.account_name else None


def _owner(batch: Batch, user_name: str) -> Owner | None:
    owner, new_users = batch.owner(user_name), batch.terms.new_users
    if owner is not None or not new_users.create:
        return owner
    try:
        return newcomer(user_name, new_users)
    except BadUserName:
        log.exception("offline decision for a name that nobody can have user=%r", user_name)
        return None


def _give_back(job: Job) -> None:
    ledger.release(job.uuid)
    job.cost_reserved = ZERO


def decided_costs(batch: Batch, job: Job) -> Costs | None:
    """The prices that its provider let it through at without us; None if it did not, or an older one did not say."""
    if not job.offline:
        return None
    heard = batch.decided.get(job.uuid)
    if heard is not None and heard.attempt == job.attempt:
        return heard.decision.costs if isinstance(heard.decision, Print) else None
    answer = answer_to(job, job.attempt)
    decision = None if answer is None else _decisions.decode(answer)
    return decision.costs if isinstance(decision, Print) else None


def _make_nobodys(batch: Batch, job: Job) -> None:
    """Of a job that is not logged only the counts stay; what was said before it was known to be one goes, too."""
    job.unlogged = True
    job.owner = job.account = None
    job.user_name = job.name = job.client_address = ""
    job.job_account_id = job.job_accounting_user_id = ""
    job.authenticated = False
    job.noted = None
    forget_people(job)
    job.previews.all().delete()
    job.decisions.filter(attempt__lt=job.attempt).delete()
    job.steps.update(text="", actor=None)
    for step in batch.steps:
        if step.job_id == job.pk:
            step.text, step.actor = "", None


def _step(job: Job, event: Event, happening: JobEvent, text: str, *, moved: bool = True) -> JobStep:
    return JobStep(
        job=job, at=event.at, event=happening.value, state=job.state, text=as_sentence(text), moved=moved,
        sequence=event.sequence,
    )  # fmt: skip
