"""Holds a history against the promise (design, section 1). Pure: the same evidence gives the same verdict.

1. A job that was answered *successful-ok* is in exactly one final state; it is never gone.
2. It is paid at most once, and exactly once for what came out. Balances are the sums of their entries.
3. No document comes out twice.
4. Nobody is below zero, and on a strict queue nothing is printed unpaid.
5. Whoever answers, the answer is the same: journal and log agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from everprint.contract.job_life import FINAL, JobState
from tests.faults.storm.history import Answer, Evidence, Journaled, Logged, Submission


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which the promise was broken."""

    promise: str  # "lost", "unfinished", "printed twice", "charged twice", "unpaid", "overcharged", "disagree", ...
    job: str
    message: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.job}: {self.message}"


def check(submissions: Sequence[Submission], evidence: Evidence, price: Decimal) -> list[Violation]:
    """All violations; `price` is that of one impression on every queue."""
    return [
        *_lost_or_unfinished(submissions, evidence),
        *_printed_twice(submissions, evidence),
        *_paid_wrongly(submissions, evidence, price),
        *_held_for_nothing(submissions, evidence, price),
        *_disagreements(evidence),
        *_different_answers(evidence),
        *(Violation("ledger", "-", finding) for finding in evidence.audit),
        *(
            Violation("below floor", user, f"has {balance}")
            for user, balance in evidence.balances.items()
            if balance < 0
        ),
    ]


def _lost_or_unfinished(submissions: Sequence[Submission], evidence: Evidence) -> Iterator[Violation]:
    for job in submissions:
        kept = [one for one in evidence.journals[job.provider] if one.name == job.name]
        logged = [one for one in evidence.log if one.name == job.name]
        if job.answer is Answer.ACCEPTED and not kept and not any(one.state in FINAL for one in logged):
            known = f"its server waits for it as {logged[0].state}" if logged else "nobody knows it"
            yield Violation("lost", job.name, f"was accepted, and its provider has forgotten it; {known}")
        if not job.may_repeat and (len(kept) > 1 or len(logged) > 1):
            yield Violation("doubled", job.name, f"is {len(kept)} jobs in the journal and {len(logged)} in the log")
        if job.job_id and kept and all(one.job_id != job.job_id for one in kept):
            yield Violation("lost", job.name, f"was accepted as job {job.job_id}, and is {kept[0].job_id}")
        for one in kept:
            if one.state not in FINAL:
                yield Violation("unfinished", job.name, f"is {one.state}")


def _printed_twice(submissions: Sequence[Submission], evidence: Evidence) -> Iterator[Violation]:
    for job in submissions:
        came_out = [impressions for impressions in evidence.paper.get(job.name, ()) if impressions]
        jobs = sum(one.name == job.name for one in evidence.journals[job.provider]) if job.may_repeat else 1
        if len(came_out) > max(jobs, 1):
            yield Violation("printed twice", job.name, f"came out {len(came_out)} times: {came_out} impressions")
        for impressions in came_out:
            if impressions > job.impressions:
                yield Violation(
                    "printed twice", job.name, f"is {job.impressions} impressions, {impressions} came out"
                )


def _paid_wrongly(submissions: Sequence[Submission], evidence: Evidence, price: Decimal) -> Iterator[Violation]:
    for job in submissions:
        came_out = sum(evidence.paper.get(job.name, ()))
        logged = [one for one in evidence.log if one.name == job.name]
        if not logged:
            if came_out:
                yield Violation("unpaid", job.name, f"{came_out} impressions, and the server never heard of it")
            continue
        for one in logged:
            if one.settlements > 1:
                yield Violation("charged twice", job.name, f"was settled {one.settlements} times")
        if job.name in evidence.left_to_people:
            continue  # what it costs is what somebody said
        due = came_out * price
        paid, uncollected = sum(one.paid for one in logged), sum(one.uncollected for one in logged)
        if paid > due:
            yield Violation("overcharged", job.name, f"{paid} was paid for {came_out} impressions, {due} is due")
        elif paid + uncollected < due:
            yield Violation("unpaid", job.name, f"{paid} was paid for {came_out} impressions, {due} is due")
        elif uncollected and job.queue in evidence.strict_queues:
            yield Violation("unpaid", job.name, f"{uncollected} of {due} nobody's credit covered")


def _held_for_nothing(submissions: Sequence[Submission], evidence: Evidence, price: Decimal) -> Iterator[Violation]:
    """A job waits for credit only as long as its owner cannot pay it, and only on a queue that lets it wait."""
    for job in submissions:
        if job.name not in evidence.given_up:
            continue
        balance, due = evidence.balances[job.user], job.impressions * price
        if job.queue in evidence.strict_queues:
            yield Violation("held for nothing", job.name, "waited for credit on a queue that refuses")
        elif balance >= due:
            yield Violation("held for nothing", job.name, f"waited for {due}, and {job.user} has {balance}")


def _disagreements(evidence: Evidence) -> Iterator[Violation]:
    logged = {one.uuid: one for one in evidence.log}
    for provider, jobs in evidence.journals.items():
        doubled = [uuid for uuid, number in Counter(job.uuid for job in jobs).items() if number > 1]
        for uuid in doubled:
            yield Violation("doubled", uuid, f"is twice in the journal of {provider}")
        for job in jobs:
            yield from _disagreement(job, logged.get(job.uuid))


def _disagreement(job: Journaled, logged: Logged | None) -> Iterator[Violation]:
    if logged is None:
        if job.state is not JobState.ABORTED and job.impressions:
            yield Violation("disagree", job.name, f"is {job.state} in the journal, and not in the log")
        return
    if logged.state != job.state:
        yield Violation("disagree", job.name, f"is {job.state} in the journal and {logged.state} in the log")
    if logged.impressions != job.impressions:
        yield Violation(
            "disagree", job.name, f"is {job.impressions} impressions in the journal, {logged.impressions} in the log"
        )


def _different_answers(evidence: Evidence) -> Iterator[Violation]:
    for name, answers in evidence.answers.items():
        if len(set(answers.values())) > 1:
            said = "; ".join(f"{provider} says {answer}" for provider, answer in answers.items())
            yield Violation("disagree", name, said)
