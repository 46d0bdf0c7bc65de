"""What the rules say about a job that is being decided (jobs.decide), within its transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from everprint.contract.device_uris import is_hooked
from everprint.contract.messages import Authorise, Change, Decision, Hold, Redirect, RefusalReason, Refuse
from everprint.contract.rule_answer import RuleAnswer, answer_of, look_at
from everprint.contract.rules import Action, JobLook, Limit, Rule, verdict_of
from everprint.server.charging.models import SharedAccount
from everprint.server.jobs.models import Job
from everprint.server.people.models import Group
from everprint.server.printers.models import Printer
from everprint.server.rules.models import Rule as RuleRow
from everprint.server.rules.printed import local_now, printed_before
from everprint.server.rules.rows import rules_on


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a job: whose it is, what it costs on its queue, and what was answered to it before."""

    job: Job
    question: Authorise
    owner_name: str
    cost: Decimal
    earlier: tuple[Decision, ...] = ()


def answer_by_rules(asked: Asked) -> RuleAnswer | SharedAccount | None:
    """What the rules of its printer say; an account if they let it through and say that it pays; None if they say
    nothing."""
    rules = rules_on(asked.job.printer_id)
    if not rules:
        return None
    verdict = verdict_of(rules, _look(asked, rules))
    if verdict is None:
        return None
    if verdict.action is Action.ALLOW:
        paying = RuleRow.objects.filter(pk=verdict.rule.id).values("charge_to")
        account = SharedAccount.objects.select_related("account", "parent__account").filter(pk__in=paying).first()
        # None: the rule was changed or removed since it was read.
        return answer_by_rules(asked) if account is None else account
    answer = answer_of(verdict)
    if isinstance(answer, Redirect) and not _can_go(asked.job, verdict.rule):
        return Hold(reason=f"{answer.message} That is {answer.queue}, which cannot take it now.", rule=answer.rule)
    return _as_understood(asked, answer)


def sent_back(earlier: Iterable[Decision]) -> int:
    """How many of these answers had the job come again without anybody's help."""
    return sum(isinstance(answer, Change | Redirect) for answer in earlier)


def groups_of_rules(rules: Iterable[Rule]) -> set[str]:
    """All groups that the rules name."""
    named = [people for rule in rules for people in (rule.people, rule.except_people) if people is not None]
    return {group for people in named for group in people.groups}


def groups_with(limit: Limit, rules: Iterable[Rule]) -> tuple[str, ...]:
    """The groups that a rule with that limit is for."""
    people = next((rule.people for rule in rules if rule.conditions.limit is limit), None)
    return () if people is None else people.groups


def _look(asked: Asked, rules: list[Rule]) -> JobLook:
    job, at, earlier = asked.job, local_now(), asked.earlier
    theirs = Group.objects.filter(members=job.owner_id, name__in=groups_of_rules(rules))
    look = look_at(
        asked.question.job,
        asked.question.document,
        asked.owner_name,
        at,
        asked.cost,
        frozenset(theirs.values_list("name", flat=True)),
        lambda limit: printed_before(limit, job, groups_with(limit, rules), at),
    )
    # An older provider does not say what became of the job; what was answered to it is known here, too.
    told = [answer for answer in earlier if isinstance(answer, Change)]
    forced = {Action.GREY for answer in told if answer.grey} | {
        Action.TWO_SIDED for answer in told if answer.two_sided
    }
    held = {answer.rule for answer in earlier if isinstance(answer, Hold) and answer.rule}
    return replace(look, forced=look.forced | forced, let_go=look.let_go | held)


def _can_go(job: Job, rule: Rule) -> bool:
    """True if the queue that the rule redirects to takes jobs, and is of the same provider."""
    here = Printer.objects.get(pk=job.printer_id)
    goal = RuleRow.objects.filter(pk=rule.id).values("redirect_to")
    offered = Printer.objects.filter(pk__in=goal, provider=here.provider_id, is_active=True, accepting=True)
    return any(not is_hooked(target.device_uri) and not is_hooked(here.device_uri) for target in offered)


def _as_understood(asked: Asked, answer: RuleAnswer) -> RuleAnswer:
    """An older provider cannot change or redirect it: then it is not printed otherwise than the rules want."""
    if not isinstance(answer, Change | Redirect) or type(answer).__struct_config__.tag in asked.question.understands:
        return answer
    return Refuse(
        reason=RefusalReason.ACCOUNT_AUTHORIZATION_FAILED,
        message=f"{answer.message} Its print server is too old to do that by itself: print it so, or ask for a "
        "newer Print Provider.",
    )
