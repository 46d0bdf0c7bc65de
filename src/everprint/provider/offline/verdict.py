"""What a provider decides about a job by itself: a pure function of the stored snapshot and of what people can spend.

The same checks in the same order as the server's own decision (server/jobs/decide.py), and one more: nobody prints
for more than the offline credit before the server was told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from everprint.contract.amounts import format_amount
from everprint.contract.failure_modes import OfflineTerms, Spendable, SpendableAccount
from everprint.contract.messages import (
    Authentication,
    Change,
    DocumentSummary,
    Hold,
    JobDescription,
    OverLimit,
    Print,
    Queue,
    Redirect,
    RefusalReason,
    Refuse,
)
from everprint.contract.presets import objection, preset_of
from everprint.contract.pricing import ZERO, for_person
from everprint.contract.quote import Unprintable, quote
from everprint.contract.rule_answer import RuleAnswer, answer_of, look_at
from everprint.contract.rules import NotKnownHere, verdict_of
from everprint.contract.selection import Selection, SelectionMode
from everprint.documents.ticket import Ticket

_AWAY = "The Application Server is away"


@dataclass(frozen=True, slots=True)
class Wait:
    """This provider cannot know: the job waits for the server as in mode *hold*."""

    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known here of the person who prints."""

    user_name: str  # in the server's spelling
    spendable: Spendable | None  # None: the person was not among those that the server told of
    everybody_known: bool  # the server told of everybody at least once
    spent: Decimal  # let through here since then, and not yet told
    # For a job that is charged to a shared account: what is known of it, and what was let through here on it.
    account: SpendableAccount | None = None
    spent_on_account: Decimal = ZERO
    spent_on_own: Decimal | None = None  # of `spent`, what is on the person's own account; None: all of it


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds for everybody."""

    terms: OfflineTerms
    currency: str

    def show(self, amount: Decimal) -> str:
        """An amount for people."""
        return format_amount(amount, self.currency, self.terms.currency_decimals)


@dataclass(frozen=True, slots=True)
class Asked:
    """The job that is decided; `at` is local time, `groups` are those that rules name and its owner is in."""

    job: JobDescription
    document: DocumentSummary
    at: datetime
    groups: frozenset[str] = frozenset()


def decide_alone(
    queue: Queue, conditions: Conditions, asked: Asked, who: Standing
) -> Print | Hold | Refuse | Change | Redirect | Wait:
    """The decision in mode *print and log later*.

    A job that is held here is one for the server to look at again.
    """
    document = asked.document
    person = who.spendable or _newcomer(queue, conditions, who)
    if isinstance(person, Wait):
        return person
    if not person.is_active:
        return Refuse(
            reason=RefusalReason.ACCOUNT_CLOSED, message=f"The account of {who.user_name} is closed. {_AWAY}."
        )
    try:
        costs = for_person(queue.costs, person.percent)
        cost = quote(document, costs, queue.unknown_pages, queue.name)
    except Unprintable as unprintable:
        return Refuse(reason=RefusalReason.DOCUMENT_UNPRINTABLE, message=str(unprintable))
    ticket = document.ticket or Ticket()
    preset = preset_of(queue.presets, who.user_name)
    if why := objection(preset, document.output, ticket.copies, ticket.sides):
        return Refuse(reason=RefusalReason.ACCOUNT_AUTHORIZATION_FAILED, message=why)
    if (by_rules := _by_rules(queue, asked, who.user_name, cost)) is not None:
        return by_rules
    charged = _charged(
        selection_of(queue, who.spendable), who, person, document_names_account=bool(asked.job.job_account_id)
    )
    if isinstance(charged, Wait | Refuse):
        return charged
    if charged.amount is not None and cost > (left := max(charged.amount - charged.spent, ZERO)):
        if who.spendable is None:
            return Wait(f"This print server was told of no {who.user_name}, who may have an account since.")
        return _over_limit(
            queue,
            f"This job costs {conditions.show(cost)}, and {conditions.show(left)} can be spent. {_AWAY}: "
            "credit that was added lately is not known here.",
            "Print it again when the server is back.",
        )
    limit = conditions.terms.offline_credit if person.offline_credit is None else person.offline_credit
    if cost > (left := max(limit - who.spent, ZERO)):
        return _over_limit(
            queue,
            f"{_AWAY}, and until it is back {who.user_name} can print for {conditions.show(left)} more; "
            f"this job costs {conditions.show(cost)}.",
            "Print it again then.",
        )
    return Print(cost=cost, account=charged.name, costs=costs)


def _by_rules(queue: Queue, asked: Asked, user_name: str, cost: Decimal) -> RuleAnswer | Wait | None:
    """What the rules say, by the local time of this machine; what people printed before only the server knows."""
    if not queue.rules:
        return None
    try:
        look = look_at(asked.job, asked.document, user_name, asked.at, cost, asked.groups)
        verdict = verdict_of(queue.rules, look)
    except NotKnownHere as error:
        return Wait(f"A rule asks {error}, and only the server knows.")
    return None if verdict is None else answer_of(verdict)


@dataclass(frozen=True, slots=True)
class _Charged:
    """The account that pays: what it had, and what was let through here on it since."""

    name: str
    amount: Decimal | None
    spent: Decimal


def selection_of(queue: Queue, spendable: Spendable | None) -> Selection:
    """How the person's account is selected on that queue."""
    own = None if spendable is None else spendable.selection
    return queue.selection if own is None else own


def _charged(
    selection: Selection, who: Standing, person: Spendable, *, document_names_account: bool
) -> _Charged | Wait | Refuse:
    if selection.mode is SelectionMode.CHOOSE:
        return Wait("The account that this job is charged to must be chosen.")
    if selection.mode is SelectionMode.ATTRIBUTE and document_names_account:
        return Wait("Only the server knows the account that this job names.")
    if selection.mode is not SelectionMode.SHARED:
        spent = who.spent if who.spent_on_own is None else who.spent_on_own
        return _Charged(who.user_name, person.amount, spent)
    if who.account is None or who.account.name != selection.account:
        return Wait(f"This print server was not told yet what the account {selection.account} can spend.")
    if not who.account.is_active:
        return Refuse(
            reason=RefusalReason.ACCOUNT_CLOSED, message=f"The account {selection.account} is closed. {_AWAY}."
        )
    return _Charged(selection.account, who.account.amount, who.spent_on_account)


def _over_limit(queue: Queue, why: str, what_to_do: str) -> Hold | Refuse:
    if queue.over_limit is OverLimit.HOLD:
        reason = f"{why} It waits, and is looked at again when the server is back."
        return Hold(reason=reason, keyword=RefusalReason.ACCOUNT_LIMIT_REACHED.value)
    return Refuse(reason=RefusalReason.ACCOUNT_LIMIT_REACHED, message=f"{why} {what_to_do}")


def _newcomer(queue: Queue, conditions: Conditions, who: Standing) -> Spendable | Wait:
    """Somebody whom the server never told of: let print only where it makes accounts by itself."""
    if not who.everybody_known:
        return Wait("This print server was not told yet what people can spend.")
    credit = conditions.terms.newcomer_credit
    if credit is None or queue.authentication is Authentication.BASIC:
        return Wait(f"This print server was told of no {who.user_name}.")
    return Spendable(who.user_name, credit)
