"""The dashboard: is printing well right now, and how much was printed today?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from everprint.contract.messages import PrinterState
from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.jobs import queries
from everprint.server.jobs.models import Job
from everprint.server.pages.charts import Chart, Count, bar_chart
from everprint.server.pages.live import render_live
from everprint.server.pages.well import printers_at_a_glance, wellbeing
from everprint.server.printers.models import Printer
from everprint.server.providers.queries import enrolled
from everprint.server.reports.periods import Period
from everprint.server.reports.query import printed_by_day
from everprint.server.reports.usage import Usage

JOBS_SHOWN = 10
PRINTERS_SHOWN = 12
DAYS_SHOWN = 28
PAST_DAYS_KEPT_S = 60


@requires(Permission.VIEW_DASHBOARD)
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """GET /dashboard"""
    now = timezone.localtime()
    today = queries.start_of(now.date())
    jobs = queries.without_details(queries.active(Job.objects.select_related("printer")))
    waiting = jobs.count()
    printers = printers_at_a_glance()
    providers = list(enrolled())
    in_doubt = jobs.filter(in_doubt=True).count()
    printed_today = queries.printed_since(today)
    context = {
        "well": wellbeing(printers, providers, in_doubt, now),
        "today": printed_today,
        "waiting": waiting,
        "reserved": queries.reserved_for(Job.objects.all()),
        "jobs": latest_jobs(jobs),
        "jobs_more": max(waiting - JOBS_SHOWN, 0),
        "printers": _whole(_worst_first(printers)[:PRINTERS_SHOWN]),
        "printers_more": max(len(printers) - PRINTERS_SHOWN, 0),
        "providers": providers,
        "now": now,
        "hours": hours_chart(queries.printed_by_hour(today), now),
        "days": days_chart(_past_days(now) | {now.date(): printed_today}, now),
    }
    return render_live(request, "pages/dashboard.html", "pages/dashboard_live.html", context)


def latest_jobs(waiting: QuerySet[Job]) -> list[Job]:
    """Those that wait or print, then those that ended last, as many as fit."""
    shown = list(waiting.order_by("-number")[:JOBS_SHOWN])
    ended = queries.without_details(Job.objects.filter(finished_at__isnull=False).select_related("printer"))
    return [*shown, *ended.order_by("-finished_at")[: JOBS_SHOWN - len(shown)]]


def _past_days(now: datetime) -> dict[date, Usage]:
    """The weeks before today: they change so seldom, by a late report, that a minute's delay is fine."""
    today = now.date()
    period = Period(today - timedelta(DAYS_SHOWN - 1), today - timedelta(1))
    found = cache.get_or_set(f"printed-by-day-{today}", lambda: printed_by_day(period), PAST_DAYS_KEPT_S)
    assert isinstance(found, dict)
    return found


def _worst_first(printers: list[Printer]) -> list[Printer]:
    return sorted(printers, key=lambda printer: (_rank(printer), printer.name))


def _whole(printers: list[Printer]) -> list[Printer]:
    """The same, with all that is shown of them."""
    found = Printer.objects.select_related("provider").in_bulk([printer.pk for printer in printers])
    return [found[printer.pk] for printer in printers if printer.pk in found]


def _rank(printer: Printer) -> int:
    if printer.state in (PrinterState.STOPPED, PrinterState.UNREACHABLE):
        return 0
    if printer.state_reasons:
        return 1
    return 2 if printer.state == PrinterState.PROCESSING else 3


def hours_chart(printed: Mapping[datetime, queries.Printed], now: datetime) -> Chart:
    """Impressions in each hour of today."""
    by_hour = {timezone.localtime(at).hour: figures for at, figures in printed.items()}
    counts = [_count(f"{hour:02}:00", str(hour) if hour % 3 == 0 else "", by_hour.get(hour)) for hour in range(24)]
    return bar_chart("hours", "Impressions per hour today", counts)


def days_chart(printed: Mapping[date, queries.Printed | Usage], now: datetime) -> Chart:
    """Impressions on each of the last days, today being the last."""
    days = [now.date() - timedelta(back) for back in range(DAYS_SHOWN - 1, -1, -1)]
    counts = [
        _count(f"{day:%a} {day.day} {day:%b}", f"{day.day} {day:%b}" if day.weekday() == 0 else "", printed.get(day))
        for day in days
    ]
    return bar_chart("days", "Impressions per day, last four weeks", counts)


def _count(label: str, short: str, printed: queries.Printed | Usage | None) -> Count:
    if printed is None:
        return Count(label, short, 0, 0)
    return Count(label, short, printed.grey_impressions, printed.colour_impressions)
