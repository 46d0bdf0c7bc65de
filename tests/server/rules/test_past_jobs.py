"""Stored rules are tried on jobs of the job log: by function, page, CSV and API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from everprint.contract.rules import Action, Conditions, Limit, Measure, Span
from tests.server.api.program import program
from tests.server.pages.signed_in import administrator, text_of
from tests.server.rules.test_deciding_by_rules import ask, group, rule
from tests.server.world import PrintServer, new_printer, pages

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def office() -> PrintServer:
    """Three jobs of Alice's at one printer: of 2 pages, of 40, and of 40 in colour."""
    server, sent = PrintServer(credit="100.00"), datetime.now(UTC)  # at one moment: on one day, whenever this runs
    for output in (pages(2), pages(40), pages(0, 40)):
        ask(server, server.job(submitted_at=sent), output)
    return server


def test_each_rule_is_counted_in_use_or_not_and_only_the_first_that_acts(office: PrintServer) -> None:
    from everprint.server.jobs.models import Job
    from everprint.server.rules.past_jobs import dry_run
    from everprint.server.rules.rows import all_rules

    hall = new_printer(office.provider, "hall")
    rule(Action.REFUSE, "elsewhere", printers=[hall])
    rule(Action.GREY, "grey", groups=[group("7a", office.user)], conditions=Conditions(colour=True), is_active=False)
    rule(Action.HOLD, "long", conditions=Conditions(pages_over=30))
    before = list(Job.objects.order_by("number").values())
    run = dry_run(list(all_rules()), 31)
    assert [(found.name, jobs) for found, jobs in run.by_rule] == [("elsewhere", 0), ("grey", 1), ("long", 1)]
    assert (run.jobs, run.untouched, run.is_cut) == (3, 1, False)
    assert [outcome.verdict.action for outcome in run.newest if outcome.verdict] == [Action.GREY, Action.HOLD]
    assert list(Job.objects.order_by("number").values()) == before


def test_only_jobs_of_those_days_and_so_many_are_looked_at(
    office: PrintServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everprint.server.jobs.models import Job
    from everprint.server.rules import past_jobs
    from everprint.server.rules.rows import all_rules

    rule(Action.HOLD)
    oldest = Job.objects.order_by("number")[0]
    Job.objects.filter(pk=oldest.pk).update(submitted_at=datetime.now(UTC) - timedelta(days=5))
    assert past_jobs.dry_run(list(all_rules()), 3).jobs == 2
    assert past_jobs.dry_run(list(all_rules()), 31).jobs == 3
    monkeypatch.setattr(past_jobs, "MOST_JOBS", 2)
    run = past_jobs.dry_run(list(all_rules()), 31)
    assert (run.jobs, run.is_cut) == (2, True)
    assert oldest.number not in [outcome.job.number for outcome in run.newest]


def test_a_long_run_says_how_far_it_is(office: PrintServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.rules import past_jobs
    from everprint.server.rules.rows import all_rules

    monkeypatch.setattr(past_jobs, "_AT_ONCE", 2)
    *steps, found = past_jobs.dry_run_in_steps(list(all_rules()), 31)
    assert steps == [past_jobs.Underway(0, 3), past_jobs.Underway(2, 3)]
    assert isinstance(found, past_jobs.DryRun)


def test_a_limit_counts_the_jobs_and_one_that_was_not_printed_costs_what_the_printer_asks(
    office: PrintServer,
) -> None:
    from everprint.server.rules.past_jobs import outcomes
    from everprint.server.rules.rows import all_rules

    rule(Action.REFUSE, conditions=Conditions(limit=Limit(measure=Measure.JOBS, span=Span.DAY, most=Decimal(2))))
    [third] = outcomes(list(all_rules()), 31)
    assert third.job.look.cost is not None
    assert third.job.look.cost > 0


def test_the_page_its_csv_and_the_api_say_the_same(office: PrintServer) -> None:
    made = rule(Action.REFUSE, "long", conditions=Conditions(pages_over=30), message="Too long.", is_active=False)
    admin = administrator()
    assert "Which jobs" not in admin.see("/rules/dry-run")
    page = text_of(admin.download(f"/rules/dry-run?rule={made.pk}&days=31&run=1"))
    assert page.index("0 of 3 jobs were looked at") < page.index("3 jobs since") < page.index("Too long.")
    assert "3 jobs since" in page
    assert "If it has more than 30 pages: refuse it, saying “Too long.” 2" in page
    lines = admin.download(f"/rules/dry-run/csv?rule={made.pk}").splitlines()
    assert len(lines) == 3
    assert lines[1].endswith(",long,refuse,Too long.")
    over_api = program()
    said = over_api.get(f"/rules/dry-run?rule={made.pk}")
    assert (said["jobs"], said["untouched"], said["is_cut"]) == (3, 1, False)
    assert said["by_rule"] == [{"rule": made.pk, "name": "long", "jobs": 2}]
    assert [job["action"] for job in said["newest"]] == ["refuse", "refuse"]
    assert over_api.get("/rules/dry-run")["by_rule"] == []  # none is in use
    assert over_api.refused("GET", "/rules/dry-run?rule=999")[1] == "no-such-rule"
