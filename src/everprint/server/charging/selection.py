"""How a job finds the account it is charged to: by a rule, or what is set for its owner, a group or the printer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from everprint.contract.messages import FetchSnapshot, RefusalReason
from everprint.contract.selection import SelectionMode
from everprint.server import sql
from everprint.server.accounts.holders import tell_print_servers
from everprint.server.accounts.payers import Payer
from everprint.server.audit_log.note import note
from everprint.server.charging.models import AccountSelection, CommentOption, InvoiceOption, SharedAccount
from everprint.server.charging.shared import accounts_open_to, find_shared
from everprint.server.database import transact
from everprint.server.jobs.owner import NotAllowed, Owner
from everprint.server.jobs.sentences import said
from everprint.server.people.models import Group, User
from everprint.server.printers.models import Printer
from everprint.server.providers.orders import make_order

if TYPE_CHECKING:
    from everprint.server.jobs.models import Job


class InfoNeeded(Exception):
    """The account must be chosen first; the sentence tells the job's owner."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Charge:
    """Who pays for a job, and what its invoice says."""

    payer: Payer
    account: int
    name: str
    invoice: bool | None = None  # None for a person's own account


def charge_of(job: Job, owner: Owner, by_rule: SharedAccount | None = None) -> Charge:
    """Who pays for that job of that owner; `by_rule` does whatever was chosen or is set, if a rule says so.

    Raises InfoNeeded, NotAllowed.
    """
    if by_rule is not None:
        return _shared(by_rule, job)
    if job.chosen_account_id is not None:
        return _chosen(job, owner)
    selection = selection_for(owner.user, job.printer_id)
    mode = SelectionMode.PERSONAL if selection is None else SelectionMode(selection.mode)
    if mode is SelectionMode.SHARED:
        assert selection is not None
        assert selection.account is not None
        return _shared(selection.account, job)
    if job.job_account_id and mode in (SelectionMode.CHOOSE, SelectionMode.ATTRIBUTE):
        return _named(job, owner)
    if mode is SelectionMode.CHOOSE:
        raise InfoNeeded("Choose the account that this job is charged to, on its page.")
    return Charge(owner.payers, owner.account, owner.account_name)


def selection_for(user: int, printer: int) -> AccountSelection | None:
    """What is set for that person, else for one of their groups (the first by name), else for the printer."""
    set_here = sql.rows(
        "SELECT id FROM charging_accountselection WHERE user_id = %s OR printer_id = %s "
        "OR group_id IN (SELECT group_id FROM people_group_members WHERE user_id = %s)",
        (user, printer, user),
    )
    if not set_here:  # as for most jobs
        return None
    found = AccountSelection.objects.filter(pk__in=[number for (number,) in set_here])
    return min(found.select_related("group", "account__account", "account__parent__account"), key=_rank, default=None)


def _rank(selection: AccountSelection) -> tuple[int, str]:
    if selection.user_id is not None:
        return 0, ""
    return (1, selection.group.name) if selection.group else (2, "")


def select_for(
    whose: User | Group | Printer, mode: SelectionMode | None, account: SharedAccount | None = None
) -> None:
    """Sets how the account is selected for that user, that group's members or on that printer; None: not set here."""
    key = {User: "user", Group: "group", Printer: "printer"}[type(whose)]

    def work() -> None:
        was = AccountSelection.objects.filter(**{key: whose}).first()
        before = {"mode": was.mode if was else None, "account": str(was.account) if was and was.account else None}
        AccountSelection.objects.filter(**{key: whose}).delete()
        if mode is not None:
            chosen = account if mode is SelectionMode.SHARED else None
            AccountSelection.objects.create(**{key: whose}, mode=mode.value, account=chosen)
        after = {"mode": mode.value if mode else None, "account": str(account) if account else None}
        note("account-selection.set", whose, before, after)
        _tell(whose)

    transact(work)


def _tell(whose: User | Group | Printer) -> None:
    """Print servers that decide alone must hear of it."""
    if isinstance(whose, Printer):
        make_order(whose.provider_id, FetchSnapshot())
        return
    tell_print_servers([whose] if isinstance(whose, User) else whose.members.all())


def _chosen(job: Job, owner: Owner) -> Charge:
    if job.chosen_account_id == owner.account:
        return Charge(owner.payers, owner.account, owner.account_name)
    shared = SharedAccount.objects.select_related("account", "parent__account").get(pk=job.chosen_account_id)
    return _shared(shared, job)


def _named(job: Job, owner: Owner) -> Charge:
    shared = find_shared(job.job_account_id)
    if shared is None or not accounts_open_to(User.objects.get(pk=owner.user)).filter(pk=shared.pk).exists():
        raise NotAllowed(
            RefusalReason.ACCOUNT_AUTHORIZATION_FAILED,
            said("not-open", account=job.job_account_id, name=owner.name),
        )
    return _shared(shared, job)


def _shared(shared: SharedAccount, job: Job) -> Charge:
    if not shared.is_open:
        raise NotAllowed(RefusalReason.ACCOUNT_CLOSED, said("account-closed", account=shared.account.name))
    if shared.comment_option == CommentOption.REQUIRED and not job.charge_comment:
        raise InfoNeeded(said("comment-needed", account=shared.account.name))
    invoice = {
        InvoiceOption.ALWAYS: True,
        InvoiceOption.NEVER: False,
        InvoiceOption.CHOICE_ON: job.invoice is not False,
        InvoiceOption.CHOICE_OFF: job.invoice is True,
    }[InvoiceOption(shared.invoice_option)]
    return Charge(shared.pk, shared.pk, shared.account.name, invoice)
