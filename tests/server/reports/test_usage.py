"""Reports agree with the job log and the ledger, whatever is summed, stale, late, refunded or given to others."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobFinished
from tests.server.conftest import Database
from tests.server.world import NOON, PrintServer, new_printer, pages

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
FIRST, LAST = date(2026, 8, 15), date(2026, 11, 27)
QUARTER = date(2026, 7, 1), date(2026, 9, 30)


class World:
    """Some people in groups, two printers, a shared account, and jobs that ended when the test says."""

    def __init__(self) -> None:
        from everprint.server.charging.shared import SharedTerms, add_shared_account
        from everprint.server.people.changes import change_user
        from everprint.server.people.models import Group
        from everprint.server.people.users import create_user

        self.server = PrintServer(credit="100")
        self.printers = [self.server.printer, new_printer(self.server.provider, "hall")]
        self.users = [self.server.user, create_user("bob", credit=Decimal(100)), None]
        self.groups = [Group.objects.create(name=name) for name in ("art", "music")]
        self.groups[0].members.add(*[user for user in self.users if user])
        self.groups[1].members.add(self.server.user)
        for user, department in zip(self.users[:2], ("Physics", "Chemistry"), strict=True):
            change_user(user.pk, {"department": department, "office": "Main building"}, None)
        self.shared = add_shared_account("Physics", SharedTerms()).account

    def job(self, at: datetime, user: int, printer: int, impressions: int, *, shared: bool = False) -> None:
        """A job of the log; what it cost is what it printed, in cents."""
        from everprint.server.jobs.models import Job

        owner = self.users[user]
        account = self.shared if shared else owner.account if owner else None
        Job.objects.create(
            uuid=uuid.uuid4(), provider=self.server.provider, printer=self.printers[printer], owner=owner,
            account=account, user_name=owner.name if owner else "stranger", authenticated=True, name="x",
            document_format="application/pdf", octets=1, submitted_at=at, state=JobState.COMPLETED.value,
            state_at=at, finished_at=at, printed_impressions=impressions, printed_sheets=-(-impressions // 2),
            printed_colour_impressions=impressions // 3, cost_charged=Decimal(impressions) / 100,
        )  # fmt: skip


@pytest.fixture
def world(database: Database) -> World:
    return World()


def asked(kind: str, first: date = FIRST, last: date = LAST, **filters: int) -> object:
    from everprint.server.reports.asked import AskedReport, Filters

    return AskedReport(kind, None, first, last, filters=Filters(**filters))


def figures(kind: str, first: date = FIRST, last: date = LAST, **filters: int) -> dict[str, tuple[object, ...]]:
    """A report's figures by the name of its row."""
    from everprint.server.reports.asked import AskedReport
    from everprint.server.reports.table import make_table

    said = asked(kind, first, last, **filters)
    assert isinstance(said, AskedReport)
    table = make_table(said)
    rows = {str(row.cells[0]): row.usage.figures for row in table.rows if row.usage and row.usage.jobs}
    assert len(rows) == sum(1 for row in table.rows if row.usage and row.usage.jobs)
    return rows


def told_by_the_job_log(
    name_of: Callable[[object], list[str]], first: date, last: date, wanted: Callable[[object], bool]
) -> dict[str, tuple[object, ...]]:
    """The same, reckoned job by job."""
    from everprint.server.jobs.models import Job
    from everprint.server.reports.usage import Usage

    sums: dict[str, Usage] = defaultdict(Usage)
    for job in Job.objects.select_related("owner", "printer", "account"):
        if job.finished_at is None or not job.printed_impressions or not wanted(job):
            continue
        if first <= timezone.localtime(job.finished_at).date() <= last:
            usage = Usage(
                1, job.printed_impressions, job.printed_colour_impressions, job.printed_sheets, job.cost_charged,
                job.cost_refunded, job.cost_uncollected,
            )  # fmt: skip
            for name in name_of(job):
                sums[name] += usage
    return {name: usage.figures for name, usage in sums.items()}


def all_agree(world: World, first: date, last: date) -> None:
    """Every kind of report, with and without filters, against the job log."""
    from everprint.server.people.models import Department

    def day(job: object, words: str) -> list[str]:
        return [timezone.localtime(job.finished_at).strftime(words)]  # type: ignore[attr-defined]

    def groups(job: object) -> list[str]:
        return [g.name for g in world.groups if job.owner_id and g.members.filter(pk=job.owner_id).exists()]  # type: ignore[attr-defined]

    def department(job: object) -> list[str]:
        return [{alice: "Physics", bob: "Chemistry"}.get(job.owner_id, "(no department)")]  # type: ignore[attr-defined]

    alice, bob = (user.pk for user in world.users if user)
    names: dict[str, Callable[..., list[str]]] = {
        "users": lambda job: [job.owner.name if job.owner else "(nobody known)"],
        "groups": groups,
        "departments": department,
        "offices": lambda job: ["Main building" if job.owner_id else "(no office)"],
        "printers": lambda job: [job.printer.name],
        "accounts": lambda job: ["Physics"] if job.account_id == world.shared.pk else [],
        "days": lambda job: day(job, "%Y-%m-%d"),
        "months": lambda job: day(job, "%Y-%m"),
    }
    hall = world.printers[1].pk
    physics = Department.objects.get(name="Physics").pk
    art = world.groups[0]
    members = set(art.members.values_list("pk", flat=True))
    filters: list[tuple[dict[str, int], Callable[..., bool]]] = [
        ({}, lambda job: True),
        ({"printer": hall}, lambda job: job.printer_id == hall),
        ({"user": alice}, lambda job: job.owner_id == alice),
        ({"group": art.pk}, lambda job: job.owner_id in members),
        ({"department": physics}, lambda job: job.owner_id == alice),
        ({"account": world.shared.pk, "user": alice},
         lambda job: job.account_id == world.shared.pk and job.owner_id == alice),
    ]  # fmt: skip
    for kind, name_of in names.items():
        for chosen, wanted in filters:
            expected = told_by_the_job_log(name_of, first, last, wanted)
            assert figures(kind, first, last, **chosen) == expected, (kind, chosen)


MOMENTS = st.integers(0, 106 * 86_400).map(
    lambda seconds: datetime(2026, 8, 14, tzinfo=UTC) + timedelta(seconds=seconds)
)
JOBS = st.tuples(MOMENTS, st.integers(0, 2), st.integers(0, 1), st.integers(0, 50), st.booleans())
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("job"), JOBS),
        st.tuples(
            st.just("roll-up"),
            st.integers(0, 87).map(lambda days: datetime(2026, 9, 1, 9, tzinfo=UTC) + timedelta(days)),
        ),
        st.tuples(st.sampled_from(["refund", "give-away", "redate", "remove"]), st.integers(0, 40)),
    ),
    min_size=3,
    max_size=25,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, zone=st.sampled_from(["UTC", "America/New_York", "Pacific/Auckland"]))
def test_reports_never_disagree_with_the_job_log(
    world: World, monkeypatch: pytest.MonkeyPatch, acts: list[tuple[str, object]], zone: str
) -> None:
    from everprint.server.jobs.models import Job, JobStep
    from everprint.server.reports.roll_up import roll_up

    JobStep.objects.all().delete()
    Job.objects.all().delete()
    with timezone.override(ZoneInfo(zone)):
        for act, what in acts:
            jobs = list(Job.objects.order_by("pk"))
            match act, what:
                case "job", (datetime() as at, int(user), int(printer), int(impressions), bool(shared)):
                    world.job(at, user, printer, impressions, shared=shared)
                case "roll-up", datetime() as now:
                    roll_up(now=now)
                case _, int(place) if jobs:
                    job = jobs[place % len(jobs)]
                    _change(job, act, world)
        all_agree(world, FIRST, LAST)
        all_agree(world, date(2026, 9, 1), date(2026, 10, 31))
        all_agree(world, *QUARTER)
        roll_up(now=NOW)
        all_agree(world, FIRST, LAST)
        all_agree(world, *QUARTER)


def _change(job: object, act: str, world: World) -> None:
    from everprint.server.jobs.models import Job

    assert isinstance(job, Job)
    match act:
        case "refund":
            Job.objects.filter(pk=job.pk).update(cost_refunded=job.cost_charged)
        case "give-away":
            Job.objects.filter(pk=job.pk).update(owner=world.users[1])
        case "redate":
            assert job.finished_at is not None
            job.finished_at -= timedelta(days=17)
            job.save()
        case _:
            job.delete()


def test_what_is_summed_is_read_from_the_sums(world: World) -> None:
    from everprint.server.reports.models import StaleMoment, UsageSum
    from everprint.server.reports.roll_up import roll_up

    world.job(datetime(2026, 9, 10, 12, tzinfo=UTC), 0, 0, 7)
    assert roll_up(now=NOW).startswith("3 spans of jobs")
    assert not StaleMoment.objects.exists()
    assert not UsageSum.objects.filter(grain="account").exists(), "nobody asks for people's own accounts"
    UsageSum.objects.update(impressions=1_000)
    assert (
        figures("users")["alice"][1] == figures("printers")["office"][1] == figures("days")["2026-09-10"][1] == 1_000
    )
    assert figures("users", date(2026, 9, 2))["alice"][1] == 7, "a part of a month is read from the job log"
    assert figures("users", printer=world.printers[0].pk)["alice"][1] == 7


def test_a_change_of_a_summed_job_shows_at_once_and_is_summed_by_the_next_roll_up(world: World) -> None:
    from everprint.server.jobs.models import Job
    from everprint.server.reports.models import StaleQuarter, StaleSpan
    from everprint.server.reports.roll_up import roll_up

    world.job(datetime(2026, 9, 10, 12, tzinfo=UTC), 0, 0, 7)
    roll_up(now=NOW)
    Job.objects.update(cost_refunded=Decimal("0.05"))
    assert figures("users")["alice"][5] == figures("users", *QUARTER)["alice"][5] == Decimal("0.05")
    roll_up(now=NOW)
    assert not StaleSpan.objects.exists()
    assert not StaleQuarter.objects.exists()
    assert figures("users")["alice"][5] == figures("users", *QUARTER)["alice"][5] == Decimal("0.05")


def test_a_whole_quarter_is_read_from_its_own_sums(world: World) -> None:
    from everprint.server.reports.grains import Grain
    from everprint.server.reports.models import UsageSum
    from everprint.server.reports.roll_up import roll_up

    world.job(datetime(2026, 9, 10, 12, tzinfo=UTC), 0, 0, 7)
    roll_up(now=datetime(2026, 9, 30, 23, tzinfo=UTC))
    assert not UsageSum.objects.filter(grain=Grain.USER_QUARTER).exists(), "it is not over"
    roll_up(now=NOW)
    UsageSum.objects.filter(grain=Grain.USER_QUARTER).update(impressions=1_000)
    assert figures("users", *QUARTER)["alice"][1] == figures("groups", *QUARTER)["art"][1] == 1_000
    assert figures("users", date(2026, 7, 2), QUARTER[1])["alice"][1] == 7, "the months tell a part of it"


def test_a_quarter_is_stale_whoever_takes_the_mark(world: World) -> None:
    """Servers of the release before know no quarters, and take marks too while a site is upgraded."""
    from everprint.server.jobs.models import Job
    from everprint.server.reports.models import StaleMoment, StaleQuarter
    from everprint.server.reports.roll_up import roll_up

    world.job(datetime(2026, 9, 10, 12, tzinfo=UTC), 0, 0, 7)
    roll_up(now=NOW)
    Job.objects.update(cost_refunded=Decimal("0.05"))
    StaleMoment.objects.all().delete()
    assert list(StaleQuarter.objects.values_list("first_day", flat=True)) == [QUARTER[0]]
    assert figures("users", date(2026, 9, 1), QUARTER[1])["alice"][5] == 0, "the months are stale, and nobody says so"
    assert figures("users", *QUARTER)["alice"][5] == 0, "read from the months, not from the quarter"
    roll_up(now=NOW)
    assert figures("users", *QUARTER)["alice"][5] == Decimal("0.05")


def test_a_job_is_of_the_quarter_of_its_zone(world: World) -> None:
    from django.db import connection

    from everprint.server.reports.models import StaleQuarter
    from everprint.server.reports.roll_up import roll_up

    with timezone.override(ZoneInfo("Pacific/Auckland")):
        world.job(datetime(2026, 9, 30, 10, 59, tzinfo=UTC), 0, 0, 7)  # a minute before midnight
        world.job(datetime(2026, 9, 30, 11, 0, tzinfo=UTC), 0, 0, 9)
        roll_up(now=NOW)
        assert figures("users", *QUARTER)["alice"][1] == 7
        first = [date(2026, 10, 1)] if connection.vendor == "postgresql" else [QUARTER[0], date(2026, 10, 1)]
        world.job(datetime(2026, 9, 30, 11, 0, tzinfo=UTC), 0, 0, 9)
        roll_up(now=datetime(2026, 9, 30, 9, tzinfo=UTC))  # the mark is taken, no quarter is over
        assert list(StaleQuarter.objects.order_by("first_day").values_list("first_day", flat=True)) == first


def test_a_change_in_what_no_report_counts_makes_nothing_stale(world: World) -> None:
    from everprint.server.jobs.models import Job
    from everprint.server.reports.models import StaleMoment
    from everprint.server.reports.roll_up import roll_up

    world.job(datetime(2026, 9, 10, 12, tzinfo=UTC), 0, 0, 7)
    roll_up(now=NOW)
    Job.objects.update(name="another name")
    assert not StaleMoment.objects.exists()


def test_days_of_another_zone_are_summed_anew(world: World) -> None:
    from everprint.server.reports.roll_up import roll_up

    world.job(datetime(2026, 9, 10, 23, 30, tzinfo=UTC), 0, 0, 7)
    roll_up(now=NOW)
    assert list(figures("days")) == ["2026-09-10"]
    with timezone.override(ZoneInfo("Pacific/Auckland")):
        assert list(figures("days")) == ["2026-09-11"]
        roll_up(now=NOW)
        assert list(figures("days")) == ["2026-09-11"]


def test_settled_jobs_sum_to_the_ledgers_revenue(world: World) -> None:
    from everprint.server.accounts.models import SYSTEM_ACCOUNTS, Account, AccountKind
    from everprint.server.reports.ledger_sums import moved_in
    from everprint.server.reports.periods import Period
    from everprint.server.reports.roll_up import roll_up

    for impressions in (3, 8, 4_000):
        job = world.server.job()
        world.server.ask(job, pages(impressions))
        world.server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(impressions), reason=""))
    day, today = NOON.date(), timezone.localdate()
    printed = figures("printers", day, day)["office"]
    revenue = Account.objects.get(pk=SYSTEM_ACCOUNTS[AccountKind.REVENUE]).balance
    assert printed[4] + printed[6] == revenue > 0  # type: ignore[operator]
    whole = Period(today, today)
    before = {(row.kind, row.account_kind, row.amount) for row in moved_in(whole)}
    assert sum(amount for _, kind, amount in before if kind == AccountKind.REVENUE) == revenue
    assert sum(amount for _, _, amount in before) == 0
    roll_up(now=timezone.now() + timedelta(days=3))
    assert {(row.kind, row.account_kind, row.amount) for row in moved_in(whole)} == before


def test_the_triggers_are_there_whatever_a_migration_did_to_the_job_log(world: World) -> None:
    from django.core.management import call_command
    from django.db import connection

    from everprint.server.reports.models import StaleMoment

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in ("added", "changed", "removed"):
                cursor.execute(f"DROP TRIGGER reports_job_{name}")
    call_command("migrate", verbosity=0)
    world.job(datetime(2026, 9, 10, 12, tzinfo=UTC), 0, 0, 7)
    assert StaleMoment.objects.exists()
