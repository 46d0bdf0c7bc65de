"""The job log: everybody's jobs for those who may see them; filter, order and page come from the query string."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_safe

from everprint.contract.job_life import FINAL, JobState
from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.jobs.kept import details_of
from everprint.server.jobs.models import Job
from everprint.server.jobs.queries import (
    NEWEST_SEARCHED,
    JobFilter,
    among_newest,
    is_cut,
    jobs_visible_to,
    looks_at_many,
    matching,
    without_details,
)
from everprint.server.pages import wording
from everprint.server.pages.csv_export import Cell, all_rows, csv_response
from everprint.server.pages.forms.filters import FilterForm, NamedChoice
from everprint.server.pages.listing import Column, arrange, in_order
from everprint.server.pages.live import render_live
from everprint.server.pages.person import person
from everprint.server.printers.models import Printer

NEWEST_FIRST = "-number"
# The same to people. Numbers would be read from the newest on, all that are later than the days that are asked for.
NEWEST_OF_DAYS_FIRST = "-submitted"
COLUMNS = (
    Column("number", _("Job"), "number", number=True),
    Column("document", _("Document"), "name"),
    Column("user", _("User"), "user_name"),
    Column("printer", _("Printer"), "printer__name"),
    Column("state", _("State"), "state"),
    Column("pages", _("Pages"), "pages", number=True),
    Column("impressions", _("Impressions"), "printed_impressions", number=True),
    Column("sheets", _("Sheets"), "printed_sheets", number=True),
    Column("cost", _("Cost"), "cost_charged", number=True),
    Column("submitted", _("Submitted"), "submitted_at"),
)

UNFINISHED = "unfinished"
STATE_CHOICES = [
    ("", gettext_lazy("Any state")),
    (UNFINISHED, gettext_lazy("Waiting or printing")),
    *((state.value, gettext_lazy(badge.text)) for state, badge in wording.JOB_STATES.items()),
]


UNPAID, OFFLINE, UNPAID_OFFLINE = "unpaid", "offline", "unpaid-offline"
PAYMENT_CHOICES = [
    ("", gettext_lazy("Any")),
    (UNPAID, gettext_lazy("Unpaid")),
    (OFFLINE, gettext_lazy("Decided while the server was away")),
    (UNPAID_OFFLINE, gettext_lazy("Unpaid, decided while it was away")),
]


class JobFilterForm(FilterForm):
    """Which jobs."""

    text = forms.CharField(
        label="Search", required=False, max_length=200, widget=forms.SearchInput(attrs={"autocomplete": "off"})
    )
    state = forms.ChoiceField(label="State", required=False, choices=STATE_CHOICES)
    printer = NamedChoice(
        label="Printer", required=False, queryset=Printer.objects.all(), empty_label=gettext_lazy("Any printer")
    )
    payment = forms.ChoiceField(label="Payment", required=False, choices=PAYMENT_CHOICES)
    user = forms.CharField(label="User", required=False, max_length=200)
    first_day = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    @property
    def default_order(self) -> str:
        """How the jobs are sorted if nobody says."""
        days = self.said("first_day") or self.said("last_day")
        return NEWEST_OF_DAYS_FIRST if days else NEWEST_FIRST

    def wanted(self) -> JobFilter:
        """The filter as the job log takes it."""
        state, printer = self.said("state"), self.said("printer")
        if state == UNFINISHED:
            states = tuple(state for state in JobState if state not in FINAL)
        else:
            states = (JobState(state),) if state else ()
        return JobFilter(
            text=(self.said("text") or "").strip(),
            states=states,
            printer=printer.pk if printer else None,
            user=(self.said("user") or "").strip(),
            first_day=self.said("first_day"),
            last_day=self.said("last_day"),
            unpaid=self.said("payment") in (UNPAID, UNPAID_OFFLINE),
            offline=self.said("payment") in (OFFLINE, UNPAID_OFFLINE),
        )


class OwnJobFilterForm(JobFilterForm):
    """Which of one's own jobs."""

    user = None  # type: ignore[assignment] # how Django removes an inherited field


@requires(Permission.VIEW_JOBS)
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """GET /jobs"""
    form, found = wanted_jobs(request, request.GET)
    wanted = form.wanted()
    is_searched = looks_at_many(wanted, _sorted_by(request.GET.get("sort", "")))
    if is_searched:
        found = among_newest(found, wanted)
    listing = arrange(found, COLUMNS, request.GET, default=form.default_order)
    context = {
        "form": form,
        "listing": listing,
        "filtered": form.says_something,
        "searched": NEWEST_SEARCHED if is_searched and is_cut(wanted) else 0,
        "csv_url": reverse("pages:jobs-csv"),
    }
    return render_live(request, "pages/jobs.html", "pages/jobs_live.html", context)


def _sorted_by(sort: str) -> str:
    """The model's column that the query string sorts by; what is none is the default."""
    return next((column.order_by for column in COLUMNS if column.key == sort.removeprefix("-")), "number")


@requires(Permission.VIEW_JOBS)
@require_safe
def jobs_csv(request: HttpRequest) -> HttpResponseBase:
    """GET /jobs/csv: the same jobs in the same order, all of them."""
    form, found = wanted_jobs(request, request.GET)
    return csv_of_jobs(in_order(found, COLUMNS, request.GET, default=form.default_order))


def wanted_jobs(request: HttpRequest, query: QueryDict) -> tuple[JobFilterForm, QuerySet[Job]]:
    """The jobs that the person may see and asks for."""
    form = JobFilterForm(query)
    return form, matching(without_details(jobs_visible_to(person(request))), form.wanted())


CSV_COLUMNS: dict[str, Callable[[Job], Cell]] = {
    "job": lambda job: job.number,
    "uuid": lambda job: str(job.uuid),
    "submitted": lambda job: job.submitted_at,
    "finished": lambda job: job.finished_at,
    "user": lambda job: job.user_name,
    "document": lambda job: job.name,
    "printer": lambda job: job.printer.name,
    "provider": lambda job: job.provider.name,
    "state": lambda job: job.state,
    "reason": lambda job: job.reason,
    "pages": lambda job: job.pages,
    "copies": lambda job: job.copies,
    "sides": lambda job: details_of(job).sides,
    "paper": lambda job: details_of(job).media,
    "impressions": lambda job: job.printed_impressions,
    "colour impressions": lambda job: job.printed_colour_impressions,
    "sheets": lambda job: job.printed_sheets,
    "cost": lambda job: job.cost_charged,
    "uncollected": lambda job: job.cost_uncollected,
    "offline": lambda job: "yes" if job.offline else "",
    "account": lambda job: job.account.name if job.account else None,
    "client": lambda job: job.client_address,
}


def csv_of_jobs(found: QuerySet[Job]) -> HttpResponseBase:
    """The job log as a download: a row a job."""
    shared = found.select_related(None).prefetch_related("printer", "provider", "account")  # one object for many rows
    rows = ([value(job) for value in CSV_COLUMNS.values()] for job in all_rows(shared))
    return csv_response("jobs", list(CSV_COLUMNS), rows)
