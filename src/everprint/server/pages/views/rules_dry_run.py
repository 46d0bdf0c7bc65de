"""What rules would have done with the jobs of the last days."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.csv_export import Cell, csv_response
from everprint.server.pages.forms.filters import FilterForm
from everprint.server.pages.streamed import streamed_page
from everprint.server.pages.views.rules import in_words
from everprint.server.rules.dry_run import Outcome
from everprint.server.rules.models import Rule
from everprint.server.rules.past_jobs import (
    DAYS,
    MOST_DAYS,
    MOST_JOBS,
    MOST_SHOWN,
    DryRun,
    Underway,
    dry_run_in_steps,
    outcomes,
)
from everprint.server.rules.rows import all_rules


class DryRunForm(FilterForm):
    """Which rules, and how far back."""

    rule = forms.ModelMultipleChoiceField(
        Rule.objects.all(), label="Rules", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: those in use.",
    )  # fmt: skip
    days = forms.IntegerField(label="Days back", required=False, min_value=1, max_value=MOST_DAYS)

    def chosen(self) -> list[Rule]:
        """The rules in their order."""
        ids = [rule.pk for rule in self.cleaned_data.get("rule") or ()]
        return list(all_rules().filter(pk__in=ids) if ids else all_rules().filter(is_active=True))

    def days_back(self) -> int:
        """As it was said, or the usual."""
        return int(self.said("days") or DAYS)


@requires(Permission.VIEW_JOBS)
@require_safe
def dry_run_page(request: HttpRequest) -> HttpResponseBase:
    """GET /rules/dry-run: runs when it is asked to, and says how far it is, for it may take some seconds."""
    form = DryRunForm(request.GET)
    context = {"form": form, "days": form.days_back(), "runs": "run" in request.GET}
    if "run" not in request.GET:
        return render(request, "pages/rules_dry_run.html", context)
    steps = dry_run_in_steps(form.chosen(), form.days_back())
    return streamed_page(request, "pages/rules_dry_run.html", context, _shown(steps, request.GET.urlencode()))


def _shown(steps: Iterator[Underway | DryRun], query: str) -> Iterator[str]:
    for step in steps:
        context: dict[str, object] = {"step": step}
        if isinstance(step, DryRun):
            rows = [{"rule": rule, "sentence": in_words(rule), "jobs": jobs} for rule, jobs in step.by_rule]
            context = {"run": step, "rows": rows, "query": query, "most": MOST_JOBS, "shown": MOST_SHOWN}
        yield render_to_string("pages/rules_dry_run_step.html", context)


@requires(Permission.VIEW_JOBS)
@require_safe
def dry_run_csv(request: HttpRequest) -> HttpResponseBase:
    """GET /rules/dry-run/csv: every job that a rule has something to do with, oldest first."""
    form = DryRunForm(request.GET)
    found = outcomes(form.chosen(), form.days_back())
    rows = ([value(outcome) for value in _CSV_COLUMNS.values()] for outcome in found)
    return csv_response("dry-run", list(_CSV_COLUMNS), rows)


_CSV_COLUMNS: dict[str, Callable[[Outcome], Cell]] = {
    "job": lambda outcome: outcome.job.number,
    "submitted": lambda outcome: outcome.job.look.at,
    "user": lambda outcome: outcome.job.look.user_name,
    "document": lambda outcome: outcome.job.look.name,
    "printer": lambda outcome: outcome.job.look.queue,
    "pages": lambda outcome: outcome.job.look.pages,
    "sheets": lambda outcome: outcome.job.look.sheets,
    "cost": lambda outcome: outcome.job.look.cost,
    "rule": lambda outcome: outcome.verdict.rule.name if outcome.verdict else None,
    "action": lambda outcome: outcome.verdict.action.value if outcome.verdict else None,
    "message": lambda outcome: outcome.verdict.message if outcome.verdict else None,
}
