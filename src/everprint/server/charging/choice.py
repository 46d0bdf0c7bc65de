"""Choosing the account of one job, by its owner: stored first, then the job that waited for it is released."""

from __future__ import annotations

import msgspec
from django.utils import timezone

from everprint.contract.job_life import JobState
from everprint.contract.messages import Decision as Answer
from everprint.contract.messages import Hold, Print, RefusalReason, Refuse, ReleaseJob
from everprint.contract.selection import SelectionMode
from everprint.server.access.permissions import Permission
from everprint.server.accounts.holders import open_personal_account
from everprint.server.accounts.models import Account
from everprint.server.charging.models import CommentOption, InvoiceOption, SharedAccount
from everprint.server.charging.selection import selection_for
from everprint.server.charging.shared import accounts_open_to, find_shared, is_pin_of
from everprint.server.database import transact
from everprint.server.jobs.kept import answer_to
from everprint.server.jobs.models import Job, JobStep
from everprint.server.jobs.sentences import said
from everprint.server.languages import Worded
from everprint.server.languages import marked as _
from everprint.server.people.attempts import Attempts
from everprint.server.people.models import User
from everprint.server.providers.models import Provider
from everprint.server.providers.orders import make_order

CHOOSABLE = (JobState.INCOMING, JobState.ACCEPTED, JobState.ANALYSED, JobState.HELD)
pin_attempts = Attempts()

_answers: msgspec.json.Decoder[Print | Hold | Refuse] = msgspec.json.Decoder(Answer)


class BadChoice(Worded, ValueError):
    """The job cannot be charged so; `field` is what is wrong, the text says why."""

    def __init__(self, field: str, words: str, **values: object) -> None:
        super().__init__(words, **values)
        self.field = field


def may_choose(job: Job, actor: User) -> bool:
    """True if that person may choose the account of that job now."""
    steers = (job.owner_id == actor.pk and actor.may(Permission.USE_OWN)) or actor.may(Permission.MANAGE_JOBS)
    if not steers or job.owner_id is None or job.job_state not in CHOOSABLE:
        return False
    selection = selection_for(job.owner_id, job.printer_id)
    return job.account_info_needed or (selection is not None and selection.mode in ("choose", "attribute"))


def always_charged_to(job: Job) -> SharedAccount | None:
    """The one shared account that the job's owner, or its printer, has for all jobs: only a comment is asked for."""
    selection = None if job.owner_id is None else selection_for(job.owner_id, job.printer_id)
    return selection.account if selection is not None and selection.mode == SelectionMode.SHARED else None


def choose_account(
    job: Job, actor: User, name: str, *, pin: str = "", comment: str = "", invoice: bool | None = None, address: str
) -> None:
    """Charges the job to the shared account of that name, or, if it is empty, to its owner's own.

    A job that waits for this choice is released. Raises BadChoice, TooManyAttempts.
    """
    if not may_choose(job, actor):
        raise BadChoice("account", _("the account of job %(job)s cannot be chosen any more"), job=job.number)
    owner = job.owner
    assert owner is not None
    always = always_charged_to(job)
    if always is None:
        account = _account(owner, name, pin, comment, address)
    elif find_shared(name) == always:
        account = _open(always, comment)
    else:
        words = _("Job %(job)s is charged to %(account)s always.")
        raise BadChoice("account", words, job=job.number, account=always.account.name)

    def work() -> None:
        # The provider first, as whoever takes its reports does: no two wait for each other.
        Provider.objects.select_for_update().get(pk=job.provider_id)
        now = Job.objects.select_for_update().get(pk=job.pk)
        if now.job_state not in CHOOSABLE:
            raise BadChoice("account", _("the account of job %(job)s cannot be chosen any more"), job=now.number)
        waited = now.account_info_needed and now.job_state is JobState.HELD
        now.chosen_account, now.charge_comment, now.invoice = account, comment, invoice
        now.account_info_needed = False
        now.save(update_fields=["chosen_account", "charge_comment", "invoice", "account_info_needed"])
        text = said("charge-to", account=account.name)
        JobStep.objects.create(job=now, at=timezone.now(), event="ordered", state=now.state, text=text, actor=actor)
        if waited:
            make_order(now.provider_id, ReleaseJob(job_id=str(now.uuid), by=actor.name))

    transact(work)


def release_if_chosen(job: Job) -> None:
    """Of a job that its provider now reports as held: its release, if it is held for a choice that was made already,
    between the decision and this report."""
    if job.chosen_account_id is None or job.account_info_needed:
        return
    answer = answer_to(job, job.attempt)
    decision = None if answer is None else _answers.decode(answer)
    needed = RefusalReason.ACCOUNT_INFO_NEEDED.value
    if isinstance(decision, Hold) and decision.keyword == needed:
        make_order(job.provider_id, ReleaseJob(job_id=str(job.uuid), by=job.user_name, only_if=needed))


def _account(owner: User, name: str, pin: str, comment: str, address: str) -> Account:
    if not name.strip():
        return open_personal_account(owner)
    shared = find_shared(name)
    if shared is None or not _may_use(owner, shared, pin, address):
        words = _("%(user)s may not charge to an account %(account)s, or the PIN is wrong.")
        raise BadChoice("account", words, user=owner.name, account=name.strip())
    return _open(shared, comment)


def _open(shared: SharedAccount, comment: str) -> Account:
    """The account, if it is open and the comment is there that it needs."""
    if not shared.is_open:
        raise BadChoice("account", _("%(account)s is closed."), account=shared.account.name)
    if shared.comment_option == CommentOption.REQUIRED and not comment.strip():
        words = _("%(account)s needs a comment: what is the job for?")
        raise BadChoice("comment", words, account=shared.account.name)
    return shared.account


def _may_use(owner: User, shared: SharedAccount, pin: str, address: str) -> bool:
    if accounts_open_to(owner).filter(pk=shared.pk).exists():
        return True
    if not pin:
        return False
    pin_attempts.check(owner.name, address)
    if is_pin_of(shared, pin):
        return True
    pin_attempts.failed(owner.name, address)
    return False


def invoice_is_asked(option: str) -> bool:
    """True if the person says whether a job charged so is invoiced."""
    return option in (InvoiceOption.CHOICE_ON, InvoiceOption.CHOICE_OFF)
