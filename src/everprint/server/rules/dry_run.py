"""What a set of rules would have done with jobs of the past: pure, one job after the other, oldest first.

A rule that changes, holds or redirects a job is taken to let it print afterwards; only the first rule that has
something to do with it is told. Limits count what these jobs would have printed under these rules, and nothing before
the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from everprint.contract.rules import Action, JobLook, Limit, Measure, Rule, Span, Verdict, Whose, verdict_of
from everprint.server.rules.spans import begin_of

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PastJob:
    """A job as it was when it was decided; `number` is its number in the job log, `printer` the printer's id."""

    number: int
    printer: int
    look: JobLook


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would have become of it; `verdict` None if no rule had anything to do with it."""

    job: PastJob
    verdict: Verdict | None


def try_rules(rules_on: Callable[[int], Sequence[Rule]], jobs: Iterable[PastJob]) -> Iterator[Outcome]:
    """The outcome of each job; `rules_on` gives the rules of a printer in their order."""
    tally = _Tally()
    for job in jobs:
        rules = rules_on(job.printer)
        look = replace(job.look, printed_before=tally.of(job.look, rules))
        verdict = verdict_of(rules, look)
        if verdict is None or verdict.action is not Action.REFUSE:
            tally.add(look, in_grey=verdict is not None and verdict.action is Action.GREY)
        yield Outcome(job, verdict)


class _Tally:
    """What was printed so far, by person and by group, in each day, week and month."""

    def __init__(self) -> None:
        self._sums: defaultdict[tuple[Whose, str, Span, datetime, Measure], Decimal] = defaultdict(Decimal)

    def of(self, look: JobLook, rules: Sequence[Rule]) -> Callable[[Limit], Decimal]:
        """What a limit counts before that job."""

        def printed_before(limit: Limit) -> Decimal:
            begin = begin_of(limit.span, look.at)
            if limit.whose is Whose.PERSON:
                return self._sums.get((Whose.PERSON, look.user_name, limit.span, begin, limit.measure), _ZERO)
            people = next((rule.people for rule in rules if rule.conditions.limit is limit), None)
            theirs = look.groups.intersection(people.groups if people is not None else ())
            return max(
                (self._sums.get((Whose.GROUP, group, limit.span, begin, limit.measure), _ZERO) for group in theirs),
                default=_ZERO,
            )

        return printed_before

    def add(self, look: JobLook, *, in_grey: bool) -> None:
        """The job would have been printed."""
        figures = {
            Measure.JOBS: 1,
            Measure.SHEETS: look.sheets,
            Measure.SIDES: look.impressions,
            Measure.COLOUR_SIDES: 0 if in_grey else look.colour_impressions,
            Measure.COST: look.cost,
        }
        whom = [(Whose.PERSON, look.user_name), *((Whose.GROUP, group) for group in look.groups)]
        for span in Span:
            begin = begin_of(span, look.at)
            for whose, name in whom:
                for measure, figure in figures.items():
                    if figure:
                        self._sums[whose, name, span, begin, measure] += figure
