"""What rules do with a job: each condition, the order, exceptions, and that every job comes to an end of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from everprint.contract.rules import (
    Action,
    Conditions,
    JobLook,
    Limit,
    Measure,
    NotKnownHere,
    People,
    Rule,
    Span,
    applies,
    verdict_of,
)

MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
A4 = "iso_a4_210x297mm"
JOB = JobLook(
    at=MONDAY_NOON, queue="office", user_name="anna", groups=frozenset({"Pupils"}), name="Essay.PDF", language="PDF",
    octets=5000, copies=2, pages=10, sheets=20, impressions=20, colour_impressions=4, media=frozenset({A4}),
    cost=Decimal("1.50"),
)  # fmt: skip


def rule(action: Action = Action.REFUSE, number: int = 1, **said: object) -> Rule:
    return Rule(id=number, name=f"rule {number}", action=action, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({}, True),
        ({"pages_over": 9}, True),
        ({"pages_over": 10}, False),
        ({"copies_over": 1}, True),
        ({"copies_over": 2}, False),
        ({"sheets_over": 19}, True),
        ({"sheets_over": 20}, False),
        ({"octets_over": 4999}, True),
        ({"octets_over": 5000}, False),
        ({"cost_over": Decimal("1.49")}, True),
        ({"cost_over": Decimal("1.5")}, False),
        ({"colour": True}, True),
        ({"colour": False}, False),
        ({"one_sided": True}, True),
        ({"one_sided": False}, False),
        ({"name_has": ("essay",)}, True),
        ({"name_has": ("thesis", ".pdf")}, True),
        ({"name_has": ("thesis",)}, False),
        ({"languages": ("PDF", "PostScript")}, True),
        ({"languages": ("PostScript",)}, False),
        ({"media": (A4,)}, True),
        ({"media": ("iso_a3_297x420mm",)}, False),
        ({"weekdays": (1, 5)}, True),
        ({"weekdays": (2,)}, False),
        ({"from_minute": 720, "until_minute": 721}, True),
        ({"from_minute": 600, "until_minute": 720}, False),
        ({"from_minute": 1320, "until_minute": 721}, True),  # over midnight
        ({"from_minute": 1320, "until_minute": 360}, False),
        ({"from_minute": 600, "until_minute": 600}, False),
        ({"pages_over": 9, "colour": False}, False),  # all must hold
    ],
)
def test_conditions(conditions: dict[str, object], holds: bool) -> None:
    asked = Conditions(**conditions)  # type: ignore[arg-type]
    assert applies(rule(conditions=asked), JOB) is holds


@pytest.mark.parametrize(
    "conditions",
    [
        Conditions(pages_over=0), Conditions(sheets_over=0), Conditions(cost_over=Decimal(0)),
        Conditions(colour=True), Conditions(colour=False), Conditions(media=(A4,)),
        Conditions(limit=Limit(measure=Measure.SHEETS, span=Span.DAY, most=Decimal(0))),
    ],
)  # fmt: skip
def test_no_condition_holds_for_what_is_not_known(conditions: Conditions) -> None:
    unknown = replace(
        JOB, pages=None, sheets=None, impressions=None, colour_impressions=None, media=None, cost=None,
        printed_before=lambda limit: Decimal(1000),
    )  # fmt: skip
    assert not applies(rule(conditions=conditions), unknown)


@pytest.mark.parametrize(
    ("people", "but_not", "holds"),
    [
        (People(users=("anna",)), None, True),
        (People(groups=("Pupils",)), None, True),
        (People(groups=("Staff",)), None, False),
        (People(), None, False),
        (None, People(users=("anna",)), False),
        (People(groups=("Pupils",)), People(users=("ben",)), True),
        (People(groups=("Pupils",)), People(groups=("Pupils",)), False),
    ],
)
def test_who_a_rule_is_for(people: People | None, but_not: People | None, holds: bool) -> None:
    assert applies(rule(people=people, except_people=but_not), JOB) is holds


@pytest.mark.parametrize(
    ("measure", "before", "most", "beyond"),
    [
        (Measure.SIDES, 80, 100, False),
        (Measure.SIDES, 81, 100, True),
        (Measure.SHEETS, 81, 100, True),
        (Measure.COLOUR_SIDES, 96, 100, False),
        (Measure.COLOUR_SIDES, 97, 100, True),
        (Measure.JOBS, 4, 5, False),
        (Measure.JOBS, 5, 5, True),
        (Measure.COST, "98.50", 100, False),
        (Measure.COST, "98.5001", 100, True),
    ],
)
def test_a_limit_counts_the_job_itself(measure: Measure, before: int | str, most: int, beyond: bool) -> None:
    limit = Limit(measure=measure, span=Span.WEEK, most=Decimal(most))
    job = replace(JOB, printed_before=lambda asked: Decimal(before))
    assert applies(rule(conditions=Conditions(limit=limit)), job) is beyond


def test_a_limit_is_only_asked_for_where_all_else_holds() -> None:
    limit = Limit(measure=Measure.JOBS, span=Span.DAY, most=Decimal(5))
    assert not applies(rule(conditions=Conditions(limit=limit, colour=False)), JOB)
    with pytest.raises(NotKnownHere):
        applies(rule(conditions=Conditions(limit=limit)), JOB)


def test_the_first_rule_that_has_something_to_do_decides() -> None:
    rules = [
        rule(Action.REFUSE, 1, conditions=Conditions(pages_over=100)),
        rule(Action.HOLD, 2, message="Ask Ms Zimmer."),
        rule(Action.REFUSE, 3),
    ]
    verdict = verdict_of(rules, JOB)
    assert verdict is not None
    assert (verdict.rule.id, verdict.action, verdict.message) == (2, Action.HOLD, "Ask Ms Zimmer.")
    later = verdict_of(rules, replace(JOB, let_go=frozenset({2})))
    assert later is not None
    assert later.rule.id == 3


def test_after_one_that_allows_no_rule_is_looked_at() -> None:
    rules = [rule(Action.ALLOW, 1, people=People(users=("anna",))), rule(Action.REFUSE, 2)]
    assert verdict_of(rules, JOB) is None
    assert verdict_of(rules, replace(JOB, user_name="ben")) is not None


@pytest.mark.parametrize(
    ("action", "content"),
    [
        (Action.GREY, {"colour_impressions": 0}),
        (Action.GREY, {"colour_impressions": None, "print_color_mode": "monochrome"}),
        (Action.GREY, {"colour_impressions": None, "forced": frozenset({Action.GREY})}),
        (Action.TWO_SIDED, {"sides": "two-sided-short-edge"}),
        (Action.TWO_SIDED, {"impressions": 2, "copies": 2}),
        (Action.HOLD, {"let_go": frozenset({1})}),
        (Action.CONFIRM, {"let_go": frozenset({1})}),
        (Action.REDIRECT, {"redirected": True}),
        (Action.REDIRECT, {"queue": "basement"}),
    ],
)
def test_a_rule_has_nothing_to_do_with_what_is_as_it_wants_it(action: Action, content: dict[str, object]) -> None:
    one = rule(action, queue="basement")
    verdict = verdict_of([one], JOB)
    assert verdict is not None
    assert verdict.action is action
    assert verdict_of([one], replace(JOB, **content)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("action", [Action.GREY, Action.TWO_SIDED])
def test_what_could_not_be_changed_is_refused(action: Action) -> None:
    verdict = verdict_of([rule(action)], replace(JOB, forced=frozenset({action})))
    assert verdict is not None
    assert verdict.action is Action.REFUSE
    assert "cannot be changed so" in verdict.message


ANY_RULE = some.builds(
    rule,
    some.sampled_from(Action),
    some.integers(1, 6),
    conditions=some.builds(
        Conditions,
        pages_over=some.none() | some.integers(0, 20),
        colour=some.none() | some.booleans(),
        one_sided=some.none() | some.booleans(),
        weekdays=some.just(()) | some.just((1,)) | some.just((2,)),
    ),
    queue=some.sampled_from(["office", "basement"]),
)


@given(some.lists(ANY_RULE, max_size=8), some.booleans(), some.booleans())
def test_every_job_comes_to_an_end_of_its_rules(
    rules: list[Rule],
    grey_works: bool,
    sides_work: bool,
) -> None:
    """Whatever is carried out, or cannot be, and is then looked at anew."""
    job, steps = JOB, 0
    while (verdict := verdict_of(rules, job)) is not None and verdict.action is not Action.REFUSE:
        steps += 1
        assert steps <= 2 + 1 + 6, "each change once, one redirection, each hold once"
        match verdict.action:
            case Action.GREY:
                job = replace(job, forced=job.forced | {Action.GREY}, colour_impressions=0 if grey_works else 4)
            case Action.TWO_SIDED:
                sides = "two-sided-long-edge" if sides_work else job.sides
                job = replace(job, forced=job.forced | {Action.TWO_SIDED}, sides=sides)
            case Action.REDIRECT:
                job = replace(job, queue=verdict.rule.queue, redirected=True)
            case _:
                job = replace(job, let_go=job.let_go | {verdict.rule.id})


@given(some.lists(ANY_RULE, max_size=6), some.lists(ANY_RULE, max_size=6))
def test_later_rules_change_nothing_about_what_earlier_ones_decide(first: list[Rule], later: list[Rule]) -> None:
    verdict = verdict_of(first, JOB)
    if verdict is not None:
        assert verdict_of([*first, *later], JOB) == verdict
