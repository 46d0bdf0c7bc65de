"""What people ask to be done with a job: an order to its provider, which does it and reports.

The job's owner may, whoever may manage jobs, and who operates its printer (release.operators); release it, whom its
owner let do so, too (release.delegates). What
the job's state rules out is refused at once.
"""

from __future__ import annotations

from django.utils import timezone

from everprint.contract.device_uris import is_find_me
from everprint.contract.job_life import TRANSITIONS, JobEvent, JobState
from everprint.contract.job_passwords import hashed
from everprint.contract.messages import CancelJob, HoldJob, OrderKind, ReleaseJob
from everprint.server.access.permissions import Permission
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.jobs.models import Job, JobStep
from everprint.server.languages import Worded
from everprint.server.languages import marked as _
from everprint.server.people.models import User
from everprint.server.providers.orders import make_order
from everprint.server.release.delegates import is_delegate
from everprint.server.release.operators import operates

_NOT_YOURS = {
    "cancel": _("job %(job)s is not yours to cancel"),
    "hold": _("job %(job)s is not yours to hold"),
    "release": _("job %(job)s is not yours to release"),
}
PIN_ONLY = _("job %(job)s is released with its PIN only")


class NotPossible(Worded):
    """The job is in a state in which this cannot be done."""


class NotYours(Worded):
    """The job is somebody else's, and the actor may not manage jobs."""


def may_steer(job: Job, actor: User) -> bool:
    """True if the actor may cancel, hold and release the job."""
    own = job.owner_id == actor.pk and actor.may(Permission.USE_OWN)
    return own or may_operate(job, actor)


def may_operate(job: Job, actor: User) -> bool:
    """True if the actor may manage everybody's jobs, or operates the printer of this one."""
    return actor.may(Permission.MANAGE_JOBS) or operates(actor, job.printer_id)


def may_release(job: Job, actor: User) -> bool:
    """True if the actor may release the job: who may steer it, and whom its owner let do so."""
    return may_steer(job, actor) or (actor.may(Permission.USE_OWN) and is_delegate(actor, job.owner_id))


def can(job: Job, event: JobEvent) -> bool:
    """True if a person can make that happen to the job now: `CANCELLED`, `HELD` or `RELEASED`."""
    if event is JobEvent.HELD and job.state not in (JobState.ANALYSED, JobState.AUTHORISED):
        return False  # once the printer has it, only its provider holds it, in doubt
    return (job.job_state, event) in TRANSITIONS


def order_cancel(job: Job, actor: User) -> None:
    """Cancels the job wherever it stands.

    Raises NotYours, NotPossible.
    """
    _order(job, actor, JobEvent.CANCELLED, "cancel", CancelJob(job_id=str(job.uuid), by=actor.name))


def order_hold(job: Job, actor: User) -> None:
    """Holds the job, if the printer does not have it yet.

    Raises NotYours, NotPossible.
    """
    _order(job, actor, JobEvent.HELD, "hold", HoldJob(job_id=str(job.uuid), by=actor.name))


def order_release(job: Job, actor: User) -> None:
    """Lets the held job go on.

    Raises NotYours, NotPossible.
    """
    if job.password_encryption:
        raise NotPossible(PIN_ONLY, job=job.number)
    _order(job, actor, JobEvent.RELEASED, "release", ReleaseJob(job_id=str(job.uuid), by=actor.name))


def order_release_with_pin(job: Job, actor: User, pin: str) -> None:
    """Lets the held job go on if that is its PIN: its provider, which alone knows, compares and counts the tries.

    Raises NotYours, NotPossible.
    """
    password = hashed_pin(job, pin)
    order = ReleaseJob(
        job_id=str(job.uuid), by=actor.name, password=password, password_encryption=job.password_encryption
    )
    _order(job, actor, JobEvent.RELEASED, "release", order)


def hashed_pin(job: Job, pin: str) -> bytes:
    """The PIN as the job's provider compares it.

    Raises NotPossible if the job waits for none, or that can be none.
    """
    if not job.password_encryption:
        raise NotPossible(_("job %(job)s does not wait for a PIN"), job=job.number)
    try:
        return hashed(pin.encode(), job.password_encryption)
    except ValueError as error:
        raise NotPossible(str(error)) from None


def _order(job: Job, actor: User, event: JobEvent, verb: str, do: OrderKind) -> None:
    may = may_release if event is JobEvent.RELEASED else may_steer
    if not may(job, actor):
        raise NotYours(_NOT_YOURS[verb], job=job.number)

    def work() -> None:
        now = Job.objects.select_related("printer").get(pk=job.pk)
        if event is JobEvent.RELEASED and is_find_me(now.printer.device_uri):
            raise NotPossible(_("job %(job)s is released at a printer: say at which"), job=now.number)
        if not can(now, event):
            words = _("job %(job)s is in the state %(state)s: it is too late for that, or too early")
            raise NotPossible(words, job=now.number, state=now.job_state)
        make_order(now.provider_id, do)
        JobStep.objects.create(
            job=now, at=timezone.now(), event="ordered", state=now.state, text=f"{verb} ordered", actor=actor
        )
        if now.owner_id != actor.pk:
            note(f"job.{verb}", now, after={"document": now.name, "user": now.user_name})

    transact(work)
