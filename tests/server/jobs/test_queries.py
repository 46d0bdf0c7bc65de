"""What pages ask of the job log."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobFinished, JobReceived
from tests.server.api.program import program
from tests.server.world import NOON, PrintServer, pages

pytestmark = pytest.mark.usefixtures("database")


def printed(server: PrintServer, name: str, colour: int = 1) -> None:
    job = server.job(job_name=name)
    server.report(job, JobReceived(job=job))
    server.ask(job, pages(3, colour))
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(3, colour)))


def found(**wanted: object) -> list[str]:
    from everprint.server.jobs.models import Job
    from everprint.server.jobs.queries import JobFilter, matching

    return sorted(matching(Job.objects.all(), JobFilter(**wanted)).values_list("name", flat=True))  # type: ignore[arg-type]


def test_a_job_is_found_by_name_user_and_number_in_any_case() -> None:
    server = PrintServer(credit="100")
    printed(server, "Annual Report")
    printed(server, "Menu")
    assert found(text="annual") == ["Annual Report"]
    assert found(text="ALICE") == ["Annual Report", "Menu"]
    assert found(text="2") == ["Menu"]
    assert found(text="99999999999999999999999") == []
    assert found(text="%") == []


def test_a_text_is_looked_for_in_the_newest_jobs_unless_the_search_is_narrower(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No index finds a part of a name: among millions a search would take minutes."""
    from everprint.server.jobs import queries
    from everprint.server.jobs.models import Job

    server = PrintServer(credit="100")
    for name in ("Menu of May", "Menu of June", "Menu of July"):
        printed(server, name)

    def found_among_all(**wanted: object) -> list[str]:
        asked = queries.JobFilter(**wanted)  # type: ignore[arg-type]
        jobs = queries.among_newest(queries.matching(Job.objects.all(), asked), asked)
        return list(jobs.order_by("number").values_list("name", flat=True))

    assert len(found_among_all(text="menu")) == 3
    assert not queries.is_cut(queries.JobFilter(text="menu"))
    monkeypatch.setattr(queries, "NEWEST_SEARCHED", 2)
    assert queries.is_cut(queries.JobFilter(text="menu"))
    assert found_among_all(text="menu") == ["Menu of June", "Menu of July"]
    oldest = Job.objects.get(name="Menu of May")
    assert found_among_all(text=str(oldest.number)) == ["Menu of May"]
    day = timezone.localtime(NOON).date()
    printer = {"printer": oldest.printer_id}
    for narrower in ({"user": "alice"}, printer, {"first_day": day}, {"last_day": day}):
        assert len(found_among_all(text="menu", **narrower)) == 3
    assert queries.is_cut(queries.JobFilter(states=(JobState.COMPLETED,)))
    for few in ({"unpaid": True}, {"offline": True}, {"states": (JobState.HELD,)}):
        assert not queries.is_cut(queries.JobFilter(**few))  # type: ignore[arg-type]
    assert found(text="menu") == ["Menu of July", "Menu of June", "Menu of May"]


def test_programs_are_told_that_only_the_newest_jobs_were_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.api.endpoints import jobs as endpoint
    from everprint.server.jobs import queries

    server = PrintServer(credit="100")
    for name in ("Menu of May", "Menu of June", "Menu of July"):
        printed(server, name)
    admin = program()
    assert admin.get("/jobs?text=menu")["searched"] is None, "there are no others"
    for module in (queries, endpoint):
        monkeypatch.setattr(module, "NEWEST_SEARCHED", 2)

    def answered(query: str) -> tuple[int, int | None]:
        answer = admin.get(f"/jobs?{query}")
        return answer["count"], answer["searched"]

    assert answered("text=menu") == (2, 2)
    assert answered("sort=-cost") == (2, 2)
    for all_of_them in ("", "sort=submitted", "text=menu&user=alice", "sort=cost&first_day=2026-01-01"):
        assert answered(all_of_them) == (3, None), all_of_them


def test_days_are_the_installations_and_both_ends_count() -> None:
    server = PrintServer(credit="100")
    printed(server, "Menu")
    day = timezone.localtime(NOON).date()
    assert found(first_day=day, last_day=day) == ["Menu"]
    assert found(first_day=day + timedelta(1)) == []
    assert found(last_day=day - timedelta(1)) == []
    assert found(last_day=date(9999, 12, 30)) == ["Menu"]


def test_a_user_sees_own_jobs_and_an_operator_all() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.jobs.queries import jobs_visible_to
    from everprint.server.people.users import create_user

    server = PrintServer(credit="100")
    printed(server, "Menu")
    assert jobs_visible_to(server.user).count() == 1
    assert jobs_visible_to(create_user("bob")).count() == 0
    assert jobs_visible_to(create_user("olga", role=Role.OPERATOR)).count() == 1


def test_what_was_printed_is_counted_by_hour_and_by_day() -> None:
    from everprint.server.jobs.queries import printed_by_hour, printed_since
    from everprint.server.reports.periods import Period
    from everprint.server.reports.query import printed_by_day

    server = PrintServer(credit="100")
    printed(server, "One", colour=1)
    printed(server, "Two", colour=0)
    total = printed_since(NOON - timedelta(hours=1))
    assert (total.jobs, total.impressions, total.colour_impressions, total.grey_impressions) == (2, 7, 1, 6)
    assert list(printed_by_hour(NOON - timedelta(days=1)).values()) == [total]
    (day, usage), *others = printed_by_day(Period(NOON.date() - timedelta(days=3), NOON.date())).items()
    assert (day, usage.jobs, usage.impressions, usage.colour_impressions, others) == (NOON.date(), 2, 7, 1, [])
    assert printed_since(NOON + timedelta(hours=1)).jobs == 0


def test_jobs_of_a_user_are_those_of_the_name_before_it_was_somebodys_too() -> None:
    from everprint.server.jobs.models import Job

    server = PrintServer(credit="100")
    for name in ("Menu", "Nobody's", "Of another"):
        printed(server, name)
    Job.objects.filter(name="Nobody's").update(owner=None)
    Job.objects.filter(name="Of another").update(owner=None, user_name="bob")
    assert found(user="alice") == ["Menu", "Nobody's"]
    assert found(user="bob") == ["Of another"]
    assert found(user="carol") == []
