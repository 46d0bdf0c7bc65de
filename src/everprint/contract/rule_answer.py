"""From a question about a job to what rules look at, and from their verdict to the answer: the same on both sides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from everprint.contract.messages import (
    Change,
    DocumentSummary,
    Hold,
    JobDescription,
    Redirect,
    RefusalReason,
    Refuse,
)
from everprint.contract.rules import Action, JobLook, Limit, Verdict, no_limit_known

RuleAnswer = Refuse | Hold | Change | Redirect


def look_at(
    job: JobDescription,
    document: DocumentSummary,
    user_name: str,
    at: datetime,
    cost: Decimal,
    groups: frozenset[str] = frozenset(),
    printed_before: Callable[[Limit], Decimal] = no_limit_known,
) -> JobLook:
    """What rules look at of a job whose owner has that name in the server's spelling; `at` is local time.

    A document that cannot be counted has no cost that is known.
    """
    output, ticket = document.output, document.ticket
    counted = output is not None
    return JobLook(
        at=at,
        queue=job.queue,
        user_name=user_name,
        groups=groups,
        name=job.job_name,
        language=document.language,
        octets=job.octets,
        copies=job.copies if ticket is None else ticket.copies,
        sides=job.sides if ticket is None else ticket.sides,
        print_color_mode=job.print_color_mode if ticket is None else ticket.print_color_mode,
        pages=document.pages if counted else None,
        sheets=output.sheets if output is not None else None,
        impressions=output.impressions if output is not None else None,
        colour_impressions=output.colour_impressions if output is not None else None,
        media=frozenset(kind.media for kind in output.sides) if output is not None else None,
        cost=cost if counted else None,
        redirected=job.redirected,
        forced=frozenset(action for action in Action if action.value in job.forced),
        let_go=frozenset(job.let_go),
        printed_before=printed_before,
    )


def answer_of(verdict: Verdict) -> RuleAnswer:
    """What is to be done with the job."""
    rule, message = verdict.rule, verdict.message
    match verdict.action:
        case Action.GREY:
            return Change(rule=rule.id, message=message, grey=True)
        case Action.TWO_SIDED:
            return Change(rule=rule.id, message=message, two_sided=True)
        case Action.HOLD | Action.CONFIRM:
            return Hold(reason=message, rule=rule.id)
        case Action.REDIRECT:
            return Redirect(rule=rule.id, queue=rule.queue, message=message)
        case _:
            return Refuse(reason=RefusalReason.ACCOUNT_AUTHORIZATION_FAILED, message=message)
