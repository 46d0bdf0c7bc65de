"""What rules would have done with jobs of the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from everprint.contract.rules import Action, Conditions, JobLook, Limit, Measure, People, Rule, Span, Whose
from everprint.server.rules.dry_run import PastJob, try_rules

LOOK = JobLook(
    at=datetime(2026, 10, 5, 9, 0, tzinfo=UTC), queue="office", user_name="anna", groups=frozenset({"7a"}),
    pages=4, sheets=4, impressions=4, colour_impressions=4, cost=Decimal("0.40"),
)  # fmt: skip


def outcomes(rules: list[Rule], *looks: JobLook) -> list[Action | None]:
    jobs = [PastJob(number, 1 if look.queue == "office" else 2, look) for number, look in enumerate(looks, 1)]
    found = list(try_rules(lambda printer: rules if printer == 1 else [], jobs))
    assert [outcome.job for outcome in found] == jobs
    return [outcome.verdict.action if outcome.verdict else None for outcome in found]


def limited(measure: Measure, most: int, span: Span = Span.DAY, **said: object) -> Rule:
    whose = Whose.GROUP if said else Whose.PERSON
    limit = Limit(measure=measure, span=span, most=Decimal(most), whose=whose)
    return Rule(id=1, name="x", action=Action.REFUSE, conditions=Conditions(limit=limit), **said)  # type: ignore[arg-type]


def test_each_job_has_the_outcome_of_its_queues_rules() -> None:
    rules = [
        Rule(id=1, name="long", action=Action.REFUSE, conditions=Conditions(pages_over=10)),
        Rule(id=2, name="grey", action=Action.GREY),
    ]
    assert outcomes(
        rules, LOOK, replace(LOOK, pages=11), replace(LOOK, colour_impressions=0), replace(LOOK, queue="hall")
    ) == [Action.GREY, Action.REFUSE, None, None]


def test_a_limit_counts_what_would_have_been_printed_and_begins_anew() -> None:
    next_day = replace(LOOK, at=LOOK.at + timedelta(days=1))
    of_ben = replace(LOOK, user_name="ben")
    refused = Action.REFUSE
    assert outcomes([limited(Measure.SIDES, 8)], LOOK, LOOK, LOOK, of_ben, next_day) == [
        None, None, refused, None, None,
    ]  # fmt: skip
    assert outcomes([limited(Measure.SIDES, 8, Span.WEEK)], LOOK, LOOK, next_day) == [None, None, refused]


def test_what_is_refused_does_not_count() -> None:
    big = replace(LOOK, impressions=9)
    assert outcomes([limited(Measure.SIDES, 8)], big, LOOK, LOOK, LOOK) == [Action.REFUSE, None, None, Action.REFUSE]


def test_what_is_made_grey_does_not_count_as_colour() -> None:
    grey = Rule(id=2, name="grey", action=Action.GREY, people=People(users=("anna",)))
    rules = [limited(Measure.COLOUR_SIDES, 4), grey]
    assert outcomes(rules, LOOK, LOOK) == [Action.GREY, Action.GREY]


def test_a_groups_limit_counts_its_members_together() -> None:
    rules = [limited(Measure.JOBS, 2, people=People(groups=("7a",)))]
    ben, zoe = replace(LOOK, user_name="ben"), replace(LOOK, user_name="zoe", groups=frozenset({"7b"}))
    assert outcomes(rules, LOOK, ben, zoe, LOOK) == [None, None, None, Action.REFUSE]


def test_a_rule_that_charges_is_told_and_what_it_lets_through_counts() -> None:
    charged = Rule(id=2, name="paper", action=Action.ALLOW, conditions=Conditions(pages_over=3), account="Paper")
    rules = [limited(Measure.SIDES, 8), charged, Rule(id=3, name="all", action=Action.ALLOW)]
    assert outcomes(rules, LOOK, replace(LOOK, pages=1), LOOK) == [Action.ALLOW, None, Action.REFUSE]
