"""Dry run of stored rules over the jobs of the last days. It looks at a bounded number, and keeps what is shown."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
from django.utils import timezone

from everprint.contract.messages import DocumentSummary
from everprint.contract.pricing import Costs, for_person, price
from everprint.contract.rules import JobLook
from everprint.contract.rules import Rule as Evaluated
from everprint.server.jobs.history import Details
from everprint.server.jobs.kept import details_of
from everprint.server.jobs.models import Job
from everprint.server.people.models import Group
from everprint.server.printers.terms import costs_of_printer, percent_of
from everprint.server.rules.deciding import groups_of_rules
from everprint.server.rules.dry_run import Outcome, PastJob, try_rules
from everprint.server.rules.models import Rule
from everprint.server.rules.rows import evaluated

MOST_JOBS = 20_000
MOST_SHOWN = 200
MOST_DAYS = 62
DAYS = 31  # unless another number is asked for
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DryRun:
    """What the rules would have done: how many jobs each, and the newest of these jobs, newest first."""

    since: datetime
    jobs: int
    is_cut: bool  # there were more jobs than were looked at
    by_rule: tuple[tuple[Rule, int], ...]
    newest: tuple[Outcome, ...]

    @property
    def untouched(self) -> int:
        """Jobs that no rule had anything to do with."""
        return self.jobs - sum(number for _, number in self.by_rule)


@dataclass(frozen=True, slots=True)
class Underway:
    """How far a dry run is."""

    done: int
    jobs: int


def dry_run(chosen: Sequence[Rule], days: int) -> DryRun:
    """All outcomes, counted. The rules are in their order."""
    *_, found = dry_run_in_steps(chosen, days)
    assert isinstance(found, DryRun)
    return found


def dry_run_in_steps(chosen: Sequence[Rule], days: int) -> Iterator[Underway | DryRun]:
    """The same, which says before some hundred jobs each how far it is, and at last what it found."""
    since, keys = _since(days), _keys(days)
    looked_at = keys[-MOST_JOBS:]
    counted: Counter[int] = Counter()
    newest: deque[Outcome] = deque(maxlen=MOST_SHOWN)
    for done, outcome in enumerate(_outcomes(chosen, looked_at)):
        if done % _AT_ONCE == 0:
            yield Underway(done, len(looked_at))
        if outcome.verdict is not None:
            counted[outcome.verdict.rule.id] += 1
            newest.appendleft(outcome)
    yield DryRun(
        since=since,
        jobs=len(looked_at),
        is_cut=len(keys) > MOST_JOBS,
        by_rule=tuple((rule, counted[rule.pk]) for rule in chosen),
        newest=tuple(newest),
    )


def outcomes(chosen: Sequence[Rule], days: int) -> Iterator[Outcome]:
    """What becomes of each job that a rule has something to do with, oldest first."""
    return (found for found in _outcomes(chosen, _keys(days)[-MOST_JOBS:]) if found.verdict is not None)


def _since(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def _keys(days: int) -> list[int]:
    """The jobs' numbers, oldest first, and one more than are looked at if there are more."""
    jobs = Job.objects.filter(submitted_at__gte=_since(days), unlogged=False, owner__isnull=False)
    newest = (
        jobs.exclude(document=None, history=None)
        .order_by("-submitted_at", "-number")
        .values_list("number", flat=True)
    )
    return list(newest[: MOST_JOBS + 1])[::-1]


def _outcomes(chosen: Sequence[Rule], keys: Sequence[int]) -> Iterator[Outcome]:
    rules = [(_places(rule), evaluated(rule)) for rule in chosen]
    on: dict[int, list[Evaluated]] = {}

    def rules_on(printer: int) -> list[Evaluated]:
        if printer not in on:
            on[printer] = [rule for places, rule in rules if places is None or printer in places]
        return on[printer]

    return try_rules(rules_on, _PastJobs(groups_of_rules(rule for _, rule in rules)).read(keys))


def _places(rule: Rule) -> set[int] | None:
    return None if rule.everywhere else {printer.pk for printer in rule.printers.all()}


class _PastJobs:
    """Reads jobs in pieces; prices, and who is in which of the groups, once each."""

    def __init__(self, groups: set[str]) -> None:
        self._groups = groups
        self._costs: dict[int, Costs] = {}
        self._percents: dict[int, Decimal] = {}

    def read(self, keys: Sequence[int]) -> Iterator[PastJob]:
        for start in range(0, len(keys), _AT_ONCE):
            piece = keys[start : start + _AT_ONCE]
            found = Job.objects.select_related("owner", "printer").in_bulk(piece)
            groups = self._groups_of({job.owner_id for job in found.values() if job.owner_id is not None})
            for number in piece:
                if number in found and (details := details_of(found[number])).document is not None:
                    yield self._look_at(found[number], details, groups)

    def _groups_of(self, owners: set[int]) -> dict[int, frozenset[str]]:
        members = Group.members.through.objects.filter(group__name__in=self._groups, user__in=owners)
        found: dict[int, frozenset[str]] = {}
        for user, name in members.values_list("user", "group__name"):
            found[user] = found.get(user, frozenset()) | {name}
        return found

    def _look_at(self, job: Job, details: Details, groups: dict[int, frozenset[str]]) -> PastJob:
        document = msgspec.convert(details.document, DocumentSummary)
        assert job.owner is not None
        output = document.output
        look = JobLook(
            at=timezone.localtime(job.submitted_at),
            queue=job.printer.name,
            user_name=job.owner.name,
            groups=groups.get(job.owner.pk, frozenset()),
            name=job.name,
            language=document.language,
            octets=job.octets,
            copies=job.copies,
            sides=details.sides,
            print_color_mode=details.print_color_mode,
            pages=document.pages if output is not None else None,
            sheets=job.sheets,
            impressions=job.impressions,
            colour_impressions=job.colour_impressions,
            media=None if output is None else frozenset(kind.media for kind in output.sides),
            cost=self._cost(job, document),
        )
        return PastJob(job.number, job.printer_id, look)

    def _cost(self, job: Job, document: DocumentSummary) -> Decimal | None:
        if document.output is None:
            return None
        if job.printed_impressions:
            return job.cost_charged + job.cost_uncollected
        if job.printer_id not in self._costs:
            self._costs[job.printer_id] = costs_of_printer(job.printer_id)
        assert job.owner_id is not None
        if job.owner_id not in self._percents:
            self._percents[job.owner_id] = percent_of(job.owner_id)
        return price(document.output, for_person(self._costs[job.printer_id], self._percents[job.owner_id]))
