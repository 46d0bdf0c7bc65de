"""A job that waits is sent to another queue: what people ask for, and what the report of a redirection does.

Whoever may manage jobs may do it. Within one provider that does it and reports; to a queue of another one it is
handed over (hand_overs). The job is then priced and decided anew for the other printer, so its reservation is given
back, or was replaced by the new decision if that came first.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone

from everprint.contract.device_uris import HOOK_SCHEME, is_hooked
from everprint.contract.job_life import TRANSITIONS, IllegalEvent, JobEvent
from everprint.contract.messages import Event, JobChanged, JobRedirected, RedirectJob
from everprint.server.access.permissions import Permission
from everprint.server.accounts import ledger
from everprint.server.accounts.money import ZERO
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.jobs.hand_overs import order_hand_overs
from everprint.server.jobs.life import LEADS_TO, move
from everprint.server.jobs.models import Job, JobStep
from everprint.server.jobs.offline import forget_unheard_answer
from everprint.server.jobs.orders import PIN_ONLY, NotPossible, NotYours, hashed_pin, may_operate, may_release
from everprint.server.jobs.sentences import said
from everprint.server.jobs.text import kept
from everprint.server.languages import marked as _
from everprint.server.people.models import User
from everprint.server.printers.models import Printer
from everprint.server.providers.orders import make_orders
from everprint.server.release.operators import operates

if TYPE_CHECKING:
    from everprint.server.jobs.replay import Batch

log = logging.getLogger(__name__)

_WAITING = frozenset(state for state, event in TRANSITIONS if event is JobEvent.REDIRECTED)
# So many at once keep a transaction short; whoever wants more asks again.
MOST_AT_ONCE = 2000


def waiting_at(printer: Printer) -> QuerySet[Job]:
    """The jobs of the printer that can be redirected, the oldest first."""
    return Job.objects.filter(printer=printer, state__in=_WAITING, in_doubt=False).order_by("number")


def can_redirect(job: Job) -> bool:
    """True if it waits, and nobody need look first whether it was printed."""
    return job.job_state in _WAITING and not job.in_doubt


def targets_of(printer: Printer) -> QuerySet[Printer]:
    """The queues that its jobs can be sent to: all others that take jobs; none of or for CUPS.

    Those of its own provider come first. Those of others are there if both providers hand jobs over.
    """
    if is_hooked(printer.device_uri):
        return Printer.objects.none()
    own = Q(provider=printer.provider_id)
    reached = own | Q(provider__takes_jobs=True, provider__revoked_at=None) if printer.provider.takes_jobs else own
    others = Printer.objects.filter(reached, is_active=True, accepting=True).select_related("provider")
    hooked = Q(device_uri__startswith=f"{HOOK_SCHEME}:")
    return (
        others.exclude(pk=printer.pk)
        .exclude(hooked)
        .order_by(Case(When(own, then=0), default=1), "name", "provider__name")
    )


def target_named(printer: Printer, name: str, provider_name: str | None) -> Printer:
    """The queue of that name that its jobs can be sent to; of its own provider, if none is named.

    Raises NotPossible.
    """
    found = [one for one in targets_of(printer).filter(name=name) if provider_name in (None, one.provider.name)]
    if not found:
        of_whom = f" of {provider_name}" if provider_name else ""
        raise NotPossible(f"jobs of {printer.name} can be sent to no printer {name}{of_whom}")
    if len(found) > 1 and found[0].provider_id != printer.provider_id:
        raise NotPossible(f"several print servers have a printer {name}: say which (--to-provider)")
    return found[0]


def order_redirect(job: Job, target: Printer, actor: User | None) -> None:
    """Sends the job to the other printer, if none has it yet; `actor` None is whoever has the server's command line.

    Raises NotYours, NotPossible.
    """
    if actor is not None and not may_operate(job, actor):
        raise NotYours("only operators redirect jobs")
    _redirect(job, target, actor, release=False)


def order_release_at(job: Job, target: Printer, actor: User, *, pin: str = "") -> None:
    """Sends the waiting job to the other printer, of whichever provider, to be printed there at once.

    Its owner may do it, delegates and operators: for somebody who stands at that printer. One that waits for its PIN
    needs it: its provider, which alone knows it, compares it and counts the tries. Raises NotYours, NotPossible.
    """
    if not may_release(job, actor):
        raise NotYours(f"job {job.number} is not yours to release")
    if job.password_encryption and not pin:
        raise NotPossible(PIN_ONLY, job=job.number)
    password = hashed_pin(job, pin) if job.password_encryption else b""
    _redirect(job, target, actor, release=True, password=password)


def _redirect(job: Job, target: Printer, actor: User | None, *, release: bool, password: bytes = b"") -> None:
    def work() -> None:
        now = Job.objects.select_related("printer").get(pk=job.pk)
        if not can_redirect(now):
            if now.in_doubt:
                words = _("job %(job)s stays where it is: somebody must look first whether it was printed")
                raise NotPossible(words, job=now.number)
            words = _("job %(job)s cannot go to another printer: it is in the state %(state)s")
            raise NotPossible(words, job=now.number, state=now.job_state)
        _require_target(now.printer, target)
        _order([now], target, actor, release=release, password=password)
        note("job.redirect", now, after={"document": now.name, "user": now.user_name, "to": target.name})

    transact(work)


def order_redirect_all(printer: Printer, target: Printer, actor: User | None) -> int:
    """Sends the jobs that wait for the printer to the other one, the oldest 2000 at most; how many.

    Raises NotYours, NotPossible.
    """
    if actor is not None and not (actor.may(Permission.MANAGE_JOBS) or operates(actor, printer.pk)):
        raise NotYours("only operators redirect jobs")
    _require_target(printer, target)

    def work() -> int:
        jobs = list(waiting_at(printer)[:MOST_AT_ONCE])
        _order(jobs, target, actor, release=False)
        note("printer.redirect-jobs", printer, after={"jobs": len(jobs), "to": target.name})
        return len(jobs)

    return transact(work)


def take_redirection(batch: Batch, job: Job, event: Event, fact: JobRedirected) -> JobStep:
    """Books that it is in the other queue now; history if it was decided there before this was heard of."""
    text = f"to {fact.queue}, by {fact.by}"  # others_words knows it again
    forget_unheard_answer(job, job.releases + 1)
    history = job.releases < job.attempt - 1
    job.releases += 1
    if history:
        return _step(job, event, LEADS_TO[JobEvent.REDIRECTED].value, text)
    printer = batch.printers.get(fact.queue)
    if printer is None:  # removed meanwhile
        printer = Printer.objects.filter(provider=batch.provider, name=fact.queue).order_by("-pk").first()
    try:
        move(job, JobEvent.REDIRECTED, event.at)
    except IllegalEvent as illegal:
        log.warning("redirection has no effect job=%s sequence=%d: %s", job.uuid, event.sequence, illegal)
        return _step(job, event, job.state, f"{text} (without effect: {illegal})", moved=False)
    if printer is None:
        log.error("job=%s redirected to the unknown queue=%r", job.uuid, fact.queue)
    else:
        job.printer_id = printer.pk
    _forget_findings(job)
    return _step(job, event, job.state, text)


def take_change(job: Job, event: Event, fact: JobChanged) -> JobStep:
    """Books that a rule's change was made; history if it was decided since before this was heard of."""
    text = kept(fact.reason, 500)
    history = job.releases < job.attempt - 1
    job.releases += 1
    changed = JobEvent.CHANGED
    if history:
        return _step(job, event, LEADS_TO[changed].value, text, changed)
    try:
        move(job, changed, event.at)
    except IllegalEvent as illegal:
        log.warning("change has no effect job=%s sequence=%d: %s", job.uuid, event.sequence, illegal)
        return _step(job, event, job.state, f"{text} (without effect: {illegal})", changed, moved=False)
    _forget_findings(job)
    return _step(job, event, job.state, text, changed)


def _forget_findings(job: Job) -> None:
    """What it puts on paper is found out anew, and what it costs."""
    ledger.release(job.uuid)
    job.cost_reserved, job.reason, job.document = ZERO, "", None
    job.pages = job.sheets = job.impressions = job.colour_impressions = None


def _require_target(printer: Printer, target: Printer) -> None:
    if not targets_of(printer).filter(pk=target.pk).exists():
        raise NotPossible(
            f"{target.name} is no other printer that takes jobs and that its print server can hand jobs over to"
        )


def _order(jobs: Sequence[Job], target: Printer, actor: User | None, *, release: bool, password: bytes = b"") -> None:
    """A password is of the one job that is released with it."""
    if not jobs:
        return
    encryption = jobs[0].password_encryption if password else ""
    by = "an administrator" if actor is None else actor.name
    if jobs[0].provider_id == target.provider_id:
        orders = [
            RedirectJob(
                job_id=str(job.uuid), by=by, queue=target.name, release=release,
                password=password, password_encryption=encryption,
            )
            for job in jobs
        ]  # fmt: skip
        make_orders(target.provider_id, orders)
    else:
        order_hand_overs(jobs, target, by, release=release, password=password, password_encryption=encryption)
    now, text = timezone.now(), said("release-at" if release else "redirect-to", printer=target.name)
    JobStep.objects.bulk_create(
        [JobStep(job=job, at=now, event="ordered", state=job.state, text=text, actor=actor) for job in jobs]
    )


def _step(
    job: Job, event: Event, state: str, text: str, what: JobEvent = JobEvent.REDIRECTED, *, moved: bool = True
) -> JobStep:
    return JobStep(
        job=job, at=event.at, event=what.value, state=state, text=kept(text, 500), moved=moved,
        sequence=event.sequence,
    )  # fmt: skip
