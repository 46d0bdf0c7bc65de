"""What rules do to jobs that are decided: refused, held, changed, redirected, limited; and who is told of it."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    Authorise,
    Change,
    Decision,
    Hold,
    JobAnalysed,
    JobChanged,
    JobDescription,
    JobFinished,
    JobHeld,
    JobReceived,
    JobReleased,
    Print,
    Redirect,
    RefusalReason,
    Refuse,
)
from everprint.contract.rules import Action, Conditions, Limit, Measure, Span, Whose
from everprint.documents.result import Output
from tests.server.world import (
    PrintServer,
    audit_is_clean,
    balance_of,
    new_printer,
    new_provider,
    pages,
    summary,
    terms,
)

if TYPE_CHECKING:
    from everprint.server.people.models import Group
    from everprint.server.rules.models import Rule

pytestmark = pytest.mark.usefixtures("database")
NEW = ("change", "redirect")


def rule(action: Action, name: str = "", **said: object) -> Rule:
    from everprint.server.rules.setting import Wanted, add_rule

    return add_rule(Wanted(name=name or f"{action} {uuid.uuid4().hex[:6]}", action=action, **said))  # type: ignore[arg-type]


def group(name: str, *members: object) -> Group:
    from everprint.server.people.models import Group

    found = Group.objects.create(name=name)
    found.members.set(members)  # type: ignore[arg-type]
    return found


def ask(
    server: PrintServer,
    job: JobDescription,
    output: Output | None,
    attempt: int = 1,
    understands: tuple[str, ...] = NEW,
) -> Decision:
    from everprint.server.jobs.decide import decide

    question = Authorise(job=job, document=summary(output), attempt=attempt, understands=understands)
    return decide(server.provider.pk, question, terms())


def test_a_job_that_a_rule_refuses_is_refused_with_its_message_and_costs_nothing() -> None:
    north = PrintServer()
    rule(Action.REFUSE, conditions=Conditions(pages_over=2), message="Ask at the desk for long prints.")
    job = north.job()
    refused = Refuse(reason=RefusalReason.ACCOUNT_AUTHORIZATION_FAILED, message="Ask at the desk for long prints.")
    assert ask(north, job, pages(3)) == refused
    seen = north.seen(job)
    assert (seen.state, seen.reason) == ("refused", "Ask at the desk for long prints.")
    assert isinstance(ask(north, north.job(), pages(2)), Print)
    assert balance_of("alice") == Decimal("0.90")
    audit_is_clean()


def test_a_rule_holds_on_its_printers_only_and_for_its_people_only() -> None:
    north = PrintServer(credit="9")
    hall = new_printer(north.provider, "hall")
    pupils = group("Pupils", north.user)
    rule(Action.REFUSE, printers=[hall], groups=[pupils])
    assert isinstance(ask(north, north.job(), pages(1)), Print)
    assert isinstance(ask(north, north.job(queue="hall"), pages(1)), Refuse)
    pupils.members.clear()
    assert isinstance(ask(north, north.job(queue="hall"), pages(1)), Print)
    pupils.delete()
    assert isinstance(ask(north, north.job(queue="hall"), pages(1)), Print), "nobody is left, and not everybody"


def test_exceptions_and_rules_out_of_use() -> None:
    from everprint.server.rules.models import Rule

    north = PrintServer(credit="9")
    rule(Action.REFUSE, except_users=[north.user])
    assert isinstance(ask(north, north.job(), pages(1)), Print)
    strict = rule(Action.REFUSE)
    assert isinstance(ask(north, north.job(), pages(1)), Refuse)
    Rule.objects.filter(pk=strict.pk).update(is_active=False)
    assert isinstance(ask(north, north.job(), pages(1)), Print)


def test_a_job_that_a_rule_asks_about_waits_until_it_is_released_and_is_asked_once() -> None:
    north = PrintServer(credit="9")
    asks = rule(Action.CONFIRM, conditions=Conditions(colour=True), message="Really in colour?")
    job = north.job()
    assert ask(north, job, pages(0, 2)) == Hold(reason="Really in colour?", rule=asks.pk)
    held = JobHeld(reason="Really in colour?")
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(0, 2))), held, JobReleased())
    assert isinstance(ask(north, job, pages(0, 2), attempt=2), Print)
    assert north.seen(job).state == JobState.AUTHORISED


def test_two_rules_that_hold_a_job_do_so_one_after_the_other() -> None:
    north = PrintServer(credit="9")
    first, second = rule(Action.CONFIRM, message="One?", position=1), rule(Action.HOLD, position=2)
    job = north.job()
    answers = [ask(north, job, pages(1), attempt=attempt) for attempt in (1, 2, 3)]
    assert [getattr(answer, "rule", None) for answer in answers] == [first.pk, second.pk, None]


def test_a_rules_change_is_ordered_and_the_changed_job_is_decided_anew() -> None:
    north = PrintServer(credit="9")
    grey = rule(Action.GREY, message="Grey here.")
    job = north.job()
    assert ask(north, job, pages(0, 2)) == Change(rule=grey.pk, message="Grey here.", grey=True)
    assert north.seen(job).cost_reserved == 0
    north.report(
        job, JobReceived(job=job), JobAnalysed(document=summary(pages(0, 2))), JobChanged(reason="Grey here."),
        JobAnalysed(document=summary(pages(2))),
    )  # fmt: skip
    seen = north.seen(job)
    assert (seen.state, seen.colour_impressions, seen.releases) == ("analysed", 0, 1)
    changed = msgspec.structs.replace(job, forced=("grey",), print_color_mode="monochrome")
    assert ask(north, changed, pages(2), attempt=2) == Print(cost=Decimal("0.10"), account="alice")
    north.report(job, JobFinished(state=JobState.COMPLETED, output=pages(2)))
    assert balance_of("alice") == Decimal("8.90")
    audit_is_clean()


def test_a_decision_that_overtakes_the_report_of_a_change_stands() -> None:
    north = PrintServer(credit="9")
    rule(Action.TWO_SIDED)
    job = north.job()
    assert isinstance(ask(north, job, pages(4)), Change)
    changed = msgspec.structs.replace(job, forced=("two-sided",), sides="two-sided-long-edge")
    both = summary(pages(4, two_sided=True))
    from everprint.documents.ticket import SidesKeyword, Ticket
    from everprint.server.jobs.decide import decide

    both = msgspec.structs.replace(both, ticket=Ticket(sides=SidesKeyword.TWO_SIDED_LONG_EDGE))
    answer = decide(north.provider.pk, Authorise(job=changed, document=both, attempt=2, understands=NEW), terms())
    assert isinstance(answer, Print)
    north.report(
        job, JobReceived(job=job), JobAnalysed(document=summary(pages(4))), JobChanged(reason="Both sides."),
        JobAnalysed(document=both),
    )  # fmt: skip
    assert (north.seen(job).state, north.seen(job).cost_reserved) == ("authorised", Decimal("0.20"))


def test_what_could_not_be_changed_is_refused() -> None:
    north = PrintServer(credit="9")
    rule(Action.GREY)
    job = north.job()
    assert isinstance(ask(north, job, pages(0, 2)), Change)
    refused = ask(north, job, pages(0, 2), attempt=2)
    assert isinstance(refused, Refuse)
    assert "cannot be changed so" in refused.message


@pytest.mark.parametrize("action", [Action.GREY, Action.TWO_SIDED])
def test_an_older_provider_that_cannot_change_a_job_is_told_to_refuse_it(action: Action) -> None:
    north = PrintServer(credit="9")
    rule(action, message="Not so.")
    refused = ask(north, north.job(), pages(0, 2), understands=())
    assert isinstance(refused, Refuse)
    assert refused.message.startswith("Not so. Its print server is too old")


def test_big_jobs_are_redirected_once() -> None:
    north = PrintServer(credit="9")
    hall = new_printer(north.provider, "hall")
    big = rule(Action.REDIRECT, conditions=Conditions(pages_over=5), printers=[north.printer], redirect_to=hall)
    rule(Action.REDIRECT, "back", printers=[hall], redirect_to=north.printer)
    job = north.job()
    sent = ask(north, job, pages(6))
    assert isinstance(sent, Redirect)
    assert (sent.rule, sent.queue) == (big.pk, "hall")
    there = msgspec.structs.replace(job, queue="hall", redirected=True)
    assert isinstance(ask(north, there, pages(6), attempt=2), Print)
    assert isinstance(ask(north, north.job(), pages(5)), Print)


def test_a_job_whose_other_queue_takes_none_is_held_for_a_person() -> None:
    from everprint.server.printers.queues import change_printer

    north = PrintServer(credit="9")
    hall = new_printer(north.provider, "hall")
    rule(Action.REDIRECT, printers=[north.printer], redirect_to=hall)
    change_printer(hall, accepting=False)
    held = ask(north, north.job(), pages(6))
    assert isinstance(held, Hold)
    assert "hall, which cannot take it now" in held.reason


def test_a_queue_that_holds_holds_a_job_that_a_rule_changed_too() -> None:
    north = PrintServer(credit="9", queue={"hold": True})
    rule(Action.GREY)
    job = north.job()
    assert isinstance(ask(north, job, pages(0, 2)), Change)
    assert isinstance(ask(north, job, pages(2), attempt=2), Hold)
    assert isinstance(ask(north, job, pages(2), attempt=3), Print)


def test_a_changed_job_without_credit_goes_on_by_itself_later() -> None:
    north = PrintServer(credit="0")
    rule(Action.GREY)
    job = north.job()
    assert isinstance(ask(north, job, pages(0, 2)), Change)
    held = ask(north, job, pages(2), attempt=2)
    assert isinstance(held, Hold)
    assert held.keyword == "account-limit-reached"
    assert north.seen(job).cost_awaited == Decimal("0.10")


@pytest.mark.parametrize(
    ("measure", "most", "fits"), [(Measure.SIDES, "10", 2), (Measure.JOBS, "3", 3), (Measure.COST, "0.60", 3)]
)
def test_a_limit_of_a_day_counts_what_is_under_way_and_what_came_out(measure: Measure, most: str, fits: int) -> None:
    north = PrintServer(credit="9")
    limit = Limit(measure=measure, span=Span.DAY, most=Decimal(most))
    rule(Action.REFUSE, conditions=Conditions(limit=limit), message="Enough for today.")
    now = datetime.now(UTC)
    passed = 0
    for number in range(5):
        job = north.job(submitted_at=now)
        answer = ask(north, job, pages(4))
        passed += isinstance(answer, Print)
        if number == 0:  # of the first everything came out, the others are under way
            north.report(
                job, JobReceived(job=job), JobAnalysed(document=summary(pages(4))),
                JobFinished(state=JobState.COMPLETED, output=pages(4)),
            )  # fmt: skip
    assert passed == fits


def test_jobs_of_another_day_and_cancelled_ones_do_not_count() -> None:
    north = PrintServer(credit="9")
    limit = Limit(measure=Measure.JOBS, span=Span.MONTH, most=Decimal(1))
    rule(Action.REFUSE, conditions=Conditions(limit=limit))
    assert isinstance(ask(north, north.job(submitted_at=datetime(2020, 1, 1, tzinfo=UTC)), pages(1)), Print)
    cancelled = north.job(submitted_at=datetime.now(UTC))
    assert isinstance(ask(north, cancelled, pages(1)), Print)
    north.report(
        cancelled, JobReceived(job=cancelled), JobAnalysed(document=summary(pages(1))),
        JobFinished(state=JobState.CANCELLED, output=Output(sheets=0, sides=())),
    )  # fmt: skip
    assert isinstance(ask(north, north.job(submitted_at=datetime.now(UTC)), pages(1)), Print)
    assert isinstance(ask(north, north.job(submitted_at=datetime.now(UTC)), pages(1)), Refuse)


def test_a_groups_limit_counts_what_all_its_members_print() -> None:
    from everprint.server.people.users import create_user

    north = PrintServer(credit="9")
    bob = create_user("bob", credit=Decimal(9))
    both = group("Class 7a", north.user, bob)
    limit = Limit(measure=Measure.SIDES, span=Span.WEEK, most=Decimal(10), whose=Whose.GROUP)
    rule(Action.REFUSE, groups=[both], conditions=Conditions(limit=limit))
    now = datetime.now(UTC)
    assert isinstance(ask(north, north.job(submitted_at=now), pages(6)), Print)
    assert isinstance(ask(north, north.job(submitted_at=now, user_name="bob"), pages(5)), Refuse)
    assert isinstance(ask(north, north.job(submitted_at=now, user_name="bob"), pages(4)), Print)


def test_jobs_that_are_decided_at_the_same_moment_do_not_pass_a_limit_together() -> None:
    from django.db import connection

    north = PrintServer(credit="9")
    rule(Action.REFUSE, conditions=Conditions(limit=Limit(measure=Measure.JOBS, span=Span.MONTH, most=Decimal(2))))
    now = datetime.now(UTC)
    answers: list[Decision] = []

    def one() -> None:
        try:
            answers.append(ask(north, north.job(submitted_at=now), pages(1)))
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(type(answer).__name__ for answer in answers) == ["Print", "Print", "Refuse", "Refuse", "Refuse"]


def test_every_provider_is_told_of_a_new_rule() -> None:
    from everprint.server.providers.orders import orders_after

    one, other = new_provider("one")[0], new_provider("other")[0]
    rule(Action.REFUSE)
    assert [len(orders_after(provider.pk, 0)) for provider in (one, other)] == [1, 1]


def test_a_provider_is_told_the_rules_of_each_queue_with_the_members_of_groups() -> None:
    from everprint.contract.rules import People
    from everprint.server.providers.snapshot import snapshot_of

    north = PrintServer()
    hall = new_printer(north.provider, "hall")
    pupils = group("Pupils", north.user)
    rule(Action.REFUSE, "second", position=2)
    rule(Action.GREY, "first", position=1, printers=[hall], groups=[pupils])
    group("Nobody's rule", north.user)
    told = snapshot_of(north.provider.pk, "school", "EUR", terms().offline)
    queues = {queue.name: queue.rules for queue in told.queues}
    assert {name: [one.name for one in rules] for name, rules in queues.items()} == {
        "hall": ["first", "second"],
        "office": ["second"],
    }
    assert queues["hall"][0].people == People(groups=("Pupils",))
    assert told.groups == {"Pupils": ("alice",)}


def test_a_rule_says_which_account_pays_whatever_is_set_or_chosen() -> None:
    from everprint.contract.selection import SelectionMode
    from everprint.server.charging.selection import select_for
    from everprint.server.charging.shared import SharedTerms, add_shared_account
    from everprint.server.rules.rows import rules_for_provider
    from everprint.server.rules.setting import remove_rule

    server = PrintServer(credit="1.00")
    paper = add_shared_account("School paper", SharedTerms(restricted=False))
    select_for(server.user, SelectionMode.CHOOSE)
    two_sided = rule(Action.TWO_SIDED, conditions=Conditions(name_has=("issue",)), position=1)
    pays = rule(Action.ALLOW, conditions=Conditions(name_has=("paper",)), charge_to=paper, position=2)
    rule(Action.REFUSE, position=3)
    job = server.job(job_name="School paper, issue 7", sides="one-sided")
    changed = ask(server, job, pages(4))
    assert isinstance(changed, Change), "rules before it do what they do"
    answer = ask(server, msgspec.structs.replace(job, sides="two-sided-long-edge"), pages(4), attempt=2)
    assert (answer, balance_of("School paper"), balance_of("alice")) == (
        Print(cost=Decimal("0.20"), account="School paper"),
        Decimal("-0.20"),
        Decimal("1.00"),
    )
    assert isinstance(ask(server, server.job(job_name="Diary"), pages(1)), Refuse)
    # A print server that decides alone would charge the wrong account: it waits.
    (told,) = [one for one in rules_for_provider([server.printer.pk])[server.printer.pk] if one.id == pays.pk]
    assert (told.action, told.account, told.conditions.limit is not None) == (Action.HOLD, "", True)
    remove_rule(two_sided)
    server.report(job, JobReceived(job=job), JobFinished(state=JobState.COMPLETED, output=pages(4)))
    assert balance_of("School paper") == Decimal("-0.20")
    audit_is_clean()
